"""Our side with the records of the command, which hold the facts of each invoice."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from erp_invoice_core import Worker
from erp_invoice_core.cli.context import open_context
from erp_invoice_core.cli.options import Options

from .cost import Cost, build_count
from .procore_file import build_file
from .samples import APPROVER, PLUGIN, SENDER

if TYPE_CHECKING:
    from collections.abc import Sequence

CONNECTION = "one_step"


def load_file(database: str, invoices: range, *, lines: int, siblings: int = 1) -> None:
    """Load invoices as the command does."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "invoices.json"
        file.write_text(json.dumps(build_file(invoices, lines=lines, siblings=siblings)))
        command = [sys.executable, "-m", "erp_invoice_core.cli", "load", str(file)]
        size = str(file.stat().st_size)
        subprocess.run(
            [*command, "--db", database, "--max-size", size], check=True, capture_output=True
        )


class CommandRecords:
    """A queue over a database with loaded documents, as the verbs of the command open it."""

    lines = 10

    def __init__(self, where: str) -> None:
        """Open the database; ``where`` is a folder, or the URL of a schema on a server."""
        is_url = where.startswith("postgresql:")
        self.database = where if is_url else str(Path(where) / "ours.db")
        self._stack = ExitStack()
        self.context = self._stack.enter_context(
            open_context(Options(db=self.database), create=True)
        )
        self.worker = Worker(self.context.queue)
        self.lanes = Worker(self.context.queue, concurrency=8)

    def load(self, first: int, count: int, lines: int | None = None, siblings: int = 1) -> None:
        """Load these invoices."""
        numbers = range(first, first + count)
        load_file(self.database, numbers, lines=lines or self.lines, siblings=siblings)

    def send(self, first: int, count: int, batch: int) -> None:
        """Send these in batches."""
        for ids in _split(first, count, batch):
            results = self.context.queue.send(ids, SENDER, connection=CONNECTION)
            assert all(result.verdict for result in results), results

    def accept(self, first: int, count: int, batch: int) -> None:
        """Accept these in batches."""
        for ids in _split(first, count, batch):
            results = self.context.queue.accept(ids, APPROVER)
            assert all(result.verdict for result in results), results

    def export(self, jobs: int, lanes: int = 1) -> None:
        """Export that number one after the other, or all that are due with several lanes."""
        if lanes == 1:
            results = self.worker.run_once(limit=jobs)
        else:
            assert lanes == self.lanes.concurrency
            results = self.lanes.run_until_idle(patient=False)
        assert len(results) == jobs, len(results)

    def count_repeated(self) -> Cost:
        """Return how many calls of this process came a second time."""
        return build_count(PLUGIN.repeated)

    def close(self) -> None:
        """Close the database."""
        self._stack.close()


def _split(first: int, count: int, batch: int) -> list[Sequence[str]]:
    ids = [str(number) for number in range(first, first + count)]
    return [ids[begin : begin + batch] for begin in range(0, count, batch)]
