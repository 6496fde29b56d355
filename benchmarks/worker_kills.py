"""Line 4h: three workers, killed 25 times on each row of the promise table."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from erp_invoice_core.testing.fake_erp import Row
from tests.crash.kills import KILLS, kill_workers

from .ratio import LineResult, at_most, state
from .server import schema, server

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .effort import Effort

_NONE = at_most(0)


def _problems(store: str, row: Row, folder: Path) -> list[str]:
    """Kill workers while work is flowing; return what was wrong once people had finished."""
    found = kill_workers(store, row, folder)
    assert found["kills"] == KILLS
    problems: list[str] = found["problems"]
    return problems


def _counts(name: str, stores: Mapping[Row, str], folder: Path) -> list[LineResult]:
    wrong = []
    for row, store in stores.items():
        results = folder / f"{name}-{row}"
        results.mkdir()
        wrong.append(_problems(store, row, results))
    twice = tuple(float(sum(one.endswith("is there twice") for one in each)) for each in wrong)
    other = tuple(len(each) - two for each, two in zip(wrong, twice, strict=True))
    return [
        state("4h", f"lost or wrong, {name}", other, _NONE),
        state("4h", f"booked twice, {name}", twice, _NONE),
    ]


def measure(effort: Effort) -> list[LineResult]:
    """
    Return what was wrong after the kills, on the rows of the promise table.

    The killing process itself sees whether each entry was settled after a lease.
    """
    rows = effort.choose(tuple(Row), tuple(Row)[:1])
    with ExitStack() as open_ones:
        folder = Path(open_ones.enter_context(tempfile.TemporaryDirectory()))
        dsn = open_ones.enter_context(server())
        schemas = {row: open_ones.enter_context(schema(dsn)) for row in rows}
        files = {row: str(folder / f"{row}.db") for row in rows}
        return [
            *_counts("SQLite", files, folder),
            *_counts("PostgreSQL", schemas, folder),
        ]


LINES = {"4h": measure}
