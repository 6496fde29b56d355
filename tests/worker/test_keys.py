"""Writes and look-ups take the idempotency key from the entry."""

from __future__ import annotations

import attrs

from erp_invoice_core import Case, ExportStatus
from erp_invoice_core import adapters as erp
from tests.worker.harness import SENDER, WorkerHarness, build_case, build_document
from tests.worker.scripted_erp import ScriptedErp


def _get_erp(harness: WorkerHarness) -> ScriptedErp:
    assert isinstance(harness.plugin, ScriptedErp)
    return harness.plugin


def _build_named_case(entry_id: str, named: str) -> Case:
    return build_case(
        attrs.evolve(build_document(), invoice_id=named, invoice_number=f"ACME-{entry_id}")
    )


def test_write_and_look_up_use_the_same_key() -> None:
    """If the answer of a write is lost, the look-up asks for the key that was written."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.accept("acme:5")
    _get_erp(harness).script("write", TimeoutError())
    harness.worker.run_once()
    harness.clock.advance(600)
    harness.worker.run_once()

    ((key, _),) = _get_erp(harness).writes[:1]
    asked = [keys for hook, keys in _get_erp(harness).calls if hook == "find"]
    assert "acme:5/1/1/bill" == key
    assert 3 == len(asked)
    assert {"acme:5/1/1/bill"} == {keys[0] for keys in asked}


def test_document_of_another_invoice_is_refused_at_send() -> None:
    """The entry is named ``acme:5``, its document names invoice 5: nothing is sent."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.host.cases["acme:5"] = _build_named_case("acme:5", "5")

    (result,) = harness.queue.send(["acme:5"], SENDER, connection="erp")

    assert ["document.other_invoice"] == [each.code for each in result.verdict.denials]
    assert ExportStatus.NOT_SENT is harness.get_status("acme:5")


def test_document_of_another_invoice_is_refused_before_the_first_write() -> None:
    """If the facts name another invoice before the first write, nothing is exported."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.accept("acme:5")
    harness.host.cases["acme:5"] = _build_named_case("acme:5", "5")
    harness.worker.run_once()

    assert ExportStatus.FAILED is harness.get_status("acme:5")
    assert ["document.other_invoice", "export.changed"] == harness.list_refusal_codes("acme:5")
    assert [] == _get_erp(harness).writes


def test_lines_of_another_amount_are_refused_at_send() -> None:
    """A document with another amount than the case is never posted."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.add_invoices("5000")
    cases = harness.host.cases
    cases["5000"] = attrs.evolve(cases["5000"], document=build_document(due="999999"))

    (result,) = harness.queue.send(["5000"], SENDER, connection="erp")

    fields = [each.facts["field"] for each in result.verdict.denials]
    assert ["gross", "retained"] == fields


def test_repeated_write_sends_the_stored_text() -> None:
    """A repeated write under its key has the same text as the first one."""
    terms = erp.StepTerms(look_up=erp.LookUp.NONE, replay=erp.Replay.EVERYTHING, enforces_key=True)
    declaration = attrs.evolve(ScriptedErp().declared, terms={"bill": terms})
    harness = WorkerHarness(plugin=ScriptedErp(declaration))
    harness.accept("acme:5")
    _get_erp(harness).script("write", TimeoutError())
    for _ in range(3):
        harness.worker.run_once()
        harness.clock.advance(600)

    assert ["acme:5/1/1/bill"] * 2 == [key for key, _ in _get_erp(harness).writes]
    assert ["acme:5/1/1/bill"] * 2 == [
        call.key.sent_as for call in harness.get_entry("acme:5").calls
    ]
    assert ExportStatus.SYNCED is harness.get_status("acme:5")
