"""An entry that the accounts of the rest of the ledger make invalid is refused."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.adapters.beancount import includes
from erp_invoice_core.testing import sample_document, sample_request

_DEFAULT = Path(__file__).parents[3] / ".tools" / "beancount" / "bin"
BIN = Path(os.environ.get("ERP_TEST_BEANCOUNT", _DEFAULT))
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
BILL = erp.Step("bill", "bill", erp.Role.BILL)
FRAMES, PAYABLE = "Expenses:JOB-9:05-120", "Liabilities:AccountsPayable:V-ACME"
OTHER = "Income:Other"


@attrs.frozen
class Books:
    """A ledger with a text of its owner, used through its hooks."""

    path: Path
    session: erp.Session
    adapter: erp.Adapter = attrs.field(factory=lambda: erp.Adapter(beancount))

    def write(self, number: int = 0) -> erp.Outcome:
        """Export an invoice of 2026-10-31."""
        document = sample_document()
        if number:
            document = attrs.evolve(
                document, invoice_id=f"600{number}", invoice_number=f"ACME-{number}"
            )
        return self.adapter.write(self.session, sample_request(document), BILL)

    def find(self) -> erp.Sighting:
        """Look up the document of the first step by its key."""
        request = sample_request()
        return self.adapter.find(self.session, request, BILL, [request.key(BILL).text])

    def check(self) -> None:
        """Have ``bean-check`` accept the ledger, if Beancount's programs are installed."""
        if not (BIN / "bean-check").exists():
            return
        done = subprocess.run(
            [BIN / "bean-check", "--no-cache", self.path],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (0, "") == (done.returncode, done.stdout + done.stderr)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Return a ledger that does not exist yet."""
    path = tmp_path / "books.beancount"
    ledger = beancount.Ledger(path, lambda: NOW, timedelta(seconds=0.05))
    return Books(path, erp.Session(ledger))


def write_refused(books: Books) -> list[tuple[str, str]]:
    """Return codes and messages of a refused write; the ledger is unchanged."""
    before = books.path.read_bytes()
    outcome = books.write()
    assert isinstance(outcome, erp.Refused), outcome
    assert before == books.path.read_bytes()
    return [(denial.code, denial.message) for denial in outcome.verdict.denials]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (
            f"2020-01-01 open {FRAMES}\n2026-06-30 close {FRAMES}\n",
            "account_closed",
            (
                f"The ledger closes {FRAMES} on 2026-06-30 (ledger:2), and the invoice is dated"
                " 2026-10-31. Remove the closing of the account, or date the invoice 2026-06-30 or"
                " earlier."
            ),
        ),
        (
            f"; books\n2026-11-01 open {PAYABLE} USD\n",
            "account_not_open",
            (
                f"The ledger opens {PAYABLE} on 2026-11-01 (ledger:2), and the invoice is dated"
                " 2026-10-31. Open the account earlier, or date the invoice 2026-11-01 or later."
            ),
        ),
        (
            f'2020-01-01 open {FRAMES}   EUR , CHF "STRICT" ; in euros\n',
            "account_currency",
            (
                f"The ledger opens {FRAMES} for CHF, EUR only (ledger:1), and the invoice is in USD."
                " Allow USD on the account."
            ),
        ),
        (
            f"2020-01-01 open {PAYABLE}\n2026-11-01 balance {PAYABLE}  0.00 ~ 0.01 USD\n",
            "balance_asserted",
            (
                f"The invoice of 2026-10-31 changes the balance of {PAYABLE} by -20025.45 USD, and"
                " the ledger asserts this balance on 2026-11-01 (ledger:2). Date the invoice"
                " 2026-11-01 or later, or correct the assertion."
            ),
        ),
        (
            "2020-01-01 open Expenses:JOB-9\n2027-01-01 balance Expenses:JOB-9  0.00 USD\n",
            "balance_asserted",
            (
                "The invoice of 2026-10-31 changes the balance of Expenses:JOB-9 by 22250.50 USD,"
                " and the ledger asserts this balance on 2027-01-01 (ledger:2). Date the invoice"
                " 2027-01-01 or later, or correct the assertion."
            ),
        ),
    ],
    ids=["closed", "opened-later", "currency", "balance", "balance-of-parent"],
)
def test_entry_that_would_be_an_error_is_refused(
    books: Books, text: str, code: str, words: str
) -> None:
    """The denial names the account, the line and the dates; nothing is written."""
    books.path.write_text(text, "utf-8")
    assert [(f"beancount.{code}", words)] == write_refused(books)


def test_all_reasons_are_given(books: Books) -> None:
    """An account that is wrong in two ways gives two reasons."""
    books.path.write_text(
        f"2020-01-01 open {FRAMES} EUR\n2026-06-30 close {FRAMES}\n"
        "2027-01-01 open Expenses:JOB-9:05-130\n",
        "utf-8",
    )
    expected = ["account_closed", "account_currency", "account_not_open"]
    assert expected == [code.removeprefix("beancount.") for code, _ in write_refused(books)]


@pytest.mark.parametrize(
    "text",
    [
        f"2020-01-01 open {FRAMES}\n2026-10-31 close {FRAMES}\n",
        f"2026-10-31 open {FRAMES}\n",
        f"2020-01-01 open {FRAMES} EUR,USD\n",
        f'2020-01-01 open {FRAMES} USD "FIFO"\n',
        f"2020-01-01 open {PAYABLE}\n2026-10-31 balance {PAYABLE}  0.00 USD\n",
        f"2020-01-01 open {PAYABLE}\n2026-11-05 balance {PAYABLE}  0.00 EUR\n",
        f"2020-01-01 open {FRAMES}x\n2026-11-05 balance {FRAMES}x  0.00 USD\n",
        (
            "2020-01-01 open Expenses:JOB-1:A\n2026-11-05 balance Expenses:JOB-1  0.00 USD\n"
            "2020-01-01 open Expenses:JOB-1\n"
        ),
        (
            '* A title: 2026-06-30 close\n2020-01-01 note Equity:Start "2026-06-30 close"\n'
            "2020-01-01 open Equity:Start\n"
        ),
        'option "title" "name_expenses"\n2020-01-01 custom "open" TRUE\n',
        f"2020/1/1 open {FRAMES}\n",
    ],
)
def test_entry_that_is_no_error_is_written(books: Books, text: str) -> None:
    """A directive that only looks like an obstacle refuses nothing, and bean-check agrees."""
    books.path.write_text(text, "utf-8")
    assert isinstance(books.write(), erp.Done)
    books.check()


def test_last_day_of_an_account_counts(books: Books) -> None:
    """An account that is closed on the day of the invoice still accepts it, as in Beancount."""
    books.path.write_text(f"2020-01-01 open {PAYABLE}\n2026-10-30 close {PAYABLE}\n", "utf-8")
    assert ["beancount.account_closed"] == [code for code, _ in write_refused(books)]


def test_renamed_roots_are_used(books: Books) -> None:
    """Accounts have the root names of the ledger's options; the entry is found and read."""
    books.path.write_text(
        'option "name_expenses" "Ausgaben"\noption "name_liabilities" "Passiva"\n', "utf-8"
    )
    outcome = books.write()
    assert isinstance(outcome, erp.Done)
    text = books.path.read_text("utf-8")
    assert "\n1970-01-01 open Ausgaben:JOB-9:05-120\n" in text
    assert "\n  Passiva:AccountsPayable:V-ACME  -20025.45 USD\n" in text
    books.check()
    assert isinstance(books.write(), erp.Done)
    found = books.find()
    assert isinstance(found, erp.Found)
    assert sample_document().due == found.contents.amount


@pytest.mark.parametrize("name", ["Äusgaben", "Ausgaben-2026", "X日本é٣", "X"])
def test_root_may_have_any_name_of_an_account(books: Books, name: str) -> None:
    """Letters of any script, digits and dashes are accepted, and bean-check agrees."""
    books.path.write_text(f'option "name_expenses" "{name}"\n', "utf-8")
    assert isinstance(books.write(), erp.Done)
    assert f"  {name}:JOB-9:05-120  21000.00 USD\n" in books.path.read_text("utf-8")
    books.check()


def test_options_of_included_files_do_not_count(books: Books) -> None:
    """Beancount takes the names of the roots from the main file."""
    books.path.write_text('include "options.beancount"\n', "utf-8")
    write_included(books, options='option "name_expenses" "Ausgaben"\n')
    assert isinstance(books.write(), erp.Done)
    assert "  Expenses:JOB-9:05-120  21000.00 USD\n" in books.path.read_text("utf-8")
    books.check()


def test_renamed_root_keeps_its_accounts(books: Books) -> None:
    """An account that is open under the new root is not opened again."""
    books.path.write_text(
        'option "name_expenses" "Kosten"\n2020-01-01 open Kosten:JOB-9:05-120 USD\n', "utf-8"
    )
    assert isinstance(books.write(), erp.Done)
    assert 1 == books.path.read_text("utf-8").count("open Kosten:JOB-9:05-120")
    books.check()


@pytest.mark.parametrize(
    "name", ["", "Aus gaben", 'A\\"; x', "A:B", "ausgaben", "A_B", "1A", "费用", "-A"]
)
def test_root_that_no_account_can_have_is_for_a_person(books: Books, name: str) -> None:
    """A broken option defers the export, with a message for the owner of the ledger."""
    text = f'option "name_expenses" "{name}"\n'
    books.path.write_text(text, "utf-8")
    outcome = books.write()
    assert isinstance(outcome, erp.Deferred)
    assert (True, True, text) == (
        outcome.needs_person,
        "Repair it by hand" in outcome.why,
        books.path.read_text("utf-8"),
    )


def write_included(books: Books, **files: str) -> None:
    """Write included files, ``a__b`` as ``a/b.beancount``."""
    for name, text in files.items():
        path = books.path.parent / f"{name.replace('__', '/')}.beancount"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


def test_accounts_of_included_files_count(books: Books) -> None:
    """An account that an included file opens, also through globs, is not opened again."""
    books.path.write_text('include "accounts.beancount"\ninclude "more/*.beancount"\n', "utf-8")
    write_included(
        books,
        accounts=f"2020-01-01 open {FRAMES} USD\n",
        more__one=f"2020-01-01 open {PAYABLE}\n",
        more__two='include "../deep.beancount"\n',
        deep="2020-01-01 open Liabilities:RetainagePayable:V-ACME\n",
    )
    assert isinstance(books.write(), erp.Done)
    opened = [line for line in books.path.read_text("utf-8").splitlines() if " open " in line]
    assert ["1970-01-01 open Expenses:JOB-9:05-130"] == opened
    books.check()


def test_included_file_is_named_in_the_refusal(books: Books) -> None:
    """The denial names the file that closes the account."""
    books.path.write_text('include "more/*.beancount"\n', "utf-8")
    write_included(
        books, more__one=f"\n2020-01-01 open {FRAMES}\n", more__two=f"2026-01-31 close {FRAMES}\n"
    )
    ((code, words),) = write_refused(books)
    assert ("beancount.account_closed", True) == (
        code,
        "on 2026-01-31 (more/two.beancount:1)" in words,
    )


def test_change_of_an_included_file_is_seen(books: Books) -> None:
    """The same session reads an included file again after it has changed."""
    books.path.write_text('include "accounts.beancount"\n', "utf-8")
    write_included(books, accounts=f"2020-01-01 open {FRAMES}\n")
    assert isinstance(books.write(1), erp.Done)
    write_included(books, accounts=f"2020-01-01 open {FRAMES}\n2026-01-31 close {FRAMES}\n")
    assert ["beancount.account_closed"] == [code for code, _ in write_refused(books)]
    write_included(books, accounts=f"2020-01-01 open {FRAMES}\n")
    assert isinstance(books.write(2), erp.Done)


def test_unchanged_included_file_is_read_once(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An included file that did not change for a while is not read again."""
    books.path.write_text('include "accounts.beancount"\n', "utf-8")
    write_included(books, accounts=f"2020-01-01 open {FRAMES}\n")
    old = NOW.timestamp() - 10_000_000
    os.utime(books.path.parent / "accounts.beancount", (old, old))
    read: list[str] = []
    usual = Path.read_bytes

    def count_reads(path: Path) -> bytes:
        read.append(path.name)
        return usual(path)

    monkeypatch.setattr(Path, "read_bytes", count_reads)
    for number in range(3):
        assert isinstance(books.write(number), erp.Done)
    assert 1 == read.count("accounts.beancount")


def test_entry_that_was_moved_into_an_included_file_is_found(books: Books) -> None:
    """Entries that the owner moved to an archive file are not booked again."""
    assert isinstance(books.write(), erp.Done)
    archive = books.path.parent / "2026.beancount"
    books.path.rename(archive)
    books.path.write_text('include "2026.beancount"\n', "utf-8")
    assert isinstance(books.write(), erp.Done)
    assert 'include "2026.beancount"\n' == books.path.read_text("utf-8")
    assert isinstance(books.find(), erp.Found)
    # The same key with another amount: the message names the archive.
    text = archive.read_text("utf-8").replace('"V-ACME"', '"V-OTHER"')
    archive.write_text(text, "utf-8")
    outcome = books.write()
    assert isinstance(outcome, erp.Refused)
    assert "2026.beancount:" in outcome.verdict.denials[0].message
    books.check()


@pytest.mark.parametrize(
    ("ledger", "files", "words"),
    [
        ('include "none.beancount"\n', {}, "includes 'none.beancount' at line 1"),
        ('\ninclude "none/*.beancount"\n', {}, "includes 'none/*.beancount' at line 2"),
        ('include "a.beancount"\n', {"a": 'include "b"\n'}, "a.beancount includes 'b' at line 1"),
        ('include "a.beancount"\n', {"a": '2026-01-01 open "'}, "In a.beancount"),
        ('include "a.beancount"\n', {"a": "<<<<<<< HEAD\n"}, "In a.beancount"),
        ('include "."\n', {}, "includes ., which is not a file"),
    ],
    ids=["missing", "glob", "nested", "quote", "marks", "folder"],
)
def test_include_that_cannot_be_read_is_for_a_person(
    books: Books, ledger: str, files: dict[str, str], words: str
) -> None:
    """Nothing is written; the message names the file and the line, and a person must repair it."""
    books.path.write_text(ledger, "utf-8")
    write_included(books, **files)
    outcome = books.write()
    assert isinstance(outcome, erp.Deferred)
    assert outcome.needs_person
    assert words in outcome.why
    assert ledger == books.path.read_text("utf-8")
    assert isinstance(books.find(), erp.CannotTell)


def test_include_that_is_no_text_is_for_a_person(books: Books) -> None:
    """An encrypted file, which Beancount would decrypt, cannot be read here."""
    books.path.write_text('include "secret.beancount.gpg"\n', "utf-8")
    (books.path.parent / "secret.beancount.gpg").write_bytes(b"\x85\x01\x0c\x03\xff")
    outcome = books.write()
    assert isinstance(outcome, erp.Deferred)
    assert (True, True) == (outcome.needs_person, "is not UTF-8 text" in outcome.why)


def test_loops_of_includes_end(books: Books) -> None:
    """Files that include each other, or the ledger, are read once."""
    books.path.write_text('include "a.beancount"\n', "utf-8")
    write_included(books, a='include "b.beancount"\n', b='include "*.beancount"\n')
    assert isinstance(books.write(), erp.Done)


@pytest.mark.parametrize(("name", "bound"), [("_MOST_FILES", 2), ("_MOST_BYTES", 100)])
def test_includes_are_bounded(
    books: Books, monkeypatch: pytest.MonkeyPatch, name: str, bound: int
) -> None:
    """Too many files, or too large ones, defer the export, with a message for a person."""
    monkeypatch.setattr(includes, name, bound)
    books.path.write_text('include "more/*.beancount"\n', "utf-8")
    write_included(books, **{f"more__{place}": f"; {'x' * 50}\n" for place in range(3)})
    outcome = books.write()
    assert isinstance(outcome, erp.Deferred)
    assert (True, True) == (outcome.needs_person, "Include fewer files" in outcome.why)
