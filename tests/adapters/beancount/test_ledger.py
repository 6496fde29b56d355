"""The ledger as an ERP: keys, locks, deadlines, torn ends, edits by hand."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.testing import sample_document, sample_request

BILL = erp.Step("bill", "bill", erp.Role.BILL)
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@attrs.frozen
class Books:
    """A ledger, by its path, used through its hooks."""

    path: Path
    adapter: erp.Adapter
    session: erp.Session

    def write(self, request: erp.ExportRequest | None = None) -> erp.Outcome:
        """Export a request."""
        return self.adapter.write(self.session, request or sample_request(), BILL)

    def find(self, request: erp.ExportRequest | None = None) -> erp.Sighting:
        """Look it up by its key."""
        request = request or sample_request()
        return self.adapter.find(self.session, request, BILL, [request.key(BILL).text])

    def text(self) -> str:
        """Return the file."""
        return self.path.read_text("utf-8")

    def edit(self, old: str, new: str) -> None:
        """Change the file by hand."""
        assert old in self.text()
        self.path.write_text(self.text().replace(old, new), "utf-8")


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Return a ledger that does not exist yet, at noon."""
    path = tmp_path / "books.beancount"
    ledger = beancount.Ledger(path, lambda: NOW, timedelta(seconds=0.05))
    return Books(path, erp.Adapter(beancount), erp.Session(ledger))


def require_done(outcome: erp.Outcome) -> erp.Receipt:
    """Return the receipt."""
    assert isinstance(outcome, erp.Done), outcome
    return outcome.receipt


def request(number: int) -> erp.ExportRequest:
    """Return another invoice of the same commitment."""
    document = attrs.evolve(
        sample_document(),
        invoice_id=f"500{number}",
        number=number,
        invoice_number=f"ACME-{number}",
    )
    return sample_request(document)


EXPECTED = """
; erp-invoice accounts
1970-01-01 open Expenses:JOB-9:05-120
1970-01-01 open Expenses:JOB-9:05-130
1970-01-01 open Liabilities:RetainagePayable:V-ACME
1970-01-01 open Liabilities:AccountsPayable:V-ACME

; erp-invoice begin {erp_id}
2026-10-31 * "Acme Steel" "Invoice ACME-77, SC-001 Structural steel" {links}
  requisition_id: "5000"
  invoice_number: "ACME-77"
  commitment: "C-100"
  period: "3"
  key: "5000/1/1/bill"
  erp_id: "{erp_id}"
  vendor: "V-ACME"
  digest: "{digest}"
  line_1: "21000.00 - 05-120 Frames"
  line_2: "1250.50 - 05-130 Bracing"
  retained: "2225.05"
  released: "0.00"
  Expenses:JOB-9:05-120  21000.00 USD
  Expenses:JOB-9:05-130  1250.50 USD
  Liabilities:RetainagePayable:V-ACME  -2225.05 USD
  Liabilities:AccountsPayable:V-ACME  -20025.45 USD
; erp-invoice end {erp_id}
"""


def test_entry_in_the_file(books: Books) -> None:
    """One transaction with its metadata, links and postings, after the accounts that it opens."""
    receipt = require_done(books.write())
    links = "^invoice/ACME-77 ^commitment/C-100 ^period/3 ^key/5000/1/1/bill"
    expected = EXPECTED.format(erp_id=receipt.erp_id, links=links, digest=sample_request().digest)
    assert books.text().endswith(expected)
    assert (erp.Role.BILL, "ACME-77", "posted") == (receipt.role, receipt.number, receipt.state)
    # The first digits of the SHA-256 of "5000/1/1/bill".
    assert "5000-0ba961d4f064" == receipt.erp_id


def test_accounts_open_once(books: Books) -> None:
    """A second invoice opens only accounts that are not open."""
    require_done(books.write())
    require_done(books.write(request(2)))
    assert 4 == books.text().count(" open ")
    assert 1 == books.text().count("erp-invoice accounts")


def test_same_key_gives_the_same_receipt(books: Books) -> None:
    """A second write under a key changes nothing and answers the same."""
    first, text = require_done(books.write()), books.text()
    assert first == require_done(books.write())
    assert text == books.text()


def test_same_key_with_other_content_is_refused(books: Books) -> None:
    """A key belongs to its content."""
    require_done(books.write())
    line, *rest = sample_document().lines
    dearer = attrs.evolve(line, gross=line.gross + 1)
    other = sample_request(attrs.evolve(sample_document(), lines=(dearer, *rest)))
    outcome = books.write(other)
    assert isinstance(outcome, erp.Refused)
    assert ["beancount.key_reused"] == [d.code for d in outcome.verdict.denials]
    dated = sample_request(fields={"accounting_date": "2026-11-30"})
    assert isinstance(books.write(dated), erp.Refused)


