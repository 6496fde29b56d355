"""People's actions on a host's own PostgreSQL connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.rows import dict_row, scalar_row, tuple_row

from erp_invoice_core.stores import HostMustRetry, NoTransaction, PostgresStore, StoreFault
from erp_invoice_core.testing.fake_erp.in_process import KEY
from erp_invoice_core.testing.samples import build_bill, build_send, save_change
from erp_invoice_core.testing.store_agreement import PEOPLE
from erp_invoice_core.vocabulary import ExportStatus

from .threads import run_together

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.events import Change
    from erp_invoice_core.queue import ExportQueue
    from erp_invoice_core.stores import PeopleTransaction

    Connection = psycopg.Connection[Any]
    Host = Callable[..., Connection]

PM, AP, _ = PEOPLE
NOTE = "INSERT INTO notes VALUES ('ours')"


def _send(queue: ExportQueue, on: object, ids: tuple[str, ...] = ("1",)) -> list[bool]:
    return [result.verdict.allowed for result in queue.send(ids, PM, connection=KEY, on=on)]


def _statuses(store: PostgresStore) -> dict[str, str]:
    return {entry.id: entry.status.value for entry in store.entries()}


def _notes(db: Connection) -> list[Any]:
    return db.execute("SELECT * FROM notes").fetchall()


@pytest.mark.parametrize("autocommit", [False, True])
def test_without_a_transaction_nothing_is_done(
    postgres_queue: ExportQueue, postgres: PostgresStore, postgres_host: Host, autocommit: bool
) -> None:
    """On a connection that has no transaction open a verb is refused, and nothing is stored."""
    with pytest.raises(NoTransaction, match="Begin one, then call again"):
        _send(postgres_queue, postgres_host(autocommit=autocommit))

    assert {} == _statuses(postgres)


def test_a_closed_connection_has_no_transaction(
    postgres_queue: ExportQueue, postgres_host: Host
) -> None:
    """A connection that is closed is refused."""
    db = postgres_host()
    db.execute(NOTE)
    db.close()

    with pytest.raises(NoTransaction):
        _send(postgres_queue, db)


def test_an_object_that_is_not_a_connection_is_refused(
    postgres_queue: ExportQueue, dsn: str
) -> None:
    """An object that is not a psycopg connection is refused."""
    with pytest.raises(NoTransaction):
        _send(postgres_queue, dsn)


def test_a_pipeline_is_refused(postgres_queue: ExportQueue, postgres_host: Host) -> None:
    """Inside a pipeline no statement returns at once: the host must end the pipeline first."""
    db = postgres_host()
    db.execute(NOTE)
    with db.pipeline(), pytest.raises(NoTransaction, match="End the pipeline"):
        _send(postgres_queue, db)

    assert [True] == _send(postgres_queue, db)


def test_the_hosts_rollback_takes_entry_and_event(
    postgres_queue: ExportQueue, postgres: PostgresStore, postgres_host: Host
) -> None:
    """The host's rollback removes our entry and event with its own row."""
    db = postgres_host()
    db.execute(NOTE)
    assert [True] == _send(postgres_queue, db)

    db.rollback()

    assert {} == _statuses(postgres)
    assert [] == list(postgres.feed())
    assert [] == _notes(db)


def test_the_hosts_commit_keeps_both(
    postgres_queue: ExportQueue, postgres: PostgresStore, postgres_host: Host
) -> None:
    """The commit keeps the host's row, our entry and our event; none is visible before it."""
    db = postgres_host()
    db.execute(NOTE)
    assert [True] == _send(postgres_queue, db)
    assert {} == _statuses(postgres)

    db.commit()

    assert {"1": "ready"} == _statuses(postgres)
    assert 1 == len(postgres.events("1"))
    assert [("ours",)] == _notes(db)


