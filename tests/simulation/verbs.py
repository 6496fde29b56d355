"""What people do about one invoice: verbs of the queue, and what they do in the ERP for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from erp_invoice_core.vocabulary import ExportStatus

from .decisions import menu
from .host import ADMIN, APPROVER, SENDER
from .truth import after_restore, is_asked, truthful

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.queue import ExportQueue, Result

    from .world import World

__all__ = ["DEEDS", "VERBS", "looked", "ruled"]

_EVIDENCE = "Seen on the ERP's screen."

_SEND = menu((6, "send"), (1, "edit"))
_RESEND = menu((3, "resend"), (3, "edit"))
_READY = menu((8, "accept"), (1, "reject"), (1, "retrieve"))
_BUSY = menu((4, "wait"), (1, "reject"), (1, "withdraw"), (1, "edit"), (1, "rule"))
_UNKNOWN = menu((2, "wait"), (4, "rule"), (1, "edit"))
_FAILED = menu((3, "retry"), (5, "withdraw"), (4, "reject"), (1, "rule"), (1, "edit"))
_SYNCED = menu((2, "wait"), (1, "edit"), (4, "unlink"))
#: What people do with an invoice, by where it stands; much of it is denied.
VERBS = {
    ExportStatus.NOT_SENT: _SEND,
    ExportStatus.RETRIEVED: _SEND,
    ExportStatus.REJECTED: _RESEND,
    ExportStatus.READY: _READY,
    ExportStatus.ACCEPTED: _BUSY,
    ExportStatus.EXPORTING: _BUSY,
    ExportStatus.UNKNOWN: _UNKNOWN,
    ExportStatus.FAILED: _FAILED,
    ExportStatus.SYNCED: _SYNCED,
}


def ruled(
    world: World, queue: ExportQueue, entry: QueueEntry, said: dict[str, Any]
) -> list[Result]:
    """Look into the ERP and rule what is true there at this moment."""
    ruling = truthful(entry, world.papers_for(entry))
    if ruling is None:
        return []
    said = {**said, "expect": entry.version}
    erp = queue.lines.declaration(entry.connection)
    bounds = [erp.terms_of(call.step_kind).settles_within if erp else None for call in entry.calls]
    is_early = entry.id in world.set_back and world.scheduler.now < world.settled_at
    if (ruling.absent or ruling.steps_absent) and (None in bounds or is_early):
        world.ruled.add(entry.id)
    with world.scheduler.unhindered():
        return queue.rule([entry.id], ADMIN, ruling=ruling, evidence=_EVIDENCE, **said)


def looked(
    world: World, queue: ExportQueue, entry: QueueEntry, said: dict[str, Any]
) -> list[Result]:
    """After a restore: look in the ERP, remove what is not as accepted, then resolve or retry."""
    steps = world.networks[entry.connection or ""].books.traits.plan.steps
    ruling, others = after_restore(entry, world.papers_of(entry.id), steps)
    for paper in others:
        paper.lives = False
    with world.scheduler.unhindered():
        if ruling is not None:
            said = {**said, "expect": entry.version}
            return queue.rule([entry.id], ADMIN, ruling=ruling, evidence=_EVIDENCE, **said)
        return queue.retry([entry.id], APPROVER, **said)


def _retried(
    world: World, queue: ExportQueue, entry: QueueEntry, said: dict[str, Any]
) -> list[Result]:
    if entry.id in world.set_back and is_asked(entry):
        return looked(world, queue, entry, said)
    return queue.retry([entry.id], APPROVER, **said)


def _sent(
    world: World, queue: ExportQueue, entry: QueueEntry, said: dict[str, Any]
) -> list[Result]:
    where = world.connection_of(entry.id)
    return queue.send([entry.id], SENDER, connection=where, **said)


def _withdrawn(
    world: World, queue: ExportQueue, entry: QueueEntry, said: dict[str, Any]
) -> list[Result]:
    """Have it removed by the worker; or remove it over there, and say so."""
    evidence = None
    if world.decisions.pick((0, 1)):
        evidence = _EVIDENCE
        known = {held.receipt.erp_id for held in entry.living}
        for paper in world.papers_for(entry):
            paper.lives = paper.lives and paper.id not in known
    with world.scheduler.unhindered():
        return queue.withdraw([entry.id], APPROVER, evidence=evidence, **said)


def _unlinked(
    world: World, queue: ExportQueue, entry: QueueEntry, said: dict[str, Any]
) -> list[Result]:
    """Delete its documents over there, and part it from them."""
    for paper in world.papers_for(entry):
        paper.lives = False
    with world.scheduler.unhindered():
        return queue.unlink([entry.id], ADMIN, evidence=_EVIDENCE, **said)


#: How each verb is said: to the queue, about an entry, with what is said with every verb.
DEEDS: dict[str, Callable[[World, ExportQueue, QueueEntry, dict[str, Any]], list[Result]]] = {
    "send": _sent,
    "resend": lambda _, queue, entry, said: queue.resend([entry.id], SENDER, **said),
    "retrieve": lambda _, queue, entry, said: queue.retrieve([entry.id], SENDER, **said),
    "accept": lambda _, queue, entry, said: queue.accept([entry.id], APPROVER, **said),
    "retry": _retried,
    "reject": lambda _, queue, entry, said: queue.reject(
        [entry.id], APPROVER, reason="Wrong job.", **said
    ),
    "withdraw": _withdrawn,
    "rule": ruled,
    "unlink": _unlinked,
}
