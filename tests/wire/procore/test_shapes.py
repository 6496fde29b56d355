"""Requisitions and commitments in the shapes of Procore's answers."""

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erp_invoice_core.documents import (
    CostCode,
    Invoice,
    InvoiceItem,
    PurchaseOrder,
    StatedSummary,
    Subcontract,
)
from erp_invoice_core.vocabulary import ItemType
from erp_invoice_core.wire.procore import (
    Reading,
    Records,
    read_commitment,
    read_file,
    read_requisition,
)

EXTENDED = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "procore" / "extended.json").read_text("utf-8")
)
ITEM = "requisitions.0.items.0"
CHANGE = "requisitions.0.items.1"
PACKAGE = "commitments.0.change_order_packages.0"
REMOVED = object()


def change_answer(*changes: tuple[str, Any]) -> dict[str, Any]:
    """Return the answer with changed values: dotted paths, numbers for positions in arrays."""
    document: dict[str, Any] = copy.deepcopy(EXTENDED)
    for path, value in changes:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        parent: Any = document
        for step in steps:
            parent = parent[step]
        if value is REMOVED:
            parent.pop(last, None)
        else:
            parent[last] = value
    return document


def read(*changes: tuple[str, Any], known: Records | None = None) -> Reading:
    """Return the reading of the changed answer; every record is read back."""
    data = json.dumps(change_answer(*changes)).encode()
    reading = read_file(data, known=known) if known else read_file(data)
    for commitment in reading.commitments:
        assert commitment.value == read_commitment(json.loads(commitment.encode()))
    for requisition in reading.requisitions:
        assert requisition.value == read_requisition(json.loads(requisition.encode()))
    return reading


def invoice(*changes: tuple[str, Any]) -> Invoice:
    """Return the invoice of the changed answer."""
    reading = read(*changes)
    assert () == reading.problems
    return reading.requisitions[0].value


def item(place: int, *changes: tuple[str, Any]) -> InvoiceItem:
    """Return an item of the changed answer."""
    return invoice(*changes).items[place]


def problems(*changes: tuple[str, Any]) -> list[tuple[str, str]]:
    """Return path and code of each problem of the changed answer."""
    return [(problem.path, problem.code) for problem in read(*changes).problems]


def warnings(reading: Reading) -> list[tuple[str, str]]:
    """Return path and code of each warning."""
    assert () == reading.problems
    return [(warning.path, warning.code) for warning in reading.warnings]


def test_an_extended_requisition_loads_without_a_word() -> None:
    """Its values agree with each other: there is no warning."""
    reading = read()
    assert [] == warnings(reading)
    found = reading.requisitions[0].value
    assert ("progress", "progressive", None) == (
        found.invoice_type,
        found.invoicing_method,
        found.erp_status,
    )
    assert ["approved", "approved"] == [each.status for each in found.items]
    assert not found.is_taxed
    assert not found.is_paid
    assert found.stated
    assert Decimal("18900.00") == found.stated.current_payment_due


