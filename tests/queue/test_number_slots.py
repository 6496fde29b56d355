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
from tests.worker.harness import APPROVER, EVERYTHING, SENDER, Office, case, document, ok
from tests.worker.scripted_erp import Scripted, declaration, receipt

if TYPE_CHECKING:
    from erp_invoice_core.documents import ExportDocument
    from erp_invoice_core.queue import Result

TAKEN = ["invoice.number_taken"]


def _written(id_: str, commitment: str, number: str) -> ExportDocument:
    return attrs.evolve(
        document(id_),
        commitment_id=commitment,
        commitment_number=f"SC-{commitment}",
        commitment_origin_id=f"C-{commitment}",
        invoice_number=number,
    )


def _office(scope: erp.NumberScope = erp.NumberScope.VENDOR, *, knows: bool = True) -> Office:
    """Return a set-up with one number on two commitments, known to its host or not."""
    office = Office(plugin=Scripted(declaration(number_scope=scope)))
    papers = (_written("5000", "100", "A-1"), _written("6000", "101", "A\u20111 "))
    for own, other in (papers, papers[::-1]):
        use = NumberUse(
            invoice_id=other.invoice_id,
            number=other.invoice_number or "",
            commitment_id=other.commitment_id,
            commitment_number=other.commitment_number,
        )
        uses = (use,) if knows else ()
        office.host.cases[own.invoice_id] = attrs.evolve(case(own), number_uses=uses)
    return office


def _plugin(office: Office) -> Scripted:
    assert isinstance(office.plugin, Scripted)
    return office.plugin


def _codes(results: list[Result]) -> list[list[str]]:
    return [[denial.code for denial in one.verdict.denials] for one in results]


def _send(office: Office, *ids: str) -> list[list[str]]:
    return _codes(office.queue.send(list(ids), SENDER, connection="erp"))


def _sent(office: Office) -> None:
    ok(office.queue.send(["5000"], SENDER, connection="erp"))


def _accepted(office: Office) -> None:
    _sent(office)
    ok(office.queue.accept(["5000"], APPROVER))


def _synced(office: Office) -> None:
    _accepted(office)
    office.worker.run_once()
    assert ExportStatus.SYNCED is office.status("5000")


@pytest.mark.parametrize("first", [_sent, _accepted, _synced])
def test_the_second_is_denied_once_the_first_is_sent(first: object) -> None:
    """Sent, accepted or synced: the number is pending for the ERP, or in it."""
    office = _office()
    assert callable(first)
    first(office)

    (result,) = office.queue.why_not(["6000"], SENDER, connection="erp")

    assert [TAKEN] == _codes([result]) == _send(office, "6000")
    (denial,) = result.verdict.denials
    assert ("5000", "A-1", "100") == tuple(
        denial.facts[name] for name in ("invoices", "numbers", "commitments")
    )
    assert "invoice 5000 (A-1) of commitment SC-100 has it" in denial.message


def test_before_the_first_is_sent_the_second_gets_a_notice() -> None:
    """No entry has the number yet: a notice names the other invoice."""
    office = _office()
    (result,) = office.queue.why_not(["6000"], SENDER, connection="erp")

    assert [[]] == _codes([result])
    assert ["invoice.number_shared"] == [notice.code for notice in result.verdict.notices]


def test_of_two_that_are_sent_at_once_the_first_is_sent() -> None:
    """One that was sent a moment before counts, also within one call."""
    assert [[], TAKEN] == _send(_office(), "5000", "6000")


def test_an_erp_with_numbers_per_commitment_takes_both() -> None:
    """There another commitment has numbers of its own; sender and approver get a notice."""
    office = _office(erp.NumberScope.COMMITMENT)
    _synced(office)
    results = office.queue.send(["6000"], SENDER, connection="erp")
    results += office.queue.accept(["6000"], APPROVER)

    assert [[], []] == _codes(results)
    assert [["invoice.number_shared"]] * 2 == [
        [notice.code for notice in one.verdict.notices] for one in results
    ]


def test_a_rejected_invoice_has_no_number_there() -> None:
    """A rejected invoice frees the number for the other one."""
    office = _office()
    _sent(office)
    ok(office.queue.reject(["5000"], APPROVER, reason="Booked twice."))

    assert [[]] == _send(office, "6000")
    assert [TAKEN] == _codes(office.queue.resend(["5000"], SENDER))


