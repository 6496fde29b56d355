"""Checks of a run: its events, its entries, and the documents of the fake ERPs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.adapters import LookUp
from erp_invoice_core.stores import verify
from erp_invoice_core.testing.fake_erp.ledger import Enforces
from erp_invoice_core.vocabulary import ExportStatus

from .erp_traits import Row
from .faults import Fault
from .invariants import (
    Violation,
    check_alarms,
    check_booking,
    check_commands,
    check_evidence,
    check_leases,
    check_receipts,
    check_times,
    find_lost_receipts,
)
from .process import START

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import AuditEvent
    from erp_invoice_core.stores import Store, Stored

    from .world import World

_ALL = 10**6


@attrs.define
class Findings:
    """
    The result of the checks of a run.

    Attributes:
        excluded: Number of violations that the promise table does not cover, by reason.
        unknowns: Number of exports that became unknown; ``resolved`` of them did not stay so.
        seal: A digest of all events.
    """

    violations: list[Violation] = attrs.Factory(list)
    excluded: Counter[str] = attrs.Factory(Counter)
    unknowns: int = 0
    resolved: int = 0
    seal: str = ""

    def note(self, events: Iterable[AuditEvent]) -> None:
        """Count the exports that became unknown, and those that did not stay so."""
        for event in events:
            became = event.after is ExportStatus.UNKNOWN
            was = event.before is ExportStatus.UNKNOWN
            self.unknowns += became and not was
            self.resolved += was and not became

    def add_violation(self, world: World, code: str, entry: QueueEntry, sentence: str) -> None:
        """Add a violation, unless the promise table excludes it."""
        exclusion = exclusion_of(world, code, entry)
        if exclusion is None:
            self.violations.append(Violation(code, entry.id, sentence))
        else:
            self.excluded[f"{code}: {exclusion}"] += 1


#: The statuses of an invoice for which no document may be made, until it is sent.
_NOT_SENT = frozenset({ExportStatus.NOT_SENT, ExportStatus.RETRIEVED, ExportStatus.REJECTED})


def exclusion_of(world: World, code: str, entry: QueueEntry) -> str | None:
    """Return why the promise table does not cover that entry, if it does not."""
    # A restored invoice that cannot be sent again has no connection.
    connection = entry.connection or world.connection_of(entry.id)
    network = world.networks[connection]
    traits = network.traits
    if network.lies:
        return "the ERP broke its declaration"
    if code == "booked.twice" and traits.enforces is Enforces.NUMBER:
        return None
    is_found = traits.look_up is LookUp.KEY and connection not in world.gone
    if entry.id in world.ruled and not (code == "evidence.lost" and is_found):
        return "a person resolved absence too early"
    if entry.id in world.renumbered and traits.look_up is LookUp.NUMBER:
        return "renumbered in the ERP while in doubt"
    return exclusion_since_restore(world, code, entry)


def exclusion_since_restore(world: World, code: str, entry: QueueEntry) -> str | None:
    """Return why the promise table does not cover an entry after a restore, if it does not."""
    if entry.id not in world.set_back:
        return None
    connection = entry.connection or world.connection_of(entry.id)
    traits = world.networks[connection].traits
    by_number = traits.look_up is LookUp.NUMBER and world.host.manner != "blank"
    is_found = by_number or traits.look_up is LookUp.KEY
    is_read = traits.enforces is Enforces.KEY and not is_found
    is_unbounded = traits.row is Row.NO_BOUND or connection in world.less
    # An ERP that enforces keys or numbers makes no second document, but may make the first one at
    # any time: the entry learns of it when it is sent again.
    is_late = code == "evidence.lost" and not traits.is_bounded
    is_synced = entry.status is ExportStatus.SYNCED
    ledger = code in {"booked.twice", "evidence.lost"}
    reasons = (
        (code == "lock.broken", "the invoice looked unsent"),
        (code == "number.twice" and not by_number, "the number is not looked up"),
        (code == "number.late" and not traits.is_bounded, "no bound is declared"),
        (ledger and is_synced and is_sent_anew(world, entry), "the invoice had been sent anew"),
        (ledger and connection in world.gone, "its adapter is gone"),
        (ledger and (is_unbounded or is_late), "no bound is declared"),
        (ledger and is_read, "its document has a later key, and cannot be looked up"),
        (ledger and is_number_taken(world, entry), "it cannot be sent: its number is taken"),
        (ledger and is_left_with_earlier(entry), "an earlier document has to be withdrawn first"),
    )
    found = next((why for holds, why in reasons if holds), None)
    return f"the database was restored, and {found}" if found else None


def is_number_taken(world: World, entry: QueueEntry) -> bool:
    """Return whether an invoice that is not sent cannot be, as another one holds its number."""
    if entry.document is None or entry.status not in _NOT_SENT:
        return False
    number = entry.document.invoice_number
    return any(
        other.slot is not None
        for other in world.peek.entries()
        if other.id != entry.id
        and other.connection == entry.connection
        and other.document is not None
        and other.document.invoice_number == number
    )


def is_left_with_earlier(entry: QueueEntry) -> bool:
    """Return whether a failed export left a document, so that no other one is looked up yet."""
    return entry.status is ExportStatus.FAILED and bool(entry.living)


def is_sent_anew(world: World, entry: QueueEntry) -> bool:
    """Return whether the ERP has a document of a later generation than the entry's."""
    return any(
        erp_document.exists and erp_document.generation > entry.generation
        for erp_document in world.documents_of(entry.id)
    )


