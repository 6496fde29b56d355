"""
The check of rows that are derived from entries and events.

Number slots, owners of ERP documents, answers of commands and places in the change feed repeat
data of entries and events, so that the database can find them and keep them unique. The functions
compute these rows again and compare them with the stored ones.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ..verdict import Source
from .protocol import DerivedRows
from .unique_rows import build_slot_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..documents import QueueEntry
    from ..events import AuditEvent


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
) -> Iterator[tuple[str, str]]:
    """Yield code and sentence for each derived row that is missing, surplus or wrong."""
    yield from _find_slot_problems(rows, entry)
    yield from _find_owner_problems(rows, entry)
    yield from _find_command_problems(rows, entry, events)
    yield from _find_feed_problems(rows, entry)


def find_orphaned_rows(rows: DerivedRows, key: str) -> Iterator[tuple[str, str]]:
    """Yield code and sentence for each derived row that names the missing entry ``key``."""
    for slot in rows.slots:
        yield "rows.slot", f"Number slot {slot!a} names entry {key}, which is not there: {_DELETE}."
    for connection, erp_id, _ in rows.owned:
        document = f"Document {erp_id!a} of connection {connection!a}"
        yield "rows.owner", f"{document} names entry {key}, which is not there: {_DELETE}."
    for command, _ in rows.answers:
        yield (
            "rows.command",
            f"Command {command!a} names entry {key}, which is not there: {_DELETE}.",
        )


_DELETE = "delete the row, or restore the entry"


def _find_slot_problems(rows: DerivedRows, entry: QueueEntry) -> Iterator[tuple[str, str]]:
    # An entry of version 0.1 has its slot in the form of that version.
    key = build_slot_key(entry.slot)
    stored = {build_slot_key(slot) for slot in rows.slots}
    if key is not None and key not in stored:
        sentence = f"Entry {entry.id} holds number slot {entry.slot!a}, but the row is missing"
        yield "rows.slot", f"{sentence} or names another entry: restore the row."
    for slot in rows.slots:
        if build_slot_key(slot) != key:
            sentence = f"Number slot {slot!a} names entry {entry.id}, which does not hold it"
            yield "rows.slot", f"{sentence}: delete the row."


def _find_owner_problems(rows: DerivedRows, entry: QueueEntry) -> Iterator[tuple[str, str]]:
    stored = {(erp_id, generation): connection for connection, erp_id, generation in rows.owned}
    wanted = {
        (held.receipt.erp_id, held.key.generation): held.key.generation == entry.generation
        for held in entry.holdings
        if held.receipt.role is not None
    }
    for (erp_id, generation), is_current in wanted.items():
        connection = stored.pop((erp_id, generation), None)
        document = f"Document {erp_id!a} of generation {generation}"
        if connection is None:
            sentence = f"{document} belongs to entry {entry.id}, but its owner's row is missing"
            yield "rows.owner", f"{sentence} or differs: restore the row."
        elif is_current and connection != (entry.connection or ""):
            sentence = f"{document} of entry {entry.id} is on connection {entry.connection!a}"
            yield "rows.owner", f"{sentence}; its owner's row says {connection!a}: correct the row."
    for (erp_id, generation), connection in stored.items():
        document = f"Document {erp_id!a} of connection {connection!a}, generation {generation}"
        sentence = f"{document}, names entry {entry.id} as its owner, which has no receipt for it"
        yield "rows.owner", f"{sentence}: delete the row."


def _find_answers(events: Sequence[AuditEvent]) -> dict[str, int]:
    """Return the ``seq`` of the event that each command caused, by command id, without refusals."""
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
) -> Iterator[tuple[str, str]]:
    wanted, stored = _find_answers(events), dict(rows.answers)
    for command, seq in wanted.items():
        if stored.get(command) != seq:
            there = f"the row says event {stored[command]}" if command in stored else "no row does"
            sentence = f"Event {seq} of entry {entry.id} answers command {command!a}, but {there}"
            yield "rows.command", f"{sentence}: restore the row."
    for command, seq in stored.items():
        if command not in wanted:
            sentence = f"Command {command!a} is said to be answered by event {seq} of {entry.id}"
            yield "rows.command", f"{sentence}, but no event answers it: delete the row."


def _find_feed_problems(rows: DerivedRows, entry: QueueEntry) -> Iterator[tuple[str, str]]:
    """
    Yield code and sentence for each event whose place in the feed is not before the next one's.

    An event without a place has not been read yet, so only the last events may have none.
    """
    places = [float("inf") if place is None else place for place in rows.places]
    for seq, (first, second) in enumerate(pairwise(places), 1):
        if first > second or (first == second and rows.places[seq] is not None):
            sentence = f"Events {seq} and {seq + 1} of entry {entry.id} stand in the feed at"
            there = "no place" if rows.places[seq - 1] is None else f"place {rows.places[seq - 1]}"
            yield "rows.feed", f"{sentence} {there} and {rows.places[seq]}: restore the places."
