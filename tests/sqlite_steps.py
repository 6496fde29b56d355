"""The steps of SQLite's virtual machine that some code takes, a measure without a clock."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@attrs.define
class Steps:
    """The steps of a block, known at its end."""

    count: int = 0


@contextmanager
def count_steps(*connections: sqlite3.Connection) -> Iterator[Steps]:
    """Count the steps of the statements that run on the connections within the block."""
    steps = Steps()

    def add() -> int:
        steps.count += 1
        return 0

    for connection in connections:
        connection.set_progress_handler(add, 1)
    try:
        yield steps
    finally:
        for connection in connections:
            connection.set_progress_handler(None, 1)


@contextmanager
def record_connections() -> Iterator[Sequence[sqlite3.Connection]]:
    """Yield the connections that any code opens within the block, in a growing list."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def connect_and_record(*given: Any, **named: Any) -> sqlite3.Connection:  # noqa: ANN401 - as it is called
        db: sqlite3.Connection = connect(*given, **named)
        opened.append(db)
        return db

    sqlite3.connect = connect_and_record  # type: ignore[assignment] # within the block
    try:
        yield opened
    finally:
        sqlite3.connect = connect
