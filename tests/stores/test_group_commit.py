"""Transactions of several threads share a commit, and fail each for itself."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.stores import CommitUnknown, SqliteStore, StoreBusy, StoreFault, verify
from erp_invoice_core.stores.sqlite import connection as sqlite_connection
from erp_invoice_core.stores.sqlite import store as sqlite_store
from erp_invoice_core.stores.sqlite.restore import SeenFile
from erp_invoice_core.testing.samples import build_change, build_send
from erp_invoice_core.vocabulary import Action, ExportStatus

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path


class _Stop(Exception):
    """An error in a transaction."""


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records each commit that the store makes."""
    made: list[str] = []
    really = sqlite_connection.commit

    def commit(db: sqlite3.Connection) -> None:
        made.append("commit")
        really(db)

    monkeypatch.setattr(sqlite_store, "commit", commit)
    return made


def _save(store: SqliteStore, entry_id: str, then: Callable[[], object] = lambda: None) -> None:
    """Send an entry; call a function before the end of the transaction."""
    with store.work() as transaction:
        transaction.save(build_send(transaction.entries([entry_id])[entry_id]))
        then()


def _fill(store: SqliteStore, *followers: Callable[[], None]) -> list[BaseException | None]:
    """
    Save entry 1 in a transaction that ends when all followers wait for it.

    Returns:
        The error of each follower, then that of the first transaction.
    """
    group = store._group
    with ThreadPoolExecutor(len(followers) or 1) as pool:
        futures = []

        def wait_for_followers() -> None:
            for number, follower in enumerate(followers, 1):
                futures.append(pool.submit(follower))
                while len(group._turns) < number:
                    threading.Event().wait(0.001)

        error: BaseException | None = None
        try:
            _save(store, "1", wait_for_followers)
        except Exception as failure:  # noqa: BLE001 - returned
            error = failure
        return [*(future.exception() for future in futures), error]


def _list_stored(store: SqliteStore) -> list[str]:
    assert verify(store.chains()).ok
    return [entry.id for entry in store.entries()]


def test_a_transaction_alone_commits_at_once(store: SqliteStore, commits: list[str]) -> None:
    """Without other threads each transaction has a commit of its own."""
    _save(store, "1")
    _save(store, "2")

    assert 2 == len(commits)


def test_transactions_that_come_meanwhile_share_the_commit(
    store: SqliteStore, commits: list[str]
) -> None:
    """Three threads that come during a transaction are stored with it, in one commit."""
    errors = _fill(store, *(lambda key=key: _save(store, key) for key in "234"))

    assert [None] * 4 == errors
    assert ["1", "2", "3", "4"] == _list_stored(store)
    assert 1 == len(commits)


