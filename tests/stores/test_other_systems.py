"""Systems without the file locks of POSIX."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: A program on such a system: a module that is ``None`` in ``sys.modules`` cannot be imported.
PROGRAM = """
import sys

sys.modules["fcntl"] = None
from erp_invoice_core import ExportQueue, MemoryStore, SqliteStore, StoreFault, Worker

MemoryStore()
try:
    SqliteStore("app.db")
except StoreFault as problem:
    print(problem)
"""


def _run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_sqlite_store_says_what_it_needs(tmp_path: Path) -> None:
    """Without ``fcntl`` the library can be imported, and opening a SqliteStore says what to do."""
    done = _run(PROGRAM, tmp_path)

    assert "" == done.stderr
    assert (
        f"SqliteStore needs the file locks of a POSIX system, and {sys.platform} has none: "
        "use PostgresStore, or MemoryStore for a trial.\n"
    ) == done.stdout
