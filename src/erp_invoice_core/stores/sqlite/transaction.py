"""The transactions of people and workers in SQLite."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...documents import QueueEntry
from ...vocabulary import Action
from ...wire.converter import pack
from ..audit_chain import START, append_digest, link
from ..blobs import pack_entry
from ..errors import StaleEntry
from ..rows import build_columns, read_entry, to_column, to_micros
from ..unique_claims import (
    build_erp_id_taken,
    build_slot_key,
    build_slot_taken,
    find_new_owners,
    match_holders,
)
from ..unreadable_rows import UnreadableEntry
from .columns import to_json_list, to_text
from .restore import LastSeen
from .schema import ENTRIES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from ...events import Change


_HOLD = "INSERT OR REPLACE INTO erp_number_slots (company, slot, entry_id) VALUES (?, ?, ?)"
# If version 0.1 gave one number to two entries, both still prevent a third.
_FREE = "DELETE FROM {} WHERE company = ? AND slot = ? AND entry_id = ?"
_HOLDERS = """
    SELECT slot, entry_id FROM erp_number_slots
        WHERE company = ?1 AND slot IN (SELECT value FROM json_each(?2))
    UNION ALL
    SELECT slot, entry_id FROM erp_shared_number_slots
        WHERE company = ?1 AND slot IN (SELECT value FROM json_each(?2))
"""
_OWN = """
    INSERT OR REPLACE INTO erp_document_owners
        (company, connection, erp_id, entry_id, generation) VALUES (?, ?, ?, ?, ?)
"""


_NO_HEAD = (0, START, None)
# After an edit by hand a body may be text that is not UTF-8; as bytes it can be read.
_READ = f"""
    SELECT CAST(body AS BLOB), CAST(document AS BLOB), id, seq, head, document_sha256
        FROM {ENTRIES} WHERE company = ? AND id IN (SELECT value FROM json_each(?))
"""  # noqa: S608 - only a constant is inserted
_HEAD = "SELECT seq, head, document_sha256 FROM erp_entries WHERE company = ? AND id = ?"
_CREATE = """
    INSERT INTO erp_entries (company, id, status, seq, head, body) VALUES (?, ?, 'not_sent', 0, ?, ?)
        ON CONFLICT (company, id) DO NOTHING
