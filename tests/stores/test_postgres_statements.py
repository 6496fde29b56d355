"""The statements, round trips and connections that a job takes on PostgreSQL."""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError
from typing import TYPE_CHECKING, Any

import attrs
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from erp_invoice_core import ExportStatus
from erp_invoice_core import adapters as erp
from erp_invoice_core.stores import PostgresStore
from erp_invoice_core.stores.postgres import pipeline
from erp_invoice_core.stores.postgres.guarded_write import GUARDED_SAVE, build_guarded_values
from erp_invoice_core.stores.postgres.unit_of_work import CREATE, SAVE, build_values
from tests.stores.fake_pooler import fake_pooler
from tests.worker.harness import (
    APPROVER,
    SENDER,
    Clock,
    WorkerHarness,
    build_document,
    check_allowed,
)
from tests.worker.scripted_erp import build_receipt
from tests.worker.test_prefetch import BILL, ENFORCED, POST, Unchecked

if TYPE_CHECKING:
    from collections.abc import Sequence

JOBS = 10
#: How often lanes are to call at the same time, and how long one waits for the others (seconds).
_MEETINGS, _PATIENCE = 4, 8.0
#: The reads of candidates for these jobs by one lane.
_READS = 6
_IDS = tuple(f"5{number:03}" for number in range(JOBS))


@attrs.define
class _Traffic:
    """The statements that the store has sent, and its round trips."""

    statements: list[str] = attrs.Factory(list)
    trips: int = 0

    def clear(self) -> None:
        """Begin to count again."""
        self.statements.clear()
        self.trips = 0

    def count(self) -> tuple[int, int]:
        """Return the numbers of statements and trips."""
        return len(self.statements), self.trips

    def count_kinds(self) -> Counter[str]:
        """Return how often each first word of a statement was sent."""
        return Counter(statement.split()[0] for statement in self.statements)


@pytest.fixture
def traffic(monkeypatch: pytest.MonkeyPatch) -> _Traffic:
    """Count what the store sends on its own connections."""
    seen = _Traffic()
    send_one, send_all = pipeline._execute_one, pipeline._execute_in_one_trip

    def count_one(db: Any, statement: Any, **more: Any) -> Any:  # noqa: ANN401 - passed on
        seen.statements.append(statement[0])
        seen.trips += 1
        return send_one(db, statement, **more)

    def count_all(db: Any, statements: Sequence[Any]) -> Any:  # noqa: ANN401 - passed on
        before = seen.trips
        cursor = send_all(db, statements)
        seen.trips = before + 1
        return cursor

    monkeypatch.setattr(pipeline, "_execute_one", count_one)
    monkeypatch.setattr(pipeline, "_execute_in_one_trip", count_all)
    return seen


def _prepare(store: PostgresStore, plugin: object | None = None) -> WorkerHarness:
    """Return a harness whose worker has exported once, so that everything is opened."""
    harness = WorkerHarness(plugin=plugin or Unchecked(ENFORCED), store=store)
    harness.accept("5999")
    harness.worker.run_once()
    return harness


def test_an_export_takes_one_statement(postgres: PostgresStore, traffic: _Traffic) -> None:
    """One statement has the answer, the next claim and its start; candidates are read together."""
    harness = _prepare(postgres)
    harness.accept(*_IDS)
    traffic.clear()
    harness.worker.run_once()

    # The first claim and its start are statements of their own. Four reads find 1, 2, 4 and 3
    # candidates; two more find nothing. The results are read at the end.
    assert {"SELECT": _READS + 1, "WITH": JOBS + 2} == traffic.count_kinds()
    assert JOBS + _READS + 3 == traffic.trips
    assert {ExportStatus.SYNCED} == {entry.status for entry in harness.queue.entries(_IDS)}
    harness.check_audit_log()


