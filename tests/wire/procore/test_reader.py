"""The files of one load are read together."""

from __future__ import annotations

import json

import pytest

from erp_invoice_core.wire.procore import MAX_SIZE, Records, Source, read_files

from .records import (
    PEOPLE,
    VENDOR,
    build_records,
    contract,
    item,
    line,
    load,
    problems,
    requisition,
)


def test_a_file_may_have_64_mib() -> None:
    """A mebibyte is 1,048,576 bytes."""
    assert 67_108_864 == MAX_SIZE


def test_a_record_that_differs_names_a_file_without_name() -> None:
    """A host may give files without names."""
    contents = [PEOPLE, VENDOR, {**VENDOR, "name": "Acme"}]
    reading = read_files([Source(data=json.dumps(content).encode()) for content in contents])
    (problem,) = reading.problems
    assert "record.differs" == problem.code
    assert (
        "'7' is not the same here and in the other file; these fields differ: name. Correct them in"
        " one of the files, or remove the record from one."
    ) == problem.message


class ByText(dict[str, object]):
    """Records by id, as a database has them: a key of another type is an error of the caller."""

    def get(self, key: str, default: object = None) -> object:
        """Look up a text only."""
        assert isinstance(key, str)
        return super().get(key, default)


def test_a_requisition_without_commitment_looks_up_none() -> None:
    """Only the missing commitment is a problem."""
    before = build_records(contracts=[contract(line_items=[line()], change_order_packages=[])])
    known = Records(company=before.company, commitments=ByText(before.commitments))  # type: ignore[arg-type]  # of any value
    page = [requisition(item(), commitment_id=None)]
    assert [("page.json: [0].commitment_id", "value.missing")] == problems(load(known, page=page))


def test_a_requisition_may_have_a_field_of_the_name_data() -> None:
    """An object with an id is the record itself, in a document too."""
    shown = contract(line_items=[line()], change_order_packages=[])
    page = requisition(item(), data={"x": 1})
    reading = load(document={"commitments": [shown], "requisitions": [page]})
    assert () == reading.problems
    assert ["5000"] == [each.id for each in reading.requisitions]


def test_warnings_and_ignored_fields_are_reported_beside_problems() -> None:
    """Nothing is loaded, and all is reported at once."""
    reading = load(empty=[], vendors=[{**VENDOR, "origin_id": []}])
    assert [("vendors.json: [0].origin_id", "value.type")] == problems(reading)
    assert [("empty.json", "file.empty")] == [(each.path, each.code) for each in reading.warnings]
    assert 2 == reading.ignored_fields  # project_number and is_active
    assert (None, ()) == (reading.company, reading.projects)


def test_a_requisition_has_the_path_in_its_file() -> None:
    """A requisition that was loaded before, and is paid now, has none."""
    shown = contract(line_items=[line()], change_order_packages=[])
    reading = load(contract=shown, page=[requisition(item())])
    assert "page.json: [0]" == reading.requisitions[0].path
    assert "page.json: [0].number" == reading.requisitions[0].build_path("number")
    known = build_records(contract=shown, page=[requisition(item())])
    paid = {"id": 9, "requisition_id": 5000, "amount": "5.00", "check_number": "9"}
    assert "" == load(known, paid=[paid]).requisitions[0].path


def test_documents_are_of_one_company() -> None:
    """The problem is at the last one, which differs from the known company."""
    other = {"company": {"id": 2, "name": "Other", "currency": "USD"}}
    where = [("other.json: company.id", "company.other")]
    assert where == problems(load(again=PEOPLE, other=other))
    assert where[0] in problems(load(build_records(), people=PEOPLE, other=other))


@pytest.mark.parametrize(
    ("company", "found"),
    [
        ("Harbor Point", ("people.json: company", "value.type")),
        ({"name": "Harbor Point", "currency": "USD"}, ("people.json: company.id", "value.missing")),
    ],
)
def test_a_wrong_company_is_one_problem(company: object, found: tuple[str, str]) -> None:
    """The company counts neither as missing nor as another one."""
    people = {"company": company, "users": []}
    assert [found] == problems(load(people=people))
    assert [found] == problems(load(build_records(), people=people))


def test_a_wrong_cost_code_is_reported() -> None:
    """No line can have it."""
    codes = [{"id": 1, "full_code": []}]
    assert [("codes.json: [0].full_code", "value.type")] == problems(load(codes=codes))


def test_records_of_wrong_ids_are_not_the_same() -> None:
    """Each has a problem of its own."""
    vendors = [{**VENDOR, "id": []}, {**VENDOR, "id": []}]
    expected = [(f"vendors.json: [{place}].id", "value.type") for place in (0, 1)]
    assert expected == problems(load(vendors=vendors))


def test_a_record_is_not_compared_with_a_wrong_one() -> None:
    """The wrong record is the only problem."""
    right, wrong = [VENDOR], [{**VENDOR, "origin_id": []}]
    found = [("vendors2.json: [0].origin_id", "value.type")]
    assert found == problems(load(vendors=right, vendors2=wrong))
    found = [("vendors.json: [0].origin_id", "value.type")]
    assert found == problems(load(vendors=wrong, vendors2=right))


def test_a_subcontract_is_no_purchase_order() -> None:
    """The types differ, whatever the fields contain."""
    order = contract(type="PurchaseOrderContract")
    reading = load(contracts=[contract()], more=[contract(), order])
    (problem,) = reading.problems
    assert ("more.json: [1].id", "record.differs") == (problem.path, problem.code)
    assert "is not the same here and in contracts.json: [0]." in problem.message


def test_two_extended_views_of_a_requisition_are_the_same() -> None:
    """Only the default view is completed by another view."""
    shown = contract(line_items=[line()], change_order_packages=[])
    first, second = requisition(item(), invoice_number="A-1"), requisition(item())
    where = [("page2.json: [0].id", "record.differs")]
    assert where == problems(load(contract=shown, page=[first], page2=[second]))
    assert where == problems(load(contract=shown, page=[second], page2=[first]))
    bare = {**first, "items": None}
    assert [] == problems(load(contract=shown, page=[first], page2=[bare]))
    same = {("page.json: [0].items", "value.missing"), ("page.json: [1].id", "id.duplicate")}
    assert same == set(problems(load(contract=shown, page=[bare, first])))


def test_the_data_of_a_file_can_be_dropped() -> None:
    """It is not held any more while its records are read."""
    sources = [Source(data=b"[]", name="a.json"), Source(data=b"{", name="b.json")]
    read_files(sources)
    assert [b"[]", b"{"] == [source.data for source in sources]
    read_files(sources, drop=True)
    assert [b"", b""] == [source.data for source in sources]
    assert ["a.json", "b.json"] == [source.name for source in sources]
