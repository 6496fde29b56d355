"""The kinds of several files with answers of Procore's API, and how they are assembled."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from erp_invoice_core.documents import CostCode, Payment, PurchaseOrder, Subcontract
from erp_invoice_core.wire.procore import Reading, Records, Source, read_file, read_files
from erp_invoice_core.wire.procore.answer_kinds import KINDS, find_kinds

EXTENDED = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "procore" / "extended.json").read_text("utf-8")
)
CONTRACT, REQUISITION, PROJECT = 562949954112233, 1280646, 562949955372419


def people() -> dict[str, Any]:
    """Return the hand-written document: company and people."""
    return {name: copy.deepcopy(EXTENDED[name]) for name in ("company", "users")}


def projects() -> list[dict[str, Any]]:
    """Return a list of projects."""
    return [{"id": PROJECT, "name": "Pier 9", "origin_id": "JOB-9", "project_number": "100"}]


def vendors() -> list[dict[str, Any]]:
    """Return a list of vendors."""
    return [{"id": 562949953888777, "name": "Acme Steel", "origin_id": "V-ACME", "is_active": True}]


def contract(*, lines: bool = True) -> dict[str, Any]:
    """Return a contract as one answer, or as in a list: without its lines."""
    found: dict[str, Any] = copy.deepcopy(EXTENDED["commitments"][0])
    for name in ("type", "project_id", "vendor_id"):
        del found[name]
    for package in found["change_order_packages"]:
        del package["line_items"]
    if not lines:
        del found["line_items"], found["change_order_packages"]
    return found


def line_items() -> list[dict[str, Any]]:
    """Return the list of the contract's lines."""
    found: list[dict[str, Any]] = copy.deepcopy(EXTENDED["commitments"][0]["line_items"])
    return found


def packages() -> list[dict[str, Any]]:
    """Return the list of the contract's change orders, with their lines."""
    found: list[dict[str, Any]] = copy.deepcopy(EXTENDED["commitments"][0]["change_order_packages"])
    return found


def requisitions(**changes: object) -> list[dict[str, Any]]:
    """Return a page of requisitions with their items."""
    return [copy.deepcopy(EXTENDED["requisitions"][0]) | changes]


def payment(**fields: object) -> dict[str, Any]:
    """Return a payment of the contract."""
    plain = {"id": 9, "contract_id": CONTRACT, "amount": "100.50", "date": "2026-11-20"}
    return {**plain, "check_number": "1009", **fields}


def files(**contents: object) -> list[Source]:
    """Return one file for each name; the part before two underscores is its kind."""
    found = []
    for name, content in contents.items():
        kind, _, rest = name.rpartition("__")
        data = json.dumps(content).encode()
        found.append(Source(data=data, name=f"{rest}.json", kind=kind or None))
    return found


def read(known: Records | None = None, /, **contents: object) -> Reading:
    """Return the reading of files."""
    return read_files(files(**contents), known=known or Records())


def read_all_files() -> dict[str, Any]:
    """Return the files of a folder with raw answers only."""
    return {
        "people": people(),
        "projects": projects(),
        "vendors": vendors(),
        "contracts": [contract(lines=False)],
        "lines": line_items(),
        "packages": packages(),
        "page1": requisitions(),
    }


def build_known() -> Records:
    """Return the records of the folder, as loaded before."""
    reading = read(**read_all_files())
    assert reading.company
    return Records(
        company=reading.company.value,
        projects={each.id: each.value for each in reading.projects},
        vendors={each.id: each.value for each in reading.vendors},
        commitments={each.id: each.value for each in reading.commitments},
        requisitions={each.id: each.value for each in reading.requisitions},
    )


def problems(reading: Reading) -> list[tuple[str, str]]:
    """Return path and code of each problem; nothing is loaded then."""
    assert reading.company is None
    assert not reading.requisitions
    return [(problem.path, problem.code) for problem in reading.problems]


def warnings(reading: Reading) -> list[tuple[str, str]]:
    """Return path and code of each warning."""
    assert () == reading.problems
    return [(warning.path, warning.code) for warning in reading.warnings]


