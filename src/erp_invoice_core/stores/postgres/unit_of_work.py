"""The unit of work of a transaction: its entries, and pending writes."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

import attrs

from ..rows import build_columns, to_column
from ..unique_rows import build_slot_key
from .sql import Blobs, Numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ...documents import QueueEntry
    from ...events import Change
    from .pipeline import Pipeline


@attrs.define
class IdentityMap:
    """
    The entries of a transaction, each with its current value and the digest of its last event.

    It also has the known answers of commands: the ``seq`` of the event that a command already
    caused for an entry. A journal of changes makes it possible to undo those since a mark.
    """

    _entries: dict[str, tuple[QueueEntry, str]] = attrs.field(factory=dict, init=False)
    _answers: dict[str, dict[str, int | None]] = attrs.field(factory=dict, init=False)
    _journal: list[tuple[str, tuple[QueueEntry, str] | None]] = attrs.field(
        factory=list, init=False
    )

    def __contains__(self, entry_id: str) -> bool:
        return entry_id in self._entries

    @property
    def ids(self) -> Collection[str]:
        """The ids of the entries in the map."""
        return self._entries.keys()

    def entry(self, entry_id: str) -> QueueEntry:
        """Return the current value of an entry in the map."""
        return self._entries[entry_id][0]

    def head(self, entry_id: str) -> str:
        """Return the digest of an entry's last event."""
        return self._entries[entry_id][1]

    def put(self, entry: QueueEntry, head: str) -> QueueEntry:
        """Record the current value of an entry and its last digest; return the entry."""
        self._journal.append((entry.id, self._entries.get(entry.id)))
        self._entries[entry.id] = entry, head
        return entry

    def drop(self, entry_id: str) -> None:
        """Remove an entry from the map, so that it is read again if it is needed."""
        former = self._entries.pop(entry_id, None)
        if former is not None:
            self._journal.append((entry_id, former))

    def record_answers(
        self, command: str, ids: Collection[str], answers: Mapping[str, int]
    ) -> None:
        """
        Record which event a command has already caused for each of the entries ``ids``, if any.

        ``answers`` has the ``seq`` of these events, by entry id; an entry without one has no
        answer.
        """
        known = self._answers.setdefault(command, {})
        known.update({entry_id: answers.get(entry_id) for entry_id in ids})

    def record_answer(self, command: str, entry_id: str, seq: int) -> None:
        """
        Record that a person's command has caused an event, which is not committed yet.

        Args:
            command: The id of the command; the host repeats a command under the same id.
            entry_id: The id of the entry.
            seq: The number of the event among the events of the entry.
        """
        self._answers.setdefault(command, {})[entry_id] = seq

    def has_answers(self, command: str, entry_id: str) -> bool:
        """Return whether :meth:`find_answer` knows the answer of a command for an entry."""
        return entry_id in self._entries and entry_id in self._answers.get(command, {})

    def find_answer(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event that the command caused; ``None`` for a new command."""
        return self._answers[command].get(entry_id)

    @property
    def mark(self) -> int:
        """The present length of the journal, for a later :meth:`undo`."""
        return len(self._journal)

    def undo(self, mark: int) -> None:
        """Undo every change of the map since a mark, and forget the answers of all commands."""
        self._answers.clear()
        while len(self._journal) > mark:
            entry_id, former = self._journal.pop()
            if former is None:
                self._entries.pop(entry_id, None)
            else:
                self._entries[entry_id] = former


class PendingWrites:
    """
    The writes of a transaction that are not yet executed, so that they are executed together.

    A block of :meth:`savepoint` gets a savepoint of the database only if a query is executed within
    it. A block with only pending writes is undone by dropping these.
    """

    def __init__(self, pipeline: Pipeline, identity_map: IdentityMap, company: str) -> None:
        self._pipeline = pipeline
        self._company = company
        self._identity_map = identity_map
        self._waiting: list[EntryWrite | str] = []
        self._free: list[str] = []
        self._said = 0
        self._items = 0

    def add(self, write: EntryWrite) -> None:
        """Add a write, to be executed with the next query or at the end."""
        self._waiting.append(write)

    def expect_free(self, slots: Collection[str]) -> None:
        """Make all later writes of the transaction fail if an entry holds one of the slots."""
        self._free += [to_column(build_slot_key(slot) or "") for slot in slots]

    @property
    def is_empty(self) -> bool:
        """True if no write is pending."""
        return not self._waiting

    def pop(self) -> list[EntryWrite]:
        """Return the pending writes of entries, which are then no longer pending."""
        writes = [one for one in self._waiting if isinstance(one, EntryWrite)]
        self._waiting = []
        return writes

    @property
    def ids(self) -> set[str]:
        """The ids of the entries with a pending write."""
        return {one.entry.id for one in self._waiting if isinstance(one, EntryWrite)}

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Execute the statements of the block before the pending writes, which stay pending."""
        waiting, self._waiting = self._waiting, []
        try:
            yield
        finally:
            self._waiting = waiting

    def build_creation(self) -> tuple[object, ...]:
        """Return the values for :data:`CREATE`; no write is pending afterwards."""
        rows, events = build_rows(writes := self.pop()), build_events(writes)
        answers = build_answers(writes)
        return *rows, self._company, list(self._free), *events, *answers

    def flush(self) -> None:
        """Pass all writes to the pipeline, which executes them with the next query."""
        if not self._waiting:
            return
        for kind, group in groupby(self._waiting, key=type):
            if kind is EntryWrite:
                writes = [one for one in group if isinstance(one, EntryWrite)]
                self._pipeline.defer(SAVE, *build_values(self._company, writes, self._free))
            else:
                for statement in group:
                    self._pipeline.defer(str(statement))
        self._waiting = []
        self._said += 1

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo the changes within the block, and only those, if it raises."""
        self._items += 1
        name = f"erp_item_{self._items}"
        mark, place, statements = self._identity_map.mark, len(self._waiting), self._said
        self._waiting.append(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self._identity_map.undo(mark)
            if statements == self._said:
                del self._waiting[place:]
            else:
                self._waiting = []
                if not self._pipeline.drop_deferred(f"SAVEPOINT {name}"):
                    self._waiting = [f"ROLLBACK TO {name}", f"RELEASE {name}"]
            raise
        if statements == self._said:
            del self._waiting[place]
        else:
            self._waiting.append(f"RELEASE {name}")


# The row of an entry has the last change; the events have all changes, in order. Rows are found by
# an array of keys, so that an index has all of them, even if it was planned while the tables were
# small. The division fails if an entry holds one of the slots that are expected to be free.
SAVE = """
    WITH moved AS (
        UPDATE erp_entries AS entry SET status = n.status, seq = n.seq, head = n.head,
            connection = n.connection, wake_at = n.wake_at, lease_until = n.lease_until,
            body = n.body,
            document = CASE n.document WHEN '' THEN entry.document ELSE n.document END
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::text[], %s::bytea[], %s::bytea[])
            AS n (id, status, connection, seq, wake_at, lease_until, head, body, document)
        WHERE entry.company = %s AND entry.id = ANY(%s::text[]) AND entry.id = n.id
    ), logged AS (
        INSERT INTO erp_events (company, entry_id, seq, body, digest)
        SELECT %s::text, n.* FROM unnest(%s::text[], %s::bigint[], %s::bytea[], %s::text[]) AS n
    ), answered AS (
        INSERT INTO erp_commands (company, command, entry_id, seq)
        SELECT %s::text, n.* FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS n
        ON CONFLICT (company, command, entry_id) DO UPDATE SET seq = excluded.seq
    ), asked AS (
        SELECT %s::text AS company, %s::text[] AS slots
    )
    SELECT 1 / (
        NOT EXISTS (SELECT 1 FROM erp_number_slots AS held, asked
            WHERE held.company = asked.company AND slot = ANY(asked.slots))
        AND NOT EXISTS (SELECT 1 FROM erp_shared_number_slots AS held, asked
            WHERE held.company = asked.company AND slot = ANY(asked.slots))
    )::int4
