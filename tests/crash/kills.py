"""Three workers that are killed 25 times, at an ERP that answers late, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core.testing.fake_erp import Chances, ErpProcess, Row
from tests.crash.child_process import run_module
from tests.crash.deployment import Deployment
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 25
_WORKERS = 3
LEASE = 1.0
#: With it most kills hit a worker that waits for the ERP, before or after the write.
_LATENCY = 0.02
_CHANCES = Chances(late=0.05, lost=0.03, dropped=0.03)


def pool(deployment: Deployment, folder: Path, **given: int) -> dict[str, Any]:
    """Have workers killed, and return the report of the process that killed them."""
    asked = {"seed": 1, "kills": KILLS, "workers": _WORKERS, **given}
    return run_module(
        "worker_pool",
        {"deployment": attrs.asdict(deployment), "folder": str(folder), **asked},
        timeout=TIME_LIMIT,
    )


def kill_workers(store: str, row: Row, folder: Path, *, seed: int = 1) -> dict[str, Any]:
    """Have workers killed on one row of the promise table, and return the report."""
    with ErpProcess(row, seed=seed, latency=_LATENCY, chances=_CHANCES) as fake:
        deployment = Deployment(store=store, url=fake.url, row=row, lease=LEASE)
        return {"on": deployment.kind, **pool(deployment, folder, seed=seed)}