def test_look_up_by_key(books: Books) -> None:
    """Absent as of now before it is written, found with its contents after."""
    assert erp.Absent(NOW) == books.find()
    receipt = require_done(books.write())
    sighting = books.find()
    assert isinstance(sighting, erp.Found)
    assert receipt == sighting.receipt
    document = sample_document()
    assert (
        erp.Contents(
            vendor="V-ACME",
            number="ACME-77",
            amount=Decimal("20025.45"),
            date=document.billing_date,
            key="5000/1/1/bill",
            digest=document.digest,
            currency="USD",
            gross=Decimal("22250.50"),
            retained=Decimal("2225.05"),
            released=Decimal("0.00"),
            state=erp.LandingState.POSTED,
            lines=(
                erp.ContentsLine(
                    cost_code="05-120",
                    amount=Decimal("21000.00"),
                    quantity=None,
                    description="Frames",
                ),
                erp.ContentsLine(
                    cost_code="05-130",
                    amount=Decimal("1250.50"),
                    quantity=None,
                    description="Bracing",
                ),
            ),
            attachments=(),
        )
        == sighting.contents
    )
    assert erp.Absent(NOW) == books.find(request(2))


def test_accounting_date_wins_over_billing_date(books: Books) -> None:
    """The transaction has the date that the approver gave."""
    require_done(books.write(sample_request(fields={"accounting_date": "2026-11-30"})))
    assert '\n2026-11-30 * "Acme Steel"' in books.text()


def test_negative_invoice_is_a_credit(books: Books) -> None:
    """A credit is debited to accounts payable; postings of zero are left out."""
    line = attrs.evolve(sample_document().lines[0], gross=Decimal(-500), retained=Decimal(0))
    credit = sample_request(attrs.evolve(sample_document(), lines=(line,)))
    steps = books.adapter.steps(credit)
    assert (erp.Step("bill", "bill", erp.Role.CREDIT),) == steps
    require_done(books.write(credit))
    assert "  Expenses:JOB-9:05-120  -500.00 USD\n" in books.text()
    assert "  Liabilities:AccountsPayable:V-ACME  500.00 USD\n" in books.text()
    assert "Retainage" not in books.text()


def test_released_retainage_is_debited(books: Books) -> None:
    """A release-only invoice moves retainage payable to accounts payable."""
    line = attrs.evolve(
        sample_document().lines[0], gross=Decimal(0), retained=Decimal(0), released=Decimal(90)
    )
    require_done(books.write(sample_request(attrs.evolve(sample_document(), lines=(line,)))))
    assert "  Liabilities:RetainagePayable:V-ACME  90.00 USD\n" in books.text()
    assert "  Liabilities:AccountsPayable:V-ACME  -90.00 USD\n" in books.text()
    assert "Expenses" not in books.text()


def test_amounts_have_the_digits_of_their_currency(books: Books) -> None:
    """Yen have no decimals."""
    line = attrs.evolve(sample_document().lines[0], gross=Decimal("21000.00"), retained=Decimal(0))
    yen = attrs.evolve(sample_document(), currency="JPY", lines=(line,))
    require_done(books.write(sample_request(yen)))
    assert "  Expenses:JOB-9:05-120  21000 JPY\n" in books.text()


def test_locked_ledger_defers_and_cannot_tell(books: Books) -> None:
    """If the lock is not free in time, nothing is written, and a look-up proves nothing."""
    lock = os.open(f"{books.path}.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert isinstance(books.write(), erp.Deferred)
    assert isinstance(books.find(), erp.CannotTell)
    os.close(lock)
    require_done(books.write())


def test_too_late_under_the_lock_writes_nothing(books: Books) -> None:
    """The deadline is checked under the lock, right before the write."""
    late = attrs.evolve(sample_request(), deadline=NOW - timedelta(microseconds=1))
    outcome = books.write(late)
    assert (
        erp.Deferred(None, "The deadline of the call has passed. Nothing was written.") == outcome
    )
    assert not books.path.exists()
    require_done(books.write(attrs.evolve(sample_request(), deadline=NOW)))


def test_missing_folder_defers(tmp_path: Path) -> None:
    """A ledger that cannot be reached does not prove that the invoice is absent."""
    path = tmp_path / "nowhere" / "books.beancount"
    lost = Books(path, erp.Adapter(beancount), erp.Session(beancount.Ledger(path)))
    outcome, sighting = lost.write(), lost.find()
    assert isinstance(outcome, erp.Deferred)
    assert outcome.needs_person
    assert outcome.why.endswith(" Nothing was written. Mount or create its folder.")
    assert isinstance(sighting, erp.CannotTell)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.98])