def test_another_number_there_is_not_the_same() -> None:
    """An entry holds the number with which it was sent, although the host has another one now."""
    office = _office()
    office.host.put(_written("5000", "100", "A-7"))
    _sent(office)

    assert [[]] == _send(office, "6000")


def _both_sent(*, knows: bool) -> Office:
    """Return a set-up with both sent, as by two people at once, and known to its host."""
    office = _office(knows=False)
    ok(office.queue.send(["5000", "6000"], SENDER, connection="erp"))
    office.host.cases.update(_office(knows=knows).host.cases)
    return office


def test_of_two_that_were_sent_the_first_accepted_gets_it() -> None:
    """Approvers see a notice that the other invoice has the number."""
    office = _both_sent(knows=True)
    ok(office.queue.accept(["5000"], APPROVER))

    assert [TAKEN] == _codes(office.queue.accept(["6000"], APPROVER))
    ok(office.queue.reject(["6000"], APPROVER, reason="Booked already."))


def test_of_two_that_are_accepted_at_once_the_first_is_accepted() -> None:
    """The same within one call."""
    office = _both_sent(knows=True)

    assert [[], TAKEN] == _codes(office.queue.accept(["5000", "6000"], APPROVER))


def test_a_number_that_is_held_there_denies_acceptance() -> None:
    """If the host does not report the other invoice, the number slots do."""
    office = _both_sent(knows=False)
    ok(office.queue.accept(["5000"], APPROVER))
    office.worker.run_once()

    (result,) = office.queue.accept(["6000"], APPROVER)
    (denial,) = result.verdict.denials

    assert "invoice.number_taken" == denial.code
    assert "invoice 5000 (A-1) of commitment SC-100 has it" in denial.message


def test_a_number_that_was_taken_denies_another_try() -> None:
    """A conflict that would fail the export is denied at retry."""
    office = _both_sent(knows=False)
    ok(office.queue.accept(["5000", "6000"], APPROVER))
    office.worker.run_once()
    assert ExportStatus.FAILED is office.status("6000")

    assert [TAKEN] == _codes(office.queue.retry(["6000"], APPROVER))
    _plugin(office).answer("read", erp.Gone(office.clock()))
    ok(office.queue.unlink(["5000"], EVERYTHING, evidence="Deleted there."))
    ok(office.queue.retry(["6000"], APPROVER))


def test_its_own_number_bars_no_entry() -> None:
    """An entry with a leftover document holds the number itself: it may be tried again."""
    bill, post = erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post")
    office = Office(plugin=Scripted(None, bill, post))
    office.accept("5000")
    no = erp.deny(erp.Denial("scripted.closed", "Open the period.", erp.Source.ERP))
    _plugin(office).answer("write", erp.Done(receipt("B-1")), erp.Refused(no))
    office.worker.run_once()
    assert (ExportStatus.FAILED, True) == (office.status(), office.entry().is_left)

    ok(office.queue.retry(["5000"], APPROVER))


def test_entry_that_holds_the_number_may_continue() -> None:
    """Another invoice with the same number was accepted; this one has it in the ERP."""
    office = _office(knows=False)
    ok(office.queue.send(["5000", "6000"], SENDER, connection="erp"))
    ok(office.queue.accept(["5000", "6000"], APPROVER))
    own, other = office.entry("5000"), office.entry("6000")
    lines = office.queue.connections
    slot = find_slot(own, declaration())
    assert slot is not None
    case_of_own = _office().host.cases["5000"]
    numbers = NumberHolders(Action.RETRY, lines, {"5000": slot}, {slot: "5000"}, {"6000": other})

    assert numbers.find_holder(attrs.evolve(own, slot=slot), case_of_own) is None
    ahead = numbers.find_holder(own, case_of_own)
    assert ahead is not None
    assert "6000" == ahead.invoice_id


def test_entry_without_a_number_stops_no_other() -> None:
    """Another invoice without a number was sent before it."""
    office = _office()
    (case_of_own, other) = (office.host.cases["5000"], office.host.cases["6000"].document)
    assert other is not None
    bare = attrs.evolve(other, invoice_number=None)
    _sent(office)
    sent = attrs.evolve(office.entry("5000"), id="6000", document=bare)
    numbers = NumberHolders(
        Action.SEND, office.queue.connections, {"5000": None}, {}, {"6000": sent}
    )

    assert numbers.find_holder(QueueEntry(id="5000"), case_of_own) is None