@pytest.mark.parametrize(
    "taxes",
    [
        None,
        "",
        [],
        [{"tax_code_id": 1, "tax_code_name": "EXEMPT", "tax_code_rate": 0.0}],
        [{"tax_code_id": 1, "tax_code_name": "EXEMPT", "tax_code_rate": None}],
        [{"tax_code_id": 1, "tax_code_name": "EXEMPT", "tax_code_rate": "0.00%"}],
        [{"tax_code_id": 1, "tax_code_name": "EXEMPT", "tax_code_rate": ""}],
    ],
)
def test_taxes_without_a_rate_are_no_tax(taxes: object) -> None:
    """An array of tax codes at no rate loads, and the invoice is not taxed."""
    assert not invoice((f"{ITEM}.taxes", taxes)).is_taxed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{ITEM}.taxes", [{"tax_code_id": 1, "tax_code_name": "GST", "tax_code_rate": 8.25}]),
        (f"{ITEM}.taxes", [{"tax_code_rate": "10%"}]),
        (f"{ITEM}.taxes", {"tax_code_rate": "0.30000000000000004"}),
        (f"{ITEM}.taxes", [{"tax_code_rate": "10"}, {"amount": "5.00"}]),
        (f"{ITEM}.taxes", "5.00"),
        ("requisitions.0.tax_summary", [{"tax_code_name": "GST", "applied_amount": 12.34}]),
        ("requisitions.0.tax_summary", [{"applied_amount": 5}, {"applied_amount": -5}]),
        ("requisitions.0.summary.tax_applicable_to_this_payment", "0.01"),
        ("requisitions.0.summary.tax_applicable_to_this_payment", 0.02),
    ],
)
def test_a_rate_or_an_applied_amount_is_tax(path: str, value: object) -> None:
    """The invoice loads with a warning; amounts with the sum zero are tax too."""
    reading = read((path, value))
    assert [("requisitions[0]", "tax.present")] == warnings(reading)
    assert reading.requisitions[0].value.is_taxed


def test_json_numbers_are_read_exactly() -> None:
    """A number without exponent is as exact as a text, with all of its digits."""
    text = (
        json.dumps(change_answer())
        .replace('"20000.00"', "20000.10")
        .replace('"50000.00"', "50000.00")
    )
    found = read_file(text.encode()).requisitions[0].value.items[0]
    assert Decimal("20000.10") == found.work_this_period
    assert "20000.10" == str(found.work_this_period)
    digits = json.dumps(change_answer((f"{ITEM}.scheduled_unit_price", "price")))
    exact = digits.replace('"price"', "123456789012345678.0123456789")
    price = read_file(exact.encode()).requisitions[0].value.items[0].scheduled_unit_price
    assert "123456789012345678.0123456789" == str(price)


@pytest.mark.parametrize("written", ["2e4", "2.5E4", "20000.0e0"])
def test_a_number_with_an_exponent_is_refused_where_it_is_read(written: str) -> None:
    """In a field that is read, not in an ignored one."""
    text = json.dumps(change_answer((f"{ITEM}.work_completed_this_period", "this")))
    found = read_file(text.replace('"this"', written).encode()).problems
    where = "requisitions[0].items[0].work_completed_this_period"
    assert [(where, "number.inexact")] == [(each.path, each.code) for each in found]
    ignored = json.dumps(change_answer((f"{ITEM}.net_amount", "this"))).replace('"this"', written)
    assert () == read_file(ignored.encode()).problems


def test_the_stated_summary_is_kept_as_it_is_written() -> None:
    """As numbers, with more digits than the currency has, and under its old name."""
    summary = {
        "original_contract_sum": 50000,
        "total_completed_and_stored_to_date": 21000.125,
        "current_payment_due": "1.00",
        "formatted_period": "10/01/26 - 10/31/26",
    }
    stated = StatedSummary(
        original_contract_sum=Decimal(50000),
        total_completed_and_stored_to_date=Decimal("21000.125"),
        current_payment_due=Decimal(1),
    )
    for name in ("summary", "g702"):
        found = invoice(("requisitions.0.summary", REMOVED), (f"requisitions.0.{name}", summary))
        assert stated == found.stated
    assert invoice(("requisitions.0.summary", {})).stated is None


@pytest.mark.parametrize("value", ["n/a", {}, [1], True, "1e5", 10**30, "1.0 $"])
def test_a_figure_that_is_only_compared_never_refuses_a_file(value: object) -> None:
    """A figure that cannot be read is not compared, which is a warning."""
    line = "requisitions[0].summary.total_retainage"
    reading = read(("requisitions.0.summary.total_retainage", value))
    assert [(line, "billing.not_compared")] == warnings(reading)
    total = "total_completed_and_stored_to_date"
    reading = read((f"{ITEM}.{total}", value))
    assert [(f"requisitions[0].items[0].{total}", "billing.not_compared")] == warnings(reading)


