"""The fast reader of stored items and lines gives the same values, or leaves them to the other."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, settings

from erp_invoice_core.documents import InvalidDocument
from erp_invoice_core.testing.strategies import dossiers
from erp_invoice_core.vocabulary import AccountingMethod
from erp_invoice_core.wire.procore import (
    commitment,
    dump_commitment,
    dump_requisition,
    items,
    read_commitment,
    read_file,
    read_requisition,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.testing.strategies.dossiers import Dossier

_FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
READING = read_file((_FIXTURES / "harbor_point.json").read_bytes())
INVOICE = READING.requisitions[0].value
COMMITMENT = READING.commitments[0].value


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function that turns the fast reader off."""

    def turn_off() -> None:
        for module in (items, commitment):
            monkeypatch.setattr(module, "read_stored", lambda *_given: None)

    return turn_off


def _read(read: Callable[[dict[str, Any]], object], plain: dict[str, Any]) -> str:
    """Return the value in full, or that it is refused, as no file can have it."""
    try:
        return repr(read(plain))
    except InvalidDocument:
        return "refused"


@given(dossiers())
@settings(max_examples=40)
def test_both_readers_read_the_same(dossier: Dossier) -> None:
    """Every invoice and commitment that can be stored, to the digits of its amounts."""
    stored = [
        (read_requisition, json.loads(json.dumps(dump_requisition(dossier.invoice)))),
        (read_commitment, json.loads(json.dumps(dump_commitment(dossier.commitment)))),
    ]
    fast = [_read(read, plain) for read, plain in stored]
    with pytest.MonkeyPatch.context() as patch:
        for module in (items, commitment):
            patch.setattr(module, "read_stored", lambda *_given: None)
        assert fast == [_read(read, plain) for read, plain in stored]


def _change(plain: dict[str, Any], **fields: object) -> dict[str, Any]:
    changed = copy.deepcopy(plain)
    changed["items"][0] |= fields
    return changed


@pytest.mark.parametrize(
    "fields",
    [
        {"taxes": [{"tax_code_rate": "8.25"}]},
        {"uom": ""},
        {"uom": None},
        {"vendor_note": "not read"},
        {"scheduled_value": 50000},
        {"cost_code": {"full_code": "05-120", "name": "Steel"}},
        {"total_completed_and_stored_to_date": "about 9"},
    ],
)
def test_another_item_is_read_as_in_a_file(
    fields: dict[str, object], slow: Callable[[], None]
) -> None:
    """A row that was edited by hand, or written by another version, is read if it is valid."""
    plain = _change(dump_requisition(INVOICE), **fields)
    found = read_requisition(plain)
    slow()
    assert repr(found) == repr(read_requisition(plain))


@pytest.mark.parametrize(
    "fields",
    [{"scheduled_value": "1e3"}, {"scheduled_value": None}, {"id": " "}, {"item_type": "other"}],
)
def test_an_item_that_is_not_valid_is_refused(fields: dict[str, object]) -> None:
    """The problem has its path."""
    with pytest.raises(InvalidDocument) as refused:
        read_requisition(_change(dump_requisition(INVOICE), **fields))
    assert refused.value.problems[0].path.startswith("items[0].")


def test_an_absent_amount_of_a_unit_item_is_computed() -> None:
    """It is quantity times price, as in a file."""
    unit = {
        "accounting_method": AccountingMethod.UNIT.value,
        "work_completed_this_period_quantity": "3",
        "scheduled_unit_price": "7",
    }
    plain = _change(dump_requisition(INVOICE), **unit)
    del plain["items"][0]["work_completed_this_period"]
    assert "21.00" == str(read_requisition(plain).items[0].work_this_period)


def test_a_line_that_occurs_twice_is_refused() -> None:
    """Also if the other one is in a change order."""
    plain = dump_commitment(COMMITMENT)
    plain["change_order_packages"][0]["line_items"][0]["id"] = plain["line_items"][0]["id"]
    with pytest.raises(InvalidDocument):
        read_commitment(plain)
    twice = attrs.evolve(COMMITMENT, change_orders=())
    plain = dump_commitment(twice)
    plain["line_items"] *= 2
    with pytest.raises(InvalidDocument):
        read_commitment(plain)
