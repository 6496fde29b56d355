"""A document is read with its values, references and warnings, and all problems with paths."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erp_invoice_core.documents import InvalidDocument, PurchaseOrder, Subcontract
from erp_invoice_core.vocabulary import AccountingMethod, Blocks, Level, Privilege
from erp_invoice_core.wire.procore import (
    Company,
    Reading,
    Records,
    read_commitment,
    read_company,
    read_file,
    read_project,
    read_requisition,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"
EXAMPLE = json.loads((FIXTURES / "harbor_point.json").read_text())
ITEM = "requisitions[0].items[0]"
REMOVED = object()


def read(document: object) -> Reading:
    """Return the reading of a document."""
    return read_file(json.dumps(document).encode())


def change_example(*changes: tuple[str, Any]) -> dict[str, Any]:
    """Return the example with changed values: dotted paths, numbers for positions in arrays."""
    document: dict[str, Any] = copy.deepcopy(EXAMPLE)
    for path, value in changes:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        parent: Any = document
        for step in steps:
            parent = parent[step]
        if value is REMOVED:
            del parent[last]
        else:
            parent[last] = value
    return document


def list_problems(reading: Reading) -> list[tuple[str, str]]:
    """Return path and code of each problem."""
    return [(problem.path, problem.code) for problem in reading.problems]


def list_warnings(reading: Reading) -> list[tuple[str, str]]:
    """Return path and code of each warning."""
    assert not reading.problems
    return [(warning.path, warning.code) for warning in reading.warnings]


def build_known() -> Records:
    """Return the records of the example, as loaded before."""
    reading = read(EXAMPLE)
    assert reading.company
    return Records(
        company=reading.company.value,
        projects={loaded.id: loaded.value for loaded in reading.projects},
        vendors={loaded.id: loaded.value for loaded in reading.vendors},
        commitments={loaded.id: loaded.value for loaded in reading.commitments},
        requisitions={loaded.id: loaded.value for loaded in reading.requisitions},
    )


def test_the_example_loads_with_every_value_in_its_place() -> None:
    """Company, people, commitment and requisition have the values of the document."""
    reading = read(EXAMPLE)
    assert () == reading.problems
    assert () == reading.warnings
    assert 0 == reading.ignored_fields
    assert reading.company
    assert Company(id="1", name="Harbor Point Builders", currency="USD") == reading.company.value
    manager, approver = (loaded.value for loaded in reading.users)
    assert {"10": Level.ADMIN} == manager.commitments
    assert Level.STANDARD is approver.erp_integrations
    assert frozenset({Privilege.CAN_PUSH_TO_ACCOUNTING}) == approver.privileges
    (commitment,) = (loaded.value for loaded in reading.commitments)
    assert isinstance(commitment, Subcontract)
    assert Decimal(50000) == commitment.lines[0].amount
    assert "SUB" == commitment.lines[0].cost_type_origin_id
    assert commitment.change_orders[0].is_approved
    (invoice,) = (loaded.value for loaded in reading.requisitions)
    assert "ACME-77" == invoice.invoice_number
    assert Decimal(2000) == invoice.items[0].work_retainage_retained
    assert invoice.items[0].stored_retainage_new is None
    assert "lien-waiver.pdf" == invoice.attachments[0].filename


def test_unknown_fields_are_ignored_and_counted() -> None:
    """A real answer has unused fields of any type: floats, objects, arrays."""
    reading = read(
        change_example(
            ("requisitions.0.hue", "red"),
            ("requisitions.0.currency_configuration", {"currency_exchange_rate": 1.25}),
            ("requisitions.0.items.0.wbs_code", {"id": 1, "flat": [1.5]}),
            ("expected", {"5000": {}}),
        )
    )
    assert () == reading.problems
    assert 4 == reading.ignored_fields


def test_ids_may_be_integers() -> None:
    """An id is the same as a text and as an integer."""
    text = json.dumps(EXAMPLE)
    for identity in ("5000", "1001", "100", "900", "9001", "7"):
        text = text.replace(f'"{identity}"', identity)
    reading = read_file(text.encode())
    assert () == reading.problems
    assert read(EXAMPLE).requisitions[0].value == reading.requisitions[0].value


def test_arrays_that_are_absent_are_empty() -> None:
    """A company alone is a document."""
    reading = read({"company": EXAMPLE["company"]})
    assert () == reading.problems
    assert () == reading.requisitions


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    """A file that an editor marked as UTF-8 loads."""
    assert () == read_file(b"\xef\xbb\xbf" + json.dumps(EXAMPLE).encode()).problems


def test_holds_and_rights_are_read() -> None:
    """A requisition, a commitment or a vendor has holds, a person has rights."""
    hold = {
        "code": "lien",
        "message": "No waiver.",
        "blocks": "accept",
        "released_by": "Accounting",
    }
    reading = read(
        change_example(
            ("requisitions.0.holds", [hold]),
            ("commitments.0.holds", [hold]),
            ("vendors.0.holds", [hold]),
            ("users.0.rights", ["sign"]),
        )
    )
    assert () == reading.problems
    holders = (reading.requisitions[0], reading.commitments[0], reading.vendors[0])
    assert [Blocks.ACCEPT] * 3 == [holder.value.holds[0].blocks for holder in holders]
    assert frozenset({"sign"}) == reading.users[0].value.rights


def test_a_purchase_order_has_its_own_statuses() -> None:
    """A purchase order may be partially received, a subcontract may not."""
    order = change_example(
        ("commitments.0.type", "PurchaseOrderContract"),
        ("requisitions.0.commitment_type", "PurchaseOrderContract"),
        ("commitments.0.status", "Partially Received"),
    )
    assert isinstance(read(order).commitments[0].value, PurchaseOrder)
    problems = list_problems(read(change_example(("commitments.0.status", "Partially Received"))))
    assert [("commitments[0].status", "value.unknown")] == problems


@pytest.mark.parametrize(
    ("path", "value", "where", "code"),
    [
        # what is required
        ("company", REMOVED, "company", "value.missing"),
        ("company.currency", REMOVED, "company.currency", "value.missing"),
        ("company.currency", "usd", "company.currency", "currency.unknown"),
        ("company.currency", "ZZZ", "company.currency", "currency.unknown"),
        ("requisitions.0.id", REMOVED, "requisitions[0].id", "value.missing"),
        ("requisitions.0.status", None, "requisitions[0].status", "value.missing"),
        ("requisitions.0.number", REMOVED, "requisitions[0].number", "value.missing"),
        ("requisitions.0.commitment_id", REMOVED, "requisitions[0].commitment_id", "value.missing"),
        ("requisitions.0.project_id", REMOVED, "requisitions[0].project_id", "value.missing"),
        ("requisitions.0.items.0.scheduled_value", None, f"{ITEM}.scheduled_value", "value.missing"),
        ("requisitions.0.items.0.line_item_id", None, f"{ITEM}.line_item_id", "value.missing"),
        ("requisitions.0.items.0.item_type", REMOVED, f"{ITEM}.item_type", "value.missing"),
        ("commitments.0.type", "PrimeContract", "commitments[0].type", "value.unknown"),
        # types and words
        ("requisitions", {}, "requisitions", "value.type"),
        ("requisitions.0", "x", "requisitions[0]", "value.type"),
        ("requisitions.0.items", "x", "requisitions[0].items", "value.type"),
        ("requisitions.0.items.0", [], ITEM, "value.type"),
        ("requisitions.0.final", "no", "requisitions[0].final", "value.type"),
        ("requisitions.0.summary", 7, "requisitions[0].summary", "value.type"),
        ("requisitions.0.status", "paid", "requisitions[0].status", "value.unknown"),
        ("requisitions.0.status", ["draft"], "requisitions[0].status", "value.unknown"),
        ("requisitions.0.commitment_type", "Prime", "requisitions[0].commitment_type", "value.unknown"),
        ("users.0.privileges", ["fly"], "users[0].privileges[0]", "value.unknown"),
        ("users.0.permissions.erp_integrations", "all", "users[0].permissions.erp_integrations",
         "value.unknown"),
        ("users.0.permissions.commitments.10", 3, "users[0].permissions.commitments.10",
         "value.unknown"),
        ("vendors.0.name", ["a"], "vendors[0].name", "value.type"),
        ("vendors.0.name", "\ud800", "vendors[0].name", "text.surrogate"),
        ("vendors.0.name", "a" * 100_001, "vendors[0].name", "text.too_long"),
        # ids
        ("vendors.0.id", True, "vendors[0].id", "value.type"),
        ("projects.0.origin_id", {"a": 1}, "projects[0].origin_id", "value.type"),
        ("requisitions.0.period_id", " ", "requisitions[0].period_id", "value.blank"),
        ("requisitions.0.period_id", "a\nb", "requisitions[0].period_id", "id.malformed"),
        ("requisitions.0.period_id", "a" * 256, "requisitions[0].period_id", "id.malformed"),
        ("users.0.id", "system:worker", "users[0].id", "id.reserved"),
        ("requisitions.0.attachments.0.filename", " ", "requisitions[0].attachments[0].filename",
         "value.blank"),
        # numbers and days
        ("requisitions.0.items.0.scheduled_value", 5e40, f"{ITEM}.scheduled_value", "number.inexact"),
        ("requisitions.0.items.0.scheduled_value", "5e4", f"{ITEM}.scheduled_value", "number.malformed"),
        ("requisitions.0.items.0.scheduled_value", "+5", f"{ITEM}.scheduled_value", "number.malformed"),
        ("requisitions.0.items.0.scheduled_value", "1,000", f"{ITEM}.scheduled_value",
         "number.malformed"),
        ("requisitions.0.items.0.scheduled_value", "9" * 19, f"{ITEM}.scheduled_value",
         "number.malformed"),
        ("requisitions.0.items.0.scheduled_value", 10**30, f"{ITEM}.scheduled_value",
         "number.malformed"),
        ("requisitions.0.items.0.scheduled_value", True, f"{ITEM}.scheduled_value", "value.type"),
        ("requisitions.0.items.0.scheduled_value", "1.005", f"{ITEM}.scheduled_value", "amount.digits"),
        ("requisitions.0.number", 0, "requisitions[0].number", "number.range"),
        ("requisitions.0.number", "1.5", "requisitions[0].number", "number.range"),
        ("commitments.0.retainage_percent", "101", "commitments[0].retainage_percent",
         "percent.range"),
        ("requisitions.0.billing_date", "2026-02-30", "requisitions[0].billing_date",
         "date.malformed"),
        ("requisitions.0.billing_date", "31.10.2026", "requisitions[0].billing_date",
         "date.malformed"),
        ("requisitions.0.billing_date", "2026-10-31T25:00:00", "requisitions[0].billing_date",
         "date.malformed"),
        ("requisitions.0.requisition_end", "2026-09-30", "requisitions[0].requisition_end",
         "period.order"),
        # references
        ("requisitions.0.commitment_id", "101", "requisitions[0].commitment_id", "reference.dangling"),
        ("commitments.0.vendor_id", "8", "commitments[0].vendor_id", "reference.dangling"),
        ("commitments.0.project_id", None, "commitments[0].project_id", "value.missing"),
        ("requisitions.0.items.0.line_item_id", "9001", f"{ITEM}.line_item_id", "reference.dangling"),
        ("requisitions.0.items.1.line_item_id", "1001", "requisitions[0].items[1].line_item_id",
         "reference.dangling"),
        ("requisitions.0.previous_requisition_id", 5000, "requisitions[0].previous_requisition_id",
         "reference.itself"),
        ("requisitions.0.commitment_type", "PurchaseOrderContract",
         "requisitions[0].commitment_type", "reference.type"),
        ("commitments.0.change_order_packages.0.status", "draft",
         "requisitions[0].items[1].line_item_id", "change_order.not_approved"),
        ("requisitions.0.items.1.id", "1", "requisitions[0].items[1].id", "id.duplicate"),
        ("commitments.0.change_order_packages.0.line_items.0.id", 1001,
         "commitments[0].change_order_packages[0].line_items[0].id", "id.duplicate"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_at_its_path(
    path: str, value: object, where: str, code: str
) -> None:
    """A document with one wrong value loads nothing and has its path in the problem."""
    reading = read(change_example((path, value)))
    assert (where, code) in list_problems(reading)
    assert reading.company is None
    assert () == reading.requisitions


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("NaN", "number.inexact"),
        ("-Infinity", "number.inexact"),
        ("1e5", "number.inexact"),
        ("1" * 5000, "number.inexact"),
    ],
)
def test_a_number_with_an_exponent_is_no_amount(written: str, code: str) -> None:
    """A JSON number is an amount only without exponent and of limited length."""
    text = json.dumps(EXAMPLE).replace('"20000.00"', written)
    where = f"{ITEM}.work_completed_this_period"
    assert [(where, code)] == list_problems(read_file(text.encode()))


def test_nan_in_an_ignored_field_is_no_json() -> None:
    """A document with NaN in any field is not a JSON document."""
    text = json.dumps(change_example(("custom", {"a": [1, 2.5, float("nan")]})))
    assert [("", "file.not_json")] == list_problems(read_file(text.encode()))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.not_json"),
        (b"{'a': 1}", "file.not_json"),
        (b"\xff\xfe{}", "file.not_utf8"),
        (b"[" * 100_000, "file.too_deep"),
        (b"7", "value.type"),
        (b" " * 101, "file.too_large"),
    ],
)
def test_a_file_that_is_no_document_is_one_problem(data: bytes, code: str) -> None:
    """A file that cannot be parsed has one problem, without a path."""
    size = 100 if code == "file.too_large" else 1_000_000
    assert [("", code)] == list_problems(read_file(data, max_size=size))


def test_no_problem_hides_another() -> None:
    """Problems of company, people, commitments and requisitions are reported together."""
    reading = read(
        change_example(
            ("company.currency", "dollars"),
            ("users.0.permissions.erp_integrations", "everything"),
            ("commitments.0.status", "Nearly"),
            ("commitments.0.line_items.0.amount", "1.234"),
            ("requisitions.0.status", "paid"),
            ("requisitions.0.items.0.scheduled_value", 1e40),
            ("requisitions.0.items.1.work_completed_this_period", "x"),
        )
    )
    assert [
        ("company.currency", "currency.unknown"),
        ("users[0].permissions.erp_integrations", "value.unknown"),
        ("commitments[0].status", "value.unknown"),
        ("requisitions[0].status", "value.unknown"),
        ("requisitions[0].items[0].scheduled_value", "number.inexact"),
        ("requisitions[0].items[1].work_completed_this_period", "number.malformed"),
    ] == list_problems(reading)


def test_a_reference_to_a_wrong_record_is_no_problem_of_its_own() -> None:
    """If the commitment is wrong, its requisition does not count as dangling."""
    reading = read(change_example(("commitments.0.title", 5)))
    assert [("commitments[0].title", "value.type")] == list_problems(reading)


@pytest.mark.parametrize("kind", ["projects", "vendors", "users", "commitments", "requisitions"])
def test_an_id_is_given_once(kind: str) -> None:
    """The second record of an id is refused, also if the ids have different types."""
    document = change_example()
    document[kind].append(copy.deepcopy(document[kind][0]))
    place = len(document[kind]) - 1
    assert [(f"{kind}[{place}].id", "id.duplicate")] == list_problems(read(document))


def test_a_field_that_is_read_is_written_once() -> None:
    """A duplicate key leaves its value open; in an ignored field that does not matter."""
    text = json.dumps(EXAMPLE)
    twice = text.replace('"number": 1', '"number": 1, "number": 2')
    assert [("requisitions[0].number", "key.duplicate")] == list_problems(read_file(twice.encode()))
    ignored = text.replace('"number": 1', '"number": 1, "hue": 1, "hue": 2')
    assert [] == list_problems(read_file(ignored.encode()))


def test_requisitions_do_not_follow_each_other_in_a_circle() -> None:
    """Each requisition of a circle is refused; one that leads into it is not."""
    first = change_example()["requisitions"][0]
    document = change_example(("requisitions", []))
    for identity, previous in (("5001", "5002"), ("5002", "5003"), ("5003", "5002")):
        ids = {"id": identity, "previous_requisition_id": previous}
        document["requisitions"].append({**first, **ids})
    assert [
        ("requisitions[1].previous_requisition_id", "reference.cycle"),
        ("requisitions[2].previous_requisition_id", "reference.cycle"),
    ] == list_problems(read(document))


def test_the_previous_requisition_is_of_the_same_commitment() -> None:
    """Line 7 cannot come from another commitment."""
    other = {**change_example()["commitments"][0], "id": "101"}
    document = change_example()
    document["commitments"].append(other)
    second = {**document["requisitions"][0], "id": "5001", "previous_requisition_id": "5000"}
    document["requisitions"].append({**second, "commitment_id": "101"})
    where = "requisitions[1].previous_requisition_id"
    assert [(where, "reference.other_commitment")] == list_problems(read(document))


def test_a_previous_requisition_that_is_not_there_is_no_problem() -> None:
    """If the previous requisition is not loaded, line 7 is derived."""
    reading = read(change_example(("requisitions.0.previous_requisition_id", "4999")))
    assert () == reading.problems
    assert "4999" == reading.requisitions[0].value.previous_id


def test_a_requisition_in_another_project_than_its_commitment_is_refused() -> None:
    """The commitment states its project."""
    document = change_example(("requisitions.0.project_id", "11"))
    document["projects"].append({"id": "11", "name": "Pier 10"})
    assert [("requisitions[0].project_id", "reference.other_project")] == list_problems(
        read(document)
    )


def test_what_was_loaded_before_may_be_referred_to() -> None:
    """A file of requisitions alone refers to the known commitments."""
    document = change_example(("commitments", []), ("projects", []), ("vendors", []), ("users", []))
    first = document["requisitions"][0]
    follow = {"id": "5001", "number": 2, "previous_requisition_id": "5000"}
    document["requisitions"] = [{**first, **follow}]
    reading = read_file(json.dumps(document).encode(), known=build_known())
    assert () == reading.problems
    assert [("requisitions[0].commitment_id", "reference.dangling")] == list_problems(
        read(document)
    )[1:2]


def test_a_file_of_another_company_is_refused() -> None:
    """A database is for one company."""
    document = change_example(("company.id", "2"))
    reading = read_file(json.dumps(document).encode(), known=build_known())
    assert [("company.id", "company.other")] == list_problems(reading)


def test_the_currency_is_the_requisitions_own_else_the_commitments_else_the_companys() -> None:
    """A commitment is in the currency that its requisitions name."""
    plain = read(EXAMPLE)
    assert "USD" == plain.requisitions[0].value.currency
    configuration = {"currency_iso_code": "EUR"}
    own = read(change_example(("requisitions.0.currency_configuration", configuration)))
    assert "EUR" == own.requisitions[0].value.currency
    assert "EUR" == own.commitments[0].value.currency
    above = read(change_example(("commitments.0.currency_configuration", configuration)))
    assert "EUR" == above.requisitions[0].value.currency


def test_a_commitment_has_one_currency() -> None:
    """A requisition in another currency than its commitment is refused."""
    reading = read(
        change_example(
            ("commitments.0.currency_configuration", {"currency_iso_code": "USD"}),
            ("requisitions.0.currency_configuration", {"currency_iso_code": "EUR"}),
        )
    )
    where = "requisitions[0].currency_configuration.currency_iso_code"
    assert [(where, "currency.two")] == list_problems(reading)


def test_zeros_beyond_the_digits_of_the_currency_are_taken() -> None:
    """50000.0000000000 is 50,000; 50.10 yen is refused."""
    path = "requisitions.0.items.0.scheduled_value"
    reading = read(change_example((path, "50000.0000000000")))
    assert read(EXAMPLE).requisitions[0].encode() == reading.requisitions[0].encode()
    yen = ("requisitions.0.currency_configuration", {"currency_iso_code": "JPY"})
    assert [(f"{ITEM}.scheduled_value", "amount.digits")] == list_problems(
        read(change_example((path, "50.10"), yen))
    )


def unit_item(**fields: object) -> dict[str, Any]:
    """Return the example with a unit item of 15 at 33.335 each, of which 1.5 are done."""
    item = {
        "id": "1",
        "item_type": "contract_item",
        "line_item_id": "1001",
        "accounting_method": "unit",
        "scheduled_quantity": "15",
        "scheduled_unit_price": "33.335",
        "work_completed_this_period_quantity": "1.5",
        "uom": "m",
        **fields,
    }
    return change_example(("requisitions.0.items.0", item))


def test_an_absent_amount_of_a_unit_item_is_quantity_times_price_half_up() -> None:
    """15 at 33.335 are 500.025, which is 500.03; 1.5 are 50.0025, which is 50.00."""
    reading = read(unit_item())
    assert () == reading.problems
    item = reading.requisitions[0].value.items[0]
    assert Decimal("500.03") == item.scheduled_value
    assert Decimal("50.00") == item.work_this_period
    assert AccountingMethod.UNIT is item.accounting_method


def test_a_present_amount_of_a_unit_item_counts_and_a_difference_is_a_warning() -> None:
    """A written zero counts, also when it is read back."""
    reading = read(unit_item(work_completed_this_period="0.00", scheduled_value="50000.00"))
    assert [
        (f"{ITEM}.scheduled_value", "billing.unit_differs"),
        (f"{ITEM}.work_completed_this_period", "billing.unit_differs"),
    ] == list_warnings(reading)
    loaded = reading.requisitions[0]
    assert Decimal(0) == loaded.value.items[0].work_this_period
    assert loaded.value == read_requisition(loaded.dump(loaded.value))


def test_a_product_that_is_too_large_for_an_amount_is_refused() -> None:
    """Quantity and price may each be valid, and their product too large."""
    reading = read(unit_item(scheduled_quantity="9" * 18, scheduled_unit_price="9" * 18))
    assert (f"{ITEM}.scheduled_value", "amount.digits") in list_problems(reading)


def test_a_line_of_a_unit_commitment_defaults_to_quantity_times_price() -> None:
    """The same holds for a line of the schedule of values."""
    line = {"id": "1001", "quantity": "3", "unit_cost": "33.335"}
    reading = read(
        change_example(
            ("commitments.0.accounting_method", "unit"), ("commitments.0.line_items.0", line)
        )
    )
    assert () == reading.problems
    assert Decimal("100.01") == reading.commitments[0].value.lines[0].amount


@pytest.mark.parametrize(
    ("path", "value", "where", "code"),
    [
        ("requisitions.0.items.0.total_completed_and_stored_to_date", "20999.99",
         f"{ITEM}.total_completed_and_stored_to_date", "billing.total_differs"),
        ("requisitions.0.items.0.total_completed_and_stored_to_date_percent", "42.1",
         f"{ITEM}.total_completed_and_stored_to_date_percent", "billing.total_differs"),
        ("requisitions.0.items.0.total_completed_and_stored_to_date_from_previous", "5.00",
         f"{ITEM}.total_completed_and_stored_to_date_from_previous", "billing.total_differs"),
        ("requisitions.0.summary", {"total_retainage": "2100.01"},
         "requisitions[0].summary.total_retainage", "billing.total_differs"),
        ("requisitions.0.summary", {"less_previous_certificates_for_payment": "5.00"},
         "requisitions[0].summary.less_previous_certificates_for_payment",
         "billing.total_differs"),
        ("requisitions.0.summary", {"current_payment_due": "18850.00"},
         "requisitions[0].summary.current_payment_due", "billing.total_differs"),
        ("requisitions.0.summary", {"tax_applicable_to_this_payment": "5.00"},
         "requisitions[0]", "tax.present"),
        ("requisitions.0.items.0.taxes", "5.00", "requisitions[0]", "tax.present"),
        ("requisitions.0.period_id", None, "requisitions[0].period_id", "invoice.no_period"),
        ("commitments.0.line_items.0.amount", "60000.00",
         "requisitions[0].items", "billing.contract_sum_differs"),
        ("commitments.0.change_order_packages.0.line_items.0.amount", "5000.01",
         "requisitions[0].items", "billing.change_orders_differ"),
    ],
)  # fmt: skip
def test_what_is_worth_knowing_loads_with_a_warning(
    path: str, value: object, where: str, code: str
) -> None:
    """Totals that differ, tax, or a missing billing period are warnings, never corrected."""
    assert [(where, code)] == list_warnings(read(change_example((path, value))))


@pytest.mark.parametrize("stated", ["42", "42.0", "42.00"])
def test_a_percentage_may_be_rounded_to_its_own_digits(stated: str) -> None:
    """21,000 of 50,000 are 42 percent."""
    path = "requisitions.0.items.0.total_completed_and_stored_to_date_percent"
    assert [] == list_warnings(read(change_example((path, stated))))


def test_a_percentage_of_nothing_is_not_compared() -> None:
    """If nothing is scheduled, there is no percentage to compare."""
    path = "requisitions.0.items.1"
    percent = ("requisitions.0.items.1.total_completed_and_stored_to_date_percent", "0.0")
    codes = [
        code
        for _, code in list_warnings(
            read(change_example((f"{path}.scheduled_value", "0.00"), percent))
        )
    ]
    assert ["billing.change_orders_differ"] == codes


def test_long_names_and_control_characters_are_data() -> None:
    """Ten thousand characters, quotes and escapes load unchanged."""
    name = '"\x1b[31m\n{' + "x" * 10_000
    reading = read(change_example(("vendors.0.name", name)))
    assert () == reading.problems
    assert name == reading.vendors[0].value.name


def test_a_date_with_a_time_is_its_date() -> None:
    """Some answers have a moment in place of a day."""
    reading = read(change_example(("requisitions.0.billing_date", "2026-10-31T23:30:00Z")))
    assert read(EXAMPLE).requisitions[0].value == reading.requisitions[0].value


def test_a_blank_erp_id_counts_as_absent() -> None:
    """An empty text is not an ERP id."""
    assert read(change_example(("projects.0.origin_id", " "))).projects[0].value.origin_id is None


def test_a_stored_text_changes_with_what_is_read_and_with_nothing_else() -> None:
    """An ignored field, or trailing zeros, changes no text; an amount does."""
    text = read(EXAMPLE).requisitions[0].encode()
    ignored = change_example(("requisitions.0.hue", 1), ("requisitions.0.items.1.taxes", "0.0"))
    assert text == read(ignored).requisitions[0].encode()
    path = "requisitions.0.items.0.work_completed_this_period"
    assert text != read(change_example((path, "20000.01"))).requisitions[0].encode()


def test_every_record_reads_back_from_what_is_stored() -> None:
    """The stored JSON is read back as the same value."""
    reading = read(EXAMPLE)
    assert reading.company
    assert reading.company.value == read_company(json.loads(reading.company.encode()))
    assert reading.projects[0].value == read_project(json.loads(reading.projects[0].encode()))
    commitment = reading.commitments[0]
    assert commitment.value == read_commitment(json.loads(commitment.encode()))


def test_what_was_tampered_with_does_not_read_back() -> None:
    """A stored object without its id raises an error with the problem."""
    with pytest.raises(InvalidDocument) as caught:
        read_project({"name": "Pier 9"})
    assert [("id", "value.missing")] == [(p.path, p.code) for p in caught.value.problems]
