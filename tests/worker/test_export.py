"""The export of one invoice: judged, checked, looked up, then written step by step."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from erp_invoice_core import ExportStatus
from erp_invoice_core import adapters as erp
from tests.worker.harness import (
    APPROVER,
    NOON,
    SENDER,
    WorkerHarness,
    build_case,
    build_document,
    check_allowed,
)
from tests.worker.scripted_erp import (
    ScriptedErp,
    WriteOnlyErp,
    build_contents,
    build_declaration,
    build_receipt,
)

ACCEPTED, FAILED = ExportStatus.ACCEPTED, ExportStatus.FAILED
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
NO = erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP)))


def build_harness(
    *steps: erp.Step, declaration: erp.Declaration | None = None
) -> tuple[WorkerHarness, ScriptedErp]:
    """Return a set-up with one accepted invoice, and its ERP."""
    plugin = ScriptedErp(declaration, *steps)
    made = WorkerHarness(plugin=plugin)
    made.accept("5000")
    return made, plugin


def test_steps_run_in_order_with_the_receipts_before_them() -> None:
    """Each step is called once, with the receipts of the steps before it."""
    harness, plugin = build_harness(BILL, POST)
    harness.worker.run_once()

    assert [("5000/1/1/bill", ()), ("5000/1/1/post", ("bill",))] == plugin.writes
    assert SYNCED is harness.get_status()
    harness.check_audit_log()


def test_a_crash_between_steps_resumes_at_the_second() -> None:
    """After a deferral of the second step the export continues there; the first is not repeated."""
    harness, plugin = build_harness(BILL, POST)
    plugin.script("write", erp.Done(build_receipt()), erp.Deferred(None, "Busy."))
    harness.worker.run_once()
    assert (ACCEPTED, ["bill"]) == (
        harness.get_status(),
        [held.receipt.step for held in harness.get_entry().standing],
    )

    harness.clock.advance(5)
    harness.worker.run_once()

    assert ["5000/1/1/bill", "5000/1/1/post", "5000/1/1/post"] == [key for key, _ in plugin.writes]
    # One at the acceptance, and one before the first write.
    assert (SYNCED, 2) == (harness.get_status(), plugin.count_calls("check"))


def test_an_adapter_that_only_writes_is_enough() -> None:
    """An adapter with only a declaration and a write exports in one step."""
    plugin = WriteOnlyErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    harness.worker.run_once()

    assert ([("5000/1/1/bill", ())], SYNCED) == (plugin.writes, harness.get_status())


def test_the_check_can_refuse() -> None:
    """A denial of the adapter's own check refuses the export before anything is written."""
    harness, plugin = build_harness()
    plugin.script("check", NO.verdict)
    harness.worker.run_once()

    assert (FAILED, ["scripted.closed"], []) == (
        harness.get_status(),
        harness.list_refusal_codes(),
        plugin.writes,
    )


@pytest.mark.parametrize("hook", ["check", "steps", "find"])
def test_a_failure_before_the_first_write_defers(hook: str) -> None:
    """If a hook fails before anything was written, the export is only deferred."""
    harness, plugin = build_harness()
    plugin.calls.clear()
    plugin.script(hook, RuntimeError("broken pipe"))
    harness.worker.run_once()

    entry = harness.get_entry()
    assert (ACCEPTED, 1, ()) == (entry.status, entry.deferrals, entry.calls)
    assert "broken pipe" in harness.queue.history("5000")[-1].facts["why"]
    harness.clock.advance(5)
    harness.worker.run_once()
    assert (SYNCED, 2) == (harness.get_status(), plugin.count_calls("connect"))


def test_an_exception_while_writing_is_an_unknown_outcome() -> None:
    """If a write raises any error, its outcome is unknown."""
    harness, plugin = build_harness()
    plugin.script("write", TimeoutError())
    harness.worker.run_once()

    assert (UNKNOWN, 1) == (harness.get_status(), len(harness.get_entry().in_doubt))


