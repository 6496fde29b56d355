"""What a record itself objects to is told at the name that its field has in the document."""

from __future__ import annotations

from decimal import Decimal

from erp_invoice_core.documents import Commitment, Problem
from erp_invoice_core.wire.procore.fields import Field, Report, Scope
from erp_invoice_core.wire.procore.items import by_units
from erp_invoice_core.wire.procore.outcome import whole
from erp_invoice_core.wire.procore.values import identity


def test_a_record_that_cannot_be_is_a_problem_at_its_field() -> None:
    """The path has the document's name of the field where there is one."""
    report = Report()
    values = {"id": "1", "project_id": "10", "vendor_id": " ", "number": "", "currency": "usd"}
    bent = {**values, "retainage_percent": Decimal(101)}
    fields = [Field("company_id", "vendor_id", identity)]
    assert whole(Scope({}, "commitments[0]", report), Commitment, bent, fields) is None
    assert [
        Problem("commitments[0].company_id", "value.blank", "Give a value that is not blank."),
        Problem(
            "commitments[0].retainage_percent",
            "percent.range",
            "Give a percentage from 0 to 100.",
        ),
    ] == report.problems


def test_an_amount_that_its_units_make_is_taken_without_a_word() -> None:
    """Two at 5.00 are the 10.00 that are written."""
    report = Report()
    figures = Decimal(2), Decimal(5)
    scope = Scope({}, "items[0]", report)
    assert Decimal(10) == by_units(scope, "amount", Decimal(10), figures, "USD")
    assert [] == report.warnings
