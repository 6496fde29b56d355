"""The promises that a witness judges: numbers, keys, leases, receipts that were heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.vocabulary import Action

from .process import LEASE, START
from .promises import alarms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import AuditEvent

    from .process import Process
    from .recorder import Witness

__all__ = ["even", "leases", "unkept"]

_TAKEN_AWAY = frozenset({Action.RELEASE, Action.LOSE, Action.REFUSE})


def leases(
    events: Iterable[AuditEvent], holders: Mapping[str, Process]
) -> Iterator[tuple[str, str]]:
    """Nobody's lease is taken away before it is over, nor while its holder can renew it."""
    begun = ends = None
    for event in events:
        if event.denials and event.before is event.after:
            continue
        if event.action in {Action.CLAIM, Action.START} or "lease" in event.facts:
            begun, ends = event.at, event.at + LEASE
        elif event.action in _TAKEN_AWAY and "holder" in event.facts:
            holder = event.facts["holder"]
            if ends is not None and event.at < ends:
                early = (ends - event.at).total_seconds()
                yield "lease.taken_early", f"{holder} was to have it for {early:.0f} s more."
            elif begun is not None and _was_well(holders.get(holder), begun, event.at):
                yield "lease.not_renewed", f"{holder} was at it all the time."
            begun = ends = None


def _was_well(process: Process | None, begun: datetime, ended: datetime) -> bool:
    """Whether nothing kept a process from working between the two moments."""
    return process is not None and not any(
        since <= ended and until >= begun for since, until in process.troubles
    )


def even(events: Iterable[AuditEvent], now: datetime) -> Iterator[tuple[str, str]]:
    """Time goes on evenly, whatever a machine's clock says."""
    former = START
    for event in events:
        if not former <= event.at <= now:
            yield "time.uneven", f"Event {event.seq} says {event.at}, after {former}."
        former = event.at


def unkept(
    witness: Witness,
    entries: Mapping[str, QueueEntry],
    events: Mapping[str, list[AuditEvent]],
) -> Iterator[tuple[str, str, str]]:
    """A receipt that was heard, by a process that lived on, is kept, or an alarm is raised."""
    for heard in witness.heard:
        if not heard.is_to_be_kept:
            continue
        known = {held.receipt.erp_id for held in entries[heard.entry_id].holdings}
        if heard.erp_id not in known | alarms(events[heard.entry_id]):
            yield (
                "evidence.unheard",
                heard.entry_id,
                f"The receipt of {heard.erp_id} was heard, and nobody knows of it.",
            )
