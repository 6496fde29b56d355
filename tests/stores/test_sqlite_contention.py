"""Threads and processes that share a SQLite file."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.stores import SqliteStore, StoreBusy, verify
from erp_invoice_core.stores.sqlite.file_lock import SideLock
from erp_invoice_core.testing.samples import build_denied_change, save_change

from .processes import WRITES, run_in_processes

if TYPE_CHECKING:
    import sqlite3


def test_processes_write_at_the_same_time(tmp_path: Path) -> None:
    """Processes that write at once lose nothing, repeat nothing, and break no chain."""
    path = tmp_path / "queue.db"
    SqliteStore(path).close()

    assert [0, 0, 0] == run_in_processes("write", path, 3)

    store = SqliteStore(path)
    half = WRITES // 2
    counts = {entry.id: entry.seq for entry in store.entries()}
    assert {"0": half, "1": half, "2": half, "common": 3 * half} == counts
    assert 3 * WRITES == len(store.feed(limit=1000))
    assert verify(store.chains()).ok


def test_each_thread_has_its_own_connection(store: SqliteStore) -> None:
    """Threads share a store, and never a connection; a thread keeps its own."""
    seen: list[sqlite3.Connection] = []

    def look() -> None:
        for _ in range(2):
            with store.transaction() as db:
                seen.append(db)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    look()

    assert 6 == len(seen)
    assert 3 == len({id(db) for db in seen})


def test_threads_write_at_the_same_time(store: SqliteStore) -> None:
    """Threads that write to the same entry wait for each other, and lose nothing."""

    def write() -> None:
        for _ in range(10):
            save_change(patient, "5000", build_denied_change)

    patient = SqliteStore(store.path, wait=60)
    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 40 == store.entries(["5000"])[0].seq
    assert verify(store.chains()).ok


def _run_forked(act: object) -> int:
    """Run it in a forked process; return its exit status."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            act()  # type: ignore[operator] # a function without arguments
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_fork_opens_a_connection_of_its_own(store: SqliteStore) -> None:
    """A forked process and its parent use the same store without disturbing each other."""
    save_change(store, "before")

    assert 0 == _run_forked(lambda: save_change(store, "child"))
    save_change(store, "after")
    assert 0 == _run_forked(store.close)
    save_change(store, "after", build_denied_change)

    assert ["after", "before", "child"] == [entry.id for entry in store.entries()]
    assert verify(store.chains()).ok


def test_a_fork_does_not_keep_the_lock(store: SqliteStore) -> None:
    """A process forked while its parent writes does not keep the parent's lock."""
    reader, writer = os.pipe()
    with store.transaction():
        pid = os.fork()
        if not pid:
            os.read(reader, 1)
            os._exit(0)

    assert 1 == save_change(store, "5000").seq

    os.write(writer, b"x")
    os.waitpid(pid, 0)
    os.close(reader)
    os.close(writer)


def test_a_dead_process_holds_no_lock(store: SqliteStore) -> None:
    """A process that dies during a transaction leaves neither its lock nor its rows."""

    def die() -> None:
        with store.transaction() as db:
            db.execute("DELETE FROM erp_schema")
            os._exit(9)

    assert 9 == _run_forked(die)

    assert 1 == save_change(store, "5000").seq
    assert [entry.id for entry in SqliteStore(store.path).entries()] == ["5000"]


def test_waiting_is_fair(tmp_path: Path) -> None:
    """A thread that takes the lock again and again lets each waiting one in after a turn or two."""
    path = tmp_path / "queue.db.lock"
    over, turns = threading.Event(), 0

    def hold_lock() -> None:
        nonlocal turns
        lock = SideLock(path)
        while not over.is_set():
            with lock.hold(60):
                turns += 1
                time.sleep(0.002)

    other = threading.Thread(target=hold_lock)
    other.start()
    passed, waits = [], []
    lock = SideLock(path)
    for _ in range(11):
        before, began = turns, time.monotonic()
        with lock.hold(5):
            passed.append(turns - before)
            waits.append(time.monotonic() - began)
    over.set()
    other.join()

    assert max(waits) < 1
    # A thread that is not scheduled between the count and its wait counts too many turns.
    assert sorted(passed)[5] <= 2


def test_a_waiter_that_gives_up_lets_others_through(tmp_path: Path) -> None:
    """A writer that gives up waiting leaves no lock that blocks the next one, or itself."""
    path = tmp_path / "queue.db.lock"
    impatient = SideLock(path)
    with SideLock(path).hold(1), pytest.raises(StoreBusy), impatient.hold(0.01):
        pass
    with SideLock(path).hold(0.01), pytest.raises(StoreBusy), impatient.hold(0.01):
        pass
    for _ in range(2):
        with impatient.hold(0.01), pytest.raises(StoreBusy), SideLock(path).hold(0.01):
            pass


def test_the_lock_files_stay_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread opens its two lock files once, and closing the store closes them."""
    opened: list[str] = []
    really = os.open

    def count(path: str, *arguments: int) -> int:
        opened.append(str(path))
        return really(path, *arguments)

    lock = SideLock(tmp_path / "queue.db.lock")
    monkeypatch.setattr(os, "open", count)
    for _ in range(5):
        with lock.hold(1):
            pass

    assert ["queue.db.lock", "queue.db.lock.next"] == [Path(path).name for path in opened]


def test_a_forked_process_does_not_share_the_lock(tmp_path: Path) -> None:
    """A child that inherited the open lock files waits for its parent like any process."""
    lock = SideLock(tmp_path / "queue.db.lock")

    def try_to_lock() -> None:
        with suppress(StoreBusy), lock.hold(0.01):
            os._exit(1)
        os._exit(0)

    with lock.hold(1):
        assert 0 == _run_forked(try_to_lock)
        with pytest.raises(StoreBusy), SideLock(tmp_path / "queue.db.lock").hold(0.01):
            pass
    with lock.hold(0.01):
        pass
