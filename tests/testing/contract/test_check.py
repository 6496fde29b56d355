"""Checks, and how they end."""

from __future__ import annotations

import re

import pytest

from erp_invoice_core.testing.contract.check import Check
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.result import Refuted, refute, require
from erp_invoice_core.testing.contract.words import Word


def test_refutation_names_what_was_declared_and_seen() -> None:
    """The sentence has the declaration, what was seen, and the place to look at."""
    with pytest.raises(Refuted) as refuted:
        refute("Amounts are kept.", "1,000.00 in the ERP", "erp_write")

    assert "Amounts are kept. Seen: 1,000.00 in the ERP. Look at erp_write." == str(refuted.value)
    assert ("Amounts are kept.", "erp_write") == (refuted.value.declared, refuted.value.look_at)


def test_requirement_that_holds_ends_nothing() -> None:
    """A check goes on if the condition holds, and ends if it does not."""
    require([1], "Amounts are kept.", "nothing", "erp_write")

    with pytest.raises(Refuted):
        require([], "Amounts are kept.", "nothing", "erp_write")


def test_check_proves_the_words_of_its_patterns() -> None:
    """A pattern names one value of a word, or any."""
    check = Check(name="x", run=print, lie="A lie.", words=("terms.*.look_up: key", "zero: *"))
    words = (
        Word("terms.bill.look_up", "key"),
        Word("terms.post.look_up", "none"),
        Word("zero", "refused"),
        Word("negative", "refused"),
    )

    assert (words[0], words[2]) == check.list_proved(words)


@pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))
def test_every_check_says_what_and_why(check: Check) -> None:
    """A check has a name of two words, a sentence, and the lie that it catches."""
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", check.name)
    assert re.fullmatch(r"[A-Z][^\n]{20,120}\.", check.sentence)
    assert re.fullmatch(r"[A-Z][^\n]{10,120}\.", check.lie)
