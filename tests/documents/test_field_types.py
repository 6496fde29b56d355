"""A field of another type is refused with its class, its name and both types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from erp_invoice_core import RetryPolicy
from erp_invoice_core.documents import (
    Actor,
    Attachment,
    CommitmentLine,
    CostCode,
    Hold,
    InvalidDocument,
    Invoice,
    InvoiceItem,
    Payment,
    Project,
    PurchaseOrder,
    StatedSummary,
    Subcontract,
    Vendor,
    field_types,
)
from erp_invoice_core.documents.field_types import (
    describe_type,
    find_type_problems,
    is_accepted,
)
from erp_invoice_core.vocabulary import InvoiceStatus, ItemType, SubcontractStatus

_ITEM: dict[str, Any] = {
    "id": "1",
    "item_type": ItemType.CONTRACT_ITEM,
    "line_item_id": "1",
    "scheduled_value": Decimal(100),
}
_INVOICE: dict[str, Any] = {
    "id": "5000",
    "number": 1,
    "project_id": "10",
    "commitment_id": "100",
    "currency": "USD",
    "status": InvoiceStatus.DRAFT,
}
_COMMITMENT: dict[str, Any] = {
    "id": "100",
    "project_id": "10",
    "vendor_id": "7",
    "number": "SC-1",
    "currency": "USD",
}


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        (Vendor, {"id": 7, "name": ""}, "Vendor.id is of the type int. Give str."),
        (Project, {"id": "1", "name": None}, "Project.name is of the type NoneType. Give str."),
        (CostCode, {"full_code": 1}, "CostCode.full_code is of the type int. Give str."),
        (
            CommitmentLine,
            {"id": "1", "amount": 5},
            "CommitmentLine.amount is of the type int. Give Decimal.",
        ),
        (
            Attachment,
            {"id": "1", "filename": "a", "url": b"x"},
            "Attachment.url is of the type bytes. Give str or None.",
        ),
        (
            Hold,
            {"code": "a", "message": "b", "blocks": "send", "released_by": "c"},
            "Hold.blocks is of the type str. Give Blocks.",
        ),
        (Payment, {"id": "1", "amount": 5}, "Payment.amount is of the type int. Give Decimal."),
        (
            StatedSummary,
            {"percent_complete": 5.5},
            "StatedSummary.percent_complete is of the type float. Give Decimal or None.",
        ),
        (
            InvoiceItem,
            {**_ITEM, "scheduled_value": 5.0},
            "InvoiceItem.scheduled_value is of the type float. Give Decimal.",
        ),
        (
            InvoiceItem,
            {**_ITEM, "tax_rates": (Decimal(1), 2)},
            "InvoiceItem.tax_rates[1] is of the type int. Give Decimal.",
        ),
        (Invoice, {**_INVOICE, "number": "1"}, "Invoice.number is of the type str. Give int."),
        (Invoice, {**_INVOICE, "number": True}, "Invoice.number is of the type bool. Give int."),
        (
            Invoice,
            {**_INVOICE, "status": "approvd"},
            "Invoice.status is of the type str. Give InvoiceStatus.",
        ),
        (
            Invoice,
            {**_INVOICE, "items": "x"},
            "Invoice.items is of the type str. Give a tuple of InvoiceItem.",
        ),
        (
            Invoice,
            {**_INVOICE, "items": ("x",)},
            "Invoice.items[0] is of the type str. Give InvoiceItem.",
        ),
        (
            Invoice,
            {**_INVOICE, "billing_date": datetime(2026, 1, 1, tzinfo=UTC)},
            "Invoice.billing_date is of the type datetime. Give date or None.",
        ),
        (
            Subcontract,
            {**_COMMITMENT, "status": "Approved"},
            "Subcontract.status is of the type str. Give SubcontractStatus.",
        ),
        (
            PurchaseOrder,
            {**_COMMITMENT, "status": SubcontractStatus.DRAFT},
            "PurchaseOrder.status is of the type SubcontractStatus. Give PurchaseOrderStatus.",
        ),
        (Actor, {"id": 7}, "Actor.id is of the type int. Give str."),
        (
            Actor,
            {"id": "ann", "rights": [7]},
            "Actor.rights[0] is of the type int. Give str.",
        ),
    ],
)
def test_field_of_another_type_is_refused(kind: type, given: dict[str, Any], sentence: str) -> None:
    """The sentence names the class, the field, the type of the value and the type of the field."""
    with pytest.raises(InvalidDocument) as raised:
        kind(**given)
    assert [("value.type", sentence)] == [(p.code, p.message) for p in raised.value.problems]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"commitments": ["1"]}, "commitments is of the type list. Give a mapping."),
        ({"privileges": 5}, "privileges is of the type int. Give a collection."),
        ({"rights": 5}, "rights is of the type int. Give a collection."),
        ({"project_rights": "x"}, "project_rights is of the type str. Give a mapping."),
    ],
)
def test_permissions_of_another_type_are_refused(given: dict[str, Any], sentence: str) -> None:
    """The collections of a person's permissions are checked before they are copied."""
    with pytest.raises(ValueError, match=sentence):
        Actor(id="ann", **given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"look_ups": [60]}, "RetryPolicy.look_ups[0] is of the type int. Give timedelta."),
        ({"look_ups": 60}, "look_ups is of the type int. Give a tuple of timedelta."),
        ({"deferrals": "5"}, "RetryPolicy.deferrals is of the type str. Give int."),
    ],
)
def test_retry_policy_of_other_types_is_refused(given: dict[str, Any], sentence: str) -> None:
    """A value that is not a document raises a TypeError."""
    with pytest.raises(TypeError) as raised:
        RetryPolicy(**given)
    assert sentence == str(raised.value)


