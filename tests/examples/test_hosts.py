"""In every example host its own change and the queue's commit together, or not at all."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import (
    Action,
    Denied,
    ExportQueue,
    ExportStatus,
    HostMustRetry,
    NoTransaction,
    Worker,
)
from examples.harbor_point import AP, PM

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from erp_invoice_core import QueueEntry, Result

    from .programs import Host, Rival

_SOON = 0.3
_BOUND = 20.0


def _statuses(host: Host) -> dict[str, str]:
    return {entry.id: entry.status.value for entry in host.store.entries()}


def _dollars(host: Host, bill_id: str) -> str:
    """Return the amount that the accounting approver sees."""
    [entry] = host.store.entries([bill_id])
    assert entry.document is not None
    return str(entry.document.due)


def _run_in_background(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def test_both_are_committed(host: Host, rival: Rival) -> None:
    """The host's note and the queue's entry exist together, and not before the commit."""
    with host.transaction() as work:
        work.run("UPDATE bills SET sent_by = 'pm' WHERE id = 'B-1'")
        [answer] = work.queue.send(["B-1"], PM, connection="books", on=work.on)
        assert answer.verdict.allowed
        assert {} == _statuses(host)
        assert (50000, "") == rival.bills()["B-1"]

    assert {"B-1": "ready"} == _statuses(host)
    assert (50000, "pm") == rival.bills()["B-1"]


def test_both_are_rolled_back(host: Host, rival: Rival) -> None:
    """If the host wants all or none, one refusal undoes all: notes, entries and events."""
    with pytest.raises(Denied, match="Set it to Approved"):
        host.send_all(["B-1", "B-2", "B-3"])

    assert {} == _statuses(host)
    assert [] == list(host.store.feed())
    assert {"B-1": (50000, ""), "B-2": (12050, ""), "B-3": (7525, "")} == rival.bills()


def test_the_hosts_error_undoes_the_sending(host: Host) -> None:
    """An error of the host after the sending leaves nothing in the queue."""

    def fail_after_sending() -> None:
        with host.transaction() as work:
            work.queue.send(["B-1"], PM, connection="books", on=work.on)
            raise KeyError

    with pytest.raises(KeyError):
        fail_after_sending()

    assert {} == _statuses(host)


def test_a_refused_one_does_not_sink_the_others(host: Host, rival: Rival) -> None:
    """Of three bills the refused one is answered and kept in the history, the others are sent."""
    answers = host.send(["B-1", "B-2", "B-3"])

    assert [("B-1", True), ("B-2", False), ("B-3", True)] == [
        (answer.id, answer.verdict.allowed) for answer in answers
    ]
    assert {"B-1": "ready", "B-2": "not_sent", "B-3": "ready"} == _statuses(host)
    assert {"B-1": (50000, "pm"), "B-2": (12050, ""), "B-3": (7525, "pm")} == rival.bills()
    [event] = host.store.events("B-2")
    assert ["invoice.not_sendable"] == [denial.code for denial in event.denials]


def test_the_facts_see_what_the_transaction_has_changed(host: Host) -> None:
    """A bill that is approved in the transaction can be sent in it, with the amount set in it."""
    with host.transaction() as work:
        work.run("UPDATE bills SET status = 'approved', cents = 33300 WHERE id = 'B-2'")
        [answer] = work.queue.send(["B-2"], PM, connection="books", on=work.on)

    assert answer.verdict.allowed
    assert "333.00" == _dollars(host, "B-2")


def test_without_a_transaction_nothing_is_done(host: Host) -> None:
    """On a connection that has no transaction open the queue refuses, and nothing is stored."""
    with host.open_idle() as work, pytest.raises(NoTransaction, match="Begin one"):
        work.queue.send(["B-1"], PM, connection="books", on=work.on)

    assert {} == _statuses(host)


@pytest.mark.parametrize("known", [False, True], ids=["new to the queue", "known to the queue"])
def test_a_host_with_an_old_snapshot_runs_again(host: Host, rival: Rival, known: bool) -> None:
    """A host with an outdated snapshot gets HostMustRetry; the second run sends current data."""
    tries: list[str] = []
    if known:
        rival.edit("B-1", 50000)

    def work_through() -> list[Result]:
        with host.transaction(snapshot=True) as work:
            [(cents,)] = work.run("SELECT cents FROM bills WHERE id = 'B-1'")
            tries.append(f"read {cents}")
            if len(tries) == 1:
                assert rival.edit("B-1", 90000).allowed
            try:
                return work.queue.send(["B-1"], PM, connection="books", on=work.on)
            except HostMustRetry:
                tries.append("again")
                raise

    [answer] = host.run_with_retry(work_through)

    assert ["read 50000", "again", "read 90000"] == tries
    assert answer.verdict.allowed
    assert "900.00" == _dollars(host, "B-1")


def test_of_two_that_send_the_same_one_is_refused(host: Host, rival: Rival) -> None:
    """Of two programs that send one bill the second is refused, with the reason."""
    [first] = rival.send(["B-1"])
    [second] = host.send(["B-1"])

    assert (True, False) == (first.verdict.allowed, second.verdict.allowed)
    assert ["status.send"] == [denial.code for denial in second.verdict.denials]


def test_an_unguarded_edit_slips_in(host: Host, rival: Rival) -> None:
    """A send between a check and an edit without a guard: entry and bill no longer agree."""
    with host.open_idle() as work:
        [look] = work.queue.why_not(["B-1"], PM, Action.EDIT)
    assert look.verdict.allowed

    assert rival.send(["B-1"])[0].verdict.allowed
    with host.transaction() as work:
        work.run("UPDATE bills SET cents = 90000 WHERE id = 'B-1'")

    assert "500.00" == _dollars(host, "B-1")
    assert 90000 == rival.bills()["B-1"][0]


def test_a_guarded_edit_keeps_the_sending_waiting(
    host: Host, rival: Rival, monkeypatch: pytest.MonkeyPatch
) -> None:
    """During a guarded edit a sending waits, and then sends the edited bill."""
    sent = threading.Event()
    waiting: list[threading.Thread] = []
    guard = ExportQueue.guard

    def send() -> None:
        rival.send(["B-1"])
        sent.set()

    def guard_and_send(queue: ExportQueue, ids: Sequence[str], *, on: object) -> list[QueueEntry]:
        entries = guard(queue, ids, on=on)
        waiting.append(_run_in_background(send))
        assert not sent.wait(_SOON)
        return entries

    monkeypatch.setattr(ExportQueue, "guard", guard_and_send)
    verdict = host.edit("B-1", 90000)
    [thread] = waiting
    thread.join(_BOUND)

    assert verdict.allowed
    assert sent.is_set()
    assert "900.00" == _dollars(host, "B-1")
    assert 90000 == rival.bills()["B-1"][0]


def test_a_guarded_edit_after_the_sending_is_denied(host: Host, rival: Rival) -> None:
    """A guarded edit after a sending is denied, and the bill is unchanged."""
    rival.send(["B-1"])

    verdict = host.edit("B-1", 90000)

    assert ["status.edit"] == [denial.code for denial in verdict.denials]
    assert 50000 == rival.bills()["B-1"][0]


def test_what_was_sent_is_exported(host: Host, rival: Rival) -> None:
    """An approver accepts a bill from a host's transaction, and a worker exports it."""
    host.send(["B-1", "B-3"])
    queue = host.queue_for_workers()
    queue.accept(["B-1", "B-3"], AP)
    results = Worker(queue).run_once()

    assert [("B-1", ExportStatus.SYNCED), ("B-3", ExportStatus.SYNCED)] == [
        (result.id, result.entry.status) for result in results
    ]
