"""Of two invoices with one number of a vendor, the first to be sent gets the number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import Action, ExportStatus
from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import NumberUse, QueueEntry
from erp_invoice_core.flow import find_slot
from erp_invoice_core.queue.number_slots import NumberHolders
from tests.worker.harness import (
    APPROVER,
    EVERYTHING,
    SENDER,
    WorkerHarness,
    build_case,
    build_document,
    check_allowed,
)
from tests.worker.scripted_erp import ScriptedErp, build_declaration, build_receipt

if TYPE_CHECKING:
    from erp_invoice_core.documents import ExportDocument
    from erp_invoice_core.queue import Result

TAKEN = ["invoice.number_taken"]


def _build_document(id_: str, commitment: str, number: str) -> ExportDocument:
    return attrs.evolve(
        build_document(id_),
        commitment_id=commitment,
        commitment_number=f"SC-{commitment}",
        commitment_origin_id=f"C-{commitment}",
        invoice_number=number,
    )


def _build_harness(
    scope: erp.NumberScope = erp.NumberScope.VENDOR, *, knows: bool = True
) -> WorkerHarness:
    """Return a set-up with one number on two commitments, known to its host or not."""
    harness = WorkerHarness(plugin=ScriptedErp(build_declaration(number_scope=scope)))
    documents = (_build_document("5000", "100", "A-1"), _build_document("6000", "101", "A\u20111 "))
    for own, other in (documents, documents[::-1]):
        use = NumberUse(
            invoice_id=other.invoice_id,
            number=other.invoice_number or "",
            commitment_id=other.commitment_id,
            commitment_number=other.commitment_number,
        )
        uses = (use,) if knows else ()
        harness.host.cases[own.invoice_id] = attrs.evolve(build_case(own), number_uses=uses)
    return harness


def _plugin(harness: WorkerHarness) -> ScriptedErp:
    assert isinstance(harness.plugin, ScriptedErp)
    return harness.plugin


def _codes(results: list[Result]) -> list[list[str]]:
    return [[denial.code for denial in one.verdict.denials] for one in results]


def _send(harness: WorkerHarness, *ids: str) -> list[list[str]]:
    return _codes(harness.queue.send(list(ids), SENDER, connection="erp"))


def _send_one(harness: WorkerHarness) -> None:
    check_allowed(harness.queue.send(["5000"], SENDER, connection="erp"))


def _accept_one(harness: WorkerHarness) -> None:
    _send_one(harness)
    check_allowed(harness.queue.accept(["5000"], APPROVER))


def _sync_one(harness: WorkerHarness) -> None:
    _accept_one(harness)
    harness.worker.run_once()
    assert ExportStatus.SYNCED is harness.get_status("5000")


@pytest.mark.parametrize("first", [_send_one, _accept_one, _sync_one])
def test_the_second_is_denied_once_the_first_is_sent(first: object) -> None:
    """Sent, accepted or synced: the number is pending for the ERP, or in it."""
    harness = _build_harness()
    assert callable(first)
    first(harness)

    (result,) = harness.queue.why_not(["6000"], SENDER, connection="erp")

    assert [TAKEN] == _codes([result]) == _send(harness, "6000")
    (denial,) = result.verdict.denials
    assert ("5000", "A-1", "100") == tuple(
        denial.facts[name] for name in ("invoices", "numbers", "commitments")
    )
    assert "by invoice 5000 (A-1, SC-100)." in denial.message


def test_before_the_first_is_sent_the_second_gets_a_notice() -> None:
    """No entry has the number yet: a notice names the other invoice."""
    harness = _build_harness()
    (result,) = harness.queue.why_not(["6000"], SENDER, connection="erp")

    assert [[]] == _codes([result])
    assert ["invoice.number_shared"] == [notice.code for notice in result.verdict.notices]


def test_of_two_that_are_sent_at_once_the_first_is_sent() -> None:
    """One that was sent a moment before counts, also within one call."""
    assert [[], TAKEN] == _send(_build_harness(), "5000", "6000")


def test_an_erp_with_numbers_per_commitment_takes_both() -> None:
    """There another commitment has numbers of its own; sender and approver get a notice."""
    harness = _build_harness(erp.NumberScope.COMMITMENT)
    _sync_one(harness)
    results = harness.queue.send(["6000"], SENDER, connection="erp")
    results += harness.queue.accept(["6000"], APPROVER)

    assert [[], []] == _codes(results)
    assert [["invoice.number_shared"]] * 2 == [
        [notice.code for notice in one.verdict.notices] for one in results
    ]


def test_a_rejected_invoice_has_no_number_there() -> None:
    """A rejected invoice frees the number for the other one."""
    harness = _build_harness()
    _send_one(harness)
    check_allowed(harness.queue.reject(["5000"], APPROVER, reason="Booked twice."))

    assert [[]] == _send(harness, "6000")
    assert [TAKEN] == _codes(harness.queue.resend(["5000"], SENDER))


def test_another_number_there_is_not_the_same() -> None:
    """An entry holds the number with which it was sent, although the host has another one now."""
    harness = _build_harness()
    harness.host.add(_build_document("5000", "100", "A-7"))
    _send_one(harness)

    assert [[]] == _send(harness, "6000")


def test_a_corrected_number_is_that_of_the_next_sending() -> None:
    """An invoice that was sent with another number before needs the one that it has now."""
    harness = _build_harness()
    harness.host.add(_build_document("6000", "101", "A-7"))
    assert [[], []] == _send(harness, "5000", "6000")
    check_allowed(harness.queue.reject(["6000"], APPROVER, reason="Wrong number."))
    harness.host.cases.update(_build_harness().host.cases)

    assert [TAKEN] == _codes(harness.queue.resend(["6000"], SENDER))


def _both_sent(*, knows: bool) -> WorkerHarness:
    """Return a set-up with both sent, as by two people at once, and known to its host."""
    harness = _build_harness(knows=False)
    check_allowed(harness.queue.send(["5000", "6000"], SENDER, connection="erp"))
    harness.host.cases.update(_build_harness(knows=knows).host.cases)
    return harness


def test_of_two_that_were_sent_the_first_accepted_gets_it() -> None:
    """Approvers see a notice that the other invoice has the number."""
    harness = _both_sent(knows=True)
    check_allowed(harness.queue.accept(["5000"], APPROVER))

    assert [TAKEN] == _codes(harness.queue.accept(["6000"], APPROVER))
    check_allowed(harness.queue.reject(["6000"], APPROVER, reason="Booked already."))


def test_of_two_that_are_accepted_at_once_the_first_is_accepted() -> None:
    """The same within one call."""
    harness = _both_sent(knows=True)

    assert [[], TAKEN] == _codes(harness.queue.accept(["5000", "6000"], APPROVER))


def test_a_number_that_is_held_there_denies_acceptance() -> None:
    """If the host does not report the other invoice, the number slots do."""
    harness = _both_sent(knows=False)
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    harness.worker.run_once()

    (result,) = harness.queue.accept(["6000"], APPROVER)
    (denial,) = result.verdict.denials

    assert "invoice.number_taken" == denial.code
    assert "by invoice 5000 (A-1, SC-100)." in denial.message


def test_a_number_is_accepted_as_it_was_sent() -> None:
    """That the host has another number by now does not free the one that was sent."""
    harness = _both_sent(knows=False)
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    harness.worker.run_once()
    harness.host.add(_build_document("6000", "101", "A-9"))

    (codes,) = _codes(harness.queue.accept(["6000"], APPROVER))

    assert {"invoice.number_taken", "export.changed_since_sent"} == set(codes)


def test_a_number_that_was_taken_denies_another_try() -> None:
    """A conflict that would fail the export is denied at retry."""
    harness = _both_sent(knows=False)
    check_allowed(harness.queue.accept(["5000", "6000"], APPROVER))
    harness.worker.run_once()
    assert ExportStatus.FAILED is harness.get_status("6000")

    assert [TAKEN] == _codes(harness.queue.retry(["6000"], APPROVER))
    _plugin(harness).script("read", erp.Gone(harness.clock()))
    check_allowed(harness.queue.unlink(["5000"], EVERYTHING, evidence="Deleted there."))
    check_allowed(harness.queue.retry(["6000"], APPROVER))


def test_its_own_number_bars_no_entry() -> None:
    """An entry with a leftover document holds the number itself: it may be tried again."""
    bill, post = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
    harness = WorkerHarness(plugin=ScriptedErp(None, bill, post))
    harness.accept("5000")
    no = erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP))
    _plugin(harness).script("write", erp.Done(build_receipt("B-1")), erp.Refused(no))
    harness.worker.run_once()
    assert (ExportStatus.FAILED, True) == (harness.get_status(), harness.get_entry().is_left)

    check_allowed(harness.queue.retry(["5000"], APPROVER))


def test_entry_that_holds_the_number_may_continue() -> None:
    """Another invoice with the same number was accepted; this one has it in the ERP."""
    harness = _build_harness(knows=False)
    check_allowed(harness.queue.send(["5000", "6000"], SENDER, connection="erp"))
    check_allowed(harness.queue.accept(["5000", "6000"], APPROVER))
    own, other = harness.get_entry("5000"), harness.get_entry("6000")
    lines = harness.queue.connections
    slot = find_slot(own, build_declaration())
    assert slot is not None
    case_of_own = _build_harness().host.cases["5000"]
    numbers = NumberHolders(Action.RETRY, lines, {"5000": slot}, {slot: "5000"}, {"6000": other})

    assert numbers.find_holder(attrs.evolve(own, slot=slot), case_of_own) is None
    ahead = numbers.find_holder(own, case_of_own)
    assert ahead is not None
    assert "6000" == ahead.invoice_id


def test_entry_without_a_number_stops_no_other() -> None:
    """Another invoice without a number was sent before it."""
    harness = _build_harness()
    (case_of_own, other) = (harness.host.cases["5000"], harness.host.cases["6000"].document)
    assert other is not None
    bare = attrs.evolve(other, invoice_number=None)
    _send_one(harness)
    sent = attrs.evolve(harness.get_entry("5000"), id="6000", document=bare)
    numbers = NumberHolders(
        Action.SEND, harness.queue.connections, {"5000": None}, {}, {"6000": sent}
    )

    assert numbers.find_holder(QueueEntry(id="5000"), case_of_own) is None


def test_invoice_that_the_queue_does_not_have_stops_no_other() -> None:
    """The host names an invoice with the same number, which was not sent through the queue."""
    harness = _build_harness()
    _send_one(harness)
    slot = find_slot(harness.get_entry("5000"), build_declaration())
    numbers = NumberHolders(Action.SEND, harness.queue.connections, {"5000": slot}, {}, {})

    assert numbers.find_holder(QueueEntry(id="5000"), harness.host.cases["5000"]) is None


def test_holder_that_cannot_be_read_is_named_by_its_id() -> None:
    """The store has its number slot, and its entry is not among those that were read."""
    harness = _build_harness(knows=False)
    _send_one(harness)
    slot = find_slot(harness.get_entry("5000"), build_declaration())
    assert slot is not None
    numbers = NumberHolders(
        Action.SEND, harness.queue.connections, {"5000": slot}, {slot: "6000"}, {}
    )

    holder = numbers.find_holder(QueueEntry(id="5000"), harness.host.cases["5000"])

    assert NumberUse(invoice_id="6000", number="unknown") == holder