def test_nothing_is_returned_before_the_commit(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No member returns while its changes are not durable."""
    returned: list[str] = []
    really = sqlite_connection.commit

    def commit(db: sqlite3.Connection) -> None:
        assert not returned
        with SqliteStore(store.path, read_only=True) as other:
            assert [] == list(other.entries())
        really(db)

    def save(key: str) -> None:
        _save(store, key)
        returned.append(key)

    monkeypatch.setattr(sqlite_store, "commit", commit)
    errors = _fill(store, lambda: save("2"), lambda: save("3"))

    assert [None] * 3 == errors
    assert ["2", "3"] == sorted(returned)


def test_a_failed_member_undoes_its_own_changes(store: SqliteStore, commits: list[str]) -> None:
    """An error in one transaction leaves the others of the same commit as they are."""

    def fail() -> None:
        raise _Stop

    errors = _fill(store, lambda: _save(store, "2", fail), lambda: _save(store, "3"))

    assert [_Stop, type(None), type(None)] == [type(error) for error in errors]
    assert ["1", "3"] == _list_stored(store)
    assert 1 == len(commits)


def test_a_failed_last_member_commits_for_the_others(store: SqliteStore) -> None:
    """The others are stored even if the last transaction fails."""

    def fail() -> None:
        raise _Stop

    errors = _fill(store, lambda: _save(store, "2"), lambda: _save(store, "3", fail))

    assert [type(None), _Stop, type(None)] == [type(error) for error in errors]
    assert ["1", "2"] == _list_stored(store)


def test_a_failed_first_member_lets_the_others_begin(store: SqliteStore) -> None:
    """The transactions that waited for it begin another one."""
    group, errors = store._group, []
    with ThreadPoolExecutor(1) as pool:
        with suppress(_Stop), store.work() as transaction:
            transaction.save(build_send(transaction.entries(["1"])["1"]))
            other = pool.submit(_save, store, "2")
            while not group._turns:
                threading.Event().wait(0.001)
            raise _Stop
        errors.append(other.exception())

    assert [None] == errors
    assert ["2"] == _list_stored(store)


@pytest.mark.parametrize(
    ("failure", "kinds"),
    [
        (CommitUnknown("No answer."), {CommitUnknown}),
        (StoreFault("The disk is full."), {StoreFault}),
        (KeyboardInterrupt(), {CommitUnknown, KeyboardInterrupt}),
    ],
    ids=["no answer", "full disk", "interrupt"],
)
def test_a_failed_commit_is_raised_in_every_member(
    store: SqliteStore,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    kinds: set[type[BaseException]],
) -> None:
    """Each thread learns that its changes may not be stored."""

    def commit(db: sqlite3.Connection) -> None:
        db.execute("ROLLBACK")
        raise failure

    monkeypatch.setattr(sqlite_store, "commit", commit)
    errors = _fill(store, lambda: _save(store, "2"), lambda: _save(store, "3"))
    monkeypatch.undo()

    assert kinds == {type(error) for error in errors}
    assert None not in errors
    _save(store, "4")
    assert ["4"] == _list_stored(store)


def test_a_lost_transaction_is_raised_in_every_member(store: SqliteStore) -> None:
    """If SQLite rolls back for one member, as with a full disk, the others get an error."""

    def lose() -> None:
        with store.transaction() as db:
            db.execute("ROLLBACK")
            raise _Stop

    errors = _fill(store, lambda: _save(store, "2"), lose)

    assert [StoreFault, _Stop, StoreFault] == [type(error) for error in errors]
    assert [] == _list_stored(store)
    _save(store, "4")
    assert ["4"] == _list_stored(store)


def test_a_thread_cannot_open_a_second_transaction(store: SqliteStore) -> None:
    """It is refused at once, and the first one goes on."""
    with store.people() as transaction:
        transaction.save(build_send(transaction.entries(["1"])["1"]))
        with pytest.raises(StoreBusy, match="This thread has an open transaction"):
            _save(store, "2")

    assert ["1"] == _list_stored(store)


def test_a_thread_that_waits_too_long_is_refused(tmp_path: Path) -> None:
    """It waits for other threads as long as for other processes, and leaves the queue."""
    with SqliteStore(tmp_path / "queue.db", wait=0.05) as store, ThreadPoolExecutor(1) as pool:
        with store.people() as transaction:
            transaction.save(build_send(transaction.entries(["1"])["1"]))
            refused = pool.submit(_save, store, "2").exception()

        assert isinstance(refused, StoreBusy)
        assert ["1"] == _list_stored(store)
        _save(store, "3")


def test_the_last_started_call_of_all_members_is_noted(store: SqliteStore) -> None:
    """A restore is detected by the last start in the commit, whichever thread made it."""

    def start() -> None:
        with store.work() as transaction:
            entry = transaction.entries(["2"])["2"]
            transaction.save(build_change(entry, Action.START, status=ExportStatus.EXPORTING))

    errors = _fill(store, start, lambda: _save(store, "3"))

    assert [None] * 3 == errors
    places = {one.event.entry_id: one.place for one in store.feed()}
    seen = SeenFile(store.path.with_name("queue.db.seen")).read()
    assert seen is not None
    assert places["2"] == seen[1].place
