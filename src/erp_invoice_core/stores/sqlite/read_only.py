"""Read-only connections to a SQLite file, which need read permission only."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from ..errors import StoreFault


def connect_read_only(path: Path, wait: float) -> sqlite3.Connection:
    """
    Return a connection that reads the file and creates no file.

    SQLite has a write-ahead log and an index of it beside the file. If the file and its folder can
    be written, the file is opened as usual, but nothing is written through the connection. If not,
    log and index are read as the writer has left them. Without a log there is no writer, and the
    file alone is the database. With a log but no usable index, database and log are copied, and the
    log is merged into the copy.

    Raises:
        sqlite3.Error: The file is missing, cannot be read, or is not a database.
        StoreFault: Its write-ahead log cannot be read.
    """
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return _open(path, "mode=rw", wait)
    log, index = (path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm"))
    if log.exists() and index.exists():
        with suppress(sqlite3.OperationalError):
            return _open(path, "mode=ro", wait)
    if log.exists() and log.stat().st_size > 0:
        return _open_copy(path, log, wait)
    return _open(path, "mode=ro&immutable=1", wait)


def _open(path: Path, how: str, wait: float) -> sqlite3.Connection:
    db = sqlite3.connect(
        f"{path.as_uri()}?{how}",
        uri=True,
        timeout=wait,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        db.execute("PRAGMA query_only=ON")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def _open_copy(path: Path, log: Path, wait: float) -> sqlite3.Connection:
    """Return a connection to a copy, whose files are removed once it is open."""
    with tempfile.TemporaryDirectory(prefix="erp-invoice-") as folder:
        copy = Path(folder, path.name)
        try:
            shutil.copyfile(path, copy)
            shutil.copyfile(log, copy.with_name(log.name))
        except OSError as error:
            msg = (
                f"{error.filename} cannot be read ({error.strerror}). Grant read permission on it."
            )
            raise StoreFault(msg) from error
        with closing(sqlite3.connect(copy, isolation_level=None)) as whole:
            whole.execute("PRAGMA journal_mode=DELETE")
        return _open(copy, "mode=ro", wait)