def test_a_refused_second_step_leaves_the_first() -> None:
    """If the second step is refused, the document of the first is recorded as a leftover."""
    harness, plugin = build_harness(BILL, POST)
    plugin.script("write", erp.Done(build_receipt()), NO)
    harness.worker.run_once()

    entry = harness.get_entry()
    assert (FAILED, True, ["scripted.closed"]) == (
        entry.status,
        entry.is_left,
        harness.list_refusal_codes(),
    )


def test_a_foreign_document_is_never_adopted() -> None:
    """On a first attempt a document with the same number is foreign: refused, not adopted."""
    harness, plugin = build_harness()
    plugin.script("find", erp.Found(build_receipt("B-9"), build_contents(key=None)))
    harness.worker.run_once()

    assert (FAILED, ["erp.already_there"], ()) == (
        harness.get_status(),
        harness.list_refusal_codes(),
        harness.get_entry().holdings,
    )
    assert [] == plugin.writes


def test_several_documents_are_refused() -> None:
    """Several documents with the number are refused before the first write."""
    harness, plugin = build_harness()
    plugin.script("find", erp.Several("Two of them."))
    harness.worker.run_once()

    assert (["erp.already_there"], []) == (harness.list_refusal_codes(), plugin.writes)


def test_an_unclear_look_before_the_first_write_defers() -> None:
    """If the ERP cannot answer a look-up, nothing is written yet."""
    harness, plugin = build_harness()
    plugin.script("find", erp.CannotTell("Its index is being built."))
    harness.worker.run_once()

    assert (ACCEPTED, []) == (harness.get_status(), plugin.writes)


@pytest.mark.parametrize(
    "terms", [erp.StepTerms(), erp.StepTerms(look_up=erp.LookUp.KEY, enforces_key=True)]
)
def test_no_look_up_where_none_is_needed(terms: erp.StepTerms) -> None:
    """Without a look-up, or if the ERP enforces the key, the write comes at once."""
    harness, plugin = build_harness(declaration=build_declaration(terms))
    harness.worker.run_once()

    assert (SYNCED, 0) == (harness.get_status(), plugin.count_calls("find"))


def test_a_slot_is_held_by_one() -> None:
    """Of two invoices with one number of one vendor, the second is refused at once."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.host.add(
        *(attrs.evolve(build_document(id_), invoice_number="A-1") for id_ in ("5000", "5001"))
    )
    check_allowed(harness.queue.send(["5000", "5001"], SENDER, connection="erp"))
    check_allowed(harness.queue.accept(["5000", "5001"], APPROVER))
    harness.worker.run_once()

    assert (SYNCED, FAILED) == (harness.get_status("5000"), harness.get_status("5001"))
    assert ["export.number_taken"] == harness.list_refusal_codes("5001")
    assert ["5000/1/1/bill"] == [key for key, _ in plugin.writes]
    (refusal,) = harness.get_entry("5001").refusal
    assert {"number": "A-1", "other": "5000", "connection": "erp"} == dict(refusal.facts)


def test_one_number_in_other_characters_is_held_by_one() -> None:
    """Numbers that read alike are one number; the ERP gets the number as it was given."""
    harness = WorkerHarness()
    for id_, number in (("5000", "A\u20111 "), ("5001", "A-1\u200b")):
        harness.host.add(attrs.evolve(build_document(id_), invoice_number=number))
    check_allowed(harness.queue.send(["5000", "5001"], SENDER, connection="erp"))
    check_allowed(harness.queue.accept(["5000", "5001"], APPROVER))
    harness.worker.run_once()

    assert (SYNCED, FAILED) == (harness.get_status("5000"), harness.get_status("5001"))
    assert ["export.number_taken"] == harness.list_refusal_codes("5001")
    assert ["A\u20111 "] == [number for number, _, _ in harness.list_bills()]


@pytest.mark.parametrize(("lease", "expected"), [(60.0, 20), (10.0, 10)])
def test_the_deadline_is_within_limit_and_lease(lease: float, expected: int) -> None:
    """A write must be handed over within the step's 20 seconds, and within the lease."""
    harness, plugin = build_harness()
    harness.build_worker("worker-2", lease).run_once()
    assert [NOON + timedelta(seconds=expected)] == plugin.deadlines


