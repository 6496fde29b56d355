"""The store in a SQLite file, shared by processes of a machine."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ...documents import QueueEntry
from ..blobs import prepare_to_read
from ..clock import THIS_MACHINE, Machine, SteadyClock
from ..derived_rows import build_derived_rows
from ..errors import NoTransaction, StoreFault
from ..page_bounds import bound_limit, bound_position
from ..protocol import Stored
from ..record_rows import SqliteRows
from ..rows import build_chain, read_entry, read_event, read_events, to_column, to_int
from .clock_anchor import ensure_anchor, read_anchor
from .columns import query, to_json_list, to_text
from .connection import ThreadConnection, commit
from .errors import translate_errors
from .file_lock import SideLock, require_file_locks
from .group_commit import Batch, GroupCommit
from .restore import (
    LastSeen,
    SeenFile,
    detect,
    read_identity,
    read_last_restore,
    read_last_seen,
    record_restore,
)
from .schema import ENTRIES, migrate, require_known
from .transaction import SqliteHost, SqlitePeople, SqliteWork

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from typing import Self

    from ...documents import Restore
    from ...events import AuditEvent
    from ..protocol import Chain, DerivedRows, PeopleTransaction, WorkTransaction
    from ..record_rows import RecordRows


# After an edit by hand a body may be text that is not UTF-8; as bytes it can be read.
_ROWS = (
    f"SELECT CAST(body AS BLOB), CAST(document AS BLOB), id, seq FROM {ENTRIES} WHERE company = ?"  # noqa: S608 - only constants
)
_PAGE = _ROWS + " AND id > ? ORDER BY id LIMIT ?"
_NAMED = _ROWS + " AND id IN (SELECT value FROM json_each(?))"  # noqa: S608 - only constants
_LEASED = (
    _ROWS + " AND lease_until IS NOT NULL AND wake_at IS NOT NULL"  # noqa: S608 - the same
    " AND connection IN (SELECT value FROM json_each(?)) ORDER BY lease_until, id LIMIT 1 OFFSET ?"
)
_FEED = """
    SELECT place, CAST(body AS BLOB), entry_id FROM erp_events
        WHERE company = ? AND place > ? ORDER BY place LIMIT ?
"""
# The index of named companies excludes the company '' of a database of one company.
_FEED_OF_COMPANY = _FEED.replace("WHERE", "WHERE company <> '' AND")


_KEYS = """
    SELECT id FROM erp_entries WHERE company = ?
    UNION SELECT entry_id FROM erp_events WHERE company = ?
    UNION SELECT entry_id FROM erp_number_slots WHERE company = ?
    UNION SELECT entry_id FROM erp_shared_number_slots WHERE company = ?
    UNION SELECT entry_id FROM erp_document_owners WHERE company = ?
    UNION SELECT entry_id FROM erp_commands WHERE company = ? ORDER BY 1
"""
_SLOTS = """
    SELECT slot, entry_id FROM erp_number_slots WHERE company = ?
    UNION ALL SELECT slot, entry_id FROM erp_shared_number_slots WHERE company = ?
    ORDER BY 1, 2
"""
_OWNERS = """
    SELECT connection, erp_id, entry_id, generation FROM erp_document_owners WHERE company = ?
    ORDER BY 1, 2
"""
_ANSWERS = """
    SELECT command, entry_id, seq FROM erp_commands WHERE company = ? ORDER BY 1, 2
"""
_CHAIN = f"""
    SELECT 0, 0, CAST(body AS BLOB), head, status, connection, seq, wake_at, lease_until,
        CAST(document AS BLOB), NULL
        FROM {ENTRIES} WHERE company = ? AND id = ?
    UNION ALL
    SELECT 1, seq, CAST(body AS BLOB), digest, NULL, NULL, NULL, NULL, NULL, NULL, place
        FROM erp_events WHERE company = ? AND entry_id = ?
    ORDER BY 1, 2
"""  # noqa: S608 - only a constant is inserted
_EVENTS = """
    SELECT seq, CAST(body AS BLOB) FROM erp_events
        WHERE company = ? AND entry_id = ? AND seq > ? ORDER BY seq LIMIT ?