@pytest.mark.parametrize(
    ("record", "kinds"),
    [
        (people(), {"document"}),
        ({"requisitions": []}, {"document"}),
        (projects()[0], {"projects"}),
        ({"id": 1, "name": "Pier 9", "company": {"id": 1}}, {"projects"}),
        (vendors()[0], {"vendors"}),
        ({"id": 1, "name": "Pier 9"}, {"projects", "vendors"}),
        ({"id": 1, "name": "x", "is_active": True, "active": True}, {"projects", "vendors"}),
        (contract(), {"work_order_contracts"}),
        ({**contract(), "type": "WorkOrderContract"}, {"commitments"}),
        (
            {"id": 1, "vendor": {"id": 7}, "executed": True, "delivery_date": None},
            {"purchase_order_contracts"},
        ),
        (
            {"id": 1, "vendor": {"id": 7}, "retainage_percent": "10"},
            {"commitments", "work_order_contracts", "purchase_order_contracts"},
        ),
        (
            {"id": 1, "vendor": {"id": 7}, "ship_via": "", "inclusions": "", "executed": False},
            {"commitments", "work_order_contracts", "purchase_order_contracts"},
        ),
        (line_items()[0], {"line_items"}),
        (packages()[0], {"change_order_packages"}),
        (requisitions()[0], {"requisitions"}),
        (payment(), {"contract_payments"}),
        ({"id": 1, "full_code": "05-120", "origin_id": "x"}, {"cost_codes"}),
        ({"id": 1, "code": "120", "sortable_code": "05-120", "name": "Steel"}, {"cost_codes"}),
        ({"id": 1, "code": "GST", "rate1": "8.25", "description": "x"}, {"tax_codes"}),
        ({"id": 1}, set()),
        ({"a": 1}, set()),
        ({}, set()),
    ],
)
def test_a_kind_is_recognised_by_its_fields(record: dict[str, Any], kinds: set[str]) -> None:
    """Each kind that the fields fit is a candidate."""
    assert kinds == find_kinds(record)


def test_the_kinds_are_those_of_the_api() -> None:
    """The document that is written by hand is one too."""
    assert {
        "document", "requisitions", "work_order_contracts", "purchase_order_contracts",
        "commitments", "change_order_packages", "line_items", "vendors", "projects", "cost_codes",
        "tax_codes", "contract_payments",
    } == set(KINDS)  # fmt: skip


def test_a_folder_of_answers_is_what_the_document_is() -> None:
    """Contracts from a list, lines and change orders in other files: the records are the same."""
    one = read_file(json.dumps(EXTENDED).encode())
    reading = read(**read_all_files())
    assert [] == warnings(reading)
    assert [each.value for each in one.commitments] == [each.value for each in reading.commitments]
    assert [each.value for each in one.requisitions] == [
        each.value for each in reading.requisitions
    ]
    assert [each.value for each in one.users] == [each.value for each in reading.users]


def test_the_order_of_the_files_does_not_matter() -> None:
    """References are resolved in all files together."""
    backwards = dict(reversed(read_all_files().items()))
    assert read(**read_all_files()).requisitions == read(**backwards).requisitions
    assert read(**read_all_files()).commitments == read(**backwards).commitments


def test_an_answer_is_an_object_a_list_or_wrapped() -> None:
    """Every kind may have each of the three shapes."""
    whole = read_all_files()
    answers = {name: content[0] for name, content in whole.items() if isinstance(content, list)}
    for wrap in (
        lambda one: one,
        lambda one: [one],
        lambda one: {"data": one},
        lambda one: {"data": [one]},
        lambda one: [{"data": one}],
    ):
        wrapped = {name: wrap(answer) for name, answer in answers.items()}
        reading = read(people=whole["people"], **wrapped)
        assert read(**whole).requisitions == reading.requisitions
        assert read(**whole).commitments == reading.commitments


def test_a_kind_that_is_named_counts() -> None:
    """Bare records fit several kinds; the names of the kinds decide."""
    bare = [{"id": 1, "name": "x", "origin_id": "y"}]
    reading = read(people=people(), projects__p=bare, vendors__v=bare)
    assert (1, 1) == (len(reading.projects), len(reading.vendors))
    order = {"id": 5, "status": "Approved", "vendor": {"id": 1}, "project": {"id": 1}}
    typed = read(
        people=people(), projects__p=bare, vendors__v=bare, purchase_order_contracts__o=order
    )
    assert isinstance(typed.commitments[0].value, PurchaseOrder)
    listed = read(
        people=people(), projects__p=bare, vendors__v=bare, work_order_contracts__o=[order]
    )
    assert isinstance(listed.commitments[0].value, Subcontract)