def test_nothing_is_begun_committed_or_set(
    postgres_queue: ExportQueue, postgres_host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the host's connection the store reads, writes and sets savepoints, nothing more."""
    db = postgres_host()
    db.execute(NOTE)
    said: list[str] = []
    execute = psycopg.Cursor.execute

    def record_notice(cursor: Any, query: Any, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - psycopg's
        said.append(str(query).split()[0])
        return execute(cursor, query, *given, **more)

    settings = "SELECT name, setting FROM pg_settings ORDER BY name"
    before = db.execute(settings).fetchall()
    monkeypatch.setattr(psycopg.Cursor, "execute", record_notice)
    _send(postgres_queue, db, ("1", "3"))
    monkeypatch.undo()

    assert {"SAVEPOINT", "RELEASE", "INSERT", "SELECT", "WITH"} == set(said)
    assert before == db.execute(settings).fetchall()


def test_no_plan_is_left_behind(postgres_queue: ExportQueue, postgres_host: Host) -> None:
    """With any setting of the host, no statement of ours stays prepared on its connection."""
    db = postgres_host(prepare_threshold=0)
    db.execute(NOTE, prepare=False)
    for invoice in ("1", "2", "3"):
        _send(postgres_queue, db, (invoice,))

    found = db.execute("SELECT statement FROM pg_prepared_statements", prepare=False)
    assert [] == found.fetchall()


def test_a_refused_item_does_not_sink_the_others(
    postgres_queue: ExportQueue, postgres: PostgresStore, postgres_host: Host
) -> None:
    """Of several invoices those that can be sent are sent, and the others are refused."""
    db = postgres_host()
    db.execute(NOTE)

    assert [True, False, True] == _send(postgres_queue, db, ("1", "nobody's", "3"))

    db.commit()
    assert {"1": "ready", "3": "ready"} == _statuses(postgres)


def _fail(transaction: PeopleTransaction, change: Change) -> None:
    with transaction.savepoint():
        transaction.save(change)
        transaction.entries([str(1 // len([]))])


def test_a_failing_item_does_not_sink_the_others(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """An error inside one item undoes that item; the host's row and the other items stay."""
    db = postgres_host()
    db.execute(NOTE)
    with postgres.people(db) as transaction:
        entries = transaction.entries(["1", "2"])
        transaction.save(build_send(entries["1"]))
        with pytest.raises(ZeroDivisionError):
            _fail(transaction, build_send(entries["2"], slot="said already"))
    db.commit()

    assert {"1": "ready", "2": "not_sent"} == _statuses(postgres)
    assert {} == dict(postgres.find_slot_holders(["said already"]))
    assert [("ours",)] == _notes(db)


def test_an_error_undoes_what_is_ours_alone(postgres: PostgresStore, postgres_host: Host) -> None:
    """An error of the whole verb undoes our part; the host's transaction stays open."""
    db = postgres_host()
    db.execute(NOTE)

    def broken_off() -> None:
        with postgres.people(db) as transaction:
            transaction.save(build_send(transaction.entries(["1"])["1"], slot="a slot"))
            transaction.entries([str(1 // len([]))])

    with pytest.raises(ZeroDivisionError):
        broken_off()

    db.commit()
    assert {} == _statuses(postgres)
    assert [("ours",)] == _notes(db)


def test_a_held_entry_is_the_hosts_to_retry(
    postgres_queue: ExportQueue, postgres: PostgresStore, postgres_host: Host
) -> None:
    """If a lock is not free within the host's lock timeout, HostMustRetry is raised."""
    db = postgres_host()
    db.execute("SET lock_timeout = '50ms'")
    db.commit()
    db.execute(NOTE)
    save_change(postgres, "other")
    with postgres.people() as transaction:
        transaction.lock(["1"])
        with pytest.raises(HostMustRetry, match="Roll back"):
            _send(postgres_queue, db)

    db.rollback()
    db.execute(NOTE)
    assert [True] == _send(postgres_queue, db)


def test_an_old_snapshot_is_the_hosts_to_retry(
    postgres_queue: ExportQueue, postgres: PostgresStore, postgres_host: Host
) -> None:
    """A host whose snapshot is older than another commit must read again."""
    db = postgres_host()
    db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    assert [] == _notes(db)
    save_change(postgres, "1")

    with pytest.raises(HostMustRetry):
        _send(postgres_queue, db)

    db.rollback()
    db.execute(NOTE)
    assert [False] == _send(postgres_queue, db)


def test_a_deadlock_is_the_hosts_to_retry(postgres: PostgresStore, postgres_host: Host) -> None:
    """Of two transactions that wait for each other, one gets HostMustRetry."""
    hosts = postgres_host(), postgres_host()
    for number, host in enumerate(hosts):
        host.execute("SELECT 1")
        with postgres.people(host) as transaction:
            transaction.lock([str(number)])
    failures = _cross_locks(postgres, hosts)

    assert [HostMustRetry] == failures


def _cross_locks(store: PostgresStore, hosts: tuple[Connection, Connection]) -> list[type]:
    """Have each of two hosts lock the entry of the other; return their errors."""
    failures: list[type] = []

    def cross(number: int) -> None:
        host = hosts[number]
        try:
            with store.people(host) as transaction:
                transaction.lock([str(1 - number)])
            host.commit()
        except Exception as error:  # noqa: BLE001 - it is compared afterwards
            failures.append(type(error))
            host.rollback()

    run_together(lambda: cross(0), lambda: cross(1))
    return failures


def test_a_failed_transaction_is_the_hosts_to_retry(
    postgres_queue: ExportQueue, postgres_host: Host
) -> None:
    """In a transaction that has failed already, the verb raises HostMustRetry."""
    db = postgres_host()
    with pytest.raises(psycopg.Error):
        db.execute("SELECT 1 / 0")

    with pytest.raises(HostMustRetry, match="has failed already"):
        _send(postgres_queue, db)


def test_a_broken_connection_is_the_hosts_to_retry(
    postgres_queue: ExportQueue, postgres_host: Host
) -> None:
    """If the host's connection breaks during a verb, the error says to connect and start again."""
    db = postgres_host()
    db.execute(NOTE)
    with postgres_host(autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (db.info.backend_pid,))

    with pytest.raises(HostMustRetry, match="The connection broke"):
        _send(postgres_queue, db)


def test_another_database_is_reported(postgres_queue: ExportQueue, postgres_host: Host) -> None:
    """If the host's connection cannot see the queue's tables, the error says so."""
    db = postgres_host()
    db.execute("SET search_path = pg_catalog")

    with pytest.raises(StoreFault, match="the schema with them"):
        _send(postgres_queue, db)


class _Upper(psycopg.adapt.Dumper):
    """A dumper of the host for texts."""

    oid = psycopg.postgres.types["text"].oid

    def dump(self, obj: str) -> bytes:
        """Write it in capitals."""
        return obj.upper().encode()


class _Lower(psycopg.adapt.Loader):
    """A loader of the host."""

    def load(self, data: psycopg.abc.Buffer) -> str:
        """Read it in lower case."""
        return "theirs"


@pytest.mark.parametrize("row_factory", [tuple_row, dict_row, scalar_row])
@pytest.mark.parametrize("cursor_factory", [psycopg.Cursor, psycopg.ClientCursor])
def test_the_hosts_factories_do_not_disturb(
    postgres_queue: ExportQueue,
    postgres: PostgresStore,
    postgres_host: Host,
    row_factory: Any,  # noqa: ANN401 - each of another type
    cursor_factory: type,
) -> None:
    """Verbs work with any row factory, cursor and adapter of the host's connection."""
    db = postgres_host(row_factory=row_factory, cursor_factory=cursor_factory)
    for name in ("text", "bytea", "int8"):
        db.adapters.register_loader(name, _Lower)
    db.adapters.register_dumper(str, _Upper)
    db.execute("SELECT 1")

    assert [True, True] == _send(postgres_queue, db, ("1", "3"))
    assert postgres_queue.accept(["1"], AP, command="c1", on=db)[0].verdict
    again = postgres_queue.accept(["1"], AP, command="c1", on=db)[0]
    assert ExportStatus.ACCEPTED is again.entry.status

    db.commit()
    assert {"1": "accepted", "3": "ready"} == _statuses(postgres)
    assert 2 == len(postgres.events("1"))
    assert postgres_queue.verify().ok


def test_slots_and_owners_are_found(postgres: PostgresStore, postgres_host: Host) -> None:
    """On a host's connection slots and ERP ids are returned as on our own."""
    save_change(
        postgres,
        "1",
        lambda entry: build_send(
            entry, slot="s", holdings=(build_bill("B", entry.build_key("x")),)
        ),
    )
    db = postgres_host()
    db.execute(NOTE)

    with postgres.people(db) as transaction:
        assert {"s": "1"} == dict(transaction.find_slot_holders(["s"]))
        assert {"B": ("1", 1)} == dict(transaction.find_owners("paper", ["B"]))


def test_history_20_the_workers_port_is_not_on_a_hosts_connection(
    postgres: PostgresStore, postgres_host: Host
) -> None:
    """A transaction on the host's connection cannot claim: a start must be durable by itself."""
    db = postgres_host()
    db.execute(NOTE)

    with postgres.people(db) as transaction:
        assert not hasattr(transaction, "find_due_entries")
    with pytest.raises(TypeError):
        postgres.work(db)  # type: ignore[call-arg] # there is no such port


def test_an_entry_is_not_seen_by_workers_before_the_host_commits(
    postgres_queue: ExportQueue, postgres: PostgresStore, postgres_host: Host
) -> None:
    """An entry that the host has not committed is not claimed."""
    postgres_queue.send(["1"], PM, connection=KEY)
    db = postgres_host()
    db.execute(NOTE)
    postgres_queue.accept(["1"], AP, on=db)

    assert [ExportStatus.READY] == [entry.status for entry in postgres.entries(["1"])]
    with postgres.work() as transaction:
        assert [] == list(transaction.find_due_entries(postgres.clock(), [KEY], 10))
    db.rollback()
