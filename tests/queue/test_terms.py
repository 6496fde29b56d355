"""A due date and terms of payment are given, or those of the source are taken, at ACCEPT."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import attrs
import pytest

from erp_invoice_core import Action, Policy
from erp_invoice_core import adapters as erp
from erp_invoice_core.flow import build_request
from tests.worker.harness import APPROVER, EVERYTHING, NOON, SENDER, WorkerHarness, check_allowed
from tests.worker.scripted_erp import ScriptedErp, build_declaration

STATED = {"due_date": "2026-11-30", "terms": "Net 30"}
FIELDS = (
    erp.ExportField(key="due_date", label="Due date", is_date=True, required=True),
    erp.ExportField(key="terms", label="Terms"),
)


def _build(
    proposed: dict[str, str] | None,
    policy: Policy | None = None,
    rules: tuple[erp.FieldRule, ...] = (),
) -> WorkerHarness:
    """Return a harness whose ERP needs a due date, with one invoice."""
    plugin = ScriptedErp(
        build_declaration(extra_fields=FIELDS, field_rules=rules),
        erp.Step("bill", "bill", erp.Role.BILL),
    )
    harness = WorkerHarness(plugin=plugin, policy=policy or Policy())
    harness.add_invoices("5000")
    harness.host.cases["5000"] = attrs.evolve(harness.host.cases["5000"], proposed=proposed)
    actor = EVERYTHING if policy else SENDER
    check_allowed(harness.queue.send(["5000"], actor, connection="erp"))
    return harness


def _read(harness: WorkerHarness) -> tuple[date | None, dict[str, str]]:
    """Return due date and fields of the request that would be exported."""
    declared = harness.queue.connections.find_declaration("erp")
    assert declared is not None
    request = build_request(harness.get_entry(), declared, harness.clock())
    return request.due_date, dict(request.fields)


def test_the_source_proposes_both() -> None:
    """The event has them, so that the approver's consent names them."""
    harness = _build(STATED)
    asked = harness.queue.why_not(["5000"], APPROVER, Action.ACCEPT)
    assert [True] == [each.verdict.allowed for each in asked]
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    assert (date(2026, 11, 30), STATED) == _read(harness)
    assert {"field.due_date": "2026-11-30", "field.terms": "Net 30"} == dict(
        harness.queue.history("5000")[-1].facts
    )


def test_given_ones_take_precedence() -> None:
    """As arguments, which are the fields of these names."""
    harness = _build(STATED)
    check_allowed(
        harness.queue.accept(["5000"], APPROVER, due_date=date(2026, 12, 15), terms="Net 45")
    )
    assert (date(2026, 12, 15), {"due_date": "2026-12-15", "terms": "Net 45"}) == _read(harness)


def test_a_blank_field_takes_the_proposal_away() -> None:
    """A required one is then missing; without a proposal it is too."""
    blank = _build(STATED).queue.accept(["5000"], APPROVER, fields={"due_date": ""})
    bare = _build(None)
    asked = bare.queue.why_not(["5000"], APPROVER, Action.ACCEPT)
    none = bare.queue.accept(["5000"], APPROVER)
    for (result,) in (blank, asked, none):
        assert ["field.due_date.present"] == [each.code for each in result.verdict.denials]
    check_allowed(bare.queue.accept(["5000"], APPROVER, due_date=date(2026, 12, 15)))
    assert (date(2026, 12, 15), {"due_date": "2026-12-15"}) == _read(bare)


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
def test_proposed_terms_are_one_short_line(terms: str, message: str) -> None:
    """As typed ones are; the remedy is to give others."""
    harness = _build({**STATED, "terms": terms})
    (result,) = harness.queue.accept(["5000"], APPROVER)
    (denial,) = result.verdict.denials
    assert ("field.terms.line", message) == (denial.code, denial.message)
    assert ["field.give"] == [one.code for (one,) in denial.remedies]
    check_allowed(harness.queue.accept(["5000"], APPROVER, terms="Net 30"))


def test_rules_of_the_erp_hold_for_proposed_terms() -> None:
    """A validator of the ERP denies them at the acceptance, and not later."""
    rule = erp.FieldRule(field="terms", validator=erp.Validator.MAX_LENGTH, limit=5)
    harness = _build(STATED, rules=(rule,))
    (result,) = harness.queue.accept(["5000"], APPROVER)
    assert ["field.terms.max_length"] == [each.code for each in result.verdict.denials]
    check_allowed(harness.queue.accept(["5000"], APPROVER, terms="N30"))


def test_due_date_before_the_invoice_is_shown() -> None:
    """The date of the invoice is 2026-10-31; a due date on it is usual."""
    early = _build({"due_date": "2026-10-30"})
    (asked,) = early.queue.why_not(["5000"], SENDER, Action.RESEND)
    (result,) = early.queue.accept(["5000"], APPROVER)
    (notice,) = result.verdict.notices
    assert (
        "export.due_before_date",
        "The due date 2026-10-30 is before the date 2026-10-31 of the invoice. Check both.",
    ) == (notice.code, notice.message)
    assert "export.due_before_date" in [each.code for each in asked.verdict.notices]
    (other,) = _build(STATED).queue.accept(["5000"], APPROVER, due_date=date(2026, 10, 31))
    assert () == other.verdict.notices


def test_direct_export_takes_the_proposal() -> None:
    """The policy gives nothing itself."""
    policy = Policy(direct_export=True)
    assert ("accepted", "ready") == (
        _build(STATED, policy).get_status().value,
        _build(None, policy).get_status().value,
    )


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"due_date": "2026-11-30"}, TypeError),
        ({"due_date": NOON}, TypeError),
        ({"terms": 30}, TypeError),
        ({"terms": "Net 30", "fields": {"terms": "Net 45"}}, ValueError),
    ],
)
def test_a_mistake_of_the_host_is_named(given: dict[str, Any], error: type[Exception]) -> None:
    """Before any invoice is touched."""
    assert isinstance(NOON, datetime)
    with pytest.raises(error, match=r"due_date|terms"):
        _build(STATED).queue.accept(["5000"], APPROVER, **given)
