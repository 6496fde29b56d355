"""What a sighting proves depends on what it holds, whose it is, and when it was seen."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core import QueueEntry
from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import Acceptance, Call, CallKind, Key
from erp_invoice_core.worker.evidence import agrees, has_number, keys_of
from tests.worker.office import NOON, document
from tests.worker.scripted import contents, declaration

ERP = declaration()
ENTRY = QueueEntry(id="5000", connection="erp", document=document(), digest=document().digest)


def call(attempt: int, generation: int = 1, step: str = "bill") -> Call:
    """Return a call under a key."""
    return Call(
        key=Key("5000", generation, attempt, step),
        kind=CallKind.WRITE,
        step_kind="bill",
        digest=ENTRY.digest,
        fencing=1,
        started_at=NOON,
        lease_until=NOON + timedelta(seconds=60),
    )


def test_a_document_that_agrees() -> None:
    """Vendor, number, amount and date as sent are ours."""
    assert agrees(contents(), ENTRY, ERP)


@pytest.mark.parametrize(
    "bent",
    [
        {"vendor": None},
        {"number": None},
        {"amount": Decimal(0)},
        {"date": None},
        {"date": date(2026, 10, 30)},
    ],
)
def test_a_document_that_disagrees_anywhere(bent: dict[str, Any]) -> None:
    """One of the four that differs, or that the ERP does not keep, is not ours."""
    assert not agrees(contents(**bent), ENTRY, ERP)


def test_the_date_may_be_the_accounting_date() -> None:
    """The accounting date that the approver gave may stand in place of the billing date."""
    given = Acceptance(
        by="ap",
        at=NOON,
        digest=ENTRY.digest,
        declaration="",
        losses="",
        fields={"accounting_date": "2026-11-05"},
    )
    entry = attrs.evolve(ENTRY, acceptance=given)
    assert agrees(contents(date=date(2026, 11, 5)), entry, ERP)
    assert not agrees(contents(date=date(2026, 11, 5)), ENTRY, ERP)


def test_the_number_is_compared_as_it_is_written_there() -> None:
    """A number that the ERP cuts agrees in its cut form."""
    rule = erp.FieldRule(
        field="invoice_number", validator=erp.Validator.MAX_LENGTH, limit=6, truncates=True
    )
    cutting = declaration(field_rules=(rule,))
    assert agrees(contents(number="ACME-5"), ENTRY, cutting)
    assert not agrees(contents(), ENTRY, cutting)


def test_the_number_is_compared_as_a_person_reads_it() -> None:
    """An ERP may keep other spaces and dashes than it was given; another case is another number."""
    written = attrs.evolve(document(), invoice_number="A\u00e9\u201177")
    entry = attrs.evolve(ENTRY, document=written)
    assert agrees(contents(number="\ufeffAe\u0301-77 "), entry, ERP)
    assert not agrees(contents(number="A\u00c9-77"), entry, ERP)


def test_a_number_that_the_erp_leaves_blank_is_none() -> None:
    """A document without a number agrees where the ERP keeps an empty text for it."""
    entry = attrs.evolve(ENTRY, document=attrs.evolve(document(), invoice_number="\u200b"))
    assert agrees(contents(number=""), entry, ERP)
    assert not agrees(contents(number="1"), entry, ERP)


def test_an_entry_without_a_document_agrees_with_nothing() -> None:
    """What was never sent is nowhere."""
    assert not agrees(contents(), QueueEntry(id="5000"), ERP)


def test_keys_of_a_step() -> None:
    """All keys of the step in this generation, the first try's first; none of another's."""
    calls = (call(3), call(1), call(2, generation=2), call(1, step="post"))
    entry = attrs.evolve(ENTRY, attempt=4, calls=calls)
    assert [1, 3, 4] == [key.attempt for key in keys_of(entry, "bill")]


@pytest.mark.parametrize(
    ("number", "expected"), [("ACME-1", True), ("  ", False), ("\u200b", False), (None, False)]
)
def test_a_blank_number_is_none(number: str | None, expected: bool) -> None:
    """A number of spaces is no number."""
    entry = attrs.evolve(ENTRY, document=attrs.evolve(document(), invoice_number=number))
    assert expected is has_number(entry, ERP)
