"""The transactions of people and workers in SQLite."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from ...documents import QueueEntry
from ...vocabulary import Action
from ...wire.converter import pack
from ..audit_chain import START, append_digest, link
from ..blobs import find_recent_entry, pack_entry
from ..errors import StaleEntry
from ..rows import (
    build_columns,
    read_entry,
    require_unchanged,
    to_bytes,
    to_column,
    to_micros,
)
from ..unique_rows import (
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


# Changes one row if the slot is free or held by the same entry. If version 0.1 gave one number to
# two entries, both still prevent a third.
_HOLD = """
    INSERT INTO erp_number_slots (company, slot, entry_id) SELECT ?, ?, ?
        WHERE NOT EXISTS (SELECT 1 FROM erp_shared_number_slots
            WHERE company = ? AND slot = ? AND entry_id <> ?)
    ON CONFLICT (company, slot) DO UPDATE SET entry_id = entry_id WHERE entry_id = excluded.entry_id
"""
_FREE = "DELETE FROM {} WHERE company = ? AND slot = ? AND entry_id = ?"
_HOLDERS = """
    SELECT slot, entry_id FROM erp_number_slots
        WHERE company = ? AND slot IN (SELECT value FROM json_each(?))
    UNION ALL
    SELECT slot, entry_id FROM erp_shared_number_slots
        WHERE company = ? AND slot IN (SELECT value FROM json_each(?))
"""
# One text needs no list of JSON (benchmark 4a).
_HOLDERS_OF_ONE = _HOLDERS.replace("IN (SELECT value FROM json_each(?))", "= ?")
# Changes one row if the document has no owner or the same one.
_OWN = """
    INSERT INTO erp_document_owners (company, connection, erp_id, entry_id, generation)
        VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (company, connection, erp_id) DO UPDATE SET generation = generation
        WHERE entry_id = excluded.entry_id AND generation = excluded.generation
"""


_NO_HEAD = (0, START, None)
# After an edit by hand a body may be text that is not UTF-8; as bytes it can be read.
_READ = f"""
    SELECT CAST(body AS BLOB), CAST(document AS BLOB), id, seq, head, document_sha256
        FROM {ENTRIES} WHERE company = ? AND id IN (SELECT value FROM json_each(?))
"""  # noqa: S608 - only a constant is inserted
_READ_ONE = _READ.replace("IN (SELECT value FROM json_each(?))", "= ?")
_READ_BODY = """
    SELECT CAST(body AS BLOB), seq, head, document_sha256
        FROM erp_entries WHERE company = ? AND id = ?
