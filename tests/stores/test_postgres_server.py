"""The PostgreSQL server itself: opening, migrating, breaking connections, its time."""

from __future__ import annotations

import os
import socket
import threading
import time
import traceback
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from erp_invoice_core.stores import (
    CommitUnknown,
    PostgresStore,
    StoreBusy,
    StoreError,
    StoreFault,
    verify,
)
from erp_invoice_core.stores.clock import Machine
from erp_invoice_core.stores.postgres.server_clock import ServerTime
from erp_invoice_core.testing.samples import build_change, build_denied_change, save_change
from tests.postgres import own_server

from .connection_loss import LossyProxy
from .processes import WRITES, run_in_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import psycopg

    Host = Callable[..., psycopg.Connection[Any]]


def _ask_server(store: PostgresStore, statement: str) -> Any:  # noqa: ANN401 - any object
    with store.transaction() as db:
        return db.execute(statement).fetchall()


def _end_of(store: PostgresStore, host: Host) -> None:
    """End the connection of the store in this thread, as a server does that shuts down."""
    ((pid,),) = _ask_server(store, "SELECT pg_backend_pid()")
    with host(autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_what_was_stored_is_there_after_opening_again(postgres: PostgresStore, dsn: str) -> None:
    """A store on existing tables continues with their entries."""
    after = save_change(postgres, "5000")
    again = PostgresStore(dsn)

    assert [after] == list(again.entries())
    again.close()


def test_a_closed_store_opens_again(postgres: PostgresStore) -> None:
    """Closing gives the thread's connection back; the next call opens another."""
    postgres.close()
    postgres.close()

    assert 1 == save_change(postgres, "5000").seq


def test_writes_are_durable_and_bounded(postgres: PostgresStore) -> None:
    """Our own connections wait for the disk at every commit, and for locks within a bound."""
    names = ("synchronous_commit", "lock_timeout", "transaction_isolation", "client_encoding")
    settings = [_ask_server(postgres, f"SHOW {name}")[0][0] for name in names]

    assert ["on", "1s", "read committed", "UTF8"] == settings


def test_a_host_that_waits_for_its_replicas_is_not_weakened(dsn: str) -> None:
    """If the database is set to wait for replicas, that setting stays."""
    options = conninfo_to_dict(dsn)["options"]
    stronger = make_conninfo(dsn, options=f"{options} -csynchronous_commit=remote_apply")
    weaker = make_conninfo(dsn, options=f"{options} -csynchronous_commit=off")
    found = []
    for each in (stronger, weaker):
        store = PostgresStore(each)
        found.append(_ask_server(store, "SHOW synchronous_commit"))
        store.close()

    assert [[("remote_apply",)], [("on",)]] == found


def test_two_processes_migrate_at_once(dsn: str) -> None:
    """Of processes that open a new schema at the same moment one migrates; all can use it."""
    assert [0, 0, 0] == run_in_processes("open", dsn, 3)

    store = PostgresStore(dsn)
    assert [(1,), (2,), (3,), (4,)] == _ask_server(
        store, "SELECT version FROM erp_schema ORDER BY 1"
    )
    store.close()


def test_processes_write_at_the_same_time(postgres: PostgresStore, dsn: str) -> None:
    """Processes that write at once lose nothing, repeat nothing, and break no chain."""
    assert [0, 0, 0] == run_in_processes("write", dsn, 3)

    half = WRITES // 2
    counts = {entry.id: entry.seq for entry in postgres.entries()}
    assert {"0": half, "1": half, "2": half, "common": 3 * half} == counts
    assert 3 * WRITES == len(postgres.feed(limit=1000))
    assert verify(postgres.chains()).ok


def test_a_newer_database_is_refused(postgres: PostgresStore, dsn: str) -> None:
    """Tables of a newer version of the library are refused, and left as they are."""
    with postgres.transaction() as db:
        db.execute("INSERT INTO erp_schema (version) VALUES (999)")

    with pytest.raises(StoreFault, match="Upgrade erp_invoice_core"):
        PostgresStore(dsn)

    assert [(1,), (2,), (3,), (4,), (999,)] == _ask_server(
        postgres, "SELECT version FROM erp_schema ORDER BY 1"
    )


def test_a_missing_schema_is_reported(dsn: str) -> None:
    """If the search path has no schema, the error says so."""
    with pytest.raises(StoreFault, match="Name one in it"):
        PostgresStore(make_conninfo(dsn, options="-csearch_path=nowhere"))


def test_a_transaction_inside_another_is_refused(postgres: PostgresStore) -> None:
    """A second transaction in one thread is refused, and the first one stays open."""
    with postgres.people() as transaction:
        transaction.lock(["1"])
        with pytest.raises(StoreBusy, match="This thread has an open transaction"):
            save_change(postgres, "2")

    assert ["1"] == [entry.id for entry in postgres.entries()]
    assert 1 == save_change(postgres, "2").seq


_SECRET = "hunter2"


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresql://erp:{_SECRET}@127.0.0.1:1/erp",
        f"host=127.0.0.1 port=1 user=erp password={_SECRET} dbname=erp",
        f"postgresql://erp:{_SECRET}@127.0.0.1:port/erp",
        f"password={_SECRET} not a setting",
        f"postgresql://erp:{_SECRET}@[/erp",
    ],
)
def test_a_password_is_never_shown(dsn: str) -> None:
    """Neither the error nor its cause contains the password."""
    with pytest.raises(StoreError) as times:
        PostgresStore(dsn, wait=0.1)

    assert _SECRET not in "".join(traceback.format_exception(times.value))


