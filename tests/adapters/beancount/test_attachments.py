"""The files of attachments are stored beside the ledger, each linked once by a directive."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.adapters.beancount.attachments import build_document_path, keep_document
from erp_invoice_core.adapters.beancount.recovery import find_sound_length
from erp_invoice_core.testing import sample_document, sample_request
from tests.adapters.beancount.test_accounts import Books

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CONTENT = b"Lien waiver, signed."
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NASTY = '../../etc/pass"wd\n; \\ 日本 (1).pdf'


def attachment(filename: str = "waiver.pdf", content: bytes = CONTENT) -> erp.RequestAttachment:
    """Return an attachment whose file is to be sent."""
    return erp.RequestAttachment(
        id="9",
        filename=filename,
        form=erp.AttachmentForm.FILES,
        digest=hashlib.sha256(content).hexdigest(),
        source=lambda: BytesIO(content),
    )


def request(*files: erp.RequestAttachment) -> erp.ExportRequest:
    """Return an export with these attachments."""
    return attrs.evolve(sample_request(), attachments=files or (attachment(),))


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Return a ledger that does not exist yet."""
    path = tmp_path / "books.beancount"
    ledger = beancount.Ledger(path, lambda: NOW, timedelta(seconds=0.05))
    return Books(path, erp.Session(ledger))


def plan(books: Books, asked: erp.ExportRequest) -> Sequence[erp.Step]:
    """Return the steps of an export."""
    steps = books.adapter.steps(asked)
    assert not isinstance(steps, erp.Deferred)
    return steps


def export(books: Books, asked: erp.ExportRequest) -> list[erp.Outcome]:
    """Carry out every step."""
    return [books.adapter.write(books.session, asked, step) for step in plan(books, asked)]


def list_stored_files(books: Books) -> list[Path]:
    """Return the files beside the ledger."""
    return sorted(Path(f"{books.path}.files").iterdir())


def test_each_file_is_kept_and_linked(books: Books) -> None:
    """The file is in the ledger's folder under its digest; the directive links it to the key."""
    bill, attached = export(books, request())
    assert isinstance(bill, erp.Done)
    assert isinstance(attached, erp.Done)
    (file,) = list_stored_files(books)
    assert (CONTENT, f"{DIGEST[:16]}-waiver.pdf") == (file.read_bytes(), file.name)
    receipt = attached.receipt
    assert ("attach 9", None, sample_request().digest) == (
        receipt.step,
        receipt.role,
        receipt.digest,
    )
    head = (
        "2026-10-31 document Liabilities:AccountsPayable:V-ACME "
        f'"books.beancount.files/{file.name}" ^invoice/ACME-77 ^commitment/C-100 ^period/3 '
        "^key/5000/1/1/attach--20-9\n"
    )
    text = books.path.read_text("utf-8")
    assert head in text
    for line in ('attachment: "waiver.pdf"', f'sha256: "{DIGEST}"', 'amount: "20025.45"'):
        assert f"\n  {line}\n" in text
    books.check()


def test_repeated_step_changes_nothing(books: Books) -> None:
    """Under its key a file is linked once, and the receipt is the same."""
    first = export(books, request())
    before = books.path.read_bytes()
    assert first == export(books, request())
    assert (before, 1) == (books.path.read_bytes(), len(list_stored_files(books)))


def test_missing_file_is_put_back_by_a_repeat(books: Books) -> None:
    """If the file in the folder is missing or has other bytes, the repeat repairs it."""
    export(books, request())
    (file,) = list_stored_files(books)
    file.write_bytes(b"scribbled")
    export(books, request())
    assert CONTENT == file.read_bytes()


def test_same_key_with_another_file_is_refused(books: Books) -> None:
    """A key that linked one file never links another."""
    export(books, request())
    _, outcome = export(books, request(attachment(content=b"Another.")))
    assert isinstance(outcome, erp.Refused)
    assert ["beancount.key_reused"] == [one.code for one in outcome.verdict.denials]


