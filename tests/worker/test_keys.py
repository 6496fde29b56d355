"""Writes and look-ups take the idempotency key from the entry."""

from __future__ import annotations

import attrs

from erp_invoice_core import Case, ExportStatus
from erp_invoice_core import adapters as erp
from tests.worker.harness import SENDER, Office, case, document
from tests.worker.scripted_erp import Scripted


def _scripted(office: Office) -> Scripted:
    assert isinstance(office.plugin, Scripted)
    return office.plugin


def _named(entry_id: str, named: str) -> Case:
    return case(attrs.evolve(document(), invoice_id=named, invoice_number=f"ACME-{entry_id}"))


def test_write_and_look_up_use_the_same_key() -> None:
    """If the answer of a write is lost, the look-up asks for the key that was written."""
    office = Office(plugin=Scripted())
    office.accept("acme:5")
    _scripted(office).answer("write", TimeoutError())
    office.worker.run_once()
    office.clock.advance(600)
    office.worker.run_once()

    ((key, _),) = _scripted(office).written[:1]
    asked = [keys for hook, keys in _scripted(office).calls if hook == "find"]
    assert "acme:5/1/1/bill" == key
    assert 3 == len(asked)
    assert {"acme:5/1/1/bill"} == {keys[0] for keys in asked}


def test_document_of_another_invoice_is_refused_at_send() -> None:
    """The entry is named ``acme:5``, its document names invoice 5: nothing is sent."""
    office = Office(plugin=Scripted())
    office.host.cases["acme:5"] = _named("acme:5", "5")

    (result,) = office.queue.send(["acme:5"], SENDER, connection="erp")

    assert ["document.other_invoice"] == [each.code for each in result.verdict.denials]
    assert ExportStatus.NOT_SENT is office.status("acme:5")


def test_document_of_another_invoice_is_refused_before_the_first_write() -> None:
    """If the facts name another invoice before the first write, nothing is exported."""
    office = Office(plugin=Scripted())
    office.accept("acme:5")
    office.host.cases["acme:5"] = _named("acme:5", "5")
    office.worker.run_once()

    assert ExportStatus.FAILED is office.status("acme:5")
    assert ["document.other_invoice", "export.changed"] == office.codes("acme:5")
    assert [] == _scripted(office).written


def test_lines_of_another_amount_are_refused_at_send() -> None:
    """A document with another amount than the case is never posted."""
    office = Office(plugin=Scripted())
    office.have("5000")
    cases = office.host.cases
    cases["5000"] = attrs.evolve(cases["5000"], document=document(due="999999"))

    (result,) = office.queue.send(["5000"], SENDER, connection="erp")

    fields = [each.facts["field"] for each in result.verdict.denials]
    assert ["gross", "retained"] == fields


def test_repeated_write_sends_the_stored_text() -> None:
    """A repeated write under its key has the same text as the first one."""
    terms = erp.StepTerms(look_up=erp.LookUp.NONE, replay=erp.Replay.EVERYTHING, enforces_key=True)
    told = attrs.evolve(Scripted().told, terms={"bill": terms})
    office = Office(plugin=Scripted(told))
    office.accept("acme:5")
    _scripted(office).answer("write", TimeoutError())
    for _ in range(3):
        office.worker.run_once()
        office.clock.advance(600)

    assert ["acme:5/1/1/bill"] * 2 == [key for key, _ in _scripted(office).written]
    assert ["acme:5/1/1/bill"] * 2 == [call.key.sent_as for call in office.entry("acme:5").calls]
    assert ExportStatus.SYNCED is office.status("acme:5")