"""


# Creates entries, or fills those that a lock has created. The division fails if one has an event,
# or if an entry holds one of the slots that are expected to be free.
CREATE = """
    WITH wanted AS (
        SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[],
            %s::bigint[], %s::text[], %s::bytea[], %s::bytea[])
            AS n (id, status, connection, seq, wake_at, lease_until, head, body, document)
    ), asked AS (
        SELECT %s::text AS company, %s::text[] AS slots
    ), created AS (
        INSERT INTO erp_entries AS entry (company, id, status, connection, seq, wake_at,
            lease_until, head, body, document)
        SELECT company, id, status, connection, seq, wake_at, lease_until, head, body,
            nullif(document, '') FROM wanted, asked
        ON CONFLICT (company, id) DO UPDATE SET status = excluded.status,
            connection = excluded.connection, seq = excluded.seq, wake_at = excluded.wake_at,
            lease_until = excluded.lease_until, head = excluded.head, body = excluded.body,
            document = excluded.document
        WHERE entry.seq = 0
        RETURNING entry.id
    ), logged AS (
        INSERT INTO erp_events (company, entry_id, seq, body, digest)
        SELECT company, n.* FROM asked,
            unnest(%s::text[], %s::bigint[], %s::bytea[], %s::text[]) AS n
    ), answered AS (
        INSERT INTO erp_commands (company, command, entry_id, seq)
        SELECT company, n.* FROM asked, unnest(%s::text[], %s::text[], %s::bigint[]) AS n
        ON CONFLICT (company, command, entry_id) DO UPDATE SET seq = excluded.seq
    )
    SELECT 1 / (
        (SELECT count(*) FROM created) = (SELECT count(*) FROM wanted)
        AND NOT EXISTS (SELECT 1 FROM erp_number_slots AS held, asked
            WHERE held.company = asked.company AND slot = ANY(asked.slots))
        AND NOT EXISTS (SELECT 1 FROM erp_shared_number_slots AS held, asked
            WHERE held.company = asked.company AND slot = ANY(asked.slots))
    )::int4
