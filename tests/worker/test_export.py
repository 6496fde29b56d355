"""The export of one invoice: judged, checked, looked up, then written step by step."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from erp_invoice_core import ExportStatus
from erp_invoice_core import adapters as erp
from tests.worker.harness import APPROVER, NOON, SENDER, Office, case, document, ok
from tests.worker.scripted_erp import Mute, Scripted, contents, declaration, receipt

ACCEPTED, FAILED = ExportStatus.ACCEPTED, ExportStatus.FAILED
SYNCED, UNKNOWN = ExportStatus.SYNCED, ExportStatus.UNKNOWN
BILL, POST = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
NO = erp.Refused(erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP)))


def office(*steps: erp.Step, told: erp.Declaration | None = None) -> tuple[Office, Scripted]:
    """Return a set-up with one accepted invoice, and its ERP."""
    plugin = Scripted(told, *steps)
    made = Office(plugin=plugin)
    made.accept("5000")
    return made, plugin


def test_steps_run_in_order_with_the_receipts_before_them() -> None:
    """Each step is called once, with the receipts of the steps before it."""
    desk, plugin = office(BILL, POST)
    desk.worker.run_once()

    assert [("5000/1/1/bill", ()), ("5000/1/1/post", ("bill",))] == plugin.written
    assert SYNCED is desk.status()
    desk.check()


def test_a_crash_between_steps_resumes_at_the_second() -> None:
    """After a deferral of the second step the export continues there; the first is not repeated."""
    desk, plugin = office(BILL, POST)
    plugin.answer("write", erp.Done(receipt()), erp.Deferred(None, "Busy."))
    desk.worker.run_once()
    assert (ACCEPTED, ["bill"]) == (
        desk.status(),
        [held.receipt.step for held in desk.entry().standing],
    )

    desk.clock.advance(5)
    desk.worker.run_once()

    assert ["5000/1/1/bill", "5000/1/1/post", "5000/1/1/post"] == [key for key, _ in plugin.written]
    assert (SYNCED, 1) == (desk.status(), plugin.count("check"))


def test_an_adapter_that_only_writes_is_enough() -> None:
    """An adapter with only a declaration and a write exports in one step."""
    plugin = Mute()
    desk = Office(plugin=plugin)
    desk.accept("5000")
    desk.worker.run_once()

    assert ([("5000/1/1/bill", ())], SYNCED) == (plugin.written, desk.status())


def test_the_check_can_refuse() -> None:
    """A denial of the adapter's own check refuses the export before anything is written."""
    desk, plugin = office()
    plugin.answer("check", NO.verdict)
    desk.worker.run_once()

    assert (FAILED, ["scripted.closed"], []) == (desk.status(), desk.codes(), plugin.written)


@pytest.mark.parametrize("hook", ["check", "steps", "find"])
def test_a_failure_before_the_first_write_defers(hook: str) -> None:
    """If a hook fails before anything was written, the export is only deferred."""
    desk, plugin = office()
    plugin.answer(hook, RuntimeError("broken pipe"))
    desk.worker.run_once()

    entry = desk.entry()
    assert (ACCEPTED, 1, ()) == (entry.status, entry.deferrals, entry.calls)
    assert "broken pipe" in desk.queue.history("5000")[-1].facts["why"]
    desk.clock.advance(5)
    desk.worker.run_once()
    assert (SYNCED, 2) == (desk.status(), plugin.count("connect"))


def test_an_exception_while_writing_is_an_unknown_outcome() -> None:
    """If a write raises any error, its outcome is unknown."""
    desk, plugin = office()
    plugin.answer("write", TimeoutError())
    desk.worker.run_once()

    assert (UNKNOWN, 1) == (desk.status(), len(desk.entry().in_doubt))


def test_a_refused_second_step_leaves_the_first() -> None:
    """If the second step is refused, the document of the first is recorded as a leftover."""
    desk, plugin = office(BILL, POST)
    plugin.answer("write", erp.Done(receipt()), NO)
    desk.worker.run_once()

    entry = desk.entry()
    assert (FAILED, True, ["scripted.closed"]) == (entry.status, entry.is_left, desk.codes())


def test_a_foreign_document_is_never_adopted() -> None:
    """On a first attempt a document with the same number is foreign: refused, not adopted."""
    desk, plugin = office()
    plugin.answer("find", erp.Found(receipt("B-9"), contents(key=None)))
    desk.worker.run_once()

    assert (FAILED, ["erp.already_there"], ()) == (
        desk.status(),
        desk.codes(),
        desk.entry().holdings,
    )
    assert [] == plugin.written


def test_several_documents_are_refused() -> None:
    """Several documents with the number are refused before the first write."""
    desk, plugin = office()
    plugin.answer("find", erp.Several("Two of them."))
    desk.worker.run_once()

    assert (["erp.already_there"], []) == (desk.codes(), plugin.written)


def test_an_unclear_look_before_the_first_write_defers() -> None:
    """If the ERP cannot answer a look-up, nothing is written yet."""
    desk, plugin = office()
    plugin.answer("find", erp.CannotTell("Its index is being built."))
    desk.worker.run_once()

    assert (ACCEPTED, []) == (desk.status(), plugin.written)


@pytest.mark.parametrize(
    "terms", [erp.StepTerms(), erp.StepTerms(look_up=erp.LookUp.KEY, enforces_key=True)]
)
def test_no_look_up_where_none_is_needed(terms: erp.StepTerms) -> None:
    """Without a look-up, or if the ERP enforces the key, the write comes at once."""
    desk, plugin = office(told=declaration(terms))
    desk.worker.run_once()

    assert (SYNCED, 0) == (desk.status(), plugin.count("find"))