def test_torn_end_is_repaired_and_kept(books: Books, share: float) -> None:
    """A half-written entry is removed, saved beside the ledger, and can be written again."""
    first = require_done(books.write())
    whole = books.path.read_bytes()
    require_done(books.write(request(2)))
    grown = books.path.read_bytes()
    length = len(whole) + int((len(grown.rpartition(b"; erp")[0]) - len(whole)) * share)
    books.path.write_bytes(grown[:length])
    assert erp.Absent(NOW) == books.find(request(2))
    assert whole.strip() == books.path.read_bytes().strip()
    assert grown[len(whole) : length].strip() == (
        books.path.with_name("books.beancount.torn").read_bytes().strip()
    )
    require_done(books.write(request(2)))
    assert isinstance(books.find(request(2)), erp.Found)
    assert isinstance(books.adapter.read(books.session, first), erp.Contents)


def test_transaction_deleted_by_hand_is_gone(books: Books) -> None:
    """The document of a transaction that was deleted by hand is gone; the file stays usable."""
    first, second = require_done(books.write()), require_done(books.write(request(2)))
    text = books.text()
    start = text.index("2026-10-31 *", text.index("begin 5002"))
    books.path.write_text(text[:start] + text[text.index("; erp-invoice end 5002") :], "utf-8")
    assert erp.Gone(NOW) == books.adapter.read(books.session, second)
    assert erp.Absent(NOW) == books.find(request(2))
    assert isinstance(books.adapter.read(books.session, first), erp.Contents)
    require_done(books.write(request(3)))


def test_entries_by_hand_are_never_touched(books: Books) -> None:
    """Text of a person after the last entry is unchanged, also without a last newline."""
    require_done(books.write())
    by_hand = '\n2026-11-02 * "By hand" "Coffee"\n  Expenses:X  3 USD\n  Assets:Cash  -3 USD'
    books.path.write_text(books.text() + by_hand, "utf-8")
    before = books.text()
    require_done(books.write(request(2)))
    assert books.text().startswith(before + "\n")


def test_changed_transaction_shows_what_it_holds(books: Books) -> None:
    """An amount changed by hand is read with its new value; the look-up shows it."""
    receipt = require_done(books.write())
    books.edit("-20025.45", "-20025.00")
    contents = books.adapter.read(books.session, receipt)
    assert isinstance(contents, erp.Contents)
    assert Decimal("20025.00") == contents.amount
    assert isinstance(books.find(), erp.Found)
    assert isinstance(books.write(), erp.Refused)


def test_changed_key_is_never_absent(books: Books) -> None:
    """A key that was changed or doubled by hand leaves doubt, not absence."""
    require_done(books.write())
    text = books.text()
    books.edit('key: "5000/1/1/bill"', 'key: "5000/1/9/bill"')
    assert isinstance(books.find(), erp.CannotTell)
    entry = text[text.index("\n; erp-invoice begin") :]
    books.path.write_text(text + entry, "utf-8")
    assert isinstance(books.find(), erp.Several)


@pytest.mark.parametrize("garbage", [b"\xff\xfe\x00", b'2026-01-01 * "open\n', b"no ledger\n"])
def test_file_that_is_no_ledger_is_left_alone(books: Books, garbage: bytes) -> None:
    """A damaged file defers the write, answers no look-up, and is unchanged."""
    receipt = require_done(books.write())
    damaged = books.path.read_bytes() + garbage
    books.path.write_bytes(damaged)
    assert isinstance(books.write(request(2)), erp.Deferred)
    assert isinstance(books.find(request(2)), erp.CannotTell)
    assert isinstance(books.adapter.read(books.session, receipt), erp.CannotTell)
    assert damaged == books.path.read_bytes()


def test_objections_are_given_by_check_and_write(books: Books) -> None:
    """Values that no ledger can hold are refused with every reason, by check and write."""
    unlinked = attrs.evolve(
        sample_document(),
        job_origin_id=None,
        billing_date=None,
        lines=(attrs.evolve(sample_document().lines[0], cost_code_origin_id=None),),
        vendor_name="\udfff",
    )
    verdict = books.adapter.check(books.session, sample_request(unlinked))
    outcome = books.write(sample_request(unlinked))
    codes = ["beancount.date_missing", "beancount.not_linked", "beancount.not_text"]
    assert isinstance(verdict, erp.Verdict)
    assert isinstance(outcome, erp.Refused)
    assert codes == [denial.code for denial in verdict.denials]
    assert codes == [denial.code for denial in outcome.verdict.denials]
    assert not books.path.exists()


