"""Transactions that name the invoice and post to the vendor's payable account are its payments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.testing import sample_document, sample_request
from tests.adapters.beancount.test_ledger import NOW, Books, require_done

if TYPE_CHECKING:
    from pathlib import Path

#: As a person writes it, with the link that the bill has.
CHECK = """
2026-11-20 * "Acme Steel" "Check 1041" ^invoice/ACME-77
  reference: "1041"
  method: "check"
  Liabilities:AccountsPayable:V-ACME   1,000.50 USD
  Assets:Checking                     -1000.50 USD
"""
PAID = erp.ErpPayment(
    amount=Decimal("1000.50"), date=date(2026, 11, 20), reference="1041", method="check"
)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """Return a ledger that does not exist yet."""
    path = tmp_path / "books.beancount"
    return Books(path, erp.Adapter(beancount), erp.Session(beancount.Ledger(path, lambda: NOW)))


def _export(books: Books, **fields: Any) -> erp.Receipt:  # noqa: ANN401 - its fields
    document = attrs.evolve(sample_document(), **fields)
    request = sample_request(document)
    (step,) = books.adapter.steps(request)  # type: ignore[misc]  # it is a plan
    return require_done(books.adapter.write(books.session, request, step, ()))


def _append(books: Books, text: str) -> None:
    with books.path.open("a", encoding="utf-8") as file:
        file.write(text)


def _read(books: Books, receipt: erp.Receipt) -> tuple[erp.ErpPayment, ...]:
    payments = books.adapter.payments(books.session, receipt)
    assert isinstance(payments, tuple), payments
    return payments


def test_payment_is_read_with_its_day_and_reference(books: Books) -> None:
    """A transaction with the invoice's link pays the bill; before it there is none."""
    bill = _export(books)
    assert () == _read(books, bill)

    _append(books, CHECK)

    assert (PAID,) == _read(books, bill)


def test_payment_in_parts(books: Books) -> None:
    """Each transaction is a payment; its postings to the account of the vendor are one."""
    bill = _export(books)
    _append(
        books,
        """
2026-11-10 ! "Wire" ^invoice/ACME-77 ^batch/7
  Liabilities:AccountsPayable:V-ACME  10 USD
  Liabilities:AccountsPayable:V-ACME  -4 USD
  Liabilities:AccountsPayable:V-OTHER  99 USD
  Assets:Checking
2026-11-11 * "Nothing" ^invoice/ACME-77
  Liabilities:AccountsPayable:V-ACME  0.00 USD
  Assets:Checking  0.00 USD
""",
    )

    assert (erp.ErpPayment(amount=Decimal(6), date=date(2026, 11, 10)),) == _read(books, bill)


@pytest.mark.parametrize(
    "text",
    [
        '2026-11-20 * "Check" ^invoice/ACME-78\n  Liabilities:AccountsPayable:V-ACME  1 USD\n  A:B\n',
        '2026-11-20 * "Check"\n  Liabilities:AccountsPayable:V-ACME  1 USD\n  A:B\n',
        '2026-11-20 * "Check" ^invoice/ACME-77\n  Liabilities:AccountsPayable:V-OTHER  1 USD\n  A:B\n',
        '2026-11-20 * "Fee" ^invoice/ACME-77\n  Expenses:Fees  1 USD\n  Assets:Checking\n',
        '2026-11-20 note Assets:Checking "^invoice/ACME-77"\n',
    ],
)
def test_other_transactions_pay_nothing(books: Books, text: str) -> None:
    """Another invoice, no invoice, another vendor or another account is no payment of the bill."""
    bill = _export(books)
    _append(books, f"\n{text}")

    assert () == _read(books, bill)


@pytest.mark.parametrize("amount", ["", "5 EUR"])
def test_unclear_amount_is_not_known(books: Books, amount: str) -> None:
    """A payment without an amount, or in another currency, is not guessed."""
    bill = _export(books)
    _append(
        books,
        f'\n2026-11-20 * "Check" ^invoice/ACME-77\n  Liabilities:AccountsPayable:V-ACME  {amount}\n',
    )

    answer = books.adapter.payments(books.session, bill)

    assert isinstance(answer, erp.CannotTell)
    assert "of invoice ACME-77 has no amount in the currency of the invoice" in answer.why


def test_payment_of_several_invoices_is_not_clear(books: Books) -> None:
    """A transaction with two invoices pays neither in full; it is unread for both."""
    bill = _export(books)
    other = _export(books, invoice_id="5001", invoice_number="ACME-78")
    third = _export(books, invoice_id="5002", invoice_number="V-1", vendor_origin_id="V-OTHER")
    _append(
        books, CHECK.replace("^invoice/ACME-77", "^invoice/ACME-78 ^invoice/ACME-77 ^invoice/V-1")
    )

    for receipt in (bill, other):
        answer = books.adapter.payments(books.session, receipt)
        assert isinstance(answer, erp.CannotTell)
        assert "names several invoices: ACME-77, ACME-78, V-1. Give the payment" in answer.why
    assert () == _read(books, third)


def test_number_of_two_bills_is_not_clear(books: Books) -> None:
    """A payment that may be of another bill of the vendor is not known."""
    bill = _export(books)
    _export(books, invoice_id="5001")
    assert () == _read(books, bill)

    _append(books, CHECK)
    answer = books.adapter.payments(books.session, bill)

    assert isinstance(answer, erp.CannotTell)
    assert "The ledger has payments of invoice ACME-77, which is at lines" in answer.why


def test_bill_of_another_vendor_is_another_bill(books: Books) -> None:
    """The same number of another vendor takes no payment."""
    bill = _export(books)
    other = _export(books, invoice_id="5001", vendor_origin_id="V-OTHER")
    _append(books, CHECK)

    assert ((PAID,), ()) == (_read(books, bill), _read(books, other))


def test_included_files_have_payments(books: Books) -> None:
    """A payment may be in a file that the ledger includes."""
    bill = _export(books)
    books.path.with_name("bank.beancount").write_text(CHECK, encoding="utf-8")
    _append(books, '\ninclude "bank.beancount"\n')

    assert (PAID,) == _read(books, bill)


def test_deleted_or_doubled_bill(books: Books) -> None:
    """A bill that is not in the ledger has no payments; one that is there twice is not clear."""
    bill = _export(books)
    text = books.path.read_text("utf-8")
    books.path.write_text(text + text, encoding="utf-8")
    assert isinstance(books.adapter.payments(books.session, bill), erp.CannotTell)

    books.path.write_text(CHECK, encoding="utf-8")
    assert () == _read(books, bill)
