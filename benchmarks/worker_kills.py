"""Three workers killed 25 times, on every row of the promise table: what is lost, what is twice."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from erp_invoice_core.testing.fake_erp import Row
from tests.crash.kills import KILLS, kill_workers

from .ratio import Result, Target, build_unpaired_result
from .server import schema, server

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["measure"]

_NONE = Target(limit=0)


def _problems(store: str, row: Row, folder: Path) -> list[str]:
    """Kill workers while work is flowing; return what was wrong once people had finished."""
    found = kill_workers(store, row, folder)
    assert found["kills"] == KILLS
    problems: list[str] = found["problems"]
    return problems


def _counts(name: str, stores: Mapping[Row, str], folder: Path) -> list[Result]:
    wrong = []
    for row, store in stores.items():
        told = folder / f"{name}-{row}"
        told.mkdir()
        wrong.append(_problems(store, row, told))
    twice = tuple(float(sum(one.endswith("is there twice") for one in each)) for each in wrong)
    other = tuple(len(each) - two for each, two in zip(wrong, twice, strict=True))
    return [
        build_unpaired_result(f"4h {name}, lost or wrong", other, _NONE),
        build_unpaired_result(f"4h {name}, booked twice", twice, _NONE),
    ]


def measure() -> list[Result]:
    """Line 4h; whether each entry was settled after a lease the killing process sees for itself."""
    with ExitStack() as open_ones:
        folder = Path(open_ones.enter_context(tempfile.TemporaryDirectory()))
        dsn = open_ones.enter_context(server())
        schemas = {row: open_ones.enter_context(schema(dsn)) for row in Row}
        files = {row: str(folder / f"{row}.db") for row in Row}
        return [
            *_counts("SQLite", files, folder),
            *_counts("PostgreSQL", schemas, folder),
        ]