"""


@attrs.frozen(kw_only=True)
class EntryWrite:
    """
    An entry after a change, and the event that records it.

    Attributes:
        head: The digest of the event.
        document_json: The entry's export document if it has changed, else empty.
        command: The command id that the change answers; empty if there is no id.
        change: The change, if a guarded write is to take its slot and ERP ids; else ``None``.
    """

    entry: QueueEntry
    body: bytes
    event: bytes
    head: str
    document_json: bytes = b""
    command: str = ""
    change: Change | None = None


def build_values(
    company: str, writes: Sequence[EntryWrite], free: Sequence[str]
) -> tuple[object, ...]:
    """
    Return the values for the placeholders of :data:`SAVE`, column by column.

    Args:
        company: The company of the entries, encoded by ``to_column``.
        writes: The changes, in order.
        free: The slots that are expected to be free, encoded by ``to_column``.
    """
    rows = build_rows(writes)
    answers = build_answers(writes)
    events = build_events(writes)
    return *rows, company, rows[0], company, *events, company, *answers, company, list(free)


def build_rows(writes: Sequence[EntryWrite]) -> tuple[list[Any], ...]:
    """Return the columns of the rows of the entries after the changes, ordered by key."""
    last = {to_column(write.entry.id): write for write in writes}
    documents = {
        to_column(write.entry.id): write.document_json for write in writes if write.document_json
    }
    # Rows are created in the order of the keys, so that no two transactions wait for each other.
    keys = sorted(last)
    columns = [build_columns(last[key].entry) for key in keys]
    return (
        keys,
        [status for status, *_ in columns],
        [connection for _, connection, *_ in columns],
        Numbers(seq for _, _, seq, *_ in columns),
        Numbers(wake for *_, wake, _ in columns),
        Numbers(lease for *_, lease in columns),
        [last[key].head for key in keys],
        Blobs(last[key].body for key in keys),
        Blobs(documents.get(key, b"") for key in keys),
    )


def build_events(writes: Sequence[EntryWrite]) -> tuple[list[Any], ...]:
    """Return the columns of the rows of the events, in the order of the changes."""
    return (
        [to_column(write.entry.id) for write in writes],
        Numbers(write.entry.seq for write in writes),
        Blobs(write.event for write in writes),
        [write.head for write in writes],
    )


def build_answers(writes: Sequence[EntryWrite]) -> tuple[list[Any], ...]:
    """Return the columns of the rows of the commands that the changes answer."""
    answers = [write for write in writes if write.command]
    return (
        [to_column(write.command) for write in answers],
        [to_column(write.entry.id) for write in answers],
        Numbers(write.entry.seq for write in answers),
    )
