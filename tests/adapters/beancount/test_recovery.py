"""The end of a ledger is a torn write of ours, or an entry of a person."""

from __future__ import annotations

import pytest

from erp_invoice_core.adapters.beancount.parser import Damaged
from erp_invoice_core.adapters.beancount.recovery import find_sound_length

HEAD = """; A ledger

; erp-invoice accounts
1970-01-01 open Expenses:JOB-9:05-120
"""
WHOLE = """
; erp-invoice begin 5000-a1
2026-10-31 * "Acme" "Invoice 1" ^invoice/1 ^key/5000/1/1/bill
  key: "5000/1/1/bill"
  Expenses:JOB-9:05-120  1.00 USD
  Liabilities:AccountsPayable:V-ACME  -1.00 USD
; erp-invoice end 5000-a1
"""
BY_HAND = """
2026-11-02 * "By hand" "Coffee"
  Expenses:Coffee  3.00 USD
  Assets:Cash  -3.00 USD
"""


@pytest.mark.parametrize("length", range(1, len(WHOLE.rpartition("; erp-invoice end ")[0]) + 1))
def test_torn_entry_is_removed(length: int) -> None:
    """After any number of written bytes of an entry, none of its lines is left."""
    data = (HEAD + WHOLE + WHOLE[:length]).encode()
    sound = data[: find_sound_length(data)]
    assert (HEAD + WHOLE).encode() == sound[: len(HEAD + WHOLE)]
    rest = sound[len(HEAD + WHOLE) :].decode()
    assert "; erp-invoice begin ".startswith(rest.strip())


def test_whole_ledger_is_sound() -> None:
    """Whole entries and those of a person are unchanged."""
    for text in ("", HEAD, HEAD + WHOLE, HEAD + WHOLE + BY_HAND, BY_HAND, WHOLE[1:]):
        assert len(text.encode()) == find_sound_length(text.encode())


def test_broken_off_account_is_cut() -> None:
    """Of accounts that were being opened, only the broken line is removed."""
    assert len(HEAD) == find_sound_length((HEAD + "1970-01-01 open Expenses:JOB-9:05-1").encode())
    assert len(HEAD) == find_sound_length((HEAD + "1970-0").encode())


def test_last_line_of_a_person_needs_no_newline() -> None:
    """An entry typed without a last newline is not torn."""
    text = HEAD + WHOLE + "2026-11-02 open Assets:Cash"
    assert len(text) == find_sound_length(text.encode())


def test_transaction_deleted_by_hand_is_sound() -> None:
    """A begin mark without its transaction, which was deleted by hand, breaks nothing."""
    begin, end = "\n; erp-invoice begin 5000-a1\n", "; erp-invoice end 5000-a1\n"
    for text in (HEAD + begin + end, HEAD + begin + BY_HAND, HEAD + begin + "; a note\n"):
        assert len(text) == find_sound_length(text.encode())


def test_torn_entry_with_something_behind_it_needs_a_person() -> None:
    """The end of a torn entry before another entry cannot be found: a person decides."""
    torn = WHOLE[: WHOLE.index("  Liabilities")]
    with pytest.raises(Damaged, match="line 6 has no end mark"):
        find_sound_length((HEAD + torn + BY_HAND).encode())