@pytest.mark.parametrize("written", ["42.00%", "42 %", 42.0])
def test_a_percentage_may_carry_its_sign(written: object) -> None:
    """In an item, in the header, and of a commitment."""
    name = "total_completed_and_stored_to_date_percent"
    assert [] == warnings(read((f"{ITEM}.{name}", written)))
    assert [] == warnings(read(("requisitions.0.percent_complete", written)))
    reading = read(("commitments.0.retainage_percent", written))
    assert Decimal(42) == reading.commitments[0].value.retainage_percent


@pytest.mark.parametrize(
    "name",
    [
        "requisitions.0.billing_date",
        "requisitions.0.requisition_start",
        "requisitions.0.requisition_end",
        "requisitions.0.previous_requisition_id",
        "requisitions.0.origin_id",
        "requisitions.0.payment_date",
        "requisitions.0.deleted_at",
        "requisitions.0.vendor_id",
        "commitments.0.deleted_at",
        "commitments.0.origin_id",
        "commitments.0.line_items.0.tax_code_id",
        "commitments.0.vendor_id",
        "commitments.0.project_id",
        f"{CHANGE}.change_order_package_id",
        f"{ITEM}.detail_line_item_id",
        f"{ITEM}.cost_code_id",
        "commitments.0.retainage_percent",
        "requisitions.0.payment_summary.paid",
        "requisitions.0.payment_summary.invoice_paid_in_full",
        "requisitions.0.payment_summary",
        "requisitions.0.currency_configuration",
        "requisitions.0.currency_configuration.currency_iso_code",
        "requisitions.0.attachments",
        "requisitions.0.tax_summary",
        "requisitions.0.holds",
        "requisitions.0.summary",
        "requisitions.0.summary.tax_applicable_to_this_payment",
        "requisitions.0.final",
        "commitments.0.holds",
        "commitments.0.line_items.0.quantity",
        "commitments.0.line_items.0.unit_cost",
        "commitments.0.line_items.0.cost_code",
        "commitments.0.line_items.0.line_item_type",
        f"{ITEM}.currency_configuration",
        f"{ITEM}.scheduled_quantity",
    ],
)
def test_an_empty_text_in_an_optional_id_or_date_is_null(name: str) -> None:
    """Some exports write an empty text for a missing value."""
    assert invoice((name, None)) == invoice((name, ""))


@pytest.mark.parametrize(
    "name",
    [
        "requisitions.0.invoice_number",
        "requisitions.0.erp_status",
        "commitments.0.title",
        f"{ITEM}.description_of_work",
    ],
)
def test_a_text_with_a_nul_character_is_refused(name: str) -> None:
    """It could not be exported, and the problem would name no field."""
    where = name.replace(".0", "[0]")
    assert [(where, "text.nul")] == problems((name, "A\x00B"))


def test_a_stored_text_with_a_nul_character_reads_back() -> None:
    """An earlier version stored it."""
    body = {**json.loads(read().requisitions[0].encode()), "invoice_number": "A\x00B"}
    assert "A\x00B" == read_requisition(body).invoice_number


def test_an_empty_period_is_no_period() -> None:
    """An empty period, like a null one, is a warning."""
    for empty in (None, ""):
        reading = read(("requisitions.0.period_id", empty))
        assert [("requisitions[0].period_id", "invoice.no_period")] == warnings(reading)


def test_an_empty_text_in_a_required_id_is_refused() -> None:
    """An empty id identifies no record."""
    assert ("requisitions[0].id", "value.blank") in problems(("requisitions.0.id", ""))


