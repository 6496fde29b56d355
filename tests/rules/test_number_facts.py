"""Who else has an invoice's number, or one that is easily taken for it."""

from __future__ import annotations

import attrs

from erp_invoice_core.documents import NumberUse
from erp_invoice_core.rules.facts import build_number_facts

from .test_facts import INVOICE, SUBCONTRACT, case

_OTHER = NumberUse(
    invoice_id="r9", number="A-1\u200b", commitment_id="101", commitment_number="SC-2"
)
_ALIKE = NumberUse(invoice_id="r8", number="a 1", commitment_id="101")


def test_other_commitments_of_the_vendor_are_reported() -> None:
    """A number on another commitment is in use twice, but unique within its own."""
    found = case(numbers=[_OTHER, _ALIKE])

    assert ((_OTHER,), (_ALIKE,), True) == (
        found.number_uses,
        found.similar_numbers,
        found.number_is_unique,
    )


def test_siblings_are_reported_with_their_commitment() -> None:
    """A sibling is listed once, also if it is among the vendor's numbers."""
    sibling = attrs.evolve(INVOICE, id="r2", number=2, invoice_number="A\u20111")
    use = NumberUse(
        invoice_id="r2", number="A\u20111", commitment_id="100", commitment_number="SC-1"
    )
    found = case(siblings=[INVOICE, sibling], numbers=[use])

    assert ((use,), (), False) == (
        found.number_uses,
        found.similar_numbers,
        found.number_is_unique,
    )


def test_a_number_of_the_same_commitment_need_not_come_with_siblings() -> None:
    """Every number that the host supplies counts."""
    use = attrs.evolve(_OTHER, commitment_id="100")

    assert case(numbers=[use]).number_is_unique is False


def test_the_invoice_itself_and_other_numbers_are_not_reported() -> None:
    """Its own number is not another use; a different number is left out."""
    own = attrs.evolve(_OTHER, invoice_id="r1")
    other = attrs.evolve(_OTHER, number="A-2")
    found = build_number_facts(INVOICE, SUBCONTRACT.number, siblings=(), numbers=[own, other])

    assert {"number_is_unique": True, "number_uses": (), "similar_numbers": ()} == found


def test_a_blank_number_is_not_shared() -> None:
    """Invoices without a number are not compared."""
    blank = attrs.evolve(INVOICE, invoice_number="\u200b")
    use = attrs.evolve(_OTHER, number=" ")

    assert {
        "number_is_unique": True,
        "number_uses": (),
        "similar_numbers": (),
    } == build_number_facts(blank, SUBCONTRACT.number, numbers=[use])
