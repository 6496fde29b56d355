"""Three workers are killed 25 times: nothing is lost, nothing is booked twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core.testing.fake_erp import ErpProcess, Row
from tests.crash.deployment import Deployment
from tests.crash.kills import KILLS, LEASE, kill_workers, pool
from tests.long_runs import keep_rows
from tests.postgres import fresh_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

AT_ONCE = 3


@pytest.fixture(params=keep_rows(["sqlite", "postgres"], ["sqlite"]))
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mapping[Row, str]]:
    """Return a new database for each row: paths of files, or URLs."""
    with ExitStack() as open_ones:
        if request.param == "sqlite":
            yield {row: str(tmp_path / f"{row}.db") for row in Row}
        else:
            yield {row: open_ones.enter_context(fresh_schema()) for row in Row}


def recover(databases: Mapping[Row, str], folder: Path, seed: int) -> None:
    """Have workers killed on each row of the promise table, some rows at once; find problems."""

    def try_run(row: Row) -> dict[str, Any]:
        room = folder / f"{row}{seed}"
        room.mkdir()
        return kill_workers(databases[row], row, room, seed=seed)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(Row, pool.map(try_run, Row), strict=True))
    for row, one in found.items():
        print(f"{row}: {one}")  # noqa: T201 - figures for the docs
    assert {row: [] for row in Row} == {row: one["problems"] for row, one in found.items()}
    for one in found.values():
        assert KILLS == one["kills"]
        assert one["sent"] == one["created"] == one["entries"]
        assert KILLS / 5 <= one["acts"]["lose"]


def test_25_kills_over_3_workers(databases: Mapping[Row, str], tmp_path: Path) -> None:
    """For each promise of the ERP, 25 kills of 3 workers lose nothing and book nothing twice."""
    recover(databases, tmp_path, 1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_kills(databases: Mapping[Row, str], tmp_path: Path, seed: int) -> None:
    """The same at other moments, with other faults."""
    recover(databases, tmp_path, seed)


def test_a_worker_that_does_not_look_is_noticed(tmp_path: Path) -> None:
    """An adapter that never looks before it writes again books twice, and the checks find it."""
    with ErpProcess(Row.BOUNDLESS, latency=0.05) as fake:
        store = str(tmp_path / "erp.db")
        deployment = Deployment(
            store=store, url=fake.url, row=Row.BOUNDLESS, lease=LEASE, is_blind=True
        )
        found = pool(deployment, tmp_path, kills=100)
    print(f"blind: noticed after {found['kills']} kills")  # noqa: T201 - a figure for the docs
    assert any(problem.endswith("is there twice") for problem in found["problems"])
    assert found["kills"] < 100
