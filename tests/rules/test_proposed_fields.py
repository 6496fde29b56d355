"""The values that the source states are taken where the ERP asks for them and no other is given."""

from __future__ import annotations

import pytest

from erp_invoice_core.declaration import Declaration, ExportField
from erp_invoice_core.rules import Case
from erp_invoice_core.rules.proposed_fields import complete_fields

STATED = {"due_date": "2026-11-30", "terms": "Net 30"}
BOTH = Declaration(
    key="erp",
    name="The ERP",
    extra_fields=(
        ExportField(key="due_date", label="Due date", is_date=True),
        ExportField(key="terms", label="Terms"),
        ExportField(key="branch", label="Branch"),
    ),
)
NEITHER = Declaration(key="erp", name="The ERP")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, STATED),
        ({"branch": "7"}, {**STATED, "branch": "7"}),
        ({"due_date": "2026-12-15"}, {"due_date": "2026-12-15", "terms": "Net 30"}),
        ({"due_date": " ", "branch": ""}, {"terms": "Net 30", "branch": ""}),
    ],
)
def test_a_given_field_takes_precedence(given: dict[str, str], expected: dict[str, str]) -> None:
    """A blank one takes the proposal away; other blank fields stay as they are."""
    assert expected == complete_fields(Case(proposed=STATED), BOTH, given)


@pytest.mark.parametrize(
    ("case", "erp"),
    [(Case(), BOTH), (Case(proposed={}), BOTH), (Case(proposed=STATED), NEITHER)],
)
def test_nothing_is_proposed(case: Case, erp: Declaration) -> None:
    """The source states nothing, or the ERP does not ask."""
    given = {"due_date": ""}
    assert given is complete_fields(case, erp, given)
    assert given is complete_fields(case, None, given)
