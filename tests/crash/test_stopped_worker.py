"""A worker is stopped past its lease: another takes over, its late answer is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.testing.fake_erp import ErpProcess, Row
from tests.crash.child_process import run_module
from tests.crash.deployment import Deployment
from tests.long_runs import keep_rows
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from pathlib import Path


def run_stopped_worker(row: Row, fault: str, folder: Path) -> dict[str, Any]:
    """Stop and continue a worker, and return the report."""
    with ErpProcess(row) as fake:
        deployment = Deployment(store=str(folder / "erp.db"), url=fake.url, row=row)
        asked = {"deployment": attrs.asdict(deployment), "folder": str(folder), "fault": fault}
        found = run_module("stopped_worker", asked, timeout=TIME_LIMIT)
    print(f"stopped, {row}, {fault}: {found}")  # noqa: T201 - figures for the docs
    assert [] == found["problems"]
    assert 1 == found["bills"]
    assert 1 == found["creates"]
    return found


def test_the_answer_of_a_stopped_worker_comes_when_all_is_done(tmp_path: Path) -> None:
    """Another worker finds the bill and posts it; the late receipt changes no status."""
    found = run_stopped_worker(Row.SETTLING, "hold_answer", tmp_path)
    assert "synced" == found["then"][1] == found["now"][1]
    assert ["post", "record"] == found["acts"][-2:]


@pytest.mark.parametrize("row", keep_rows([Row.KEYED, Row.BOUNDLESS], [Row.BOUNDLESS]))
def test_the_answer_of_a_stopped_worker_comes_first(row: Row, tmp_path: Path) -> None:
    """While the call is in doubt, the late receipt settles it."""
    found = run_stopped_worker(row, "hold_answer", tmp_path)
    assert "unknown" == found["then"][1]
    assert ["start", "lose", "sight"] == found["acts"][3:6]


@pytest.mark.parametrize("row", keep_rows([Row.SETTLING, Row.BOUNDLESS], [Row.BOUNDLESS]))
def test_a_worker_stopped_before_its_request_was_sent(row: Row, tmp_path: Path) -> None:
    """A worker that continues after its lease sends nothing, and that is recorded too."""
    found = run_stopped_worker(row, "sleepy", tmp_path)
    assert found["now"][0] > found["then"][0]
    assert "record" in found["acts"]