@pytest.mark.parametrize("kind", ["vendors", "projects", "cost_codes", "tax_codes"])
def test_a_kind_that_is_named_wrong_is_refused(kind: str) -> None:
    """A requisition has an id too: it would be loaded as a vendor, and not as an invoice."""
    for name, records in (
        ("requisitions", requisitions()),
        ("line_items", line_items()),
        ("work_order_contracts", [{**contract(), "inclusions": "all"}]),
    ):
        reading = read(people=people(), **{f"{kind}__x": records})
        (problem,) = reading.problems
        assert "file.kind_differs" == problem.code
        assert (
            f"This is a record of {name}, but its file was loaded as {kind}=FILE. Load it as"
            f" {name}=FILE." == problem.message
        )


def test_a_type_that_the_answer_names_counts_before_its_kind() -> None:
    """The kind decides only if the answer does not state the type."""
    order = {**contract(), "type": "PurchaseOrderContract"}
    whole = read_all_files() | {"page1": requisitions(commitment_type="PurchaseOrderContract")}
    reading = read(**{**whole, "contracts": []}, work_order_contracts__o=order)
    assert isinstance(reading.commitments[0].value, PurchaseOrder)


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [
        (
            [{"id": 1, "name": "x"}],
            "file.kind_ambiguous",
            "vendors, projects",
        ),
        ([projects()[0], vendors()[0]], "file.kind_unknown", "document, requisitions"),
        ([{"id": 1}], "file.kind_unknown", "contract_payments"),
        ([1, 2], "file.kind_unknown", "document"),
        ({"a": 1}, "file.kind_unknown", "document"),
    ],
)
def test_a_file_of_no_one_kind_names_the_candidates(content: object, code: str, named: str) -> None:
    """The message also says how to name the kind."""
    reading = read(people=people(), strange=content)
    assert [("strange.json", code)] == problems(reading)
    assert named in reading.problems[0].message
    assert "KIND=FILE" in reading.problems[0].message


def test_an_empty_list_is_a_warning() -> None:
    """An empty page alone has no company."""
    reading = read(**read_all_files(), page2=[], page3={"data": []}, vendors__page4=[])
    empty = ["page2.json", "page3.json: data", "page4.json"]
    assert [(path, "file.empty") for path in empty] == warnings(reading)
    assert [("company", "value.missing")] == problems(read(page=[]))
    assert [("", "file.empty")] == warnings(read(build_known(), page=[]))


def test_pages_are_one_list() -> None:
    """Each has requisitions of its own."""
    second = requisitions(id=1280647, number=2, previous_requisition_id=REQUISITION)
    reading = read(**read_all_files(), page2=second)
    assert [] == warnings(reading)
    assert ["1280646", "1280647"] == [each.id for each in reading.requisitions]


def test_the_same_record_in_two_files_counts_once() -> None:
    """A warning of the record appears once, too."""
    whole = read_all_files()
    twice = {f"again_{name}": content for name, content in whole.items()}
    reading = read(**whole, **twice)
    assert [] == warnings(reading)
    assert read(**whole).requisitions == reading.requisitions
    assert read(**whole).commitments == reading.commitments
    bare = requisitions(period_id=None)
    warned = read(**{**whole, "page1": bare}, page2=bare)
    assert [("page1.json: [0].period_id", "invoice.no_period")] == warnings(warned)


@pytest.mark.parametrize(
    ("name", "content", "path", "expected"),
    [
        ("page2", requisitions(invoice_number="ACME-78"), "page2.json: [0].id", "invoice number"),
        ("projects2", [{**projects()[0], "name": "Pier 10"}], "projects2.json: [0].id", "name"),
        ("vendors2", {"data": [{**vendors()[0], "origin_id": "V-2"}]}, "vendors2.json: data[0].id", "origin id"),
        ("contracts2", {**contract(), "status": "Void"}, "contracts2.json: status", "status"),
        ("contracts2", {**contract(), "vendor": {"id": 8}}, "contracts2.json: vendor_id", "vendor_id"),
        ("lines2", [{**line_items()[0], "amount": "50000.01"}], "lines2.json: [0].amount", "amount"),
        ("packages2", [{**packages()[0], "status": "draft"}], "packages2.json: [0].status", "status"),
        ("people2", people() | {"company": {**EXTENDED["company"], "name": "Other"}}, "people2.json: company.id",
         "name"),
    ],
    ids=["requisition", "project", "vendor", "contract", "vendor_of_contract", "line", "package", "company"],
)  # fmt: skip
def test_different_records_of_one_id_name_both_files(
    name: str, content: object, path: str, expected: str
) -> None:
    """The problem also names the differing fields."""
    reading = read(**read_all_files(), **{name: content})
    assert [(path, "record.differs")] == problems(reading)
    assert expected in reading.problems[0].message
    assert name.rstrip("2").replace("page", "page1") in reading.problems[0].message


