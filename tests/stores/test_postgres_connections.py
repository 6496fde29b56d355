"""Threads of a store have connections of their own, which the next threads use again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg

from erp_invoice_core.stores.postgres import connection as connections
from tests.stores.threads import run_together

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from erp_invoice_core.stores import PostgresStore


def _call_in_thread(act: Callable[[], int]) -> int:
    """Return the result of a call in a thread of its own, which has ended."""
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(act()))
    thread.start()
    thread.join()
    return results[0]


def _find_process(store: PostgresStore) -> int:
    """Return the process of the server that this thread's connection talks to."""
    store.entries(["1"])
    return store._connection().info.backend_pid


def test_a_thread_uses_the_connection_of_one_that_ended(postgres: PostgresStore) -> None:
    """Threads one after another share a connection; the calling thread keeps its own."""
    first, second = (_call_in_thread(lambda: _find_process(postgres)) for _ in range(2))
    assert first == second != _find_process(postgres)


def test_threads_at_the_same_time_have_connections_of_their_own(postgres: PostgresStore) -> None:
    """No connection is used by two living threads."""
    both, found = threading.Barrier(2), list[int]()

    def find() -> None:
        found.append(_find_process(postgres))
        both.wait(60)

    _call_in_thread(lambda: _find_process(postgres))
    run_together(find, find)
    assert 2 == len(set(found))


def test_a_thread_that_closed_the_store_leaves_no_connection(postgres: PostgresStore) -> None:
    """A closed connection is not used again, nor are those of threads that ended before."""
    first = _call_in_thread(lambda: _find_process(postgres))
    postgres.close()
    assert not postgres._idle.take()
    assert first != _call_in_thread(lambda: _find_process(postgres))


def test_an_open_transaction_ends_with_its_thread(postgres: PostgresStore) -> None:
    """The connection of a thread that ended within a transaction is closed."""

    def leave() -> int:
        postgres._connection().execute("BEGIN")
        return _find_process(postgres)

    assert _call_in_thread(leave) != _call_in_thread(lambda: _find_process(postgres))


def test_few_idle_connections_are_kept(
    postgres: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a largest number the connections of ended threads are closed."""
    monkeypatch.setattr(connections, "_MOST_IDLE", 1)
    both = threading.Barrier(2)

    def find() -> None:
        _find_process(postgres)
        both.wait(60)

    run_together(find, find)
    assert postgres._idle.take()
    assert not postgres._idle.take()


def test_a_broken_idle_connection_is_replaced(postgres: PostgresStore, dsn: str) -> None:
    """A thread that gets a connection which the server has closed connects anew."""
    former = _call_in_thread(lambda: _find_process(postgres))
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [former])
    assert former != _call_in_thread(lambda: _find_process(postgres))