def test_a_store_is_shown_without_its_password(dsn: str) -> None:
    """The repr of the store and of its parts has host and database only."""
    store = PostgresStore(make_conninfo(dsn, password=_SECRET))
    database = conninfo_to_dict(dsn).get("dbname", "the default database")
    shown = repr(store)
    seen = repr(vars(store)) + repr(store._target) + repr(store._connection())
    store.close()

    assert shown.startswith(f"PostgresStore({database} on ")
    assert _SECRET not in shown + seen


def test_an_absent_server_ends_in_busy() -> None:
    """The store retries until its bound if the server does not answer."""
    began = time.monotonic()
    with pytest.raises(StoreBusy, match=r"erp on 127\.0\.0\.1 does not answer"):
        PostgresStore("postgresql://127.0.0.1:1/erp", wait=0.3)

    assert 0.1 < time.monotonic() - began < 5


def test_a_server_that_says_nothing_ends_in_busy() -> None:
    """If a server accepts the connection and then sends nothing, the wait is bounded."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(StoreBusy, match="does not answer"):
            PostgresStore(f"postgresql://127.0.0.1:{port}/erp", wait=0.1)


def test_a_missing_database_is_reported_at_once(dsn: str) -> None:
    """An error that waiting cannot remove is raised at once."""
    with pytest.raises(StoreFault, match="Check address, user, password and name"):
        PostgresStore(make_conninfo(dsn, dbname="no_such_database"), wait=30)


def test_an_idle_connection_that_broke_is_replaced(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """A call after the connection broke works on a new connection, without an error."""
    first = save_change(postgres, "1")
    _end_of(postgres, postgres_host)
    assert [first] == list(postgres.entries(["1"]))
    _end_of(postgres, postgres_host)
    assert 2 == save_change(postgres, "1", build_denied_change).seq
    _end_of(postgres, postgres_host)
    with postgres.work() as transaction:
        assert 2 == transaction.entries(["1"])["1"].seq


def test_a_connection_that_breaks_in_the_middle_is_reported(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """A transaction whose connection breaks stores nothing, and the error says to try again."""
    save_change(postgres, "1")

    def broken_off() -> None:
        with postgres.people() as transaction:
            entry = transaction.entries(["1"])["1"]
            _break_connection(postgres, postgres_host)
            transaction.entries(["2"])
            transaction.save(build_denied_change(entry))

    with pytest.raises(StoreBusy, match="The connection to the database broke"):
        broken_off()

    assert 2 == save_change(postgres, "1", build_denied_change).seq
    assert ["1"] == [entry.id for entry in postgres.entries()]


def _break_connection(store: PostgresStore, host: Host) -> None:
    pid = store._connection().info.backend_pid
    with host(autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_commit_on_a_broken_connection_is_unknown(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """After a connection broke during its commit the error does not say that the commit failed."""
    save_change(postgres, "1")

    def lose() -> None:
        with postgres.people() as transaction:
            transaction.save(build_denied_change(transaction.entries(["1"])["1"]))
            _break_connection(postgres, postgres_host)

    with pytest.raises(CommitUnknown, match="Read the entry again"):
        lose()

    assert 1 == postgres.entries(["1"])[0].seq


@pytest.fixture
def way(dsn: str, tmp_path: Path) -> Iterator[LossyProxy]:
    """A proxy of the server that can lose commits."""
    with LossyProxy(dsn, tmp_path).open() as made:
        yield made


@pytest.mark.parametrize(("loss", "seq"), [("answer", 2), ("question", 1)])
def test_a_lost_commit_is_unknown_stored_or_not(
    postgres: PostgresStore, way: LossyProxy, loss: str, seq: int
) -> None:
    """A commit whose answer is lost may be stored or not: reading again shows which."""
    store = PostgresStore(way.url)
    save_change(store, "1")
    way.loss = loss
    with pytest.raises(CommitUnknown):
        save_change(store, "1", build_denied_change)
    way.loss = ""

    assert seq == postgres.entries(["1"])[0].seq
    assert seq + 1 == save_change(store, "1", build_denied_change).seq
    store.close()


def test_reading_is_not_unknown(way: LossyProxy) -> None:
    """A transaction that only read is not affected by a lost answer of its commit."""
    store = PostgresStore(way.url)
    way.loss = "answer"
    with pytest.raises(StoreBusy), store.work() as transaction:
        transaction.find_due_entries(store.clock(), ["paper"], 1)
    way.loss = ""
    store.close()


def test_the_server_is_restarted_in_the_middle() -> None:
    """While the server is down, callers get StoreBusy; once it is up, all continues."""
    with own_server() as server:
        store = PostgresStore(server.url, wait=0.3)
        save_change(store, "1")
        before = store.clock()
        server.stop()
        with pytest.raises(StoreBusy):
            save_change(store, "1", build_denied_change)
        with pytest.raises(StoreBusy):
            store.entries()
        assert before < store.clock()
        server.start()

        assert 2 == save_change(store, "1", build_denied_change).seq
        assert verify(store.chains()).ok
        store.close()


def test_each_thread_has_its_own_connection(postgres: PostgresStore) -> None:
    """Threads share a store, and never a connection; a thread keeps its own."""
    seen: list[int] = []
    all_at_once = threading.Barrier(3)

    def look() -> None:
        for _ in range(2):
            with postgres.transaction() as db:
                seen.append(db.info.backend_pid)
            all_at_once.wait(60)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    look()
    for thread in threads:
        thread.join()

    assert 6 == len(seen)
    assert 3 == len(set(seen))


def _run_forked(act: Callable[[], object]) -> int:
    """Run it in a forked process; return its exit status."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_fork_opens_a_connection_of_its_own(postgres: PostgresStore) -> None:
    """A forked process and its parent use the same store without disturbing each other."""
    save_change(postgres, "before")

    assert 0 == _run_forked(partial(save_change, postgres, "child"))
    save_change(postgres, "after")
    assert 0 == _run_forked(postgres.close)
    save_change(postgres, "after", build_denied_change)

    assert ["after", "before", "child"] == [entry.id for entry in postgres.entries()]
    assert verify(postgres.chains()).ok


