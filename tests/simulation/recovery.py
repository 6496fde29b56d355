"""Recovery after the faults: ten quiet days, then truthful people act."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from erp_invoice_core.testing.samples import APPROVER, SENDER
from erp_invoice_core.verdict import Source
from erp_invoice_core.vocabulary import Action, ExportStatus

from .check import Findings, check_run, find_overlooked, find_stuck
from .invariants import Violation
from .truth import is_asked
from .verbs import look_in_erp, resolve_truthfully

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.queue import ExportQueue, Result

    from .workers import Workforce
    from .world import World

_TEN_DAYS = 864_000.0
_ROUNDS = 2
_RESTLESS = 300
_AT_ONCE = 20
_EVIDENCE = "Seen on the ERP's screen."


def recover(world: World, workforce: Workforce) -> Findings:
    """Let ten days pass, let people act on entries that wait for them, and check the run."""
    queue = world.queue()
    _send_again(world, queue)
    violations = _work_ten_days(world, workforce, queue)
    violations += find_stuck(world, world.peek.entries())
    violations += find_overlooked(world, world.peek).violations
    violations += find_unapproved(world, queue)
    asked = [entry for entry in world.peek.entries(sorted(world.set_back)) if is_asked(entry)]
    for entry in asked:
        look_in_erp(world, queue, entry, {})
    is_retried, found = retry_together(queue, world.host.ids)
    violations += found
    if is_retried or asked:
        violations += _work_ten_days(world, workforce, queue)
    for number in range(_ROUNDS):
        waiting = [entry for entry in world.peek.entries() if _waits(world, entry)]
        for entry in waiting:
            violations += _settle(world, queue, entry, number)
        if waiting:
            violations += _work_ten_days(world, workforce, queue)
    violations += _export_again(world, workforce, queue)
    findings = check_run(world, world.peek)
    findings.violations += [one for one in violations if one not in findings.violations]
    findings.violations += find_stuck(world, world.peek.entries())
    return findings


def _send_again(world: World, queue: ExportQueue) -> None:
    """After a restore, send and accept the invoices that look unsent."""
    for key in sorted(world.set_back):
        queue.send([key], SENDER, connection=world.connection_of(key))
        queue.resend([key], SENDER)
        queue.accept([key], APPROVER)


def _export_again(world: World, workforce: Workforce, queue: ExportQueue) -> list[Violation]:
    """After a restore, export again what failed: then a document from before it is found."""
    _send_again(world, queue)
    _, violations = retry_together(queue, sorted(world.set_back))
    return violations + (_work_ten_days(world, workforce, queue) if world.set_back else [])


def find_unapproved(world: World, queue: ExportQueue) -> list[Violation]:
    """Return the sent invoices that wait for an approver whom the company does not have."""
    waiting = [entry.id for entry in world.peek.entries() if entry.status is ExportStatus.READY]
    return [
        Violation("entry.nobody", answer.id, denial.message)
        for answer in queue.why_not(waiting, APPROVER, Action.ACCEPT)
        for denial in answer.verdict.denials
        if denial.source is Source.PERMISSION
    ]


def _work_ten_days(world: World, workforce: Workforce, queue: ExportQueue) -> list[Violation]:
    """Let a worker work for ten days in which nothing goes wrong."""
    worker = workforce.worker(queue)
    ends = world.scheduler.after(_TEN_DAYS)
    idle = 1.0
    for _ in range(_RESTLESS):
        try:
            worked = worker.run_once(limit=_AT_ONCE)
        except Exception:  # noqa: BLE001 - whatever our code did not foresee is what we look for
            return [Violation("error.unforeseen", "", traceback.format_exc())]
        wait = workforce.until_next()
        idle = 1.0 if worked else min(2 * idle, 3_600.0)
        if wait is None or world.scheduler.after(wait) > ends:
            world.scheduler.advance(ends)
            return []
        world.scheduler.sleep(max(wait, idle))
    return [Violation("worker.restless", "", "The workers do not become idle within ten days.")]


def _waits(world: World, entry: QueueEntry) -> bool:
    """Return whether the entry waits for a person."""
    if entry.status is ExportStatus.ACCEPTED:
        return entry.connection in world.gone
    return entry.status in {ExportStatus.UNKNOWN, ExportStatus.FAILED}


def _settle(world: World, queue: ExportQueue, entry: QueueEntry, number: int) -> list[Violation]:
    """Let a truthful person settle an entry that waits for a person; this must be possible."""
    ids = [entry.id]
    by_hand: list[Callable[[], list[Result]]] = [
        lambda: resolve_truthfully(world, queue, entry, {}),
        lambda: queue.retry(ids, APPROVER),
        lambda: queue.withdraw(ids, APPROVER),
        lambda: _withdraw_by_hand(world, queue, entry),
        lambda: queue.reject(ids, APPROVER, reason="It cannot be completed."),
        lambda: _reverse(world, queue, entry),
    ]
    if entry.id in world.set_back and is_asked(entry):
        by_hand.insert(0, lambda: look_in_erp(world, queue, entry, {}))
        number -= 1
    first = 0 if entry.status is ExportStatus.UNKNOWN else 1 + number
    ways = by_hand[first:] + by_hand[:first]
    for way in ways:
        results = way()
        if results and results[0].verdict:
            return []
    return [
        Violation(
            "entry.dead_end", entry.id, f"No action is possible in status {entry.status.value}."
        )
    ]


def _withdraw_by_hand(world: World, queue: ExportQueue, entry: QueueEntry) -> list[Result]:
    """Remove the leftover documents by hand and resolve the entry, without an adapter."""
    if entry.status is not ExportStatus.FAILED or not entry.living:
        return []
    for erp_document in world.documents_for(entry):
        erp_document.exists = False
    return queue.withdraw([entry.id], APPROVER, evidence=_EVIDENCE)


def _reverse(world: World, queue: ExportQueue, entry: QueueEntry) -> list[Result]:
    """Reverse in the ERP what the adapter cannot withdraw, and resolve it as gone."""
    for erp_document in world.documents_for(entry):
        erp_document.exists = False
    return resolve_truthfully(world, queue, entry, {})


# === One action for all invoices at once: each item is answered as it would be alone.


def retry_together(queue: ExportQueue, ids: Sequence[str]) -> tuple[bool, list[Violation]]:
    """
    Retry all invoices in one call, those that cannot be retried among them.

    Returns:
        If any can be retried at all, and the invariants that the call violated.
    """
    alone = [queue.why_not([key], APPROVER, Action.RETRY)[0] for key in ids]
    if not any(one.verdict for one in alone):
        return False, []
    try:
        together = queue.retry(ids, APPROVER)
    except Exception:  # noqa: BLE001 - whatever it is, nothing was done for any of them
        return True, [Violation("batch.sunk", "", traceback.format_exc())]
    return True, list(_compare_results(alone, together))


def _compare_results(alone: list[Result], together: list[Result]) -> Iterator[Violation]:
    if [one.id for one in alone] != [one.id for one in together]:
        yield Violation("batch.order", "", "The answers are not in the order of the items.")
        return
    for one, other in zip(alone, together, strict=True):
        moved = other.entry.status is ExportStatus.ACCEPTED
        if one.verdict and not other.verdict:
            yield Violation("batch.sunk", one.id, "It is refused beside others, and not alone.")
        elif other.verdict and not (one.verdict and moved):
            yield Violation("batch.green", one.id, "It is reported as done, but it is not.")