def test_an_export_of_two_steps_takes_two_statements(
    postgres: PostgresStore, traffic: _Traffic
) -> None:
    """The answer of the first step and the start of the second are one statement."""
    harness = _prepare(postgres, Unchecked(ENFORCED, BILL, POST))
    harness.accept(*_IDS)
    traffic.clear()
    harness.worker.run_once()

    assert {"SELECT": _READS + 1, "WITH": 2 * JOBS + 2} == traffic.count_kinds()
    harness.check_audit_log()


def test_lanes_of_one_worker_do_not_collide(postgres: PostgresStore, traffic: _Traffic) -> None:
    """Four lanes take different entries, so each write finds what it expects."""
    harness = _prepare(postgres)
    harness.accept(*_IDS)
    traffic.clear()
    harness.worker.concurrency = 4
    harness.worker.run_until_idle(patient=False)

    assert {"SELECT", "WITH"} == set(traffic.count_kinds())
    # Each lane has a first claim and a first start.
    assert JOBS + 2 <= traffic.count_kinds()["WITH"] <= JOBS + 8
    assert {ExportStatus.SYNCED} == {entry.status for entry in harness.queue.entries(_IDS)}
    harness.check_audit_log()


def test_a_look_that_finds_nothing_is_one_statement(
    postgres: PostgresStore, traffic: _Traffic
) -> None:
    """A worker without work sends one query, and opens no transaction."""
    harness = _prepare(postgres)
    traffic.clear()
    harness.worker.run_once()
    look, results = traffic.statements
    assert ("wake_at" in look, "wake_at" in results, 2) == (True, False, traffic.trips)


def test_an_entry_that_changed_is_read_and_locked(
    postgres: PostgresStore, traffic: _Traffic
) -> None:
    """If a person changes the exported entry, a transaction finds that, and another one stores."""
    harness = _prepare(postgres)
    harness.accept("5000")

    def answer() -> erp.Outcome:
        harness.queue.send(["5000"], SENDER, connection="erp")  # denied, which is an event
        traffic.clear()
        return erp.Done(build_receipt("B-5000"))

    plugin = harness.plugin
    assert isinstance(plugin, Unchecked)
    plugin.script("write", answer)
    harness.worker.run_once()

    assert ExportStatus.SYNCED is harness.get_status("5000")
    assert 2 == traffic.count_kinds()["BEGIN"]
    harness.check_audit_log()


def test_a_send_takes_one_round_trip(postgres: PostgresStore, traffic: _Traffic) -> None:
    """One invoice or a hundred are created in one statement; an acceptance locks them before."""
    harness = _prepare(postgres)
    harness.send("5998")  # reads the company of the store
    for ids in (("7000",), tuple(str(7001 + number) for number in range(100))):
        harness.host.add(*map(build_document, ids))
        traffic.clear()
        check_allowed(harness.queue.send(ids, SENDER, connection="erp"))
        assert (1, 1) == traffic.count()
        traffic.clear()
        check_allowed(harness.queue.accept(ids, APPROVER))
        assert (4 if len(ids) == 1 else 5, 2) == traffic.count()


def test_a_number_in_use_is_found_in_a_second_transaction(
    postgres: PostgresStore, traffic: _Traffic
) -> None:
    """The write finds that the number is taken and stores nothing; then its holder is read."""
    harness = _prepare(postgres)
    (exported,) = harness.queue.entries(["5999"])
    assert exported.document is not None
    same = attrs.evolve(build_document("7000"), invoice_number=exported.document.invoice_number)
    harness.host.add(same, build_document("7001"))
    traffic.clear()
    taken, free = harness.queue.send(["7000", "7001"], SENDER, connection="erp")

    codes = [denial.code for denial in taken.verdict.denials]
    assert (["invoice.number_taken"], True) == (codes, free.verdict.allowed)
    assert [1, 1] == [len(harness.queue.history(id_)) for id_ in ("7000", "7001")]
    assert (1, 1) == (traffic.statements.count(CREATE), traffic.count_kinds()["BEGIN"])
    harness.check_audit_log()