def is_shown(world: World, entry: QueueEntry) -> bool:
    """Return whether an ERP that broke its declaration shows both documents in the end."""
    network = world.networks[entry.connection or ""]
    shows = network.traits.look_up is LookUp.KEY and entry.connection not in world.gone
    return bool(network.lies) and shows and not network.lies[Fault.LIE_KEY]


def find_overlooked(world: World, store: Store) -> Findings:
    """Return the documents that exist now and that no entry knows."""
    findings = Findings()
    for entry in store.entries(world.host.ids):
        for code, sentence in check_evidence(world, entry, store):
            findings.add_violation(world, code, entry, sentence)
    return findings


def check_run(world: World, store: Store) -> Findings:
    """Check every invariant on the current state of the run."""
    findings = find_overlooked(world, store)
    fed = store.feed(0, _ALL)
    entries = {entry.id: entry for entry in store.entries(world.host.ids)}
    events_of = {key: [one.event for one in fed if one.event.entry_id == key] for key in entries}
    for entry in entries.values():
        events = events_of[entry.id]
        for code, sentence in (
            *check_receipts(world, entry),
            *check_booking(world, entry),
            *check_commands(events),
            *check_leases(events, world.holders),
            *check_times(events, world.scheduler.now),
        ):
            findings.add_violation(world, code, entry, sentence)
        findings.note(events)
    for older, younger in world.twice:
        entry = entries[younger.invoice_id or ""]
        sentence = f"{younger.id} was made while {older.id} existed."
        findings.add_violation(world, "booked.twice", entry, sentence)
        if is_shown(world, entry) and entry.id not in world.set_back:
            findings.violations += check_alarms(entry, events_of[entry.id], (older, younger))
    for entry_id, paper_id in world.edited:
        sentence = f"The invoice was edited while {paper_id} existed in the ERP."
        findings.add_violation(world, "lock.broken", entries[entry_id], sentence)
    _check_recorder(findings, world, entries, events_of)
    findings.violations += _check_store(store, fed, findings)
    findings.violations += [
        Violation("command.forgotten", entry_id, f"{command} was done, and is denied now.")
        for entry_id, command in world.forgotten
    ]
    findings.violations += [Violation("error.unforeseen", "", text) for text in world.crashed]
    return findings


def _check_recorder(
    findings: Findings,
    world: World,
    entries: Mapping[str, QueueEntry],
    events: Mapping[str, list[AuditEvent]],
) -> None:
    """Add the violations among the recorded requests, answers and documents."""
    recorder = world.recorder
    for older, younger in recorder.rivals:
        former, entry = entries[older.invoice_id or ""], entries[younger.invoice_id or ""]
        # The younger one may be of a request from before a restore, which is forgotten.
        excluded = exclusion_of(world, "number.twice", former)
        if excluded is None and exclusion_since_restore(world, "number.late", entry) is None:
            sentence = f"{younger.id} has the number of {older.id}, which existed."
            findings.add_violation(world, "number.twice", entry, sentence)
    for entry_id, sentence in recorder.reused:
        findings.add_violation(world, "key.reused", entries[entry_id], sentence)
    if world.restored_at > START:  # a recorded receipt may be of a document that is gone
        return
    for code, entry_id, sentence in find_lost_receipts(recorder, entries, events):
        if entry_id not in world.damaged:  # a damaged row could not keep it
            findings.violations.append(Violation(code, entry_id, sentence))


def _check_store(store: Store, fed: Sequence[Stored], findings: Findings) -> Iterator[Violation]:
    """Yield violations of the hash chains, the entries derived from them, and the change feed."""
    found = verify(store.chains())
    findings.seal = found.seal
    for problem in found.problems:
        yield Violation(problem.code, problem.entry_id, problem.message)
    places = [stored.place for stored in fed]
    if places != sorted(set(places)):
        yield Violation("feed.order", "", "The places of the feed do not ascend.")
    if len({(stored.event.entry_id, stored.event.seq) for stored in fed}) != found.events:
        yield Violation("feed.skipped", "", "The feed does not contain every event.")


def find_stuck(world: World, entries: Iterable[QueueEntry]) -> Iterator[Violation]:
    """Yield the entries that are neither final nor wait for a person after ten quiet days."""
    for entry in entries:
        if entry.connection in world.gone:  # it waits for an installation, or for a person
            continue
        waits = entry.status in {ExportStatus.ACCEPTED, ExportStatus.EXPORTING}
        looks = entry.status is ExportStatus.UNKNOWN and entry.due_at is not None
        if waits or looks or entry.withdrawing:
            yield Violation("entry.stuck", entry.id, f"Its status is still {entry.status.value}.")
