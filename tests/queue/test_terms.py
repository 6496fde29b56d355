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


def _build(proposed: dict[str, str] | None, policy: Policy | None = None) -> WorkerHarness:
    """Return a harness whose ERP needs a due date, with one invoice."""
    plugin = ScriptedErp(
        build_declaration(extra_fields=FIELDS), erp.Step("bill", "bill", erp.Role.BILL)
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