def test_behind_a_pooler_a_statement_brings_its_settings(dsn: str, traffic: _Traffic) -> None:
    """Behind a transaction pooler a job has a transaction with settings, in as many trips."""
    with fake_pooler(dsn) as pooled, PostgresStore(pooled) as store:
        harness = _prepare(store)
        harness.accept(*_IDS)
        traffic.clear()
        harness.worker.run_once()
        assert JOBS + 2 == traffic.count_kinds()["BEGIN"] == traffic.count_kinds()["COMMIT"]
        assert JOBS + _READS + 3 == traffic.trips
        harness.check_audit_log()


@pytest.mark.parametrize(
    ("statement", "values", "keys"),
    [
        (GUARDED_SAVE, build_guarded_values("", [], {}), 5),
        (SAVE, build_values("", [], []), 3),
        (CREATE, ([], [], [], [], [], [], [], [], [], "", [], [], [], [], [], [], [], []), 2),
    ],
    ids=["guarded", "plain", "new"],
)
def test_a_write_finds_rows_by_their_whole_key(
    postgres: PostgresStore, statement: str, values: tuple[object, ...], keys: int
) -> None:
    """A plan that was made while the tables were empty stays quick when they grow."""
    places = count(1)
    numbered = re.sub("%s", lambda _: f"${next(places)}", statement)
    given = ", ".join("''" if isinstance(value, str) else "'{}'" for value in values)
    with postgres.transaction() as db:
        db.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        db.execute(f"PREPARE written AS {numbered}")
        plan = [line for (line,) in db.execute(f"EXPLAIN EXECUTE written ({given})")]
        db.execute("DEALLOCATE written")
    by_key = [line for line in plan if "Index Cond" in line]

    assert (keys, []) == (len(by_key), [line for line in by_key if " AND " not in line])
    assert [] == [line for line in plan if "Seq Scan" in line]


class _StillClock(Clock):
    """A lane that waits for the others waits really: its waits must not end their leases."""

    def advance(self, seconds: float) -> None:
        """Sleep, at most a twentieth of a second."""
        time.sleep(min(seconds, 0.05))


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_worker_opens_a_connection_for_each_lane(dsn: str, lanes: int) -> None:
    """While all lanes call the ERP, there is a connection of each, and of the worker's thread."""
    store = PostgresStore(make_conninfo(dsn, application_name=f"lanes-{dsn[-12:]}"))
    plugin = Unchecked(ENFORCED)
    harness = WorkerHarness(plugin=plugin, store=store, clock=_StillClock())
    harness.worker.concurrency = lanes
    counts: list[int] = []

    # A lane that loses the race for an entry may come after the others: then they do not meet.
    for place in range(_MEETINGS):
        all_at_once = Barrier(lanes)

        def answer(all_at_once: Barrier = all_at_once) -> erp.Outcome:
            with suppress(BrokenBarrierError):
                all_at_once.wait(_PATIENCE)
            with psycopg.connect(dsn) as other:
                name = store._target._settings["application_name"]
                asked = "SELECT count(*), pg_backend_pid() FROM pg_stat_activity WHERE application_name = %s"
                ((opened, pid),) = other.execute(asked, [name]).fetchall()
            counts.append(opened)
            with suppress(BrokenBarrierError):
                all_at_once.wait(_PATIENCE)
            return erp.Done(build_receipt(f"B-{pid}"))

        for _ in range(lanes):
            plugin.script("write", answer)
        harness.accept(*(f"5{place}{lane:02}" for lane in range(lanes)))
        harness.worker.run_until_idle()
        if not all_at_once.broken:
            break

    assert not all_at_once.broken
    assert {ExportStatus.SYNCED} == {entry.status for entry in harness.queue.entries()}
    assert lanes * (place + 1) == len(counts)
    assert max(counts) <= lanes + 1
    store.close()