def test_a_requisition_of_the_default_view_is_filled_by_its_extended_one() -> None:
    """The views are in two files; fields in both must be the same."""
    listed = requisitions()
    del listed[0]["items"], listed[0]["tax_summary"]
    for names in ("page0", "page1"), ("page1", "page0"):
        contents = dict(zip(names, (listed, requisitions()), strict=True))
        reading = read(**{**read_all_files(), **contents})
        assert [] == warnings(reading)
        assert read(**read_all_files()).requisitions == reading.requisitions
    listed[0]["invoice_number"] = "ACME-78"
    found = problems(read(**read_all_files(), page2=listed))
    assert [("page2.json: [0].id", "record.differs")] == found
    alone = problems(read(**{**read_all_files(), "page1": listed}))
    assert [("page1.json: [0].items", "value.missing")] == alone


def test_the_same_id_twice_in_one_file_is_refused() -> None:
    """The same as in a document."""
    whole = read_all_files() | {"page1": requisitions() + requisitions()}
    assert [("page1.json: [1].id", "id.duplicate")] == problems(read(**whole))
    whole = read_all_files() | {"contracts": [contract(), contract()]}
    assert [("contracts.json: [1].id", "id.duplicate")] == problems(read(**whole))


def test_paths_name_the_file_where_there_are_several() -> None:
    """With one file alone the path is within the file."""
    bad = requisitions(number=0)
    assert [("page1.json: [0].number", "number.range")] == problems(
        read(**{**read_all_files(), "page1": bad})
    )
    assert [("[0].number", "number.range")] == problems(read(build_known(), page1=bad))
    assert [("number", "number.range")] == problems(read(build_known(), page1=bad[0]))
    assert [("data[0].number", "number.range")] == problems(
        read(build_known(), page1={"data": bad})
    )
    lines = line_items()
    lines[0]["cost_code"]["full_code"] = []
    assert [("lines.json: [0].cost_code.full_code", "value.type")] == problems(
        read(**{**read_all_files(), "lines": lines})
    )


def test_every_file_that_cannot_be_read_is_named() -> None:
    """No other problem is reported then."""
    sources = [
        *files(**read_all_files()),
        Source(data=b"{", name="a"),
        Source(data=b"\xff", name="b"),
    ]
    assert [("a", "file.not_json"), ("b", "file.not_utf8")] == problems(read_files(sources))
    constant = [
        *files(**read_all_files()),
        Source(data=b'[{"id": NaN}]', name="c", kind="tax_codes"),
    ]
    assert [("c", "file.not_json")] == problems(read_files(constant))


def test_the_size_counts_of_all_files_together() -> None:
    """Each alone is small enough."""
    sources = files(**read_all_files())
    largest = max(len(source.data) for source in sources)
    assert [("", "file.too_large")] == problems(read_files(sources, max_size=largest))
    total = sum(len(source.data) for source in sources)
    assert () == read_files(sources, max_size=total).problems


@pytest.mark.parametrize(
    ("kind", "content", "path"),
    [
        ("document", [people()], ""),
        ("vendors", 7, ""),
        ("vendors", [7], "[0]"),
        ("projects", "x", ""),
    ],
)
def test_a_file_that_is_not_what_is_said_is_refused(kind: str, content: object, path: str) -> None:
    """A document is an object, an answer is an object or a list of objects."""
    source = Source(data=json.dumps(content).encode(), kind=kind)
    assert [(path, "value.type")] == problems(read_files([source], known=build_known()))


