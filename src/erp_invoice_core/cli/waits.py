"""The person or thing that an invoice waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..flow import Wait, WaitFor, build_unreadable_wait, find_wait
from ..stores import UnreadableEntry
from ..vocabulary import SENDABLE, ExportStatus, InvoiceStatus

if TYPE_CHECKING:
    from ..adapters import Connections
    from ..documents import QueueEntry


_PEOPLE = {
    ExportStatus.READY: "accounting approver",
    ExportStatus.FAILED: "accounting approver",
    ExportStatus.RETRIEVED: "sender",
    ExportStatus.REJECTED: "sender",
}


def find_next_actor(
    entry: QueueEntry, invoice: InvoiceStatus, connections: Connections
) -> str | None:
    """
    Return the person or thing that has to act next on an invoice.

    It is ``accounting approver``, ``sender``, ``worker``, ``adapter`` (a worker must wait, as the
    connection or its adapter is not loaded), ``person`` (who has to resolve or repair something),
    or ``None`` if the invoice is synced or not yet in a status that can be sent.
    """
    if entry.status is ExportStatus.SYNCED:
        return None
    if entry.status is ExportStatus.NOT_SENT:
        return "sender" if invoice in SENDABLE else None
    by_worker = entry.withdrawing or entry.status in {ExportStatus.ACCEPTED, ExportStatus.EXPORTING}
    if by_worker or (entry.status is ExportStatus.UNKNOWN and entry.due_at is not None):
        if not _is_served(entry.connection, connections):
            return "adapter"
        wait = find_wait(entry)
        return "person" if wait is not None and wait.waits_for is WaitFor.PERSON else "worker"
    return _PEOPLE.get(entry.status, "person")


def find_invoice_wait(
    entry: QueueEntry, invoice: InvoiceStatus, connections: Connections
) -> Wait | None:
    """Return the wait of an entry; ``None`` without one, or if the invoice cannot be sent yet."""
    if isinstance(entry, UnreadableEntry):
        return build_unreadable_wait(entry.id)
    if entry.status is ExportStatus.NOT_SENT and invoice not in SENDABLE:
        return None
    return find_wait(entry, is_served=_is_served(entry.connection, connections))


def _is_served(name: str | None, connections: Connections) -> bool:
    return any(each.name == name and each.adapter in connections.adapters for each in connections)
