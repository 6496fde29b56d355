"""
Check of the database rows that are derived from entries and events.

Number slots, owners of ERP documents, answers of commands and places in the change feed repeat data
of entries and events, so that the database can find them and keep them unique. The functions
compute these rows again and compare them with the stored ones.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..verdict import Source
from .finding_rows import build_finding
from .protocol import DerivedRows
from .unique_rows import build_slot_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..documents import QueueEntry
    from ..events import AuditEvent
    from .finding_rows import Finding


def build_derived_rows(
    *,
    slots: Iterable[tuple[str, str]],
    owners: Iterable[tuple[str, str, str, int]],
    commands: Iterable[tuple[str, str, int]],
) -> dict[str, DerivedRows]:
    """
    Return the stored derived rows, grouped by the id of the entry that they name.

    Args:
        slots: Each number slot with the id of the entry that holds it.
        owners: Each ERP document: connection, ERP id, entry id and generation.
        commands: Each command id with the entry id and the ``seq`` of the event that it caused.
    """
    held: dict[str, list[str]] = {}
    owned: dict[str, list[tuple[str, str, int]]] = {}
    answers: dict[str, list[tuple[str, int]]] = {}
    for slot, entry_id in slots:
        held.setdefault(entry_id, []).append(slot)
    for connection, erp_id, entry_id, generation in owners:
        owned.setdefault(entry_id, []).append((connection, erp_id, generation))
    for command, entry_id, seq in commands:
        answers.setdefault(entry_id, []).append((command, seq))
    return {
        entry_id: DerivedRows(
            slots=tuple(held.get(entry_id, ())),
            owned=tuple(owned.get(entry_id, ())),
            answers=tuple(answers.get(entry_id, ())),
        )
        for entry_id in {*held, *owned, *answers}
    }


def find_derived_problems(
    rows: DerivedRows, entry: QueueEntry, events: Sequence[AuditEvent]
) -> Iterator[Finding]:
    """Yield a finding for each derived row that is missing, surplus or wrong."""
    yield from _find_slot_problems(rows, entry)
    yield from _find_owner_problems(rows, entry)
    yield from _find_command_problems(rows, entry, events)
    yield from _find_feed_problems(rows, entry)


def find_orphaned_rows(rows: DerivedRows, key: str) -> Iterator[Finding]:
    """Yield a finding for each derived row that names the missing entry ``key``."""
    for slot in rows.slots:
        yield build_finding(key, "rows.slot", entry=key, slot=ascii(slot), row="orphaned")
    for connection, erp_id, _ in rows.owned:
        facts = {"document": ascii(erp_id), "connection": ascii(connection)}
        yield build_finding(key, "rows.owner", entry=key, **facts)
    for command, _ in rows.answers:
        facts = {"command": ascii(command), "row": "orphaned"}
        yield build_finding(key, "rows.command", entry=key, **facts)


def _find_slot_problems(rows: DerivedRows, entry: QueueEntry) -> Iterator[Finding]:
    # An entry of version 0.1 has its slot in the form of that version.
    key = build_slot_key(entry.slot)
    stored = {build_slot_key(slot) for slot in rows.slots}
    if key is not None and key not in stored:
        facts = {"entry": entry.id, "slot": ascii(entry.slot), "row": "missing"}
        yield build_finding(entry.id, "rows.slot", **facts)
    for slot in rows.slots:
        if build_slot_key(slot) != key:
            facts = {"entry": entry.id, "slot": ascii(slot), "row": "surplus"}
            yield build_finding(entry.id, "rows.slot", **facts)


def _find_owner_problems(rows: DerivedRows, entry: QueueEntry) -> Iterator[Finding]:
    stored = {(erp_id, generation): connection for connection, erp_id, generation in rows.owned}
    wanted = {
        (held.receipt.erp_id, held.key.generation): held.key.generation == entry.generation
        for held in entry.holdings
        if held.receipt.role is not None
    }
    for (erp_id, generation), is_current in wanted.items():
        connection = stored.pop((erp_id, generation), None)
        facts = {"document": ascii(erp_id), "generation": str(generation), "entry": entry.id}
        if connection is None:
            yield build_finding(entry.id, "rows.owner", **facts, row="missing")
        elif is_current and connection != (entry.connection or ""):
            both = {"connection": ascii(entry.connection), "stated": ascii(connection)}
            yield build_finding(entry.id, "rows.owner", **facts, **both)
    for (erp_id, generation), connection in stored.items():
        facts = {"document": ascii(erp_id), "generation": str(generation), "entry": entry.id}
        yield build_finding(entry.id, "rows.owner", **facts, connection=ascii(connection))


def _find_answers(events: Sequence[AuditEvent]) -> dict[str, int]:
    """Return, by command id, the ``seq`` of the event that it caused, without refused commands."""
    answers, version = {}, 0
    for event in events:
        # A refused action changes only ``seq``. A rejection has denials although it is allowed,
        # and so has a resolution without new facts, as their source is a person and not a rule.
        is_given = any(denial.source is Source.PERSON for denial in event.denials)
        is_allowed = not event.denials or is_given or event.version != version
        if event.command and is_allowed:
            answers[event.command] = event.seq
        version = event.version
    return answers


def _find_command_problems(
    rows: DerivedRows, entry: QueueEntry, events: Sequence[AuditEvent]
) -> Iterator[Finding]:
    wanted, stored = _find_answers(events), dict(rows.answers)
    for command, seq in wanted.items():
        if stored.get(command) != seq:
            facts = {"event": seq, "entry": entry.id, "command": ascii(command)}
            facts |= {"stated": stored[command]} if command in stored else {"row": "missing"}
            yield build_finding(entry.id, "rows.command", **facts)
    for command, seq in stored.items():
        if command not in wanted:
            facts = {"event": seq, "entry": entry.id, "command": ascii(command)}
            yield build_finding(entry.id, "rows.command", **facts, row="surplus")


def _find_feed_problems(rows: DerivedRows, entry: QueueEntry) -> Iterator[Finding]:
    """
    Yield a finding for each event whose place in the feed is not before that of the next event.

    An event gets its place when the feed is first read, so only the last events may lack one.
    """
    places = [float("inf") if place is None else place for place in rows.places]
    for seq, (first, second) in enumerate(pairwise(places), 1):
        if first > second or (first == second and rows.places[seq] is not None):
            facts = {"event": seq, "next": seq + 1, "entry": entry.id}
            place, next_place = rows.places[seq - 1 : seq + 1]
            facts |= {"next_place": next_place} | ({} if place is None else {"place": place})
            yield build_finding(entry.id, "rows.feed", **facts)
