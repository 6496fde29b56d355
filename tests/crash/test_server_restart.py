"""The database server is restarted while workers run, and they continue by themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.testing.fake_erp import ErpProcess, Row
from tests.crash.child_process import run_module
from tests.crash.deployment import Deployment
from tests.crash.postgres_server import PostgresServer, start_postgres_server
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The seconds for which the server is down: none, and longer than a lease.
PAUSES = (0.0, 2.5, 0.0)
OTHERS = (Row.KEYED, Row.NUMBERED, Row.BOUNDLESS)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """Start a server that this test may stop, not the shared one."""
    with start_postgres_server() as started:
        yield started


@pytest.mark.parametrize(
    "row", [Row.SETTLING, *(pytest.param(row, marks=pytest.mark.soak) for row in OTHERS)]
)
def test_a_server_that_restarts(row: Row, server: PostgresServer, tmp_path: Path) -> None:
    """After a stop at any moment nothing is lost and nothing is booked twice."""
    with ErpProcess(row, latency=0.02) as fake:
        deployment = Deployment(store=server.url, url=fake.url, row=row)
        asked = {
            "deployment": attrs.asdict(deployment),
            "folder": str(tmp_path),
            "stop": server.stop,
            "start": server.start,
            "user": server.user,
            "pauses": PAUSES,
        }
        found = run_module("server_restart", asked, timeout=TIME_LIMIT)
    print(f"restarted, {row}: {found}")  # noqa: T201 - figures for the docs
    assert [] == found["problems"]
    assert found["sent"] == found["created"][-1]
    assert all(before < after for before, after in pairwise(found["created"]))
