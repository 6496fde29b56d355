"""The entries of a ledger, edited by hand or not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from erp_invoice_core.adapters.beancount.parser import Booked, Damaged, Opening, Place, scan

OURS = """2026-10-31 * "Acme" "Invoice 1; {x}" ^invoice/1 ^key/5000/1/1/bill
  key: "5000/1/1/bill" ; ours
  erp_id: "5000-a1"
  vendor: "V-ACME"
  invoice_number: "a\\"b"
  digest: "d1"
  Expenses:JOB-9:05-120  1,001.00 USD
  ! Liabilities:RetainagePayable:V-ACME  -100.00 USD
  Liabilities:AccountsPayable:V-ACME  -901.00 USD
"""
READ = Booked(
    line=1,
    date=date(2026, 10, 31),
    linked="5000/1/1/bill",
    key="5000/1/1/bill",
    erp_id="5000-a1",
    vendor="V-ACME",
    number='a"b',
    digest="d1",
    amount=Decimal("901.00"),
    currency="USD",
    retainage=Decimal("100.00"),
    expenses=(("05-120", Decimal("1001.00")),),
)


def test_our_transaction_is_read() -> None:
    """Names, day, the credit to accounts payable and its currency are read."""
    assert [READ] == scan(OURS).find_named("5000/1/1/bill", "5000-a1")
    assert [] == scan(OURS).find_named("5000/1/2/bill")


def test_other_entries_are_skipped() -> None:
    """Directives, comments, outlines and transactions of others are no business of ours."""
    text = """* An outline "with a quote
option "title" "Books;
over two lines"
; a comment "
2026-01-01 open Assets:Cash USD
2026-01-02 * "Key" "key: 5000"
  Assets:Cash  1 USD
  Equity:Opening

2026-01-03 note Assets:Cash "key: \\"5000/1/1/bill\\""
"""
    seen = scan(text)
    opening = Opening(Place(5, "", date(2026, 1, 1)), frozenset({"USD"}))
    assert {"Assets:Cash": opening} == seen.opened
    assert [] == seen.find_named("5000/1/1/bill")
    assert text.count("\n") == seen.lines


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-901.00 USD", "(-900 - 1) USD"),
        ("-901.00 USD", ""),
        ("-901.00 USD", "-901.00 EUR"),
        ("-901.00 USD", "-901.00 USD @ 1 EUR"),
    ],
)
def test_amount_in_another_form_is_unknown(old: str, new: str) -> None:
    """An amount in another form is unknown, and never a wrong amount."""
    assert [None] == [b.amount for b in scan(OURS.replace(old, new)).find_named("5000-a1")]


def test_transaction_without_its_key_is_still_ours() -> None:
    """Its link or its id identifies it."""
    keyless = OURS.replace('  key: "5000/1/1/bill" ; ours\n', "")
    assert [("5000/1/1/bill", None)] == [
        (b.linked, b.key) for b in scan(keyless).find_named("5000-a1")
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (OURS + 'garbage "', 10),
        (OURS + "this is no entry\n", 10),
        ("  Assets:Cash  1 USD\n", 1),
        (OURS.replace('"d1"', '"d1'), 6),
    ],
)
def test_what_is_no_ledger_is_damaged(text: str, line: int) -> None:
    """The error of a file that cannot be read has the line."""
    with pytest.raises(Damaged, match=rf"at line {line}:"):
        scan(text)


def test_reading_goes_on_where_it_stopped() -> None:
    """Reading an addition gives the same as reading the whole file."""
    seen = scan("\n" + OURS)
    scan("\n" + OURS, seen)
    assert [2, 12] == [booked.line for booked in seen.find_named("5000-a1")]
