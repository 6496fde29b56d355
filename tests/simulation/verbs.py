"""The actions of people on one invoice, in the queue and in the ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from erp_invoice_core.flow import add_entry_facts, build_entry_case
from erp_invoice_core.rules import decide
from erp_invoice_core.stores import CommitUnknown, StoreError
from erp_invoice_core.testing.samples import ADMIN, APPROVER, SENDER
from erp_invoice_core.vocabulary import Action, ExportStatus

from .decisions import menu
from .truth import is_asked, resolve_after_restore, resolve_entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.queue import ExportQueue, Result

    from .simulated_store import SimulatedStore
    from .world import World

_EVIDENCE = "Seen on the ERP's screen."

_SEND = menu((6, "send"), (1, "edit"))
_RESEND = menu((3, "resend"), (3, "edit"))
_READY = menu((8, "accept"), (1, "reject"), (1, "retrieve"))
_BUSY = menu((4, "wait"), (1, "reject"), (1, "withdraw"), (1, "edit"), (1, "rule"))
_UNKNOWN = menu((2, "wait"), (4, "rule"), (1, "edit"))
_FAILED = menu((3, "retry"), (5, "withdraw"), (4, "reject"), (1, "rule"), (1, "edit"))
_SYNCED = menu((2, "wait"), (1, "edit"), (4, "unlink"))
#: The actions that people try, by the invoice's status; many are denied.
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


def resolve_truthfully(
    world: World, queue: ExportQueue, entry: QueueEntry, options: dict[str, Any]
) -> list[Result]:
    """Look into the ERP and resolve the entry truthfully."""
    resolution = resolve_entry(entry, world.documents_for(entry))
    if resolution is None:
        return []
    options = {**options, "expect": entry.version}
    erp = queue.connections.find_declaration(entry.connection)
    bounds = [erp.terms_of(call.step_kind).settles_within if erp else None for call in entry.calls]
    is_early = entry.id in world.set_back and world.scheduler.now < world.settled_at
    if (resolution.absent or resolution.steps_absent) and (None in bounds or is_early):
        world.ruled.add(entry.id)
    with world.scheduler.act_unhindered():
        return queue.rule([entry.id], ADMIN, resolution=resolution, evidence=_EVIDENCE, **options)


def look_in_erp(
    world: World, queue: ExportQueue, entry: QueueEntry, options: dict[str, Any]
) -> list[Result]:
    """After a restore, remove documents that are not as accepted, then resolve or retry."""
    steps = world.networks[entry.connection or ""].traits.plan.steps
    resolution, others = resolve_after_restore(entry, world.documents_of(entry.id), steps)
    for erp_document in others:
        erp_document.exists = False
    with world.scheduler.act_unhindered():
        if resolution is not None:
            options = {**options, "expect": entry.version}
            return queue.rule(
                [entry.id], ADMIN, resolution=resolution, evidence=_EVIDENCE, **options
            )
        return queue.retry([entry.id], APPROVER, **options)


def _retry(
    world: World, queue: ExportQueue, entry: QueueEntry, options: dict[str, Any]
) -> list[Result]:
    if entry.id in world.set_back and is_asked(entry):
        return look_in_erp(world, queue, entry, options)
    return queue.retry([entry.id], APPROVER, **options)


def _send(
    world: World, queue: ExportQueue, entry: QueueEntry, options: dict[str, Any]
) -> list[Result]:
    where = world.connection_of(entry.id)
    return queue.send([entry.id], SENDER, connection=where, **options)


def _withdraw(
    world: World, queue: ExportQueue, entry: QueueEntry, options: dict[str, Any]
) -> list[Result]:
    """Let the worker remove it, or remove it in the ERP and resolve the entry."""
    evidence = None
    if world.decisions.pick((0, 1)):
        evidence = _EVIDENCE
        known = {held.receipt.erp_id for held in entry.living}
        for erp_document in world.documents_for(entry):
            erp_document.exists = erp_document.exists and erp_document.id not in known
    with world.scheduler.act_unhindered():
        return queue.withdraw([entry.id], APPROVER, evidence=evidence, **options)


def _unlink(
    world: World, queue: ExportQueue, entry: QueueEntry, options: dict[str, Any]
) -> list[Result]:
    """Delete its documents in the ERP, and unlink it."""
    for erp_document in world.documents_for(entry):
        erp_document.exists = False
    with world.scheduler.act_unhindered():
        return queue.unlink([entry.id], ADMIN, evidence=_EVIDENCE, **options)


#: The call of each verb: on the queue, with an entry and the options of every verb.
PERFORM: dict[str, Callable[[World, ExportQueue, QueueEntry, dict[str, Any]], list[Result]]] = {
    "send": _send,
    "resend": lambda _, queue, entry, options: queue.resend([entry.id], SENDER, **options),
    "retrieve": lambda _, queue, entry, options: queue.retrieve([entry.id], SENDER, **options),
    "accept": lambda _, queue, entry, options: queue.accept([entry.id], APPROVER, **options),
    "retry": _retry,
    "reject": lambda _, queue, entry, options: queue.reject(
        [entry.id], APPROVER, reason="Wrong job.", **options
    ),
    "withdraw": _withdraw,
    "rule": resolve_truthfully,
    "unlink": _unlink,
}


# === An edit by the host, in one transaction with reading the entry.


def edit_invoice(world: World, queue: ExportQueue, invoice_id: str) -> None:
    """Edit the invoice if that is allowed, in one transaction with reading its entry."""
    store: SimulatedStore = queue.store  # type: ignore[assignment]  # this is what we gave it
    amount = world.host.amounts[invoice_id]
    try:
        with store.people() as transaction:
            entry = transaction.entries([invoice_id])[invoice_id]
            case = world.host.case(invoice_id) if not entry.seq else build_entry_case(entry)
            whole = add_entry_facts(
                case, entry, at=queue.clock(), actor=SENDER, policy=queue.policy, erp=None
            )
            if decide(Action.EDIT, whole):
                _record_edit(world, entry)
                world.host.amounts[invoice_id] = 250 - amount
    except CommitUnknown:
        if not store.kept:
            world.host.amounts[invoice_id] = amount
    except StoreError:
        world.host.amounts[invoice_id] = amount


def _record_edit(world: World, entry: QueueEntry) -> None:
    """Record an edit of an invoice that has a document in the ERP."""
    for erp_document in world.documents_of(entry.id):
        if erp_document.exists:
            world.edited.append((entry.id, erp_document.id))