# The accepted document is judged again before the first write, from facts asked again.


def test_a_changed_document_is_refused() -> None:
    """An amount that changed since the acceptance is refused, with the reason."""
    harness, plugin = build_harness()
    harness.host.add(build_document("5000", due="15000.00"))
    harness.worker.run_once()

    assert (FAILED, ["export.changed"], []) == (
        harness.get_status(),
        harness.list_refusal_codes(),
        plugin.writes,
    )
    check_allowed(harness.queue.retry(["5000"], APPROVER))
    harness.worker.run_once()
    assert SYNCED is harness.get_status()


def test_a_changed_declaration_is_refused() -> None:
    """If the declaration changed since the acceptance, the approver must consent again."""
    harness, plugin = build_harness()
    plugin.declared = build_declaration(landing=erp.LandingState.ON_HOLD)
    later = WorkerHarness(plugin=plugin, store=harness.store, host=harness.host)
    later.worker.run_once()

    assert (FAILED, ["export.declaration_changed"]) == (
        harness.get_status(),
        harness.list_refusal_codes(),
    )


def test_a_new_loss_is_refused() -> None:
    """A loss of amounts that was not shown at acceptance is refused."""
    harness, plugin = build_harness(
        declaration=build_declaration(fidelity={"stored_materials": erp.Fidelity.DROPPED})
    )
    harness.host.cases["5000"] = attrs.evolve(harness.host.cases["5000"], stored=Decimal(7))
    harness.worker.run_once()

    assert (["export.new_loss"], []) == (harness.list_refusal_codes(), plugin.writes)


def test_a_rule_that_no_longer_holds_is_refused() -> None:
    """An invoice that is no longer approved is refused before the first write."""
    harness, plugin = build_harness()
    bent = attrs.evolve(
        build_case(build_document("5000")), vendor_synced=False, number_is_unique=False
    )
    harness.host.cases["5000"] = attrs.evolve(bent, commitment_status="Void", holds=None)
    harness.worker.run_once()

    assert (FAILED, []) == (harness.get_status(), plugin.writes)
    assert harness.list_refusal_codes()


def test_an_invoice_that_is_not_there_any_more_is_refused() -> None:
    """If the host no longer knows the invoice, nothing is written."""
    harness, plugin = build_harness()
    harness.host.cases.clear()
    harness.worker.run_once()

    assert (["export.invoice_missing"], []) == (harness.list_refusal_codes(), plugin.writes)


def test_facts_that_raise_defer() -> None:
    """If the facts raise, the export is deferred; the event has no text of the error."""
    harness, plugin = build_harness()
    harness.send("5001")
    check_allowed(harness.queue.accept(["5001"], APPROVER))
    facts = harness.host

    def fail(ids: list[str]) -> object:
        if "5000" in ids:
            raise ConnectionError("no database")
        return facts(ids)

    harness.queue.facts = fail  # type: ignore[assignment]  # a host's mistake
    harness.worker.run_once()

    assert (ACCEPTED, SYNCED) == (harness.get_status("5000"), harness.get_status("5001"))
    error = harness.queue.history("5000")[-1].facts["why"]
    assert "ConnectionError" in error
    assert "no database" not in error
    assert ["5001/1/1/bill"] == [key for key, _ in plugin.writes]


def test_what_was_begun_is_finished_and_not_judged_again() -> None:
    """After the first write a change of the facts is too late: the export is finished."""
    harness, plugin = build_harness(BILL, POST)
    plugin.script("write", erp.Done(build_receipt()), erp.Deferred(None, "Busy."))
    harness.worker.run_once()
    harness.host.add(build_document("5000", due="15000.00"))
    harness.clock.advance(5)
    harness.worker.run_once()

    assert SYNCED is harness.get_status()