def test_lines_are_joined_by_the_id_of_their_contract() -> None:
    """By the holder, by an id of the line, else to the only contract."""
    whole = read_all_files()
    for names in (
        {"holder": {"id": CONTRACT}},
        {"contract_id": CONTRACT},
        {"work_order_contract_id": str(CONTRACT)},
        {},
    ):
        line = {**line_items()[0], **names}
        if "holder" not in names:
            del line["holder"]
        reading = read(**{**whole, "lines": [line]})
        assert [] == warnings(reading)
        assert 1 == len(reading.commitments[0].value.lines)


def test_a_line_without_contract_is_refused_where_there_are_several() -> None:
    """The contract of the line is unknown."""
    line = line_items()[0]
    del line["holder"]
    other = {**contract(), "id": 2, "number": "SC-2", "line_items": []}
    whole = read_all_files() | {"lines": [line], "contracts": [contract(lines=False), other]}
    assert ("lines.json: [0].contract_id", "value.missing") in problems(read(**whole))
    elsewhere = {**line, "contract_id": 3}
    whole["lines"] = [elsewhere]
    assert ("lines.json: [0].contract_id", "reference.dangling") in problems(read(**whole))


def test_lines_of_a_change_order_are_joined_by_its_id() -> None:
    """The holder is a contract or a change order."""
    bare = packages()
    lines = bare[0].pop("line_items")
    lines[0]["holder"] = {"id": 458661, "holder_type": "ChangeOrderPackage"}
    whole = read_all_files() | {"packages": bare, "lines": [*line_items(), *lines]}
    reading = read(**whole)
    assert [] == warnings(reading)
    assert ["9001"] == [each.id for each in reading.commitments[0].value.change_orders[0].lines]
    lost = [{**lines[0], "id": 2, "holder": None, "change_order_package_id": 77}]
    whole["lines"] = [*line_items(), *lines, *lost]
    where = ("lines.json: [2].change_order_package_id", "reference.dangling")
    assert [where] == problems(read(**whole))


def test_a_contract_shown_and_listed_is_one() -> None:
    """Fields that one answer lacks come from the other; fields in both must agree."""
    whole = read_all_files() | {"shown": contract()}
    reading = read(**whole)
    assert [] == warnings(reading)
    assert read(**read_all_files()).commitments == reading.commitments


def test_what_an_answer_does_not_show_stays_as_it_was_loaded() -> None:
    """A listed contract keeps lines and change orders; a null counts as absent."""
    before = build_known()
    listed = {**contract(lines=False), "title": "Steel and more", "line_items": None}
    reading = read(before, contracts=[listed])
    after = reading.commitments[0].value
    assert "Steel and more" == after.title
    was = before.commitments[str(CONTRACT)]
    assert (was.lines, was.change_orders) == (after.lines, after.change_orders)
    shown = read(before, contract=contract()).commitments[0].value
    assert was.change_orders == shown.change_orders
    emptied = (
        read(before, contract={**contract(), "change_order_packages": []}).commitments[0].value
    )
    assert () == emptied.change_orders


def test_change_orders_of_a_contract_loaded_before_are_added_to_it() -> None:
    """A change order of the same id replaces the earlier one."""
    more = {**packages()[0], "id": 458662, "number": "002", "line_items": []}
    changed = {**packages()[0], "title": "Bracing, again"}
    reading = read(build_known(), packages=[more, changed])
    found = {each.id: each.title for each in reading.commitments[0].value.change_orders}
    assert {"458661": "Bracing, again", "458662": "Extra bracing"} == found
    lines = (
        read(build_known(), lines=[{**line_items()[0], "amount": "1.00"}])
        .commitments[0]
        .value.lines
    )
    assert [Decimal(1)] == [each.amount for each in lines]


def test_cost_codes_give_lines_their_ids_in_the_erp() -> None:
    """By id, or by the code of a WBS segment; they are stored for later files."""
    lines = line_items()
    lines[0]["cost_code"]["origin_id"] = None
    codes = [{"id": 80598391, "full_code": "05-120", "origin_id": "GL-5120", "sortable_code": "x"}]
    reading = read(**{**read_all_files(), "lines": lines}, codes=codes)
    code = CostCode(full_code="05-120", origin_id="GL-5120", id="80598391")
    assert code == reading.commitments[0].value.lines[0].cost_code
    assert [code] == [each.value for each in reading.cost_codes]
    lines[0] |= {"cost_code": None, "wbs_code": EXTENDED["requisitions"][0]["items"][0]["wbs_code"]}
    wbs = read(**{**read_all_files(), "lines": lines}, codes=codes)
    assert code == wbs.commitments[0].value.lines[0].cost_code
    later = read(
        Records(company=None, cost_codes={"80598391": code}), **{**read_all_files(), "lines": lines}
    )
    assert code == later.commitments[0].value.lines[0].cost_code


