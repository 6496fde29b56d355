"""The fields of an object while it is read."""

from __future__ import annotations

import pytest

from erp_invoice_core.vocabulary import AccountingMethod
from erp_invoice_core.wire.procore.fields import Field, Report, Scope
from erp_invoice_core.wire.procore.json_text import parse
from erp_invoice_core.wire.procore.values import one_of, read_day, read_text

from .records import contract, line, load, problems


def test_a_field_counts_as_ignored_until_it_is_read() -> None:
    """It counts once, in whichever way it is read."""
    report = Report()
    scope = Scope({"a": 1, "b": 2, "c": 3}, "", report)
    assert 3 == report.ignored
    for _ in range(2):
        assert (1, 2, None) == (scope.look("a"), scope.get("b"), scope.get("d"))
        assert 1 == report.ignored


def test_a_duplicate_field_is_reported_once() -> None:
    """It is reported when it is read, and not when it is only looked at."""
    report = Report()
    value = parse('{"a": 1, "a": 2, "b": 3, "b": 4, "c": 5}')
    assert isinstance(value, dict)
    scope = Scope(value, "x", report)
    assert (4, 2, 2, 5) == (scope.look("b"), scope.get("a"), scope.get("a"), scope.get("c"))
    assert [("x.a", "key.duplicate")] == [(each.path, each.code) for each in report.problems]


@pytest.mark.parametrize(
    ("field", "found", "codes"),
    [
        (Field("x", "x", read_text), "", []),
        (Field("x", "x", read_day), None, []),
        (Field("x", "x", read_day, is_required=True), None, ["date.malformed"]),
        (Field("x", "x", one_of(AccountingMethod)), None, ["value.unknown"]),
    ],
)
def test_an_empty_text_is_null_in_an_optional_date(
    field: Field, found: object, codes: list[str]
) -> None:
    """In other fields it is a text like any other."""
    report = Report()
    assert found == Scope({"x": ""}, "", report).read_field(field)
    assert codes == [problem.code for problem in report.problems]


def test_an_array_is_no_object() -> None:
    """Only some fields may have one object in place of an array."""
    report = Report()
    scope = Scope({"x": {"id": 1}}, "", report)
    assert [] == list(scope.read_elements("x"))
    assert [] == list(scope.read_children("x"))
    assert ["value.type", "value.type"] == [problem.code for problem in report.problems]
    assert [("x", {"id": 1})] == list(scope.read_elements("x", one_or_more=True))


def test_two_records_without_id_are_not_the_same() -> None:
    """The problem is that they have none."""
    shown = contract(line_items=[line(id=None), line(id=None)])
    where = "contract.json: line_items"
    expected = [(f"{where}[{place}].id", "value.missing") for place in (0, 1)]
    assert expected == problems(load(contract=shown))