def test_each_wrong_field_is_named_once() -> None:
    """All problems are reported, each with the path of its field."""
    with pytest.raises(InvalidDocument) as raised:
        Invoice(**{**_INVOICE, "number": "1", "items": (5, InvoiceItem(**_ITEM), "x")})
    assert ["number", "items[0]", "items[2]"] == [p.path for p in raised.value.problems]


def test_types_that_were_accepted_once_do_not_admit_others() -> None:
    """The parts of a collection are checked also if the fields have the usual types."""
    item = InvoiceItem(**_ITEM)
    Invoice(**_INVOICE, items=(item,), attachments=(Attachment(id="1", filename="a"),))
    Invoice(**_INVOICE, items=(item,))

    with pytest.raises(InvalidDocument):
        Invoice(**{**_INVOICE, "items": (Attachment(id="1", filename="a"),)})


def test_a_subclass_is_accepted() -> None:
    """A text of a subclass is a text."""

    class Name(str):
        __slots__ = ()

    assert "7" == Vendor(id=Name("7"), name="Acme").id


@attrs.frozen
class _Unseen:
    """A class whose types no other test has checked before."""

    id: str


def test_kept_combinations_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound a combination is checked each time."""
    monkeypatch.setattr(field_types, "_MOST_SEEN", 0)

    assert [] == find_type_problems(_Unseen(id="1"))


def test_key_of_another_type_is_refused() -> None:
    """The path names the key."""
    with pytest.raises(InvalidDocument) as raised:
        Actor(id="ann", project_rights={5: ["x"]})  # type: ignore[dict-item]  # it is refused
    assert ["project_rights, key 5"] == [p.path for p in raised.value.problems]


def test_types_are_described_in_words() -> None:
    """A message names a mapping, a set and a choice of types."""
    assert "a mapping of str to int" == describe_type(Mapping[str, int])
    assert "a frozenset of str" == describe_type(frozenset[str])
    assert "date or None" == describe_type(date | None)


def test_a_whole_number_is_accepted_in_place_of_a_float() -> None:
    """A truth value is not."""
    assert is_accepted(5, float)
    assert not is_accepted(True, float)


def test_permissions_of_a_second_actor_are_checked() -> None:
    """The values of a mapping are checked each time."""
    Actor(id="ann", project_rights={"10": ["pay"]})

    with pytest.raises(InvalidDocument):
        Actor(id="ben", project_rights={5: ["pay"]})  # type: ignore[dict-item]  # it is refused