def test_a_commitment_is_read_as_it_is_shown() -> None:
    """Project and vendor are objects, its requisitions have the type, packages have no lines."""
    reading = read(
        ("commitments.0.type", REMOVED),
        ("commitments.0.project_id", REMOVED),
        ("commitments.0.vendor_id", REMOVED),
        (f"{PACKAGE}.line_items", REMOVED),
    )
    assert [] == warnings(reading)
    found = reading.commitments[0].value
    assert isinstance(found, Subcontract)
    assert ("562949955372419", "562949953888777") == (found.project_id, found.vendor_id)
    billed = reading.requisitions[0].value.items[1]
    assert ("9001", "458661") == (billed.line_item_id, billed.change_order_id)
    assert CostCode(full_code="05-120", origin_id="05-120", id="80598391") == billed.cost_code


def test_an_answer_of_v2_is_unwrapped() -> None:
    """An object under data, with ids in text and a quantity as a number."""
    line = {"id": "3129856", "amount": "50000.00", "quantity": 2.5, "unit_cost": 20000.0}
    wrapped = {"data": {**change_answer()["commitments"][0], "line_items": [line]}}
    reading = read(("commitments.0", wrapped))
    assert () == reading.problems
    assert Decimal("2.5") == reading.commitments[0].value.lines[0].quantity
    wrapped["data"]["status"] = "Nearly"
    assert ("commitments[0].data.status", "value.unknown") in problems(("commitments.0", wrapped))


def test_a_purchase_order_is_one_by_its_requisitions() -> None:
    """If neither states the type, the message says what to do."""
    kind = ("requisitions.0.commitment_type", "PurchaseOrderContract")
    reading = read(("commitments.0.type", REMOVED), kind)
    assert isinstance(reading.commitments[0].value, PurchaseOrder)
    unknown = read(("commitments.0.type", REMOVED), ("requisitions.0.commitment_type", REMOVED))
    (problem,) = unknown.problems
    assert ("commitments[0].type", "value.missing") == (problem.path, problem.code)
    assert "work_order_contracts=FILE" in problem.message


@pytest.mark.parametrize("missing", ["project", "vendor"])
def test_a_commitment_without_project_or_vendor_is_refused(missing: str) -> None:
    """Neither the id nor the object names it."""
    for value in (REMOVED, {}, {"id": None}, {"name": "x"}):
        found = problems(
            (f"commitments.0.{missing}_id", REMOVED), (f"commitments.0.{missing}", value)
        )
        assert (f"commitments[0].{missing}_id", "value.missing") in found


@pytest.mark.parametrize("name", ["total_amount", "extended_amount"])
def test_a_line_of_a_change_order_has_its_amount_under_another_name(name: str) -> None:
    """It counts if there is no amount."""
    line = {"id": 9001, name: "5000.0", "cost_code": {"full_code": "05-130"}}
    reading = read((f"{PACKAGE}.line_items", [line]))
    assert [] == warnings(reading)
    assert Decimal(5000) == reading.commitments[0].value.change_orders[0].lines[0].amount


def detail(**fields: object) -> dict[str, Any]:
    """Return the first item as one of a detailed schedule of values."""
    plain = copy.deepcopy(EXTENDED["requisitions"][0]["items"][0])
    del plain["line_item_id"], plain["item_type"]
    return {**plain, **fields}


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"item_type": "contract_detail_item", "line_item_id": 77001}, "77001"),
        ({"item_type": "contract_detail_item", "line_item_id": 3129856}, "3129856"),
        ({"item_type": "contract_detail_item", "detail_line_item_id": 77001}, "77001"),
        ({"detail_line_item_id": 77001}, "77001"),
        ({"detail_line_item_id": 77001, "line_item_id": 3129856}, "3129856"),
        ({"detail_line_item_id": 77001, "line_item_id": 77002}, "77002"),
    ],
)
def test_a_detail_item_names_its_contract_line_or_its_detail_line(
    fields: dict[str, object], line: str
) -> None:
    """A line that the commitment does not show has the item's cost code."""
    found = item(0, (ITEM, detail(**fields)))
    assert (ItemType.CONTRACT_DETAIL_ITEM, line) == (found.item_type, found.line_item_id)
    code = CostCode(full_code="05-120", origin_id="05-120", id="80598391")
    assert (None if line == "3129856" else code) == found.cost_code


