"""Our side with the records of the command, and the steps of SQLite that each call takes."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.sqlite_steps import count_steps, record_connections

from .command_records import CommandRecords
from .cost import STEPS, Cost
from .samples import SENDER

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = 100


class CountingRecords(CommandRecords):
    """Its calls with a count take long, because SQLite reports each step."""

    def __init__(self, where: str) -> None:
        """Open the database; ``where`` is a folder."""
        self._recording = ExitStack()
        self._connections = self._recording.enter_context(record_connections())
        super().__init__(where)

    def close(self) -> None:
        """Close the database."""
        super().close()
        self._recording.close()

    def _count(self, work: Callable[[], object], pieces: int) -> Cost:
        # The store opens its connection at the first call, which is not counted.
        self.context.store.restore()
        open_ones = [each for each in self._connections if _is_open(each)]
        with count_steps(*open_ones) as steps:
            work()
        return Cost({STEPS: steps.count / pieces})

    def count_export(self, jobs: int) -> Cost:
        """Export that number; return the steps of each."""
        return self._count(lambda: self.export(jobs), jobs)

    def list_page(self) -> None:
        """Read a page of entries."""
        assert len(self.context.queue.entries(after="", limit=PAGE)) == PAGE

    def count_list(self) -> Cost:
        """Read a page of entries; return the steps of each."""
        return self._count(self.list_page, PAGE)

    def explain_page(self, first: int) -> None:
        """Say of a page of invoices why they cannot be sent."""
        ids = [str(number) for number in range(first, first + PAGE)]
        assert len(self.context.queue.why_not(ids, SENDER, connection="one_step")) == PAGE

    def count_explain(self, first: int) -> Cost:
        """Do the same; return the steps of each."""
        return self._count(lambda: self.explain_page(first), PAGE)


def _is_open(db: sqlite3.Connection) -> bool:
    try:
        db.total_changes  # noqa: B018 - it raises if the connection is closed
    except sqlite3.ProgrammingError:
        return False
    return True