def test_a_full_statement_is_a_fault(postgres: PostgresStore) -> None:
    """A statement that the database refuses raises a fault with a sentence; nothing is stored."""
    with postgres.transaction() as db:
        db.execute("ALTER TABLE erp_events ADD CHECK (entry_id <> 'never')")
    with pytest.raises(StoreFault, match=r"The database reports an error: .*check constraint"):
        save_change(postgres, "never")

    assert [] == list(postgres.entries())


def test_time_is_the_servers(postgres: PostgresStore) -> None:
    """The store's time is the server's, whatever this machine's clock shows."""
    ((before,),) = _ask_server(postgres, "SELECT clock_timestamp()")
    times = postgres.clock()
    ((after,),) = _ask_server(postgres, "SELECT clock_timestamp()")

    assert before <= times <= after + timedelta(seconds=0.2)


class _Server:
    """A server with slow answers, whose clock follows the ticks."""

    def __init__(self, *delays: float) -> None:
        self.delays = list(delays)
        self.ticks = 100.0
        self.asked = 0

    def ask(self, _statement: str) -> list[tuple[int]]:
        """Answer after the next delay, in seconds since 1970."""
        self.asked += 1
        self.ticks += self.delays.pop(0)
        return [(int(self.ticks * 1_000_000),)]


def _seconds(server: _Server, clock: ServerTime) -> float:
    return clock(server.ask).timestamp()


def test_time_is_asked_for_again_after_seconds() -> None:
    """Between two answers the ticks are counted; after five seconds the server is asked again."""
    server = _Server(0.0, 0.0)
    clock = ServerTime(Machine(ticks=lambda: server.ticks))
    times = []
    for _ in range(4):
        times.append(_seconds(server, clock))
        server.ticks += 2

    assert [100, 102, 104, 106] == times
    assert 2 == server.asked


def test_a_slow_answer_about_the_time_is_not_trusted() -> None:
    """An answer with a long delay would move the time forward: the server is asked again."""
    server = _Server(3.0, 0.01)
    clock = ServerTime(Machine(ticks=lambda: server.ticks))

    assert abs(_seconds(server, clock) - server.ticks) < 0.02
    assert 2 == server.asked


def test_the_best_of_slow_answers_is_taken() -> None:
    """If every answer is slow, the quickest one counts."""
    server = _Server(3.0, 0.2, 2.0)
    clock = ServerTime(Machine(ticks=lambda: server.ticks))

    assert 0 < _seconds(server, clock) - server.ticks < 0.3
    assert 3 == server.asked


def test_any_version_number_is_kept(postgres: PostgresStore) -> None:
    """Version numbers beyond 32 bits are stored."""
    after = save_change(postgres, "1", partial(build_change, fencing=2**40))

    assert [2**40] == [entry.fencing for entry in postgres.entries([after.id])]