"""
_DISCARD = "DELETE FROM erp_entries WHERE company = ? AND id = ? AND seq = 0"
_RECORD = "INSERT INTO erp_events (company, entry_id, seq, body, digest) VALUES (?, ?, ?, ?, ?)"
_ENTER = """
    INSERT OR REPLACE INTO erp_entries
        (status, connection, seq, wake_at, lease_until, head, body, document_sha256, company, id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_MOVE = """
    UPDATE erp_entries SET status = ?, connection = ?, seq = ?, wake_at = ?, lease_until = ?,
        head = ?, body = ?, document_sha256 = ? WHERE company = ? AND id = ?
"""
_DUE = f"""
    SELECT CAST(body AS BLOB), CAST(document AS BLOB), id, seq FROM {ENTRIES}
        WHERE company = ? AND wake_at IS NOT NULL AND wake_at <= ?
        AND (connection IN (SELECT value FROM json_each(?)) OR status = 'exporting')
        ORDER BY wake_at, id LIMIT ? OFFSET ?
"""  # noqa: S608 - only a constant is inserted
_STORE_DOCUMENT = """
    INSERT INTO erp_export_documents (sha256, document) VALUES (?, ?)
        ON CONFLICT (sha256) DO NOTHING
"""
_PLACE = "SELECT place, digest FROM erp_events WHERE company = ? AND entry_id = ? AND seq = ?"
_ANSWER = """
    INSERT OR REPLACE INTO erp_commands (company, command, entry_id, seq) VALUES (?, ?, ?, ?)
"""
_FIND_ANSWER = """
    SELECT seq FROM erp_commands WHERE company = ? AND command = ? AND entry_id = ?
"""
_OWNERS = """
    SELECT erp_id, entry_id, generation FROM erp_document_owners
        WHERE company = ? AND connection = ? AND erp_id IN (SELECT value FROM json_each(?))
"""


class SqlitePeople:
    """
    The transaction for people's verbs on the store's connection, while no other process writes.

    It reads each row once, because no other transaction can change a row until its end.
    """

    def __init__(self, connection: sqlite3.Connection, company: str) -> None:
        """Store the connection, and the company as its column."""
        self.connection = connection
        self._company = company
        self._cursor = connection.cursor()
        self._cursor.row_factory = None  # plain tuples, for any row factory of the connection
        self._items = 0
        self._heads: dict[str, tuple[object, object, object]] = {}
        self._missing: set[str] = set()

    def lock(self, ids: Sequence[str]) -> None:
        """Create missing entries; any write locks the whole database."""
        for entry_id in ids:
            body = pack(QueueEntry(id=entry_id))
            self._query(_CREATE, self._company, to_column(entry_id), START, body)

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries; missing ones are created."""
        found = {}
        for body, document_json, key, *head in self._query(_READ, self._company, to_json_list(ids)):
            entry_id = to_text(key)
            found[entry_id] = read_entry(entry_id, body, document_json, head[0])
            self._heads[entry_id] = (head[0], head[1], head[2])
        return {entry_id: found.get(entry_id) or self._create(entry_id) for entry_id in ids}

    def _create(self, entry_id: str) -> QueueEntry:
        self._heads[entry_id] = _NO_HEAD
        self._missing.add(entry_id)
        return QueueEntry(id=entry_id)

    def discard(self, ids: Sequence[str]) -> None:
        """Remove the given entries that have no event."""
        for entry_id in ids:
            if entry_id in self._missing:
                self._missing.discard(entry_id)
            else:
                self._query(_DISCARD, self._company, to_column(entry_id))
            self._heads.pop(entry_id, None)

    def finish(self) -> None:
        """Create the missing entries that were locked but not changed."""
        self.lock(sorted(self._missing))

    def _read_head(self, entry_id: str) -> tuple[object, object, object]:
        """Return the stored ``seq``, digest of the last event and digest of the document."""
        if entry_id not in self._heads:
            stored = self._query(_HEAD, self._company, to_column(entry_id))
            self._heads[entry_id] = (
                (stored[0][0], stored[0][1], stored[0][2]) if stored else _NO_HEAD
            )
        return self._heads[entry_id]

    def save(self, change: Change) -> None:
        """Store the entry and the event of a change, both or nothing."""
        before, after, key = change.before, change.after, to_column(change.after.id)
        seq, head, sha = self._read_head(after.id)
        if seq != before.seq:
            msg = f"Invoice {after.id} has changed since it was read. Read it again."
            raise StaleEntry(msg)
        self._claim(change)
        entry = pack_entry(after)
        body = append_digest(change.event, entry.body)
        digest = link(to_text(head), body)
        self._query(_RECORD, self._company, key, after.seq, body, digest)
        columns = build_columns(after)
        write = _MOVE if seq else _ENTER
        self._query(write, *columns, digest, entry.body, entry.sha, self._company, key)
        if entry.sha not in {None, sha}:
            self._query(_STORE_DOCUMENT, entry.sha, entry.document_json)
        if change.command and change.verdict:
            self._query(_ANSWER, self._company, to_column(change.command), key, after.seq)
        self._heads[after.id] = (after.seq, digest, entry.sha)
        self._missing.discard(after.id)

    def find_answer(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event that answered a command, or ``None``."""
        key = to_column(entry_id)
        found = self._query(_FIND_ANSWER, self._company, to_column(command), key)
        return int(str(found[0][0])) if found else None

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Process one item of several; an error within the block undoes this item only."""
        name = (
            f"erp_item_{self._items}"  # named by its depth, so that the statement is prepared once
        )
        self._items += 1
        missing = set(self._missing)
        self._query(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self._heads.clear()
            self._missing = missing
            if self.connection.in_transaction:
                self._query(f"ROLLBACK TO {name}")
                self._query(f"RELEASE {name}")
            raise
        finally:
            self._items -= 1
        self._query(f"RELEASE {name}")

    def _query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = self._cursor.execute(statement, values).fetchall()
        return found

    def _claim(self, change: Change) -> None:
        """Take the slot and the ERP ids of a change, all or none."""
        slot, connection = change.after.slot, change.after.connection or ""
        if slot is not None and slot != change.before.slot:
            holder = self.find_slot_holders([slot]).get(slot, change.after.id)
            if holder != change.after.id:
                raise build_slot_taken(change.after.id, holder)
        news = find_new_owners(change)
        taken = self.find_owners(connection, news) if news else {}
        for erp_id, owner in taken.items():
            if owner != news[erp_id]:
                raise build_erp_id_taken(erp_id)
        for erp_id, (entry_id, generation) in news.items():
            document = (self._company, to_column(connection), to_column(erp_id))
            self._query(_OWN, *document, to_column(entry_id), generation)
        self._move_slot(change.before, change.after)

    def _move_slot(self, before: QueueEntry, after: QueueEntry) -> None:
        if before.slot == after.slot:
            return
        former, key = build_slot_key(before.slot), build_slot_key(after.slot)
        if former is not None:
            for table in ("erp_number_slots", "erp_shared_number_slots"):
                row = (self._company, to_column(former), to_column(before.id))
                self._query(_FREE.format(table), *row)
        if key is not None:
            self._query(_HOLD, self._company, to_column(key), to_column(after.id))

    def find_slot_holders(self, slots: Collection[str]) -> dict[str, str]:
        """Return the ids of the entries that hold the slots, by slot."""
        keys = to_json_list([build_slot_key(slot) or "" for slot in slots])
        found = self._query(_HOLDERS, self._company, keys)
        return match_holders(slots, {to_text(slot): to_text(entry_id) for slot, entry_id in found})

    def find_owners(self, connection: str, erp_ids: Collection[str]) -> dict[str, tuple[str, int]]:
        """Return the entry id and the generation that own each ERP id, if any."""
        document = (self._company, to_column(connection))
        found = self._query(_OWNERS, *document, to_json_list(erp_ids))
        return {
            to_text(erp_id): (to_text(entry), int(str(number))) for erp_id, entry, number in found
        }


class SqliteHost(SqlitePeople):
    """The transaction for people's verbs on a host's connection."""

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries; missing ones are created, so that no other process can write."""
        self.lock(ids)
        return super().entries(ids)

    def _read_head(self, entry_id: str) -> tuple[object, object, object]:
        self._heads.pop(entry_id, None)  # the host may have rolled back to its own savepoint
        return super()._read_head(entry_id)


class SqliteWork(SqlitePeople):
    """The transaction of a worker, never on a host's connection."""

    def __init__(self, connection: sqlite3.Connection, company: str) -> None:
        super().__init__(connection, company)
        self._starts: list[tuple[str, int]] = []

    def save(self, change: Change) -> None:
        """Store the entry and the event of a change, both or nothing."""
        super().save(change)
        if change.action is Action.START:
            self._starts.append((to_column(change.after.id), change.after.seq))

    def find_last_started(self) -> LastSeen | None:
        """Return the last started call of this transaction that was not undone."""
        for key, seq in reversed(self._starts):
            found = self._query(_PLACE, self._company, key, seq)
            if found:
                return LastSeen(int(str(found[0][0])), to_text(found[0][1]))
        return None

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return due entries and those with an expired lease, the longest waiting first."""
        due: list[QueueEntry] = []
        passed, wanted = 0, limit
        asked = (self._company, to_micros(at), to_json_list(connections))
        while len(due) < limit:
            found = self._query(_DUE, *asked, wanted, passed)
            for body, document_json, key, seq in found:
                entry = read_entry(to_text(key), body, document_json, seq)
                if not isinstance(entry, UnreadableEntry):
                    due.append(entry)
            if len(found) < wanted:
                break
            passed, wanted = passed + wanted, 2 * wanted
        return due[:limit]
