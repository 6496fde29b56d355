"""The points at which a worker can die: around every transaction, every call, every write."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, TypeVar

import attrs

from erp_invoice_core import SqliteStore
from erp_invoice_core.adapters import Adapter, Adapters, Session
from erp_invoice_core.adapters.beancount import Ledger

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from erp_invoice_core import Receipt, Verdict
    from erp_invoice_core.adapters import (
        CannotTell,
        Connection,
        Contents,
        Deferred,
        ExportRequest,
        Gone,
        Outcome,
        Sighting,
        Step,
    )

_T = TypeVar("_T")


@attrs.define
class Points:
    """
    The points that were passed, in order.

    Attributes:
        at: The point at which the signal is sent to this process; ``None``: never.
        signal: ``SIGKILL``, or ``SIGSTOP``: then the process goes on from there when continued.
    """

    at: int | None = None
    signal: signal.Signals = signal.SIGKILL
    names: list[str] = attrs.Factory(list)

    @property
    def is_next(self) -> bool:
        """Return whether the next point is the one for the signal."""
        return len(self.names) == self.at

    def reach(self, name: str) -> None:
        """Pass a point, or send the signal."""
        is_here = self.is_next
        self.names.append(name)
        if is_here:
            os.kill(os.getpid(), self.signal)


class WatchedStore(SqliteStore):
    """The store over a file, with points around and inside every transaction."""

    def __init__(self, path: Path, points: Points) -> None:
        self.points = points
        super().__init__(path)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction of our own."""
        self.points.reach("before begin")
        with super().transaction() as db:
            yield db
            self.points.reach("before commit")
        self.points.reach("after commit")


class WatchedAdapter(Adapter):
    """An adapter with points before and after every call of the ERP."""

    points: Points
    clock: Callable[[], datetime]

    def connect(self, connection: Connection) -> Session | Deferred:
        """Return a session; a ledger gets the shared clock."""
        session = self._pass("connect", lambda: Adapter.connect(self, connection))
        if isinstance(session, Session) and isinstance(session.value, Ledger):
            session.value.clock = self.clock
        return session

    def check(self, session: Session, request: ExportRequest) -> Verdict | Deferred:
        """Return the answer of the adapter's own check."""
        return self._pass("check", lambda: Adapter.check(self, session, request))

    def write(
        self, session: Session, request: ExportRequest, step: Step, receipts: Sequence[Receipt] = ()
    ) -> Outcome:
        """Carry out a step."""
        return self._pass("write", lambda: Adapter.write(self, session, request, step, receipts))

    def find(
        self, session: Session, request: ExportRequest, step: Step, keys: Sequence[str]
    ) -> Sighting:
        """Look up a step's document."""
        return self._pass("find", lambda: Adapter.find(self, session, request, step, keys))

    def read(self, session: Session, receipt: Receipt) -> Contents | Gone | CannotTell:
        """Read a document by its id."""
        return self._pass("read", lambda: Adapter.read(self, session, receipt))

    def withdraw(self, session: Session, receipt: Receipt) -> Outcome:
        """Remove a document."""
        return self._pass("withdraw", lambda: Adapter.withdraw(self, session, receipt))

    def _pass(self, call: str, act: Callable[[], _T]) -> _T:
        self.points.reach(f"before {call}")
        answer = act()
        self.points.reach(f"after {call}")
        return answer


def watch_adapter(plugin: object, points: Points, clock: Callable[[], datetime]) -> Adapters:
    """Return the one adapter of a plugin, watched."""
    adapters, adapter = Adapters(), WatchedAdapter(plugin)
    adapter.points, adapter.clock = points, clock
    adapters._add(adapter.key, adapter, ())
    return adapters


@attrs.frozen
class _Torn:
    """A file whose writes can break off after some of the bytes."""

    file: IO[bytes]
    points: Points
    stride: int

    def write(self, data: bytes) -> int:
        """Write the data, or the part of it before the kill."""
        for length in (*range(0, len(data), self.stride), len(data) - 1, len(data)):
            if self.points.is_next:
                self.file.write(data[:length])
                self.file.flush()
            self.points.reach(f"{length} of {len(data)} bytes written")
        return self.file.write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the file's own
        return getattr(self.file, name)


def watch_files(points: Points, stride: int) -> None:
    """
    In this process, pass points inside appending, syncing and replacing files.

    Args:
        points: The points.
        stride: Bytes of an appended text between two points.
    """
    opens, replaces, syncs = Path.open, Path.replace, os.fsync

    def open_file(self: Path, mode: str = "r", *more: Any, **named: Any) -> Any:  # noqa: ANN401 - as of pathlib
        file = opens(self, mode, *more, **named)
        return _Torn(file, points, stride) if mode == "ab" else file

    def replace_file(self: Path, target: Path) -> Path:
        points.reach("before replace")
        there = replaces(self, target)
        points.reach("after replace")
        return there

    def sync_file(handle: int) -> None:
        points.reach("before fsync")
        syncs(handle)
        points.reach("after fsync")

    for owner, name, watcher in (
        (Path, "open", open_file),
        (Path, "replace", replace_file),
        (os, "fsync", sync_file),
    ):
        setattr(owner, name, watcher)
