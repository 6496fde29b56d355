"""Both ports on a SQLite connection that has a transaction open."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...documents import QueueEntry
from ...wire.plain import pack
from ..chain import START, link, sealed
from ..papers import packed
from ..ports import ErpIdTaken, SlotTaken, StaleEntry
from ..texts import as_column
from ..waking import micros
from .columns import columns_of, entry_of, many, rows, text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from ...events import Change

__all__ = ["SqlitePeople", "SqliteWork"]


class SqlitePeople:
    """People's port on a connection: its own, or the host's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._items = 0

    def _rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        return rows(self.connection, statement, *values)

    def lock(self, ids: Sequence[str]) -> None:
        """Make the entries that are missing; any write holds the whole database."""
        for entry_id in ids:
            self._rows(
                "INSERT INTO erp_entries (id, status, seq, head, body) VALUES (?, ?, 0, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                as_column(entry_id),
                "not_sent",
                START,
                pack(QueueEntry(id=entry_id)),
            )

    def entries(self, ids: Sequence[str]) -> dict[str, QueueEntry]:
        """Return the entries, made where they are missing."""
        self.lock(ids)
        found = {
            text(entry_id): entry_of(body, paper)
            for body, paper, entry_id in self._rows(
                "SELECT body, document, id FROM erp_filed WHERE id IN (SELECT value FROM json_each(?))",
                many(ids),
            )
        }
        return {entry_id: found[entry_id] for entry_id in ids}

    def save(self, change: Change) -> None:
        """Keep the entry and the event of a change, or nothing."""
        before, after, key = change.before, change.after, as_column(change.after.id)
        stored = self._rows("SELECT seq, head, paper FROM erp_entries WHERE id = ?", key)
        seq, head, sha = stored[0] if stored else (0, START, None)
        if seq != before.seq:
            msg = f"Read invoice {after.id} again: it has moved since."
            raise StaleEntry(msg)
        self._require_slot(after)
        self._own(before, after)
        self._move_slot(before, after)
        entry = packed(after)
        body = sealed(change.event, entry.body)
        digest = link(text(head), body)
        self._rows(
            "INSERT INTO erp_events (entry_id, seq, body, digest) VALUES (?, ?, ?, ?)",
            key,
            after.seq,
            body,
            digest,
        )
        self._rows(
            "INSERT OR REPLACE INTO erp_entries (id, status, connection, seq, wake_at,"
            " lease_until, head, body, paper) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            key,
            *columns_of(after),
            digest,
            entry.body,
            entry.sha,
        )
        if entry.sha not in {None, sha}:
            self._rows(
                "INSERT INTO erp_papers (sha, body) VALUES (?, ?) ON CONFLICT (sha) DO NOTHING",
                entry.sha,
                entry.paper,
            )
        if change.command and change.verdict:
            self._rows(
                "INSERT OR REPLACE INTO erp_commands (command, entry_id, seq) VALUES (?, ?, ?)",
                as_column(change.command),
                key,
                after.seq,
            )

    def _require_slot(self, after: QueueEntry) -> None:
        slot = after.slot
        if slot is not None and self.slot_holders([slot]).get(slot, after.id) != after.id:
            msg = f"Another invoice holds the number of invoice {after.id} in the ERP."
            raise SlotTaken(msg)

    def _move_slot(self, before: QueueEntry, after: QueueEntry) -> None:
        if before.slot == after.slot:
            return
        if before.slot is not None:
            self._rows("DELETE FROM erp_slots WHERE slot = ?", as_column(before.slot))
        if after.slot is not None:
            self._rows(
                "INSERT OR REPLACE INTO erp_slots (slot, entry_id) VALUES (?, ?)",
                as_column(after.slot),
                as_column(after.id),
            )

    def _own(self, before: QueueEntry, after: QueueEntry) -> None:
        connection = after.connection or ""
        news: dict[str, tuple[str, int]] = {}
        for holding in after.holdings:
            if holding in before.holdings or holding.receipt.role is None:
                continue
            erp_id, owner = holding.receipt.erp_id, (after.id, holding.key.generation)
            if {**news, **self.owners(connection, [erp_id])}.get(erp_id, owner) != owner:
                msg = f"Document {erp_id} of the ERP belongs to another invoice."
                raise ErpIdTaken(msg)
            news[erp_id] = owner
        for erp_id, (entry_id, generation) in news.items():
            self._rows(
                "INSERT OR REPLACE INTO erp_owners (connection, erp_id, entry_id, generation)"
                " VALUES (?, ?, ?, ?)",
                as_column(connection),
                as_column(erp_id),
                as_column(entry_id),
                generation,
            )

    def slot_holders(self, slots: Collection[str]) -> dict[str, str]:
        """Return the id of the entry that holds each of the slots that are held."""
        found = self._rows(
            "SELECT slot, entry_id FROM erp_slots WHERE slot IN (SELECT value FROM json_each(?))",
            many(slots),
        )
        return {text(slot): text(entry_id) for slot, entry_id in found}

    def owners(self, connection: str, erp_ids: Collection[str]) -> dict[str, tuple[str, int]]:
        """Return entry id and generation of those of the ERP ids that are owned."""
        found = self._rows(
            "SELECT erp_id, entry_id, generation FROM erp_owners WHERE connection = ?"
            " AND erp_id IN (SELECT value FROM json_each(?))",
            as_column(connection),
            many(erp_ids),
        )
        return {text(erp_id): (text(entry), int(str(number))) for erp_id, entry, number in found}

    def answered(self, command: str, entry_id: str) -> int | None:
        """Return the ``seq`` of the event with which a command has answered."""
        found = self._rows(
            "SELECT seq FROM erp_commands WHERE command = ? AND entry_id = ?",
            as_column(command),
            as_column(entry_id),
        )
        return int(str(found[0][0])) if found else None

    @contextmanager
    def item(self) -> Iterator[None]:
        """One item of several: an error inside undoes this item alone."""
        self._items += 1
        name = f"erp_item_{self._items}"
        self._rows(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self._rows(f"ROLLBACK TO {name}")
                self._rows(f"RELEASE {name}")
            raise
        self._rows(f"RELEASE {name}")


class SqliteWork(SqlitePeople):
    """The worker's port: never on a host's connection."""

    def due(self, at: datetime, connections: Collection[str], limit: int) -> Sequence[QueueEntry]:
        """Return entries to claim or whose lease ran out, the longest waiting first."""
        found = self._rows(
            "SELECT body, document, id FROM erp_filed WHERE wake_at IS NOT NULL AND wake_at <= ?"
            " AND (connection IN (SELECT value FROM json_each(?)) OR status = 'exporting')"
            " ORDER BY wake_at, id LIMIT ?",
            micros(at),
            many(connections),
            limit,
        )
        return [entry_of(body, paper) for body, paper, _ in found]