def test_tax_codes_are_taken_and_ignored() -> None:
    """Tax is not computed: each field is counted as ignored."""
    without = read(**read_all_files())
    reading = read(**read_all_files(), tax=[{"id": 1, "code": "GST", "rate1": "8.25"}])
    assert [] == warnings(reading)
    assert without.ignored_fields + 3 == reading.ignored_fields


def payments_of(reading: Reading) -> list[list[Payment]]:
    """Return the payments of each requisition."""
    assert () == reading.problems
    return [list(each.value.payments) for each in reading.requisitions]


def test_a_payment_is_one_of_the_requisition_that_it_names() -> None:
    """By its id, by the invoice number, or by the number of the application."""
    for names in (
        {"requisition_id": REQUISITION},
        {"invoice_number": " ACME-77"},
        {"draw_request_number": 1},
    ):
        reading = read(**read_all_files(), paid=[payment(**names)])
        (paid,) = payments_of(reading)
        assert ["9"] == [each.id for each in paid]
        assert Decimal("100.50") == paid[0].amount
        assert reading.requisitions[0].value.is_paid


@pytest.mark.parametrize(
    "names",
    [
        {"requisition_id": 5},
        {"invoice_number": "ACME-76", "draw_request_number": 1},
        {"draw_request_number": 2},
        {"contract_id": 3, "invoice_number": "ACME-77"},
        {"contract_id": None, "invoice_number": "ACME-77"},
    ],
)
def test_a_payment_of_no_invoice_is_a_warning(names: dict[str, object]) -> None:
    """No invoice is paid by it."""
    reading = read(**read_all_files(), paid=[payment(**names)])
    assert [("paid.json: [0].requisition_id", "payment.of_no_invoice")] == warnings(reading)
    assert [[]] == payments_of(reading)


def test_a_deleted_payment_does_not_count() -> None:
    """It was taken back."""
    gone = payment(requisition_id=REQUISITION, deleted_at="2026-11-21")
    assert [[]] == payments_of(read(**read_all_files(), paid=gone))


def test_a_payment_of_an_invoice_loaded_before_is_added_to_it() -> None:
    """The invoice is loaded again with it."""
    for names in ({"requisition_id": REQUISITION}, {"invoice_number": "ACME-77"}):
        reading = read(build_known(), paid=[payment(**names), payment(**names, id=10, amount=5.25)])
        (paid,) = payments_of(reading)
        assert [Decimal("100.50"), Decimal("5.25")] == [each.amount for each in paid]


def test_a_wrong_payment_refuses_the_files() -> None:
    """The problem is its amount."""
    where = [("paid.json: [0].amount", "value.missing")]
    assert where == problems(read(**read_all_files(), paid=[payment(amount=None)]))


def test_payments_that_a_contract_shows_count_by_the_invoice_number() -> None:
    """A payment of another invoice, or one that cannot be read, is skipped."""
    issued = contract(lines=False)["payments_issued"][0]
    bad = [{**issued, "id": []}, 7, {**issued, "id": 2, "amount": "x", "invoice_number": "ACME-77"}]
    for paid, given in (
        (0, [issued, *bad]),
        (1, [{**issued, "invoice_number": "acme-77".upper()}]),
    ):
        whole = read_all_files() | {
            "contracts": [contract(lines=False) | {"payments_issued": given}]
        }
        assert paid == len(payments_of(read(**whole))[0])


def test_the_company_comes_from_a_document_or_from_before() -> None:
    """Two documents are of the same company."""
    answers = {name: content for name, content in read_all_files().items() if name != "people"}
    assert ("company", "value.missing") in problems(read(**answers))
    assert () == read(build_known(), **answers).problems
    other = {"company": {"id": 2, "name": "Other", "currency": "USD"}}
    assert ("other.json: company.id", "company.other") in problems(
        read(**read_all_files(), other=other)
    )
    assert ("company.id", "company.other") in problems(read(build_known(), other=other))
    two = read(
        **read_all_files(), more={"company": EXTENDED["company"], "users": [{"id": "third"}]}
    )
    assert ["pm", "ap", "third"] == [each.id for each in two.users]
