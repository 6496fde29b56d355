"""How many steps of SQLite's virtual machine some code takes: a measure that needs no clock."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


@attrs.define
class Steps:
    """The steps of the block, known at its end."""

    count: int = 0


@contextmanager
def count_steps(*connections: sqlite3.Connection) -> Iterator[Steps]:
    """Count the steps that statements of the block take on the connections."""
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