def test_a_slot_is_held_by_one() -> None:
    """Of two invoices with one number of one vendor, the second is refused at once."""
    plugin = Scripted()
    desk = Office(plugin=plugin)
    desk.host.put(*(attrs.evolve(document(id_), invoice_number="A-1") for id_ in ("5000", "5001")))
    ok(desk.queue.send(["5000", "5001"], SENDER, connection="erp"))
    ok(desk.queue.accept(["5000", "5001"], APPROVER))
    desk.worker.run_once()

    assert (SYNCED, FAILED) == (desk.status("5000"), desk.status("5001"))
    assert ["export.number_taken"] == desk.codes("5001")
    assert ["5000/1/1/bill"] == [key for key, _ in plugin.written]
    (refusal,) = desk.entry("5001").refusal
    assert {"number": "A-1", "other": "5000", "connection": "erp"} == dict(refusal.facts)


def test_one_number_in_other_characters_is_held_by_one() -> None:
    """Numbers that read alike are one number; the ERP gets the number as it was given."""
    desk = Office()
    for id_, number in (("5000", "A\u20111 "), ("5001", "A-1\u200b")):
        desk.host.put(attrs.evolve(document(id_), invoice_number=number))
    ok(desk.queue.send(["5000", "5001"], SENDER, connection="erp"))
    ok(desk.queue.accept(["5000", "5001"], APPROVER))
    desk.worker.run_once()

    assert (SYNCED, FAILED) == (desk.status("5000"), desk.status("5001"))
    assert ["export.number_taken"] == desk.codes("5001")
    assert ["A\u20111 "] == [number for number, _, _ in desk.bills()]


@pytest.mark.parametrize(("lease", "expected"), [(60.0, 20), (10.0, 10)])
def test_the_deadline_is_within_limit_and_lease(lease: float, expected: int) -> None:
    """A write must be handed over within the step's 20 seconds, and within the lease."""
    desk, plugin = office()
    desk.hired("worker-2", lease).run_once()
    assert [NOON + timedelta(seconds=expected)] == plugin.deadlines


# The accepted document is judged again before the first write, from facts asked again.


def test_a_changed_document_is_refused() -> None:
    """An amount that changed since the acceptance is refused, with the reason."""
    desk, plugin = office()
    desk.host.put(document("5000", due="15000.00"))
    desk.worker.run_once()

    assert (FAILED, ["export.changed"], []) == (desk.status(), desk.codes(), plugin.written)
    ok(desk.queue.retry(["5000"], APPROVER))
    desk.worker.run_once()
    assert SYNCED is desk.status()


def test_a_changed_declaration_is_refused() -> None:
    """If the declaration changed since the acceptance, the approver must consent again."""
    desk, plugin = office()
    plugin.told = declaration(landing=erp.LandingState.ON_HOLD)
    later = Office(plugin=plugin, store=desk.store, host=desk.host)
    later.worker.run_once()

    assert (FAILED, ["export.declaration_changed"]) == (desk.status(), desk.codes())


def test_a_new_loss_is_refused() -> None:
    """A loss of amounts that was not shown at acceptance is refused."""
    desk, plugin = office(told=declaration(fidelity={"stored_materials": erp.Fidelity.DROPPED}))
    desk.host.cases["5000"] = attrs.evolve(desk.host.cases["5000"], stored=Decimal(7))
    desk.worker.run_once()

    assert (["export.new_loss"], []) == (desk.codes(), plugin.written)


def test_a_rule_that_no_longer_holds_is_refused() -> None:
    """An invoice that is no longer approved is refused before the first write."""
    desk, plugin = office()
    bent = attrs.evolve(case(document("5000")), vendor_synced=False, number_is_unique=False)
    desk.host.cases["5000"] = attrs.evolve(bent, commitment_status="Void", holds=None)
    desk.worker.run_once()

    assert (FAILED, []) == (desk.status(), plugin.written)
    assert desk.codes()


def test_an_invoice_that_is_not_there_any_more_is_refused() -> None:
    """If the host no longer knows the invoice, nothing is written."""
    desk, plugin = office()
    desk.host.cases.clear()
    desk.worker.run_once()

    assert (["export.invoice_missing"], []) == (desk.codes(), plugin.written)


def test_facts_that_raise_defer() -> None:
    """If the facts raise, the export is deferred; the event has no text of the error."""
    desk, plugin = office()
    desk.send("5001")
    ok(desk.queue.accept(["5001"], APPROVER))
    facts = desk.host

    def failing(ids: list[str]) -> object:
        if "5000" in ids:
            raise ConnectionError("no database")
        return facts(ids)

    desk.queue.facts = failing  # type: ignore[assignment]  # a host's mistake
    desk.worker.run_once()

    assert (ACCEPTED, SYNCED) == (desk.status("5000"), desk.status("5001"))
    error = desk.queue.history("5000")[-1].facts["why"]
    assert "ConnectionError" in error
    assert "no database" not in error
    assert ["5001/1/1/bill"] == [key for key, _ in plugin.written]


def test_what_was_begun_is_finished_and_not_judged_again() -> None:
    """After the first write a change of the facts is too late: the export is finished."""
    desk, plugin = office(BILL, POST)
    plugin.answer("write", erp.Done(receipt()), erp.Deferred(None, "Busy."))
    desk.worker.run_once()
    desk.host.put(document("5000", due="15000.00"))
    desk.clock.advance(5)
    desk.worker.run_once()

    assert SYNCED is desk.status()
