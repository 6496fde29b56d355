"""Systems without the file locks of POSIX."""

from __future__ import annotations

import subprocess
import sys

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


def test_sqlite_store_says_what_it_needs(tmp_path: object) -> None:
    """Without ``fcntl`` the library can be imported, and opening a SqliteStore says what to do."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=str(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert "" == done.stderr
    assert (
        f"SqliteStore needs the file locks of a POSIX system, and {sys.platform} has none: "
        "use PostgresStore, or MemoryStore for a trial.\n"
    ) == done.stdout