def test_disk_that_is_full_leaves_nothing(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails is undone, and deferred."""
    require_done(books.write())
    before = books.path.read_bytes()
    real, failing = os.fsync, [True]

    def fsync(file: int) -> None:
        if failing:
            failing.pop()
            raise OSError(28, "No space left on device")
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    outcome = books.write(request(2))
    assert isinstance(outcome, erp.Deferred)
    assert "No space left on device" in outcome.why
    assert before == books.path.read_bytes()


def _export_all(path: str, numbers: range) -> None:
    adapter, session = erp.Adapter(beancount), erp.Session(beancount.Ledger(path))
    for number in numbers:
        require_done(adapter.write(session, request(number), BILL))


def test_processes_take_turns(tmp_path: Path) -> None:
    """Two processes that export overlapping invoices leave each of them once."""
    path = tmp_path / "books.beancount"
    spawn = multiprocessing.get_context("spawn")
    workers = [
        spawn.Process(target=_export_all, args=(str(path), numbers))
        for numbers in (range(1, 31), range(21, 51))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [0, 0] == [worker.exitcode for worker in workers]
    text = path.read_text("utf-8")
    assert [1] * 50 == [text.count(f'  requisition_id: "500{number}"\n') for number in range(1, 51)]
    assert 4 == text.count(" open ")


@pytest.mark.parametrize("is_empty", [False, True], ids=["missing", "empty"])
@pytest.mark.parametrize("has_lock", [False, True])
def test_lost_ledger_is_not_read_as_empty(books: Books, *, is_empty: bool, has_lock: bool) -> None:
    """A ledger whose file is lost, as of a disk that is not mounted, loses no document."""
    receipt = require_done(books.write())
    text = books.text()
    books.path.unlink()
    if is_empty:
        books.path.touch()
    lock = books.path.with_name("books.beancount.lock")
    if not has_lock:
        lock.unlink()

    for answer in (
        books.adapter.read(books.session, receipt),
        books.adapter.payments(books.session, receipt),
    ):
        assert isinstance(answer, erp.CannotTell)
        assert f"The ledger {books.path} is missing or empty" in answer.why
        assert lock.exists() == (has_lock or is_empty)
    if has_lock:
        sighting, outcome = books.find(), books.write(request(2))
        assert isinstance(sighting, erp.CannotTell)
        assert "delete books.beancount.lock and create an empty file" in sighting.why
        assert isinstance(outcome, erp.Deferred)
        assert outcome.needs_person
        assert is_empty == books.path.exists()
    books.path.write_text(text, "utf-8")
    assert isinstance(books.adapter.read(books.session, receipt), erp.Contents)
    require_done(books.write(request(2)))


def test_new_ledger_is_begun_without_its_lock_file(books: Books) -> None:
    """Who deletes ledger and lock file begins a new ledger; a look-up alone marks nothing."""
    assert erp.Absent(NOW) == books.find()
    lock = books.path.with_name("books.beancount.lock")
    assert b"" == lock.read_bytes()
    require_done(books.write())
    assert b"has contents" in lock.read_bytes()
    books.path.unlink()
    lock.unlink()

    assert erp.Absent(NOW) == books.find()
    require_done(books.write())


def test_folder_that_is_not_mounted_any_more_has_no_new_ledger(tmp_path: Path) -> None:
    """Its empty mount point is another folder, also for the next process, by the mark."""
    folder, disk = tmp_path / "mounted", tmp_path / "disk"
    folder.mkdir()
    path = folder / "books.beancount"
    books = Books(path, erp.Adapter(beancount), erp.Session(beancount.Ledger(path)))
    require_done(books.write())
    folder.rename(disk)
    folder.mkdir()

    for _ in range(2):
        outcome, sighting = books.write(request(2)), books.find()
        assert isinstance(outcome, erp.Deferred)
        assert outcome.needs_person
        assert isinstance(sighting, erp.CannotTell)
        assert "delete books.beancount.lock and create an empty file" in sighting.why
        assert not path.exists()
    (folder / "books.beancount.lock").unlink()
    folder.rmdir()
    disk.rename(folder)
    require_done(books.write(request(2)))


def test_mark_that_cannot_be_written_is_logged(
    books: Books, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The export stands, a person reads what is not protected, and the next use marks the file."""
    write = os.write

    def fail_for_mark(file: int, data: bytes) -> int:
        if b"has contents" in data:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fail_for_mark)
        receipt = require_done(books.write())

    lock = books.path.with_name("books.beancount.lock")
    assert b"" == lock.read_bytes()
    assert "books.beancount.lock cannot be marked (No space left on device)" in caplog.text
    assert isinstance(books.adapter.read(books.session, receipt), erp.Contents)
    assert b"has contents" in lock.read_bytes()