def test_a_cost_code_is_a_wbs_code_with_its_segments() -> None:
    """A code with a known segment is that code; else the message has the whole code to map."""
    other = detail(item_type="contract_detail_item", line_item_id=77001, cost_code_id=None)
    code = CostCode(full_code="05-120", origin_id="05-120", id="80598391")
    assert code == item(0, (ITEM, other)).cost_code
    segments = [
        {"code": "07-100", "segment_type": "cost_code"},
        {"code": "S", "segment_type": "line_item_type"},
    ]
    unknown = {"flat_code": "07-100.S", "segment_items": segments}
    assert (
        CostCode(full_code="07-100.S") == item(0, (ITEM, {**other, "wbs_code": unknown})).cost_code
    )
    bare = {**other, "wbs_code": {"flat_code": None, "segment_items": segments}}
    assert CostCode(full_code="07-100.S") == item(0, (ITEM, bare)).cost_code
    synced = {**unknown, "origin_id": "W-7"}
    assert (
        CostCode(full_code="07-100.S", origin_id="W-7")
        == item(0, (ITEM, {**other, "wbs_code": synced})).cost_code
    )
    assert item(0, (ITEM, {**other, "wbs_code": None})).cost_code is None


def test_a_cost_code_without_its_code_is_the_known_one_or_the_wbs_code() -> None:
    """An answer may show the id alone: of a known code, or beside a WBS code."""
    lines = "commitments.0.line_items.0"
    for empty in ({"id": 55}, {"id": 55, "full_code": None}, {"id": 55, "full_code": ""}):
        changes = [(f"{lines}.cost_code", empty), (f"{lines}.wbs_code", {"flat_code": "07-100.S"})]
        line = read(*changes).commitments[0].value.lines[0]
        assert CostCode(full_code="07-100.S") == line.cost_code
        code = CostCode(full_code="07-200", origin_id="C-7", id="55")
        known = read(*changes, known=Records(cost_codes={"55": code})).commitments[0].value
        assert code == known.lines[0].cost_code
    where = "commitments[0].line_items[0].cost_code.full_code"
    refused = problems((f"{lines}.cost_code", {"id": 55}), (f"{lines}.wbs_code", None))
    assert [(where, "value.missing")] == refused


def test_an_old_summary_counts_where_the_new_one_states_nothing() -> None:
    """An answer with both names has a value under one of them."""
    old = {"current_payment_due": "1.00"}
    for empty in (None, "", {}, {"current_payment_due": None}, {"current_payment_due": ""}):
        found = invoice(("requisitions.0.summary", empty), ("requisitions.0.g702", old))
        assert found.stated is not None
        assert Decimal("1.00") == found.stated.current_payment_due


def test_a_line_without_cost_code_has_its_wbs_code() -> None:
    """Its cost type is the segment of that name."""
    lines = "commitments.0.line_items.0"
    wbs = EXTENDED["requisitions"][0]["items"][0]["wbs_code"]
    reading = read(
        (f"{lines}.cost_code", None),
        (f"{lines}.line_item_type", None),
        (f"{lines}.wbs_code", wbs),
        (f"{PACKAGE}.line_items.0.cost_code", None),
    )
    line = reading.commitments[0].value.lines[0]
    assert (CostCode(full_code="05-120.S"), "S") == (line.cost_code, line.cost_type)


def change(**fields: object) -> dict[str, Any]:
    """Return the second item as v1.0 has it: without item_type."""
    plain = copy.deepcopy(EXTENDED["requisitions"][0]["items"][1])
    del plain["line_item_id"], plain["item_type"]
    return {**plain, "change_order_package_id": 458661, **fields}


