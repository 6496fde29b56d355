"""The transactions of people and workers in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...documents import QueueEntry
from ..audit_chain import append_digest, link
from ..blobs import pack_entry
from ..errors import StaleEntry
from ..rows import from_column, read_entry, to_column, to_micros
from ..unreadable_rows import UnreadableEntry
from . import sql
from .unique_claims import claim, find_owners, find_slot_holders, has_claims
from .unit_of_work import EntryWrite, IdentityMap, PendingWrites

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ...events import Change
    from .pipeline import Pipeline
    from .sql import Row


_TRIES = 5


class PostgresPeople:
    """
    The transaction for people's verbs, on the store's connection or the host's.

    A locked entry cannot change, so it is read once.
    """

    #: True if it waits the usual time for another transaction with the same claim.
    _is_patient = True

    def __init__(self, pipeline: Pipeline, company: str) -> None:
        """Store the pipeline of the transaction, and the company as its column."""
        self.pipeline = pipeline
        self._company = company
        self._identity_map = IdentityMap()
        self._pending_writes = PendingWrites(pipeline, self._identity_map, company)

    def _query(self, statement: str, *values: object) -> list[Row]:
        self._pending_writes.flush()
        return self.pipeline.query(statement, *values)

    def _defer(self, statement: str, *values: object) -> None:
        self._pending_writes.flush()
        self.pipeline.defer(statement, *values)

    def finish(self) -> None:
        """Pass the pending writes to the pipeline, at the end of the transaction."""
        self._pending_writes.flush()

    def lock(self, ids: Sequence[str]) -> None:
        """Create missing entries, and lock all until the end."""
        # Another transaction may remove an entry that it created; then it is created again.
        for _ in range(_TRIES):
            wanted = [entry_id for entry_id in ids if entry_id not in self._identity_map]
            if not wanted:
                return
            self._make(wanted)
            self._hold(wanted)

    def discard(self, ids: Sequence[str]) -> None:
        """Remove the given entries that have no event."""
        if ids:
            self._defer(
                sql.DISCARD, self._company, [to_column(entry_id) for entry_id in sorted(ids)]
            )
        for entry_id in ids:
            self._identity_map.drop(entry_id)

    def _make(self, ids: Sequence[str]) -> None:
        # Created and locked in the order of the ids, so that no two transactions wait for each
        # other.
        keys = sorted({to_column(entry_id): entry_id for entry_id in ids}.items())
        bodies = [pack_entry(QueueEntry(id=entry_id)).body for _, entry_id in keys]
        self._defer(sql.MAKE, self._company, [key for key, _ in keys], bodies)

    def _hold(self, ids: Sequence[str]) -> None:
        self._keep(self._query(sql.HOLD, self._company, [to_column(entry_id) for entry_id in ids]))

    def _keep(self, found: Sequence[Row]) -> list[QueueEntry]:
        return [
            self._identity_map.put(read_entry(from_column(key), body, document_json, seq), head)
            for body, document_json, head, key, seq in found
        ]

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries, locked until the end; missing ones are created."""
        self.lock(ids)
        return {entry_id: self._identity_map.entry(entry_id) for entry_id in ids}

    def save(self, change: Change) -> None:
        """Store the entry and the event of a change, both or nothing."""
        before, after = change.before, change.after
        self.lock([after.id])
        former = self._identity_map.entry(after.id)
        if former.seq != before.seq:
            msg = f"Invoice {after.id} has changed since it was read. Read it again."
            raise StaleEntry(msg)
        entry = pack_entry(after)
        event = append_digest(change.event, entry.body)
        self._claim(change)
        head = link(self._identity_map.head(after.id), event)
        command = (change.command or "") if change.verdict else ""
        self._pending_writes.add(
            EntryWrite(
                entry=after,
                body=entry.body,
                event=event,
                head=head,
                document_json=b""
                if after.document is former.document
                else entry.document_json or b"",
                command=command,
            )
        )
        self._identity_map.put(after, head)
        if command:
            self._identity_map.record_answer(command, after.id, after.seq)

    def _claim(self, change: Change) -> None:
        """Take all unique claims of the change, or none."""
        if has_claims(change):
            with self.savepoint():
                self._pending_writes.flush()
                claim(self.pipeline, self._company, change, is_patient=self._is_patient)

    def find_slot_holders(self, slots: Collection[str]) -> dict[str, str]:
        """Return the ids of the entries that hold the slots, by slot."""
        if not slots:
            return {}
        self._pending_writes.flush()
        return find_slot_holders(self.pipeline, self._company, slots)

    def find_owners(self, connection: str, erp_ids: Collection[str]) -> dict[str, tuple[str, int]]:
        """Return the entry id and the generation that own each ERP id, if any."""
        if not erp_ids:
            return {}
        self._pending_writes.flush()
        return find_owners(self.pipeline, self._company, connection, erp_ids)

    def find_answer(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event that answered a command, or ``None``."""
        if not self._identity_map.has_answers(command, entry_id):
            # Queried once for all locked entries, which no other transaction can change.
            ids = {entry_id, *self._identity_map.ids}
            keys = [to_column(one) for one in sorted(ids)]
            found = self._query(sql.ANSWERS, self._company, to_column(command), keys)
            self._identity_map.record_answers(
                command, ids, {from_column(key): int(seq) for key, seq in found}
            )
        return self._identity_map.find_answer(command, entry_id)

    def savepoint(self) -> AbstractContextManager[None]:
        """Process one item of several; an error within the block undoes this item only."""
        return self._pending_writes.savepoint()


class PostgresHost(PostgresPeople):
    """
    The transaction for people's verbs on a host's connection.

    Another transaction of a host may use a snapshot (REPEATABLE READ). A lock that was released
    since then does not make it fail, but a written row does. Locked entries without a change are
    therefore written at the end.
    """

    def __init__(self, pipeline: Pipeline, company: str) -> None:
        super().__init__(pipeline, company)
        self._written: set[str] = set()

    def save(self, change: Change) -> None:
        """Store the entry and the event of a change, both or nothing."""
        super().save(change)
        self._written.add(change.after.id)

    def discard(self, ids: Sequence[str]) -> None:
        """Remove the given entries that have no event."""
        super().discard(ids)
        self._written.difference_update(ids)

    def finish(self) -> None:
        """Write the locked but unchanged entries, and pass the pending writes to the pipeline."""
        idle = sorted(set(self._identity_map.ids) - self._written)
        if idle:
            self._written.update(idle)
            self._defer(sql.MARK, self._company, [to_column(entry_id) for entry_id in idle])
        super().finish()


class PostgresWork(PostgresPeople):
    """The transaction of a worker, never on a host's connection."""

    _is_patient = False

    def lock(self, ids: Sequence[str]) -> None:
        """Lock the entries, in one round trip for a single existing entry."""
        wanted = [entry_id for entry_id in ids if entry_id not in self._identity_map]
        if len(wanted) == 1:
            self._hold(wanted)
        super().lock(wanted)

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return due entries and those with an expired lease, the longest waiting first."""
        names = [to_column(connection) for connection in connections]
        asked = (self._company, to_micros(at), names)
        due: list[QueueEntry] = []
        unreadable: list[str] = []
        while len(due) < limit:
            wanted = limit - len(due) + len(unreadable)
            passed = [*unreadable, *(to_column(entry.id) for entry in due)]
            found = self._keep(self._query(sql.DUE, *asked, passed, wanted))
            for entry in found:
                if isinstance(entry, UnreadableEntry):
                    unreadable.append(to_column(entry.id))
                else:
                    due.append(entry)
            if len(found) < wanted:
                break
        return due[:limit]

    def expect(self, entry: QueueEntry) -> QueueEntry:
        """Return the stored entry."""
        return self.entries([entry.id])[entry.id]
