"""A record is read together with the plain object that reads back as it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp_invoice_core.documents import Commitment, InvalidDocument, Problem, Project
from erp_invoice_core.wire.procore import Reading, dump_project, read_commitment
from erp_invoice_core.wire.procore.fields import Field, Report, Scope
from erp_invoice_core.wire.procore.outcome import LoadedRecord, build_record
from erp_invoice_core.wire.procore.values import read_id


def test_a_record_is_kept_as_canonical_ascii() -> None:
    """Its digest is the same on every system."""
    project = Project(id="10", name="Café")
    loaded = LoadedRecord("10", project, dump_project)
    assert r'{"id":"10","name":"Caf\u00e9"}' == loaded.encode()


def test_two_records_are_the_same_by_their_value() -> None:
    """Their path in a file does not count, and they can be members of a set."""
    project = Project(id="10", name="Pier 9")
    first = LoadedRecord("10", project, dump_project, "projects[0]")
    again = LoadedRecord("10", project, lambda _project: {}, "projects[1]")
    assert 1 == len({first, again})


def test_a_record_that_cannot_be_is_a_problem_at_its_field() -> None:
    """The path has the document's name of the field if there is one."""
    report = Report()
    values = {"id": "1", "project_id": "10", "vendor_id": " ", "number": "", "currency": "usd"}
    bent = {**values, "retainage_percent": Decimal(101)}
    fields = [Field("company_id", "vendor_id", read_id)]
    assert build_record(Scope({}, "commitments[0]", report), Commitment, bent, fields) is None
    assert [
        Problem("commitments[0].company_id", "value.blank", "Give a value that is not blank."),
        Problem(
            "commitments[0].retainage_percent",
            "percent.range",
            "101 is not a percentage. Give one from 0 to 100.",
        ),
    ] == report.problems


def test_what_does_not_read_back_is_refused() -> None:
    """A commitment without currency is refused, although it has no problem."""
    plain = {"id": "100", "type": "WorkOrderContract", "project_id": "10", "vendor_id": "7"}
    with pytest.raises(InvalidDocument):
        read_commitment({**plain, "status": "Approved"})


def test_an_empty_reading_ignores_nothing() -> None:
    """There was no field."""
    assert (0, (), ()) == (Reading().ignored_fields, Reading().problems, Reading().warnings)