@pytest.mark.parametrize(
    ("fields", "kind", "line"),
    [
        ({"line_item_id": 9001}, "change_order_item", "9001"),
        ({"commitment_line_item_id": 9001}, "change_order_item", "9001"),
        ({"line_item_id": 9001, "commitment_line_item_id": 3129856}, "change_order_item", "9001"),
        ({"commitment_line_item_id": 3129856}, "change_order_item", "3129856"),
        ({}, "whole_change_order_item", "458661"),
        ({"detail_line_item_id": "", "line_item_id": ""}, "whole_change_order_item", "458661"),
        ({"line_item_id": 458661}, "whole_change_order_item", "458661"),
        (
            {"item_type": "whole_change_order_item", "line_item_id": 77},
            "whole_change_order_item",
            "458661",
        ),
    ],
)
def test_an_item_of_a_change_order_needs_no_type(
    fields: dict[str, object], kind: str, line: str
) -> None:
    """The change order that it names decides."""
    found = item(1, (CHANGE, change(**fields)))
    assert (kind, line) == (found.item_type.value, found.line_item_id)


def test_the_change_order_of_a_line_that_is_not_shown_has_to_be_approved() -> None:
    """It is the one that the item names, or the only possible one."""
    hidden = (f"{PACKAGE}.line_items", REMOVED)
    draft = (f"{PACKAGE}.status", "draft")
    code = [("requisitions[0].items[1].line_item_id", "change_order.not_approved")]
    assert code == problems(hidden, draft)
    assert code == problems(hidden, draft, (CHANGE, change(line_item_id=9001)))
    other = {"id": 1, "number": "2", "status": "draft"}
    two = (
        "commitments.0.change_order_packages",
        [change_answer(hidden)["commitments"][0]["change_order_packages"][0], other],
    )
    assert [] == problems(two)
    assert invoice(two).items[1].change_order_id is None


def test_a_line_that_a_change_order_shows_is_named_right() -> None:
    """Another line does not belong to the commitment."""
    found = problems((CHANGE, change(line_item_id=9002)))
    assert [("requisitions[0].items[1].line_item_id", "reference.dangling")] == found


def test_a_single_attachment_may_be_an_object() -> None:
    """Some answers have an object in place of an array of one."""
    file = EXTENDED["requisitions"][0]["attachments"][0]
    assert invoice() == invoice(("requisitions.0.attachments", file))


def test_an_item_names_something() -> None:
    """Without any id there is no line that it bills."""
    blank = change(change_order_package_id="", line_item_id=9001)
    assert [("requisitions[0].items[1].item_type", "value.missing")] == problems((CHANGE, blank))
    gone = problems((f"{ITEM}.line_item_id", REMOVED))
    assert [("requisitions[0].items[0].line_item_id", "value.missing")] == gone


def test_a_requisition_without_items_says_how_to_fetch_them() -> None:
    """The default view has none."""
    for value in (REMOVED, None):
        (problem,) = read(("requisitions.0.items", value)).problems
        assert ("requisitions[0].items", "value.missing") == (problem.path, problem.code)
        assert "view=extended" in problem.message
    assert () == invoice(("requisitions.0.items", [])).items


def test_an_invoice_of_another_vendor_is_refused() -> None:
    """The vendor is named by id or by an object."""
    assert [("requisitions[0].vendor_id", "reference.other_vendor")] == problems(
        ("requisitions.0.vendor_id", 999)
    )
    assert [("requisitions[0].vendor.id", "reference.other_vendor")] == problems(
        ("requisitions.0.vendor_id", None), ("requisitions.0.vendor", {"id": "999"})
    )


def test_an_item_in_another_currency_is_refused() -> None:
    """An item without a currency is in its invoice's."""
    where = f"{ITEM}.currency_configuration.currency_iso_code"
    path = "requisitions[0].items[0].currency_configuration.currency_iso_code"
    assert [(path, "currency.two")] == problems((where, "EUR"))
    assert [] == problems((where, None))


