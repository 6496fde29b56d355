"""The store in a PostgreSQL database, shared by many processes and machines."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from psycopg.pq import TransactionStatus

from ...documents import QueueEntry
from ..blobs import prepare_to_read
from ..derived_rows import build_derived_rows
from ..errors import StoreBusy, StoreFault
from ..page_bounds import bound_limit, bound_position
from ..protocol import Stored
from ..rows import (
    build_chain,
    from_column,
    read_entry,
    read_event,
    read_events,
    to_column,
    to_micros,
)
from ..unique_rows import build_slot_key, match_holders
from ..unreadable_rows import UnreadableEntry
from . import change_feed, sql
from .connection import IdleConnections, Target, ThreadSlot, require_transaction
from .errors import is_gone, translate_errors
from .guarded_write import KnownHeads
from .people import PostgresOwnPeople
from .pipeline import HostPipeline, OwnPipeline, execute
from .record_rows import StoreRows
from .restore import LAST, notice_restore, read_restore, record_restore
from .schema import check_readable, migrate, require_known
from .server_clock import ServerTime
from .transaction import PostgresHost, PostgresWork

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Self

    import psycopg

    from ...documents import Restore
    from ...events import AuditEvent
    from ..protocol import Chain, DerivedRows, PeopleTransaction, WorkTransaction
    from ..record_rows import RecordRows
    from .connection import ThreadConnection
    from .sql import Row


_ROWS = "SELECT body, document, id, seq FROM erp_entries WHERE company = %s"
_PAGE = _ROWS + " AND id > %s ORDER BY id LIMIT %s"
_NAMED = _ROWS + " AND id = ANY(%s::text[])"
_DUE = """
    SELECT body, document, id, seq, head FROM erp_entries WHERE company = %s
    AND wake_at <= %s AND (connection = ANY(%s::text[]) OR status = 'exporting')
    ORDER BY wake_at, id LIMIT %s OFFSET %s
"""
_LEASED = (
    _ROWS
    + """
    AND lease_until IS NOT NULL AND wake_at IS NOT NULL AND connection = ANY(%s::text[])
    ORDER BY lease_until, id LIMIT 1 OFFSET %s
"""
)


def _read_entry_row(row: Sequence[Any]) -> QueueEntry:
    body, document_json, key, seq = row
    return read_entry(from_column(key), body, document_json, seq)


_KEYS = """
    WITH asked AS (SELECT %s::text AS name)
    SELECT id FROM erp_entries, asked WHERE company = name
    UNION SELECT entry_id FROM erp_events, asked WHERE company = name
    UNION SELECT entry_id FROM erp_number_slots, asked WHERE company = name
    UNION SELECT entry_id FROM erp_shared_number_slots, asked WHERE company = name
    UNION SELECT entry_id FROM erp_document_owners, asked WHERE company = name
    UNION SELECT entry_id FROM erp_commands, asked WHERE company = name ORDER BY 1
"""
_SLOTS = """
    WITH asked AS (SELECT %s::text AS name)
    SELECT slot, entry_id FROM erp_number_slots, asked WHERE company = name
    UNION ALL SELECT slot, entry_id FROM erp_shared_number_slots, asked WHERE company = name
    ORDER BY 1, 2
"""
_OWNERS = """
    SELECT connection, erp_id, entry_id, generation FROM erp_document_owners WHERE company = %s
    ORDER BY 1, 2
"""
_ANSWERS = """
    SELECT command, entry_id, seq FROM erp_commands WHERE company = %s ORDER BY 1, 2
"""
_CHAIN = """
    SELECT 0::bigint, 0::bigint, body, head, status, connection, seq, wake_at, lease_until, document,
        NULL::bigint
        FROM erp_entries WHERE company = %s AND id = %s
    UNION ALL
    SELECT 1::bigint, seq, body, digest, NULL, NULL, NULL, NULL, NULL, NULL, place
        FROM erp_events WHERE company = %s AND entry_id = %s
    ORDER BY 1, 2
"""


def read_chains(query: Callable[..., list[Row]], company: str) -> Iterator[Chain]:
    """
    Yield every entry with its events, also events without an entry.

    Args:
        query: Executes a query in one snapshot, as other processes may write at the same time.
        company: The company of the store, encoded by ``to_column``.
    """
    derived = _read_derived_rows(query, company)
    for (key,) in query(_KEYS, company):
        entry_id = from_column(key)
        rows = query(_CHAIN, company, key, company, key)
        yield build_chain(entry_id, rows, derived.get(entry_id))


def _read_derived_rows(query: Callable[..., list[Row]], company: str) -> dict[str, DerivedRows]:
    slots = query(_SLOTS, company)
    owners = query(_OWNERS, company)
    commands = query(_ANSWERS, company)
    return build_derived_rows(
        slots=((from_column(slot), from_column(key)) for slot, key in slots),
        owners=(
            (from_column(name), from_column(erp_id), from_column(key), generation)
            for name, erp_id, key, generation in owners
        ),
        commands=((from_column(command), from_column(key), seq) for command, key, seq in commands),
    )


_VERSION = "SELECT coalesce(max(version), 0)::bigint FROM erp_schema"
_EVENTS = """
    SELECT seq, body FROM erp_events
    WHERE company = %s AND entry_id = %s AND seq > %s ORDER BY seq LIMIT %s
