"""Terms of payment and the due date, as they are given or proposed at the acceptance."""

from __future__ import annotations

from datetime import date

import attrs
import pytest

from erp_invoice_core.declaration import ExportField
from erp_invoice_core.rules import Case, decide
from erp_invoice_core.rules.conditions.fields import find_flaw_of_line
from erp_invoice_core.vocabulary import Action
from tests.spec.allowed_cases import build_allowed_case

FIELDS = (
    ExportField(key="terms", label="Terms"),
    ExportField(key="due_date", label="Due date", is_date=True),
)


def _build(action: Action = Action.ACCEPT, **facts: object) -> Case:
    """Return an allowed case of 2026-10-31 whose ERP takes terms and a due date."""
    case = build_allowed_case(action)
    assert case.erp is not None
    assert case.document is not None
    erp = attrs.evolve(case.erp, extra_fields=FIELDS)
    document = attrs.evolve(case.document, billing_date=date(2026, 10, 31))
    return attrs.evolve(case, erp=erp, document=document, **facts)  # type: ignore[arg-type]  # facts of a case


@pytest.mark.parametrize(
    ("text", "flaw"),
    [("Net 30", None), ("", None), ("N" * 255, None), ("N" * 256, "length"), ("N\t3", "control")],
)
def test_line_is_short_and_has_no_control_characters(text: str, flaw: str | None) -> None:
    """A text of 255 characters is the longest."""
    assert flaw == find_flaw_of_line(text)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (
            "Net\n30",
            (
                'The value of "Terms" has control characters, such as a line break. Give the value'
                " without them."
            ),
        ),
        (
            "N" * 256,
            (
                'An export takes at most 255 characters for "Terms", and the given text has 256.'
                " Shorten the text."
            ),
        ),
    ],
)
def test_terms_are_one_short_line(terms: str, message: str) -> None:
    """The remedy is to give others."""
    (denial,) = decide(Action.ACCEPT, _build(export_fields={"terms": terms})).denials
    assert ("field.terms.line", message) == (denial.code, denial.message)
    assert ["field.give"] == [one.code for (one,) in denial.remedies]
    assert decide(Action.ACCEPT, _build(export_fields={"terms": "Net 30"})).allowed


@pytest.mark.parametrize(
    ("action", "facts", "is_early"),
    [
        (Action.ACCEPT, {"export_fields": {"due_date": "2026-10-30"}}, True),
        (Action.ACCEPT, {"export_fields": {"due_date": "2026-10-31"}}, False),
        (Action.ACCEPT, {"export_fields": {"due_date": ""}}, False),
        (Action.ACCEPT, {"export_fields": {}, "proposed": {"due_date": "2026-10-30"}}, False),
        (Action.SEND, {"proposed": {"due_date": "2026-10-30"}}, True),
        (Action.SEND, {}, False),
    ],
)
def test_due_date_before_the_invoice_is_a_notice(
    action: Action, facts: dict[str, object], is_early: bool
) -> None:
    """That of the source counts as long as nothing is given."""
    notices = decide(action, _build(action, **facts)).notices
    found = [note.message for note in notices if note.code == "export.due_before_date"]
    expected = "The due date 2026-10-30 is before the date 2026-10-31 of the invoice. Check both."
    assert ([expected] if is_early else []) == found
