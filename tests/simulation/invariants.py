"""The invariants of a run, each with its violation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.vocabulary import Action, ExportStatus

from .process import LEASE, START
from .truth import is_asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import AuditEvent
    from erp_invoice_core.stores import Store
    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument

    from .process import Process
    from .recorder import Recorder
    from .world import World


@attrs.frozen
class Violation:
    """A violated invariant, in a sentence."""

    code: str
    entry_id: str
    sentence: str


# === Invariants of one entry and its events.

#: The alarms, and by what each names the documents.
_NAMES = {
    "erp.second_document": "erp_id",
    "erp.several": "key",
    "export.restored_differs": "erp_id",
}


def list_alarms(events: Iterable[AuditEvent]) -> set[str]:
    """Return the ERP ids, or the keys, of the second documents that an alarm named."""
    return {
        denial.facts[_NAMES[denial.code]]
        for event in events
        for denial in event.denials
        if denial.code in _NAMES
    }


def check_alarms(
    entry: QueueEntry, events: Iterable[AuditEvent], twice: Iterable[ErpDocument]
) -> Iterator[Violation]:
    """An alarm names both documents if an ERP broke its declaration and booked twice."""
    known = {held.receipt.erp_id for held in entry.holdings} | list_alarms(events)
    for erp_document in twice:
        is_known = erp_document.id in known or erp_document.key in known
        if erp_document.exists and not is_known and not entry.in_doubt:
            yield Violation("alarm.missing", entry.id, f"No alarm names {erp_document.id}.")


def check_evidence(world: World, entry: QueueEntry, store: Store) -> Iterator[tuple[str, str]]:
    """No evidence is lost: an existing document is known, in doubt, or named by an alarm."""
    known = {held.receipt.erp_id for held in entry.living}
    for erp_document in world.documents_of(entry.id):
        if not erp_document.exists or erp_document.id in known or entry.in_doubt:
            continue
        if entry.id in world.set_back and is_asked(entry):
            continue
        if not {erp_document.id, erp_document.key} & list_alarms(store.events(entry.id)):
            yield "evidence.lost", f"{erp_document.id} exists in the ERP, and no entry knows it."


def check_receipts(world: World, entry: QueueEntry) -> Iterator[tuple[str, str]]:
    """No status is set from an error: every receipt names a document that the ERP made."""
    documents = {
        erp_document.id
        for network in world.networks.values()
        for erp_document in network.ledger.documents.values()
    }
    for held in entry.holdings:
        if held.receipt.erp_id not in documents:
            yield "receipt.made_up", f"{held.receipt.erp_id} is not a document of the ERP."


def check_booking(world: World, entry: QueueEntry) -> Iterator[tuple[str, str]]:
    """The booked document is the accepted one, and every step of it was carried out."""
    if entry.status is not ExportStatus.SYNCED or entry.acceptance is None:
        return
    documents = world.networks[entry.connection or ""].ledger.documents
    for held in entry.standing:
        erp_document = documents.get(held.receipt.erp_id)
        if erp_document is None or erp_document.key is None:
            continue
        if erp_document.invoice_id != entry.id:
            yield (
                "booked.another",
                f"{erp_document.id} was made for invoice {erp_document.invoice_id}.",
            )
        elif erp_document.digest != entry.acceptance.digest:
            yield "booked.otherwise", f"{erp_document.id} is not what was accepted."
        elif held.receipt.role is None and held.receipt.step not in erp_document.keys:
            yield "booked.half", f"{held.receipt.step} was never carried out on {erp_document.id}."
    missing = {step.name for step in entry.plan} - {held.receipt.step for held in entry.standing}
    if missing:
        yield "booked.half", f"There is no receipt for {', '.join(sorted(missing))}."


def check_commands(events: Iterable[AuditEvent]) -> Iterator[tuple[str, str]]:
    """A command that is repeated after a lost answer has its effect once."""
    counts = Counter(event.command for event in events if event.command and not _is_denied(event))
    for command, times in counts.items():
        if times > 1:
            yield "command.twice", f"{command} had its effect {times} times."


def _is_denied(event: AuditEvent) -> bool:
    return event.before is event.after


# === Invariants of leases, of time, and of received answers.

_TAKEN_AWAY = frozenset({Action.RELEASE, Action.LOSE, Action.REFUSE})


def check_leases(
    events: Iterable[AuditEvent], holders: Mapping[str, Process]
) -> Iterator[tuple[str, str]]:
    """A lease is not taken away before it is over, nor while its holder can renew it."""
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
                yield "lease.taken_early", f"The lease of {holder} was to last {early:.0f} s more."
            elif begun is not None and _was_well(holders.get(holder), begun, event.at):
                yield "lease.not_renewed", f"{holder} worked on it all the time."
            begun = ends = None


def _was_well(process: Process | None, begun: datetime, ended: datetime) -> bool:
    """Return whether the process could work all the time between the two moments."""
    return process is not None and not any(
        since <= ended and until >= begun for since, until in process.troubles
    )


def check_times(events: Iterable[AuditEvent], now: datetime) -> Iterator[tuple[str, str]]:
    """The times of events never go back, whatever a machine's clock says."""
    former = START
    for event in events:
        if not former <= event.at <= now:
            yield "time.uneven", f"Event {event.seq} says {event.at}, after {former}."
        former = event.at


def find_lost_receipts(
    recorder: Recorder,
    entries: Mapping[str, QueueEntry],
    events: Mapping[str, list[AuditEvent]],
) -> Iterator[tuple[str, str, str]]:
    """A receipt is stored, or an alarm names it, if the process that received it lived on."""
    for heard in recorder.heard:
        if not heard.is_to_be_kept:
            continue
        known = {held.receipt.erp_id for held in entries[heard.entry_id].holdings}
        if heard.erp_id not in known | list_alarms(events[heard.entry_id]):
            yield (
                "evidence.unheard",
                heard.entry_id,
                f"The receipt of {heard.erp_id} was received, and no entry knows it.",
            )
