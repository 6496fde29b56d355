"""Processes that use a store at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from erp_invoice_core.stores import PostgresStore, SqliteStore
from erp_invoice_core.testing.samples import build_denied_change, save_change
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run_in_processes"]

WRITES = 40

_PROGRAM = """
import sys
from tests.stores.processes import act
sys.stdin.readline()
act(sys.argv[1], sys.argv[2], sys.argv[3])
"""


def act(deed: str, where: str, name: str) -> None:
    """Open the store; for ``write`` also write to an entry of its own and to a shared one."""
    is_url = where.startswith("postgresql:")
    store = PostgresStore(where) if is_url else SqliteStore(where)
    if deed == "write":
        for _ in range(WRITES // 2):
            save_change(store, name, build_denied_change)
            save_change(store, "common", build_denied_change)
    store.close()


def run_in_processes(deed: str, where: Path | str, count: int) -> list[int]:
    """Run the deed in several processes at the same moment; return their exit statuses."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", _PROGRAM, deed, str(where)]
    started = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, text=True, env=environment)
        for number in range(count)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.close()
    return [process.wait(timeout=TIME_LIMIT) for process in started]
