"""Entries and changes with which the store contract tries a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from ..documents import Holding, Lease, QueueEntry, Receipt
from ..events import Change
from ..verdict import ALLOWED, Denial, Source, Verdict
from ..vocabulary import Action, ExportStatus, Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..documents import Key
    from ..stores import Store

__all__ = ["AT", "accepted", "bill", "changed", "claimed", "denied", "kept", "sent"]

#: When the samples happen (UTC).
AT = datetime(2026, 10, 31, 12, tzinfo=UTC)

_DENIAL = Denial("status.send", "Retrieve it first.", Source.STATUS)


def changed(
    entry: QueueEntry,
    action: Action = Action.SEND,
    *,
    command: str | None = None,
    facts: dict[str, str] | None = None,
    **fields: Any,  # noqa: ANN401 - the entry's own fields
) -> Change:
    """Return the change of an allowed attempt that gives the entry's fields these values."""
    after = attrs.evolve(entry, seq=entry.seq + 1, version=entry.version + 1, **fields)
    return Change(
        action=action,
        before=entry,
        after=after,
        at=AT,
        actor="pm",
        verdict=ALLOWED,
        facts=facts or {},
        command=command,
    )


def denied(entry: QueueEntry, *, command: str | None = None) -> Change:
    """Return the change of a refused attempt: only ``seq`` moves."""
    return Change(
        action=Action.SEND,
        before=entry,
        after=attrs.evolve(entry, seq=entry.seq + 1),
        at=AT,
        actor="pm",
        verdict=Verdict((_DENIAL,)),
        command=command,
    )


def sent(entry: QueueEntry, **fields: Any) -> Change:  # noqa: ANN401 - the entry's own fields
    """Return the change that sends the entry to the connection ``paper``."""
    return changed(entry, status=ExportStatus.READY, connection="paper", **fields)


def accepted(entry: QueueEntry, due: timedelta = timedelta(0), connection: str = "paper") -> Change:
    """Return the change after which the entry waits for a worker, so much after :data:`AT`."""
    return changed(
        entry,
        Action.ACCEPT,
        status=ExportStatus.ACCEPTED,
        connection=connection,
        due_at=AT + due,
    )


def claimed(entry: QueueEntry, lease: timedelta) -> Change:
    """Return the change that gives the entry to a worker for so long after :data:`AT`."""
    held = Lease(holder="worker", fencing=entry.fencing + 1, until=AT + lease)
    return changed(
        entry,
        Action.CLAIM,
        status=ExportStatus.EXPORTING,
        lease=held,
        fencing=entry.fencing + 1,
        due_at=None,
    )


def bill(erp_id: str, key: Key) -> Holding:
    """Return the receipt of a bill."""
    return Holding(Receipt(step="bill", erp_id=erp_id, role=Role.BILL), key)


def kept(store: Store, entry_id: str, make: Callable[[QueueEntry], Change] = sent) -> QueueEntry:
    """Change the entry as it stands, in a transaction of its own; return it as it is then."""
    with store.people() as transaction:
        change = make(transaction.entries([entry_id])[entry_id])
        transaction.save(change)
    return change.after