def test_what_procore_says_of_the_erp_and_of_payment_is_read() -> None:
    """Status, dates, amounts and texts are read for the rules."""
    summary = {
        "invoice_paid_in_full": True,
        "invoiced_amount_due": "0.00",
        "procore_pay": {"amount": 100.5},
        "manual": {"amount": "0.50"},
    }
    found = invoice(
        ("requisitions.0.erp_status", "exporting"),
        ("requisitions.0.payment_date", "2026-11-15"),
        ("requisitions.0.payment_summary", summary),
        ("requisitions.0.deleted_at", "2026-11-16T10:00:00Z"),
        (f"{ITEM}.status", "rejected"),
    )
    assert ("exporting", date(2026, 11, 15), True, Decimal(101), date(2026, 11, 16)) == (
        found.erp_status,
        found.payment_date,
        found.paid_in_full,
        found.paid,
        found.deleted_at,
    )
    assert "rejected" == found.items[0].status
    stated = {"amount_paid": 7, "manual": {"amount": 3}}
    assert Decimal(7) == invoice(("requisitions.0.payment_summary", stated)).paid


def test_a_commitment_may_be_deleted() -> None:
    """The same holds for a change order, which is not approved then."""
    found = read(("commitments.0.deleted_at", "2026-11-16")).commitments[0].value
    assert date(2026, 11, 16) == found.deleted_at
    code = ("requisitions[0].items[1].line_item_id", "change_order.not_approved")
    assert [code] == problems((f"{PACKAGE}.deleted_at", "2026-11-16"))


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ((f"{PACKAGE}.status", "void"), "requisitions[0].items[1].line_item_id", "change_order.not_approved"),
        ((f"{ITEM}.line_item_id", 5), "requisitions[0].items[0].line_item_id", "reference.dangling"),
        (("requisitions.0.vendor_id", 9), "requisitions[0].vendor_id", "reference.other_vendor"),
        (("requisitions.0.commitment_type", "PurchaseOrderContract"), "requisitions[0].commitment_type",
         "reference.type"),
    ],
)  # fmt: skip
def test_a_stale_row_of_a_sent_or_synced_requisition_is_a_warning(
    change: tuple[str, Any], path: str, code: str
) -> None:
    """It refuses the file while the invoice is unsent, and never afterwards."""
    assert [(path, code)] == problems(change)
    sent = read(change, known=Records(sent={"1280646"}))
    assert [(path, code)] == [each for each in warnings(sent) if each[1] == code]
    synced = read(change, ("requisitions.0.origin_id", "B-1"))
    assert [(path, code)] == [each for each in warnings(synced) if each[1] == code]


def test_a_sent_requisition_of_another_sequence_is_a_warning() -> None:
    """Its previous one became one of another commitment, or follows it."""
    known = Records(sent={"1280646"})
    circle = copy.deepcopy(EXTENDED)
    first = circle["requisitions"][0]
    circle["requisitions"].append(
        {**first, "id": 2, "number": 2, "previous_requisition_id": 1280646, "origin_id": "B-2"}
    )
    first["previous_requisition_id"] = 2
    data = json.dumps(circle).encode()
    path = "requisitions[0].previous_requisition_id"
    assert [(path, "reference.cycle")] == [
        (each.path, each.code) for each in read_file(data).problems
    ]
    sent = read_file(data, known=known)
    assert [path, path.replace("0", "1")] == [
        where for where, code in warnings(sent) if code == "reference.cycle"
    ]


def test_what_0_1_0_stored_reads_back() -> None:
    """An item with an amount of tax, a cost code without Procore's id."""
    old = {
        "id": "1", "number": 1, "project_id": "10", "commitment_id": "100", "status": "approved",
        "currency_configuration": {"currency_iso_code": "USD"},
        "summary": {"tax_applicable_to_this_payment": "1"},
        "items": [{
            "id": "1", "item_type": "contract_item", "line_item_id": "1001",
            "scheduled_value": "100", "taxes": "5", "work_completed_this_period": "10",
        }],
    }  # fmt: skip
    found = read_requisition(old)
    assert (Decimal(1), Decimal(5), None) == (
        found.tax_applicable, found.items[0].taxes, found.stated
    )  # fmt: skip
