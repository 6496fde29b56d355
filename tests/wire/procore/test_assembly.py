"""Contracts are assembled from lines and change orders of several files."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

import attrs
import pytest

from erp_invoice_core.wire.procore import Source, read_files

from .records import VENDOR, build_records, contract, line, load, package, problems

if TYPE_CHECKING:
    from erp_invoice_core.documents import Commitment
    from erp_invoice_core.wire.procore import Reading, Records


def only(reading: Reading) -> Commitment:
    """Return the one contract that was read."""
    assert () == reading.problems
    (found,) = reading.commitments
    return found.value


def test_a_change_order_of_no_contract_is_one_problem() -> None:
    """The change order names no contract, and there are two."""
    reading = load(
        contracts=[contract(), contract(id=101)],
        packages=[package(contract_id=None, contract=None)],
    )
    assert [("packages.json: [0].contract_id", "value.missing")] == problems(reading)


def test_a_contract_that_another_record_names_is_not_the_only_one() -> None:
    """A line without contract belongs to a contract that is loaded with it."""
    known = build_records(contracts=[contract(line_items=[], change_order_packages=[])])
    reading = load(known, packages=[package(line_items=[])], lines=[line()])
    assert [("lines.json: [0].contract_id", "value.missing")] == problems(reading)


def test_a_change_order_that_a_contract_does_not_show_any_more_is_gone() -> None:
    """A change order that is shown without lines keeps the lines that were loaded before."""
    before = [package(line_items=[line(9001)]), package(901, line_items=[])]
    known = build_records(contracts=[contract(line_items=[], change_order_packages=before)])
    found = only(load(known, contract=contract(line_items=[], change_order_packages=[package()])))
    assert [("900", ["9001"])] == [
        (each.id, [inner.id for inner in each.lines]) for each in found.change_orders
    ]


def test_lines_listed_beside_their_contract_are_all_of_its_lines() -> None:
    """A line that was loaded before and is no longer listed is gone."""
    known = build_records(contracts=[contract(line_items=[line(), line(1002)])])
    found = only(load(known, contracts=[contract()], lines=[line(contract_id=100)]))
    assert ["1001"] == [each.id for each in found.lines]
    alone = only(load(known, lines=[line(contract_id=100, amount="1.00")]))
    assert {"1001": Decimal(1), "1002": Decimal(50000)} == {
        each.id: each.amount for each in alone.lines
    }


@pytest.mark.parametrize(
    ("packages", "found"),
    [
        ([package(), package()], ("packages.json: [1].id", "id.duplicate")),
        ([package(id=None)], ("packages.json: [0].id", "value.missing")),
    ],
)
def test_a_change_order_has_an_id_of_its_own(
    packages: list[object], found: tuple[str, str]
) -> None:
    """A duplicate id in a file, or a missing one, is reported."""
    assert [found] == problems(load(contracts=[contract()], packages=packages))


def test_lines_of_a_change_order_are_objects() -> None:
    """The same if other lines of the change order come from another file."""
    shown = contract(line_items=[], change_order_packages=[package(line_items=[7])])
    reading = load(contract=shown, lines=[line(9001, change_order_package_id=900)])
    where = "contract.json: change_order_packages[0].line_items[0]"
    assert [(where, "value.type")] == problems(reading)


def test_two_files_show_the_lines_of_one_change_order() -> None:
    """Lines in both files must agree; lines in one of them count too."""
    first = package(line_items=[line(9001)])
    more = package(line_items=[line(9001), line(9002)])
    found = only(load(contracts=[contract(line_items=[])], packages=[first], packages2=[more]))
    assert ["9001", "9002"] == [each.id for each in found.change_orders[0].lines]
    other = package(line_items=[line(9001, amount="1.00")])
    reading = load(contracts=[contract(line_items=[])], packages=[first], packages2=[other])
    assert [("packages2.json: [0].line_items[0].amount", "record.differs")] == problems(reading)


def test_change_orders_of_a_contract_are_objects() -> None:
    """Another value is reported at its path."""
    reading = load(contract=contract(line_items=[], change_order_packages=[7]))
    assert [("contract.json: change_order_packages[0]", "value.type")] == problems(reading)


class Unread(dict[str, "Commitment"]):
    """Records of a database, none of which may be looked up."""

    def get(self, *_: object) -> NoReturn:
        """Fail."""
        pytest.fail("A commitment was looked up in vain.")


@pytest.mark.parametrize("packages", [[], [package(line_items=[])]])
def test_a_contract_that_is_shown_whole_is_not_looked_up(packages: list[object]) -> None:
    """None of the records that were loaded before would count."""
    known = attrs.evolve(build_records(), commitments=Unread())
    shown = contract(line_items=[line()], change_order_packages=packages)
    found = only(load(known, contract=shown))
    assert ["1001"] == [each.id for each in found.lines]


def test_a_contract_and_its_change_orders_in_two_files_are_not_looked_up() -> None:
    """Both files together show the whole contract."""
    known = attrs.evolve(build_records(), commitments=Unread())
    shown, listed = contract(line_items=[line()]), [package(line_items=[])]
    found = only(load(known, contracts=[shown], packages=listed))
    assert ["900"] == [each.id for each in found.change_orders]


@pytest.mark.parametrize("absent", [None, ""])
def test_what_one_of_two_files_leaves_open_is_no_difference(absent: object) -> None:
    """A null and an empty text are no value."""
    for first, second in ((absent, "C-1"), ("C-1", absent)):
        reading = load(contracts=[contract(origin_id=first)], contract=contract(origin_id=second))
        assert () == reading.problems
    other = load(contracts=[contract(origin_id="C-2")], contract=contract(origin_id="C-1"))
    assert [("contract.json: origin_id", "record.differs")] == problems(other)


@pytest.mark.parametrize(
    ("other", "found"),
    [("50000.0", []), (50000, []), ("50000.01", ["record.differs"]), ("x", ["record.differs"])],
)
def test_amounts_of_two_files_are_compared_by_value(other: object, found: list[str]) -> None:
    """Trailing zeros do not count, and an unreadable amount equals no other."""
    reading = load(
        contracts=[contract()],
        lines=[line(contract_id=100)],
        lines2=[line(contract_id=100, amount=other)],
    )
    assert [("lines2.json: [0].amount", code) for code in found] == problems(reading)


def test_a_contract_that_is_shown_alone_is_read_as_it_is() -> None:
    """The lines of the contract may be wrapped."""
    found = only(load(contract=contract(line_items=[{"data": line()}, line(1002)])))
    assert ["1001", "1002"] == [each.id for each in found.lines]


def test_lines_beside_a_contract_are_added_to_those_that_it_shows() -> None:
    """Lines in both files count once."""
    listed = [line(contract_id=100), line(1002, contract_id=100)]
    found = only(load(contract=contract(line_items=[line()]), lines=listed))
    assert ["1001", "1002"] == [each.id for each in found.lines]


def test_the_lines_of_a_change_order_may_be_wrapped() -> None:
    """The same as for the lines of a contract."""
    listed = [package(line_items=[{"data": line(9001)}])]
    found = only(load(contracts=[contract()], packages=listed))
    assert ["9001"] == [each.id for each in found.change_orders[0].lines]


def before() -> Records:
    """Return a contract of two lines and a change order of one, as loaded before."""
    change_order = package(line_items=[line(9001)])
    shown = contract(line_items=[line(), line(1002)], change_order_packages=[change_order])
    return build_records(contract=shown)


def test_a_change_order_that_is_shown_without_its_lines_keeps_them() -> None:
    """A change order that is shown with an empty list has no lines any more."""
    shown = contract(line_items=[line()])
    for listed, lines in (([package()], ["9001"]), ([package(line_items=[])], [])):
        more = [*listed, package(901)]
        found = only(load(before(), contracts=[shown], packages=more))
        assert ["1001"] == [each.id for each in found.lines]
        assert [("900", lines), ("901", [])] == [
            (each.id, [inner.id for inner in each.lines]) for each in found.change_orders
        ]


def test_a_contract_that_shows_no_change_orders_keeps_them() -> None:
    """The contract has the lines that the answer shows."""
    found = only(load(before(), contract=contract(line_items=[line()])))
    assert (["1001"], ["900"]) == (
        [each.id for each in found.lines],
        [each.id for each in found.change_orders],
    )


def test_a_problem_of_an_earlier_contract_is_reported_at_the_new_record() -> None:
    """The file has no path for the contract itself."""
    reading = load(before(), packages=[package(status=None)], lines=[line(1002, contract_id=100)])
    assert [("packages.json: [0].status", "value.missing")] == problems(reading)


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ({"vendor_id": 7, "vendor": {"id": 8}}, {}, []),
        ({}, {"vendor_id": None, "vendor": {"id": 7}}, []),
        ({}, {"vendor_id": None, "vendor": {"id": 8}}, [("vendor_id", "record.differs")]),
        ({}, {"vendor_id": None, "vendor": "Acme"}, []),
        ({"origin": {"id": "A"}}, {"origin_id": "B"}, []),
        ({"number": "001"}, {"number": "1"}, [("number", "record.differs")]),
        ({}, {"number": ["SC-1"]}, [("number", "record.differs")]),
        ({}, {"title": True}, []),
        ({"title": "True value"}, {"title": True}, [("title", "record.differs")]),
    ],
)
def test_two_files_with_one_contract_are_compared(
    first: dict[str, object], second: dict[str, object], found: list[tuple[str, str]]
) -> None:
    """Vendors are compared by id, else by the object; texts are compared exactly."""
    reading = load(contracts=[contract(**first)], contract=contract(**second))
    expected = [each for each in problems(reading) if each[1] == "record.differs"]
    assert [(f"contract.json: {name}", code) for name, code in found] == expected


@pytest.mark.parametrize("place", [0, 1])
def test_a_line_that_was_loaded_before_may_be_listed_again(place: int) -> None:
    """The earlier records are in no file, wherever they were loaded from."""
    listed = [line(1002, contract_id=100), line(9001, change_order_package_id=900)]
    contents = [*[[VENDOR]][:place], listed]
    sources = [Source(data=json.dumps(content).encode()) for content in contents]
    found = only(read_files(sources, known=before()))
    assert ["1001", "1002"] == sorted(each.id for each in found.lines)
    assert ["9001"] == [each.id for each in found.change_orders[0].lines]


def test_two_files_show_the_lines_of_one_contract() -> None:
    """Lines in one of the files count too."""
    first, more = contract(line_items=[line()]), contract(line_items=[line(), line(1002)])
    found = only(load(contracts=[first], contract=more))
    assert ["1001", "1002"] == [each.id for each in found.lines]


def test_the_lines_of_a_contract_are_an_array() -> None:
    """Another value is reported."""
    reading = load(contract=contract(line_items=7))
    assert [("contract.json: line_items", "value.type")] == problems(reading)


def test_records_without_id_are_reported_in_each_file() -> None:
    """Two records without id are not the same record."""
    lines = [line(None, contract_id=100)]  # type: ignore[arg-type]  # as a file may have it
    reading = load(contracts=[contract()], lines=lines, lines2=lines)
    expected = [(f"{name}.json: [0].id", "value.missing") for name in ("lines", "lines2")]
    assert expected == problems(reading)
    reading = load(contracts=[contract(id=None)], more=[contract(id=None)])
    expected = [(f"{name}.json: [0].id", "value.missing") for name in ("contracts", "more")]
    assert expected == problems(reading)


def test_a_null_of_a_second_file_is_no_ignored_field() -> None:
    """The first file does not have the field."""
    alone = load(contracts=[contract()])
    assert (
        alone.ignored_fields == load(contracts=[contract()], more=[contract(x=None)]).ignored_fields
    )


def test_an_array_is_not_quoted_as_a_difference() -> None:
    """An array may be long."""
    (problem,) = load(contracts=[contract()], contract=contract(number=["SC-1"])).problems
    assert (
        "The number of contract '100' is […] here and SC-1 in contracts.json: [0]."
        in problem.message
    )