"""
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
    SELECT CAST(body AS BLOB), CAST(document AS BLOB), id, seq, head, document_sha256
        FROM {ENTRIES} WHERE company = ? AND wake_at IS NOT NULL AND wake_at <= ?
        AND (connection IN (SELECT value FROM json_each(?)) OR status = 'exporting')
        ORDER BY wake_at, id LIMIT ? OFFSET ?
"""  # noqa: S608 - only a constant is inserted
_STORE_DOCUMENT = """
    INSERT INTO erp_export_documents (sha256, document) VALUES (?, ?)
        ON CONFLICT (sha256) DO NOTHING
"""
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
    A transaction for people's actions, such as send and accept, on the store's connection.

    No other process writes until its end, so it reads each row once.
    """

    def __init__(self, db: sqlite3.Connection, company: str) -> None:
        """Store the connection, and the company, encoded by ``to_column``."""
        self.db = db
        self._company = company
        self._cursor = db.cursor()
        self._cursor.row_factory = None  # plain tuples, for any row factory of the connection
        self._items = 0
        self._last_place = 0  # of the last saved event, in the change feed
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
        for row in self._read(ids):
            entry = self._keep(row)
            found[entry.id] = entry
        return {entry_id: found.get(entry_id) or self._create(entry_id) for entry_id in ids}

    def expect_new(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries; missing ones are created."""
        return self.entries(ids)

    def _read(self, ids: Sequence[str]) -> list[tuple[object, ...]]:
        if len(ids) == 1:  # as a worker does, twice for each entry (benchmark 4c)
            return self._query(_READ_ONE, self._company, to_column(ids[0]))
        return self._query(_READ, self._company, to_json_list(ids))

    def _keep(self, row: tuple[object, ...]) -> QueueEntry:
        """Return the entry of a row; record its last digest, which a save needs."""
        body, document_json, key, seq, head, sha = row
        entry = read_entry(to_text(key), body, document_json, seq)
        self._heads[entry.id] = (seq, head, sha)
        return entry

    def _create(self, entry_id: str) -> QueueEntry:
        self._heads[entry_id] = _NO_HEAD
        self._missing.add(entry_id)
        return QueueEntry(id=entry_id)

    def discard(self, ids: Sequence[str]) -> None:
        """Remove those of the entries that have no event: only a lock has created them."""
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
        self._reserve(change)
        entry = pack_entry(after)
        body = append_digest(change.event, entry.body)
        digest = link(to_text(head), body)
        self._query(_RECORD, self._company, key, after.seq, body, digest)
        self._last_place = self._cursor.lastrowid or 0
        row = (*build_columns(after), digest, entry.body, entry.sha, self._company, key)
        self._write_row(after.id, _MOVE if seq else _ENTER, row)
        if entry.sha not in {None, sha}:
            self._query(_STORE_DOCUMENT, entry.sha, entry.document_json)
        if change.command and change.verdict:
            self._query(_ANSWER, self._company, to_column(change.command), key, after.seq)
        self._heads[after.id] = (after.seq, digest, entry.sha)
        self._missing.discard(after.id)

    def _write_row(self, _entry_id: str, statement: str, row: tuple[object, ...]) -> None:
        self._query(statement, *row)

    def find_answer(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event that the command caused; ``None`` for a new command."""
        key = to_column(entry_id)
        found = self._query(_FIND_ANSWER, self._company, to_column(command), key)
        return int(str(found[0][0])) if found else None

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Open a savepoint: an error within the block undoes the changes of the block only."""
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
            if self.db.in_transaction:
                self._query(f"ROLLBACK TO {name}")
                self._query(f"RELEASE {name}")
            raise
        finally:
            self._items -= 1
        self._query(f"RELEASE {name}")

    def _query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = self._cursor.execute(statement, values).fetchall()
        return found

    def _reserve(self, change: Change) -> None:
        """Take the number slot and ERP ids of a change, all or none; release the former slot."""
        before, after = change.before, change.after
        if before.slot == after.slot and before.holdings is after.holdings:
            return  # as with most changes (line 4c)
        owners = find_new_owners(change)
        has_new_slot = after.slot not in {None, before.slot}
        # One reservation that is refused changes nothing; several are undone together.
        with self.savepoint() if len(owners) + has_new_slot > 1 else nullcontext():
            for erp_id, (entry_id, generation) in owners.items():
                document = (self._company, to_column(after.connection or ""), to_column(erp_id))
                if not self._count(_OWN, *document, to_column(entry_id), generation):
                    raise build_erp_id_taken(erp_id)
            if has_new_slot:
                self._take_slot(after)
        if before.slot is not None and before.slot != after.slot:
            former = to_column(build_slot_key(before.slot) or "")
            for table in ("erp_number_slots", "erp_shared_number_slots"):
                self._query(_FREE.format(table), self._company, former, to_column(before.id))

    def _take_slot(self, after: QueueEntry) -> None:
        slot = after.slot or ""
        key = to_column(build_slot_key(slot) or "")
        held = (self._company, key, to_column(after.id))
        if not self._count(_HOLD, *held, *held):
            raise build_slot_taken(after.id, self.find_slot_holders([slot])[slot])

    def _count(self, statement: str, *values: object) -> int:
        """Return the number of rows that a statement changed."""
        return self._cursor.execute(statement, values).rowcount

    def find_slot_holders(self, slots: Collection[str]) -> dict[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        if not slots:
            return {}
        keys = [build_slot_key(slot) or "" for slot in slots]
        if len(keys) == 1:
            statement, asked = _HOLDERS_OF_ONE, (self._company, to_column(keys[0]))
        else:
            statement, asked = _HOLDERS, (self._company, to_json_list(keys))
        found = self._query(statement, *asked, *asked)
        return match_holders(slots, {to_text(slot): to_text(entry_id) for slot, entry_id in found})

    def expect_free(self, slots: Collection[str]) -> dict[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        return self.find_slot_holders(slots)

    def find_owners(self, connection: str, erp_ids: Collection[str]) -> dict[str, tuple[str, int]]:
        """Return, by ERP id, its owner (entry id, generation); ids without one are left out."""
        document = (self._company, to_column(connection))
        found = self._query(_OWNERS, *document, to_json_list(erp_ids))
        return {
            to_text(erp_id): (to_text(entry), int(str(number))) for erp_id, entry, number in found
        }


class SqliteHost(SqlitePeople):
    """A transaction for people's actions on a host's connection."""

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries; create missing ones first, which locks out other writers."""
        self.lock(ids)
        return super().entries(ids)

    def _read_head(self, entry_id: str) -> tuple[object, object, object]:
        self._heads.pop(entry_id, None)  # the host may have rolled back to its own savepoint
        return super()._read_head(entry_id)


class SqliteWork(SqlitePeople):
    """
    The transaction of a worker, never on a host's connection.

    If an entry has several changes, such as claim and start of a call, its row is written once.
    """

    def __init__(self, db: sqlite3.Connection, company: str) -> None:
        super().__init__(db, company)
        self._rows: dict[str, tuple[str, tuple[object, ...]]] = {}
        #: The last started call of this transaction that was not undone.
        self.last_started: LastSeen | None = None

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries; missing ones are created."""
        self._flush()
        return super().entries(ids)

    def save(self, change: Change) -> None:
        """Store the entry and the event of a change, both or nothing."""
        super().save(change)
        if change.action is Action.START:
            digest = to_text(self._heads[change.after.id][1])
            self.last_started = LastSeen(self._last_place, digest)

    def _write_row(self, entry_id: str, statement: str, row: tuple[object, ...]) -> None:
        former = self._rows.get(entry_id)
        self._rows[entry_id] = (former[0] if former else statement, row)

    def _flush(self) -> None:
        for statement, row in self._rows.values():
            self._query(statement, *row)
        self._rows.clear()

    def finish(self) -> None:
        """Write the rows, and create the missing entries that were locked but not changed."""
        self._flush()
        super().finish()

    def discard(self, ids: Sequence[str]) -> None:
        """Remove those of the entries that have no event: only a lock has created them."""
        self._flush()
        super().discard(ids)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Open a savepoint: an error within the block undoes the changes of the block only."""
        self._flush()
        started = self.last_started
        try:
            with super().savepoint():
                yield
        except BaseException:
            self._rows.clear()
            self.last_started = started
            raise

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return due entries and those with an expired lease, the longest waiting first."""
        self._flush()
        due: list[QueueEntry] = []
        passed, wanted = 0, limit
        asked = (self._company, to_micros(at), to_json_list(connections))
        while len(due) < limit:
            found = self._query(_DUE, *asked, wanted, passed)
            entries = [self._keep(row) for row in found]
            due += [entry for entry in entries if not isinstance(entry, UnreadableEntry)]
            if len(found) < wanted:
                break
            passed, wanted = passed + wanted, 2 * wanted
        return due[:limit]

    def expect(self, entry: QueueEntry) -> QueueEntry:
        """Return the stored entry; raise :class:`EntryChanged` if the given one is outdated."""
        self._flush()
        for body, seq, head, sha in self._query(_READ_BODY, self._company, to_column(entry.id)):
            # The document is not read if the entry of the same body is known (line 4c).
            known = find_recent_entry(to_bytes(body))
            if known is not None and (known.id, known.seq) == (entry.id, seq):
                self._heads[entry.id] = (seq, head, sha)
                return require_unchanged(entry, known)
        return require_unchanged(entry, self.entries([entry.id])[entry.id])