def test_document_is_found_and_read(books: Books) -> None:
    """A look-up by the step's key finds the directive, with vendor, number, amount and day."""
    asked = request()
    _, attached = plan(books, asked)
    key = asked.key(attached).text
    assert isinstance(books.adapter.find(books.session, asked, attached, [key]), erp.Absent)
    export(books, asked)
    found = books.adapter.find(books.session, asked, attached, [key])
    assert isinstance(found, erp.Found)
    document = sample_document()
    expected = ("V-ACME", "ACME-77", document.due, document.billing_date, key)
    held = found.contents
    assert expected == (held.vendor, held.number, held.amount, held.date, held.key)
    assert held == books.adapter.read(books.session, found.receipt)


def test_file_names_cannot_break_out(books: Books) -> None:
    """With any file name the file is in the folder, and Beancount reads the ledger."""
    assert all(isinstance(each, erp.Done) for each in export(books, request(attachment(NASTY))))
    (file,) = list_stored_files(books)
    assert file.name == f"{DIGEST[:16]}-.._.._etc_pass_wd_1_.pdf"
    books.check()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a" * 300 + ".pdf", "a" * 76 + ".pdf"),
        ("日本", "_"),
        (".", "."),
        ("a b/c.PDF", "a_b_c.PDF"),
    ],
)
def test_names_are_safe_and_bounded(tmp_path: Path, name: str, expected: str) -> None:
    """The end of a long name stays; characters that a file system could misread are replaced."""
    path = build_document_path(tmp_path / "b.beancount", DIGEST, name)
    assert f"{DIGEST[:16]}-{expected}" == path.name


def test_failed_copy_leaves_no_part(tmp_path: Path) -> None:
    """A file that cannot be read to its end does not exist under its name."""

    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    path = build_document_path(tmp_path / "b.beancount", DIGEST, "a.pdf")
    with pytest.raises(OSError, match="Input/output"):
        keep_document(path, DIGEST, Broken())
    assert [] == list(path.parent.iterdir())


def test_folder_that_is_a_file_defers(books: Books) -> None:
    """A file in place of the folder defers the step; the bill stays, and nothing is linked."""
    Path(f"{books.path}.files").write_bytes(b"in the way")
    _, outcome = export(books, request())
    assert isinstance(outcome, erp.Deferred)
    assert " document " not in books.path.read_text("utf-8")


def test_closed_account_refuses_the_document(books: Books) -> None:
    """An account that is closed on the day of the invoice links no document either."""
    books.path.write_text(
        "2020-01-01 open Liabilities:AccountsPayable:V-ACME\n"
        "2026-01-31 close Liabilities:AccountsPayable:V-ACME\n",
        "utf-8",
    )
    for outcome in export(books, request()):
        assert isinstance(outcome, erp.Refused)
        assert ["beancount.account_closed"] == [one.code for one in outcome.verdict.denials]


def test_links_are_metadata_of_the_bill(books: Books) -> None:
    """An attachment that is sent as a link is a line of the transaction."""
    link = erp.RequestAttachment(
        id="3", filename='plan "A".pdf', form=erp.AttachmentForm.LINK, url="https://files.example/3"
    )
    assert 1 == len(export(books, request(link)))
    expected = '\n  attachment_1: "plan \\"A\\".pdf https://files.example/3"\n'
    assert expected in books.path.read_text("utf-8")
    books.check()


def test_half_a_character_in_a_file_name_is_refused(books: Books) -> None:
    """A name that no file can have is refused before anything is written."""
    (bill, *_) = export(books, request(attachment("half \ud800.pdf")))
    assert isinstance(bill, erp.Refused)
    assert ["beancount.not_text"] == [one.code for one in bill.verdict.denials]


def test_torn_document_is_removed(books: Books) -> None:
    """After any number of written bytes of a directive, none of its lines is left."""
    export(books, request())
    whole = books.path.read_bytes()
    start = whole.rindex(b"\n; erp-invoice begin ")
    end = whole.rindex(b"; erp-invoice end ")
    for length in range(start + 1, end):
        sound = whole[: find_sound_length(whole[:length])]
        rest = sound[start:].decode()
        assert "; erp-invoice begin ".startswith(rest.strip()), rest