"""


def read_chains(snapshot: sqlite3.Connection, company: str) -> Iterator[Chain]:
    """Yield every entry with its events, also events without an entry, from one snapshot."""
    derived = _read_derived_rows(snapshot, company)
    for (key,) in query(snapshot, _KEYS, *[company] * 6):
        entry_id = to_text(key)
        rows = query(snapshot, _CHAIN, company, key, company, key)
        yield build_chain(entry_id, rows, derived.get(entry_id))


def _read_derived_rows(snapshot: sqlite3.Connection, company: str) -> dict[str, DerivedRows]:
    slots = query(snapshot, _SLOTS, company, company)
    owners = query(snapshot, _OWNERS, company)
    commands = query(snapshot, _ANSWERS, company)
    return build_derived_rows(
        slots=((to_text(slot), to_text(key)) for slot, key in slots),
        owners=(
            (to_text(name), to_text(erp_id), to_text(key), to_int(generation))
            for name, erp_id, key, generation in owners
        ),
        commands=((to_text(command), to_text(key), to_int(seq)) for command, key, seq in commands),
    )


def _check_path(path: str | os.PathLike[str]) -> Path:
    name = os.fspath(path)
    if name in {"", ":memory:"} or name.startswith("file:"):
        msg = f"{name!r} is not the path of a file. Give the path of one, or use MemoryStore."
        raise StoreFault(msg)
    return Path(path).absolute()


class SqliteStore:
    """
    The default store, in a file with WAL, ``synchronous=FULL`` and one writer at a time.

    Its write transactions are serialized by a lock on a side file (``<path>.lock``), for which a
    transaction waits at most ``wait`` seconds. Transactions of several threads of a process share a
    commit. A host may pass its own connection to people's actions; then durability is the host's
    setting, and the lock is not taken. Each thread opens its own connection, also after a fork.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        company: str = "",
        wait: float = 30.0,
        machine: Machine = THIS_MACHINE,
        read_only: bool = False,
        complete_copy: Callable[[sqlite3.Connection], object] | None = None,
    ) -> None:
        """
        Open the file; create the file and its tables if they are missing.

        Args:
            path: The file.
            company: The company whose entries and events the store reads and writes; "" in a
                database of one company.
            wait: The longest time to wait for other writers, in seconds.
            machine: The machine that provides the clocks.
            read_only: Create, migrate and lock nothing, so that read permission is enough. A file
                of an older version is read from a copy for each thread.
            complete_copy: Called with such a copy if it has loaded records of an older version
                with incomplete tables.

        Raises:
            StoreFault: The path is empty, ``:memory:`` or a URI; the file cannot be opened, is not
                a database, or is of a newer version; with ``read_only``, also if it is empty. Or
                the system has no file locks of POSIX.
            StoreBusy: Other processes locked it for too long.
        """
        require_file_locks()
        self.path = _check_path(path)
        self.company = company
        self._company = to_column(company)
        self.read_only = read_only
        self._wait = wait
        self._complete_copy = complete_copy
        self._lock_path = self.path.with_name(f"{self.path.name}.lock")
        self._seen_path = self.path.with_name(f"{self.path.name}.seen")
        self._local = threading.local()
        self._group = self._build_group()
        #: The last started call of the open transaction.
        self._last_started: LastSeen | None = None
        self._schema: tuple[int] | None = None
        if read_only:
            with translate_errors():
                anchor = read_anchor(self._connection(), machine)
            self.clock = SteadyClock(anchor, machine.ticks)
        else:
            self._open_to_write(machine)

    def _open_to_write(self, machine: Machine) -> None:
        """Migrate the tables to this version, and detect a restore."""
        prepare_to_read()
        with self.transaction() as db:
            migrate(db)
            self.clock = SteadyClock(ensure_anchor(db, machine), machine.ticks)
            self._id = read_identity(db)
            why = detect(db, self._id, self._seen_file().read())
            known = read_last_restore(db)
            self._restores = known.number if known else 0
            if why:
                self._record_restore(db, why)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> ThreadConnection:
        return ThreadConnection(
            self.path, self._wait, read_only=self.read_only, complete_copy=self._complete_copy
        )

    def _connection(self) -> sqlite3.Connection:
        thread_connection: ThreadConnection | None = getattr(self._local, "thread_connection", None)
        if thread_connection is None or not thread_connection.is_ours:
            thread_connection = self._local.thread_connection = self._open()
        return thread_connection.db

    def _side_lock(self) -> SideLock:
        lock: SideLock | None = getattr(self._local, "side_lock", None)
        if lock is None:
            lock = self._local.side_lock = SideLock(self._lock_path)
        return lock

    def _seen_file(self) -> SeenFile:
        file: SeenFile | None = getattr(self._local, "seen_file", None)
        if file is None:
            file = self._local.seen_file = SeenFile(self._seen_path)
        return file

    def close(self) -> None:
        """Close this thread's connection; the next call opens another."""
        self._local.__dict__.pop("side_lock", None)
        self._local.__dict__.pop("seen_file", None)
        thread_connection: ThreadConnection | None = self._local.__dict__.pop(
            "thread_connection", None
        )
        if thread_connection is not None:
            thread_connection.close()

    def records(self) -> RecordRows:
        """Return the access to the tables of the loaded records, to read in the calling thread."""
        return SqliteRows(self._connection())

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        with closing(self._open()) as thread_connection:
            thread_connection.db.execute("BEGIN")
            yield thread_connection.db

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """
        Open a write transaction, for other tables in the queue's database.

        Raises:
            StoreBusy: Other processes locked the file for too long.
            StoreFault: The database failed; nothing was stored.
            CommitUnknown: The answer of the commit was lost.
        """
        if self.read_only:
            msg = (
                "The store is open for reading only. Nothing was stored. Open it without read_only."
            )
            raise StoreFault(msg)
        if self._group.pid != os.getpid():
            self._group = self._build_group()
        return self._group.join()

    def _build_group(self) -> GroupCommit:
        return GroupCommit(self._begin, self._commit, self._wait)

    def _begin(self) -> Batch:
        lock = self._side_lock().hold(self._wait)
        try:
            with translate_errors():
                db = self._connection()
                db.execute("BEGIN IMMEDIATE")
                try:
                    self._require_known(db)
                except BaseException:
                    db.execute("ROLLBACK")
                    raise
        except BaseException:
            lock.release()
            raise
        self._last_started = None
        return Batch(db, lock)

    def _require_known(self, db: sqlite3.Connection) -> None:
        """Check the version of the tables if the schema has changed."""
        mark = db.execute("PRAGMA schema_version").fetchone()
        if mark != self._schema:
            if self._schema is not None:
                require_known(db)
            self._schema = mark

    def _commit(self, batch: Batch) -> None:
        with translate_errors():
            commit(batch.db)
        # After the commit and before the lock is released, so that the named event exists.
        if self._last_started is not None:
            self._seen_file().write(
                self._id, attrs.evolve(self._last_started, restores=self._restores)
            )

    def _record_restore(self, db: sqlite3.Connection, why: str) -> Restore:
        restore = record_restore(db, why, self.clock())
        self._last_started = read_last_seen(db)
        self._restores = restore.number
        return restore

    def restore(self) -> Restore | None:
        """Return the last detected or recorded restore of the database; ``None`` without one."""
        with translate_errors():
            return read_last_restore(self._connection())

    def record_restore(self, why: str) -> Restore:
        """Record that the database was restored from a backup."""
        with self.transaction() as db:
            return self._record_restore(db, why)

    def people(self, on: object | None = None) -> AbstractContextManager[PeopleTransaction]:
        """Open a transaction for people's actions, on the store's connection or the host's."""
        return self._open_people() if on is None else self._open_host(on)

    @contextmanager
    def _open_people(self) -> Iterator[PeopleTransaction]:
        with self.transaction() as own:
            people = SqlitePeople(own, self._company)
            yield people
            people.finish()

    @contextmanager
    def _open_host(self, db: object) -> Iterator[PeopleTransaction]:
        if not isinstance(db, sqlite3.Connection) or not db.in_transaction:
            msg = "The connection has no open transaction. Begin one, then call again."
            raise NoTransaction(msg)
        with translate_errors(host=True):
            transaction = SqliteHost(db, self._company)
            with transaction.savepoint():
                yield transaction

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open a transaction of a worker, always on the store's connection."""
        with self.transaction() as own:
            work = SqliteWork(own, self._company)
            yield work
            work.finish()
            self._last_started = work.last_started or self._last_started

    def _query(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with translate_errors():
            return query(self._connection(), statement, *values)

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
            found = self._query(
                _PAGE, self._company, to_column(after or ""), -1 if limit is None else limit
            )
            return [
                read_entry(to_text(key), body, document_json, seq)
                for body, document_json, key, seq in found
            ]
        named = list(ids)
        stored = {}
        for body, document_json, key, seq in self._query(
            _NAMED, self._company, to_json_list(named)
        ):
            stored[to_text(key)] = read_entry(to_text(key), body, document_json, seq)
        return [stored.get(entry_id) or QueueEntry(id=entry_id) for entry_id in named]

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return committed entries that are due, the longest waiting first, without a lock."""
        with translate_errors():
            work = SqliteWork(self._connection(), self._company)
            return work.find_due_entries(at, connections, limit)

    def find_slot_holders(self, slots: Collection[str]) -> Mapping[str, str]:
        """Return, by number slot, the id of the entry that holds it; free slots are left out."""
        with translate_errors():
            return SqlitePeople(self._connection(), self._company).find_slot_holders(slots)

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

        def read(after: int, limit: int | None) -> list[tuple[object, ...]]:
            return self._query(_EVENTS, self._company, key, after, -1 if limit is None else limit)

        return read_events(entry_id, read, after, limit)

    def feed(self, after: int = 0, limit: int = 100) -> Sequence[Stored]:
        """
        Return committed events after a place in the change feed, in the order of commits.

        Events that cannot be read are left out.

        Raises:
            TypeError: ``after`` or ``limit`` is not a whole number.
            ValueError: ``after`` or ``limit`` is negative.
        """
        after, limit = bound_position("after", after), bound_position("limit", limit)
        statement = _FEED_OF_COMPANY if self._company else _FEED
        while found := self._query(statement, self._company, after, limit):
            read = [
                (after := to_int(place), read_event(to_text(key), body))
                for place, body, key in found
            ]
            if stored := [Stored(place, event) for place, event in read if event is not None]:
                return stored
        return []

    def chains(self) -> Iterable[Chain]:
        """Yield every entry with its stored events, from one snapshot."""
        with translate_errors(), self._snapshot() as snapshot:
            yield from read_chains(snapshot, self._company)

    def find_lease_end(self, connections: Collection[str]) -> datetime | None:
        """Return when the first lease on the connections ends (UTC); ``None`` without a lease."""
        passed = 0
        while found := self._query(_LEASED, self._company, to_json_list(connections), passed):
            body, document_json, key, seq = found[0]
            lease = read_entry(to_text(key), body, document_json, seq).lease
            if lease is not None:
                return lease.until
            passed += 1
        return None
