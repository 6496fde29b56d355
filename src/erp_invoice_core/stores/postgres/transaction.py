"""The transactions of people and workers in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.errors import UniqueViolation

from ...documents import QueueEntry
from ..audit_chain import append_digest, link
from ..blobs import pack_entry
from ..errors import EntryChanged, ErpIdTaken, SlotTaken, StaleEntry, StoreFault
from ..rows import from_column, read_entry, require_unchanged, to_column, to_micros
from ..unreadable_rows import UnreadableEntry
from . import sql
from .guarded_write import GUARDED_SAVE, build_guarded_values
from .sql import Blobs
from .unique_rows import (
    find_owners,
    find_slot_holders,
    frees_slot,
    has_reservations,
    reserve,
)
from .unit_of_work import EntryWrite, IdentityMap, PendingWrites

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ...events import Change
    from .guarded_write import KnownHeads
    from .pipeline import OwnPipeline, Pipeline
    from .sql import Row


_TRIES = 5


class PostgresPeople:
    """
    A transaction for people's actions, such as send and accept, on the store's connection.

    An entry is locked when it is read; it cannot change after that, so it is read once.
    """

    #: True if it waits the usual time for another transaction with the same unique row.
    _is_patient = True
    #: True if the caller repeats the transaction after :class:`EntryChanged`.
    _can_repeat = True

    def __init__(self, pipeline: Pipeline, company: str) -> None:
        """Store the pipeline of the transaction, and the company, encoded by ``to_column``."""
        self.pipeline = pipeline
        self._company = company
        self._identity_map = IdentityMap()
        self._pending_writes = PendingWrites(pipeline, self._identity_map, company)

    def _flush(self) -> None:
        """Pass the pending writes to the pipeline, before another statement."""
        self._pending_writes.flush()

    def _query(self, statement: str, *values: object) -> list[Row]:
        self._flush()
        return self.pipeline.query(statement, *values)

    def _defer(self, statement: str, *values: object) -> None:
        self._flush()
        self.pipeline.defer(statement, *values)

    def finish(self) -> None:
        """Pass the pending writes to the pipeline, at the end of the transaction."""
        self._flush()

    def lock(self, ids: Sequence[str]) -> None:
        """Create missing entries, and lock all until the transaction ends."""
        # Another transaction may remove an entry that it created; then it is created again.
        for _ in range(_TRIES):
            wanted = [entry_id for entry_id in ids if entry_id not in self._identity_map]
            if not wanted:
                return
            self._make_and_hold(wanted)

    def discard(self, ids: Sequence[str]) -> None:
        """Remove those of the entries that have no event: only a lock has created them."""
        if ids:
            self._defer(
                sql.DISCARD, self._company, [to_column(entry_id) for entry_id in sorted(ids)]
            )
        for entry_id in ids:
            self._identity_map.drop(entry_id)

    def _make_and_hold(self, ids: Sequence[str]) -> None:
        # Created and locked in the order of the ids, so that no two transactions wait for each
        # other. One statement could not lock entries that others create meanwhile in this order.
        columns = sorted({to_column(entry_id): entry_id for entry_id in ids}.items())
        keys = [key for key, _ in columns]
        bodies = Blobs(pack_entry(QueueEntry(id=entry_id)).body for _, entry_id in columns)
        company = self._company
        if len(keys) == 1:
            self._keep(self._query(sql.MAKE_OR_HOLD, company, keys, bodies, company, keys))
        else:
            self._defer(sql.MAKE, company, keys, bodies)
            self._hold(ids)

    def _hold(self, ids: Sequence[str]) -> None:
        self._keep(self._query(sql.HOLD, self._company, [to_column(entry_id) for entry_id in ids]))

    def _keep(self, found: Sequence[Row]) -> list[QueueEntry]:
        return [
            self._identity_map.put(read_entry(from_column(key), body, document_json, seq), head)
            for body, document_json, head, key, seq in found
        ]

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries, locked until the transaction ends; missing ones are created."""
        self.lock(ids)
        return {entry_id: self._identity_map.entry(entry_id) for entry_id in ids}

    def expect_new(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries; missing ones are created."""
        return self.entries(ids)

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
        is_left = self._reserve(change)
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
                change=change if is_left else None,
            )
        )
        self._identity_map.put(after, head)
        if command:
            self._identity_map.record_answer(command, after.id, after.seq)

    def _reserve(self, change: Change) -> bool:
        """
        Take the number slot and the ERP ids of a change, all or none.

        Return True if nothing was taken, because the write of the change will take them.
        """
        if has_reservations(change):
            with self.savepoint():
                self._flush()
                reserve(self.pipeline, self._company, change, is_patient=self._is_patient)
        return False

    def find_slot_holders(self, slots: Collection[str]) -> dict[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        if not slots:
            return {}
        self._flush()
        return find_slot_holders(self.pipeline, self._company, slots)

    def expect_free(self, slots: Collection[str]) -> dict[str, str]:
        """
        Have the next writes check that no entry holds the number slots; return an empty dict.

        This saves a round trip, as the slots are known only after the entries were locked. If the
        transaction cannot be repeated, as on a host's connection, the holders are queried now.
        """
        if not self._can_repeat:
            return self.find_slot_holders(slots)
        self._pending_writes.expect_free(slots)
        return {}

    def find_owners(self, connection: str, erp_ids: Collection[str]) -> dict[str, tuple[str, int]]:
        """Return, by ERP id, its owner (entry id, generation); ids without one are left out."""
        if not erp_ids:
            return {}
        self._flush()
        return find_owners(self.pipeline, self._company, connection, erp_ids)

    def find_answer(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event that the command caused; ``None`` for a new command."""
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
        """Open a savepoint: an error within the block undoes the changes of the block only."""
        return self._pending_writes.savepoint()


class PostgresHost(PostgresPeople):
    """
    A transaction for people's actions on a host's connection.

    Another transaction of the host may decide on an older snapshot (REPEATABLE READ). PostgreSQL
    makes it fail if a row was written since its snapshot, but not if the row was only locked.
    Therefore entries that were locked and not changed are also written at the end.
    """

    _can_repeat = False

    def __init__(self, pipeline: Pipeline, company: str) -> None:
        super().__init__(pipeline, company)
        self._written: set[str] = set()

    def save(self, change: Change) -> None:
        """Store the entry and the event of a change, both or nothing."""
        super().save(change)
        self._written.add(change.after.id)

    def discard(self, ids: Sequence[str]) -> None:
        """Remove those of the entries that have no event: only a lock has created them."""
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
    """
    The transaction of a worker, never on a host's connection.

    While every entry in it is an expected one (:meth:`expect`), it reads and locks nothing, and one
    guarded write stores all changes at the end. A query, or a change that a guarded write cannot
    store, locks the expected entries first.
    """

    _is_patient = False
    _can_repeat = False

    def __init__(self, pipeline: OwnPipeline, company: str, heads: KnownHeads) -> None:
        """Store the pipeline, the company, encoded by ``to_column``, and the known heads."""
        super().__init__(pipeline, company)
        self._own = pipeline
        self._heads = heads
        self._expected: dict[str, tuple[int, str]] = {}
        self._saved: set[str] = set()

    def expect(self, entry: QueueEntry) -> QueueEntry:
        """
        Return the entry, without reading or locking it if possible.

        It is locked and read if the digest of its last event is not known, or if the transaction
        has already executed a statement.

        Raises:
            EntryChanged: The stored entry, which was read now, has changed.
        """
        head = self._heads.find(entry)
        if head is None or self._own.is_begun or entry.id in self._identity_map:
            return require_unchanged(entry, self.entries([entry.id])[entry.id])
        self._expected[entry.id] = entry.seq, head
        return self._identity_map.put(entry, head)

    def _flush(self) -> None:
        """Lock the expected entries, and pass the pending writes on, before another statement."""
        if self._expected:
            writes = self._pending_writes.pop()
            self._lock_expected()
            self._store_one_by_one(writes)
        super()._flush()

    def _lock_expected(self) -> None:
        """
        Lock and check the expected entries, which are then like any other locked entries.

        If another transaction has locked an entry, this one waits for it only if the entry has a
        lease, as the answer of its call must be stored.

        Raises:
            EntryChanged: An entry has changed, or has no lease and is locked.
        """
        expected, self._expected = self._expected, {}
        known = {entry_id: self._identity_map.entry(entry_id) for entry_id in expected}
        for entry_id in expected:
            self._identity_map.drop(entry_id)
        for is_leased, statement in ((True, sql.HOLD), (False, sql.HOLD_UNLOCKED)):
            ids = [key for key, entry in known.items() if (entry.lease is not None) is is_leased]
            if ids:
                keys = [to_column(entry_id) for entry_id in ids]
                self._keep(self.pipeline.query(statement, self._company, keys))
        for entry_id, (seq, head) in expected.items():
            if entry_id not in self._identity_map or (seq, head) != (
                self._identity_map.entry(entry_id).seq,
                self._identity_map.head(entry_id),
            ):
                raise self._build_changed(expected)

    def _store_one_by_one(self, writes: Sequence[EntryWrite]) -> None:
        """
        Take the number slots and ERP ids of the changes, and make their writes pending again.

        Raises:
            SlotTaken: Another entry holds the slot of the first entry.
            ErpIdTaken: An ERP id of the first entry has another owner.
            EntryChanged: A slot or an ERP id of a later entry is taken. The caller repeats the
                transaction without that entry, so that the change of the first entry is stored.
        """
        for write in writes:
            try:
                if write.change is not None:
                    super()._reserve(write.change)
            except (SlotTaken, ErpIdTaken):
                if write.entry.id == writes[0].entry.id:
                    raise
                raise self._build_changed([write.entry.id]) from None
            self._pending_writes.add(write)
            self._identity_map.put(write.entry, write.head)

    def _build_changed(self, ids: Collection[str]) -> EntryChanged:
        self._heads.forget(ids)
        msg = f"Invoice {' or '.join(sorted(ids))} has changed since it was read. Read it again."
        return EntryChanged(msg)

    def save(self, change: Change) -> None:
        """Store the entry and the event of a change, both or nothing."""
        if self._expected and not self._can_guard(change):
            self._flush()
        super().save(change)
        self._saved.add(change.after.id)

    def _can_guard(self, change: Change) -> bool:
        """
        Return whether a guarded write can store the change.

        It can if the change is of an expected entry, stores no new document and no command, and
        releases no slot.
        """
        is_same_document = change.after.document is change.before.document
        is_plain = is_same_document and not change.command and not frees_slot(change)
        return is_plain and change.after.id in self._expected

    def _reserve(self, change: Change) -> bool:
        """
        Take the number slot and the ERP ids of a change, unless a guarded write will do that.

        Return True if the guarded write will take them.
        """
        return has_reservations(change) if self._expected else super()._reserve(change)

    def finish(self) -> None:
        """Store all changes of expected entries, or pass the pending writes to the pipeline."""
        if not self._expected:
            super().finish()
            return
        writes = self._pending_writes.pop()
        if writes and not self._is_stored(writes):
            self._lock_expected()
            self._store_one_by_one(writes)
            super().finish()

    def _is_stored(self, writes: Sequence[EntryWrite]) -> bool:
        """
        Execute the guarded write of the changes; return whether it has stored them, all or none.

        Raises:
            EntryChanged: Another transaction has just taken the same slot or ERP id.
        """
        values = build_guarded_values(self._company, writes, self._expected)
        try:
            return self._own.execute_alone(GUARDED_SAVE, *values) == [(1,)]
        except StoreFault as error:  # another transaction has just taken the same slot or document
            if not isinstance(error.__cause__, UniqueViolation):
                raise
            raise self._build_changed(self._expected) from None

    def keep_heads(self) -> None:
        """Record the last digests of the committed entries as known, for later transactions."""
        for entry_id in self._saved & set(self._identity_map.ids):
            seq, head = self._identity_map.entry(entry_id).seq, self._identity_map.head(entry_id)
            self._heads.put(entry_id, seq, head)

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