"""
_SNAPSHOT = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ())


class PostgresStore:
    """
    A store for many machines, with durable commits, row locks and the server's time.

    Each thread has a connection of its own, also after a fork or if its connection breaks. A new
    thread takes over the connection of a thread that has ended, if there is one, and otherwise
    opens its own. A host may pass its own connection to the actions of people; then the isolation
    and durability of the host's transaction apply.
    """

    def __init__(
        self, dsn: str, *, company: str = "", wait: float = 10.0, read_only: bool = False
    ) -> None:
        """
        Connect, and create missing tables.

        Args:
            dsn: A connection string or URL; a password in it is never shown.
            company: The company whose entries and events the store reads and writes; "" in a
                database of one company.
            wait: The longest time to wait for the server or for a lock, in seconds.
            read_only: Create and migrate nothing, so that the right to read is enough.

        Raises:
            StoreFault: The server refuses, or the tables are of a newer version; with
                ``read_only``, also if the database is empty or needs a migration.
            StoreBusy: The server did not answer in time, or other processes locked it for too long.
        """
        self.company = company
        self._company = to_column(company)
        self.read_only = read_only
        self._is_open = False
        self._target = Target(dsn, wait)
        self._local = threading.local()
        self._idle = IdleConnections()
        self._time = ServerTime()
        self._heads = KnownHeads()
        if not read_only:  # a store that only reads holds no lock meanwhile
            prepare_to_read()
        with self._open_pipeline() as pipeline:
            if read_only:
                check_readable(pipeline)
            else:
                migrate(pipeline)
                notice_restore(pipeline)
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"PostgresStore({self._target.name})"

    def _connection(self) -> ThreadConnection:
        slot: ThreadSlot | None = getattr(self._local, "slot", None)
        if slot is None:
            slot = self._local.slot = ThreadSlot(self._idle)
            slot.db = self._idle.take()
        if slot.db is not None and not slot.db.is_usable:
            slot.db = None
            self._idle.close()  # what broke this one may have broken them, too
        if slot.db is None:
            db = self._target.connect()
            if self._is_open:
                self._require_known(db)
            slot.db = db
        return slot.db

    def _require_known(self, thread_connection: ThreadConnection) -> None:
        """Check the version of the tables, which a newer client may have migrated."""
        with translate_errors(thread_connection):
            ((version,),) = execute(thread_connection, [(_VERSION, ())])
        require_known(version)

    def close(self) -> None:
        """Close the connections of this and of ended threads; the next call opens another."""
        slot: ThreadSlot | None = getattr(self._local, "slot", None)
        if slot is not None and slot.db is not None:
            slot.db.release()
            slot.db = None
        self._idle.close()

    def clock(self) -> datetime:
        """Return the server's current time (UTC)."""
        return self._time(self._query)

    def restore(self) -> Restore | None:
        """Return the last detected or recorded restore of the database; ``None`` without one."""
        return read_restore(self._query(LAST))

    def record_restore(self, why: str) -> Restore:
        """Record that the database was restored from a backup."""
        self._require_writing()
        with self._open_pipeline() as pipeline:
            pipeline.defer("LOCK TABLE erp_restores IN EXCLUSIVE MODE")
            return record_restore(pipeline, why)

    def _require_writing(self) -> None:
        if self.read_only:
            msg = (
                "The store is open for reading only. Nothing was stored. Open it without read_only."
            )
            raise StoreFault(msg)

    @contextmanager
    def _open_pipeline(self) -> Iterator[OwnPipeline]:
        db = self._connection()
        if db.info.transaction_status != TransactionStatus.IDLE:
            msg = "This thread has an open transaction. End it before you open another."
            raise StoreBusy(msg)
        pipeline = OwnPipeline(db, self._connection)
        try:
            yield pipeline
            pipeline.commit()
        except BaseException:
            pipeline.roll_back()
            raise

    @contextmanager
    def _snapshot(self) -> Iterator[Callable[..., list[Row]]]:
        with closing(self._target.connect()) as db, translate_errors(db):
            execute(db, [_SNAPSHOT])
            yield lambda statement, *values: execute(db, [(statement, values)])

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[Any]]:
        """
        Open a write transaction, for other tables in the queue's database.

        Raises:
            StoreBusy: Other processes locked the database for too long, or the connection broke.
            StoreFault: The database failed; nothing was stored.
            CommitUnknown: The answer of the commit was lost.
        """
        self._require_writing()
        with self._open_pipeline() as pipeline:
            pipeline.begin()
            with translate_errors(pipeline.db):
                yield pipeline.db

    def records(self) -> RecordRows:
        """Return the access to the tables of the loaded records, for reading in any thread."""
        return StoreRows(self._query)

    @contextmanager
    def people(self, on: object | None = None) -> Iterator[PeopleTransaction]:
        """Open a transaction for people's actions, on the store's connection or the host's."""
        if on is None:
            self._require_writing()
            with self._open_pipeline() as own:
                people = PostgresOwnPeople(own, self._company)
                yield people
                people.finish()
            return
        pipeline = HostPipeline(require_transaction(on))
        transaction = PostgresHost(pipeline, self._company)
        try:
            with transaction.savepoint():
                yield transaction
                transaction.finish()
                pipeline.end()
        finally:
            transaction.finish()
            pipeline.end()

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open a transaction of a worker, always on the store's connection."""
        self._require_writing()
        with self._open_pipeline() as pipeline:
            own = PostgresWork(pipeline, self._company, self._heads)
            yield own
            own.finish()
        own.keep_heads()

    def _query(self, statement: str, *values: object) -> list[Row]:
        db = self._connection()
        try:
            with translate_errors(db):
                return execute(db, [(statement, values)])
        except StoreBusy:
            if not is_gone(db):
                raise
        # A query that only reads is repeated once if the connection is broken.
        db = self._connection()
        with translate_errors(db):
            return execute(db, [(statement, values)])

    def entries(
        self,
        ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[QueueEntry]:
        """
        Return the named entries in their order, or a page of all entries, ordered by id.

        Raises:
            TypeError: ``limit`` is neither a whole number nor ``None``.
            ValueError: ``limit`` is negative.
        """
        limit = bound_limit(limit)
        if ids is None:
            found = self._query(_PAGE, self._company, to_column(after or ""), limit)
            return [_read_entry_row(row) for row in found]
        named = list(ids)
        keys = [to_column(entry_id) for entry_id in named]
        found = self._query(_NAMED, self._company, keys)
        stored = {entry.id: entry for entry in map(_read_entry_row, found)}
        return [stored.get(entry_id) or QueueEntry(id=entry_id) for entry_id in named]

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return committed entries that are due, the longest waiting first, without a lock."""
        names = [to_column(connection) for connection in connections]
        due: list[QueueEntry] = []
        passed, wanted = 0, limit
        while len(due) < limit:
            found = self._query(_DUE, self._company, to_micros(at), names, wanted, passed)
            for *row, head in found:
                entry = _read_entry_row(row)
                if not isinstance(entry, UnreadableEntry):
                    due.append(entry)
                    self._heads.put(entry.id, entry.seq, head)
            if len(found) < wanted:
                break
            passed, wanted = passed + wanted, 2 * wanted
        return due[:limit]

    def find_slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        keys = [to_column(build_slot_key(slot) or "") for slot in slots]
        found = self._query(sql.SLOT_HOLDERS, self._company, keys)
        holders = {from_column(slot): from_column(entry_id) for slot, entry_id in found}
        return match_holders(slots, holders)

    def events(
        self, entry_id: str, *, after: int = 0, limit: int | None = None
    ) -> Sequence[AuditEvent]:
        """
        Return an entry's events after a ``seq``, without those that cannot be read.

        Raises:
            TypeError: ``after`` or ``limit`` is not a whole number.
            ValueError: ``after`` or ``limit`` is negative.
        """
        after, limit = bound_position("after", after), bound_limit(limit)
        key = to_column(entry_id)

        def read(after: int, limit: int | None) -> list[Row]:
            return self._query(_EVENTS, self._company, key, after, limit)

        return read_events(entry_id, read, after, limit)

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """
        Return committed events after a place in the change feed, in the order of places.

        An event gets its place when it is first read, so an event that is committed later has a
        later place. A read-only store assigns no places, so it returns only events that have one.
        Events that cannot be read are left out.

        Raises:
            TypeError: ``after`` or ``limit`` is not a whole number.
            ValueError: ``after`` or ``limit`` is negative.
        """
        after, limit = bound_position("after", after), bound_position("limit", limit)
        while found := self._read_placed(after, limit):
            read = [
                (after := place, read_event(from_column(key), body)) for place, body, key in found
            ]
            if stored := [Stored(place, event) for place, event in read if event is not None]:
                return stored
        return []

    def _read_placed(self, after: int, limit: int) -> list[Row]:
        found = self._query(change_feed.READ, self._company, after, limit)
        if len(found) == limit or self.read_only:
            return found
        if self._query(change_feed.WAITING, self._company):
            with self._open_pipeline() as pipeline:
                found = change_feed.place(pipeline, self._company, after, limit)
        return found

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its stored events, from one snapshot."""
        with self._snapshot() as query:
            yield from read_chains(query, self._company)

    def find_lease_end(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease on the connections ends (UTC); ``None`` without a lease."""
        names = [to_column(connection) for connection in connections]
        passed = 0
        while found := self._query(_LEASED, self._company, names, passed):
            lease = _read_entry_row(found[0]).lease
            if lease is not None:
                return lease.until
            passed += 1
        return None
