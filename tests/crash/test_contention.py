"""Eight workers on one SQLite file all finish without an error about a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.testing.fake_erp import ErpProcess, Row
from tests.crash.child_process import run_module
from tests.crash.deployment import Deployment
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

WORKERS = 8


def run_contention(folder: Path, seconds: float, *, is_rude: bool) -> dict[str, Any]:
    """Run eight workers on one file and return the report of their process."""
    with ErpProcess(Row.SETTLING, latency=0.005) as fake:
        deployment = Deployment(
            store=str(folder / "erp.db"), url=fake.url, row=Row.SETTLING, lease=20.0
        )
        asked = {"deployment": attrs.asdict(deployment), "folder": str(folder), "is_rude": is_rude}
        return run_module(
            "contention", {**asked, "workers": WORKERS, "seconds": seconds}, timeout=TIME_LIMIT
        )


def test_eight_workers_at_one_file(tmp_path: Path) -> None:
    """With eight workers, a sender and a reader no wait is too long, nothing is booked twice."""
    found = run_contention(tmp_path, 4.0, is_rude=False)
    print(f"eight workers: {found}")  # noqa: T201 - figures for the docs
    assert [] == found["problems"]
    assert [] == found["busy"]
    # On a slow machine the ERP drops requests after their deadline; the entries wait then.
    assert found["open"] <= found["dead"]
    assert found["sent"] - found["open"] <= found["created"] <= found["sent"]
    assert found["created"] == found["carried_out"]
    assert WORKERS == len(found["workers"])


def test_writers_that_do_not_queue_are_noticed(tmp_path: Path) -> None:
    """Without the side lock, and without waiting, a process finds the database busy."""
    with pytest.raises(AssertionError, match="locked the database for too long"):
        run_contention(tmp_path, 1.0, is_rude=True)
