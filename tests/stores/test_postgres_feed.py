"""The change feed in PostgreSQL, where transactions commit in another order than they write."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from erp_invoice_core.testing.samples import build_denied_change, build_send, save_change

from .threads import run_together

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from erp_invoice_core.stores import PostgresStore, Stored

    Host = Callable[..., psycopg.Connection[Any]]
    Seen = list[tuple[int, str, int]]


def _summarize(stored: Stored) -> tuple[int, str, int]:
    return stored.place, stored.event.entry_id, stored.event.seq


def _all(store: PostgresStore, limit: int = 3) -> Seen:
    """Read the feed from the beginning to its end."""
    seen: Seen = []
    while page := store.feed(seen[-1][0] if seen else 0, limit):
        seen += map(_summarize, page)
    return seen


def test_what_commits_late_comes_late(postgres: PostgresStore, postgres_host: Host) -> None:
    """An event that was written first and committed last comes after the events already read."""
    slow = postgres_host()
    slow.execute("SELECT 1")
    with postgres.people(slow) as transaction:
        transaction.save(build_send(transaction.entries(["slow"])["slow"]))
    save_change(postgres, "quick")
    save_change(postgres, "quick", build_denied_change)
    before = _all(postgres)

    slow.commit()

    assert [(1, "quick", 1), (2, "quick", 2)] == before
    assert [(3, "slow", 1)] == [_summarize(stored) for stored in postgres.feed(2)]
    assert [*before, (3, "slow", 1)] == _all(postgres)


def test_what_is_rolled_back_leaves_no_gap(postgres: PostgresStore, postgres_host: Host) -> None:
    """An event that was rolled back has no position."""
    slow = postgres_host()
    slow.execute("SELECT 1")
    with postgres.people(slow) as transaction:
        transaction.save(build_send(transaction.entries(["slow"])["slow"]))
    save_change(postgres, "1")
    slow.rollback()
    save_change(postgres, "2")

    assert [(1, "1", 1), (2, "2", 1)] == _all(postgres)


def test_one_call_does_no_more_than_it_was_asked_for(postgres: PostgresStore) -> None:
    """A call gives positions to as many events as it may return, not to all that wait."""
    for _ in range(7):
        save_change(postgres, "1", build_denied_change)

    assert [1, 2] == [stored.place for stored in postgres.feed(limit=2)]
    with postgres.transaction() as db:
        waiting = db.execute("SELECT count(*) FROM erp_events WHERE place IS NULL")
        assert (5,) == waiting.fetchone()


def test_two_readers_see_the_same(postgres: PostgresStore) -> None:
    """Consumers that read while others write see all events, each once, in one order."""
    feeds: list[Seen] = [[], []]
    over: list[str] = []

    def write(key: str) -> None:
        for _ in range(25):
            save_change(postgres, key, build_denied_change)
        over.append(key)

    def read(number: int) -> None:
        seen = feeds[number]
        while True:
            is_over = len(over) == 3
            while page := postgres.feed(seen[-1][0] if seen else 0, 4):
                seen += map(_summarize, page)
            if is_over:
                return

    run_together(*(partial(write, key) for key in "abc"), partial(read, 0), partial(read, 1))

    assert feeds[0] == feeds[1]
    expected = [(key, seq) for key in "abc" for seq in range(1, 26)]
    assert expected == sorted((key, seq) for _, key, seq in feeds[0])
    assert list(range(1, 76)) == [place for place, *_ in feeds[0]]
    for key in "abc":
        assert list(range(1, 26)) == [seq for _, of, seq in feeds[0] if of == key]
