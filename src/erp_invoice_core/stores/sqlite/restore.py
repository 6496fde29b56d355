"""
Detection of restores of a SQLite file.

A copy of an older state does not show that it is older. Therefore each start of a call is also
written to ``<database>.seen``: the database's id, the place of the start's event in the feed, the
event's digest, and the number of the last restore. If the database does not have that event or that
restore, it was restored to an earlier state. The file is written after the commit, without fsync.
After a power failure it may be older than the database, which causes no false detection; it is
never newer than the committed state.
"""

from __future__ import annotations

import json
import logging
import os
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

import attrs

from ...documents import Restore
from ...values import Value
from ..rows import from_micros, to_micros
from .columns import query, to_text

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime
    from pathlib import Path


_log = logging.getLogger(__name__)
_LONGEST = 1024
#: The time of a restore whose row is damaged.
_UNREADABLE = from_micros(0)


@attrs.frozen(eq=False, repr=False)
class LastSeen(Value):
    """
    The last started call, identified by the event that recorded its start.

    Attributes:
        place: The place of the start's event in the feed; 0 without a known event.
        digest: The digest of that event.
        restores: The number of the last restore before the call.
    """

    place: int
    digest: str
    restores: int = 0


class SeenFile:
    """
    The file beside a database with the last started call; each thread uses an object of its own.

    It stays open after the first write, because each start of a call writes to it (line 4c).
    """

    def __init__(self, path: Path) -> None:
        """Store the path of the file, which the first write creates if it is missing."""
        self.path = path
        self._file: int | None = None
        #: The device and the number of the open file, which another file at its path has not.
        self._identity = (0, 0)

    def read(self) -> tuple[str, LastSeen] | None:
        """
        Return the database's id and the last started call.

        The result is ``None`` if the file is missing or damaged.
        """
        try:
            with self.path.open("rb") as file:
                found = json.loads(file.read(_LONGEST))
            restores = int(found.get("restores", 0))
            seen = LastSeen(int(found["place"]), str(found["digest"]), restores)
            return str(found["database"]), seen
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            # Without fsync the file may have any content after a power failure, which is no sign
            # of a restore.
            _log.warning(
                "The file %s cannot be read (%s), so that a restore is not noticed. If the database"
                " was restored, run erp-invoice restored.",
                self.path,
                type(error).__name__,
            )
            return None

    def write(self, database: str, seen: LastSeen) -> None:
        """Write the last started call; log a failure, because the call continues without it."""
        # Always the same length, so that it is overwritten in one write.
        row = {"database": database, "place": f"{seen.place:020d}", "digest": seen.digest}
        row["restores"] = f"{seen.restores:09d}"
        text = f"{json.dumps(row)}\n".encode()
        try:
            file, size = self._open()
            os.pwrite(file, text, 0)
            if size != len(text):
                os.ftruncate(file, len(text))
        except OSError as error:
            _log.warning(
                "The file %s cannot be written (%s), so that a later restore is not noticed. Make it"
                " writable.",
                self.path,
                error.strerror,
            )

    def _open(self) -> tuple[int, int]:
        """Return the open file and its size; open it if another or no file is at its path."""
        if self._file is not None:
            with suppress(FileNotFoundError):
                found = self.path.stat()
                if (found.st_dev, found.st_ino) == self._identity:
                    return self._file, found.st_size
        self.close()
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        found = os.fstat(self._file)
        self._identity = found.st_dev, found.st_ino
        return self._file, found.st_size

    def close(self) -> None:
        """Close the file; the next write opens it again."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def __del__(self) -> None:
        self.close()


def _to_readable_text(value: object) -> str:
    """Return the readable part of a damaged text."""
    return value.decode(errors="replace") if isinstance(value, bytes) else to_text(value)


def read_identity(db: sqlite3.Connection) -> str:
    """Return the database's id, created if it is missing, within a write transaction."""
    found = query(db, "SELECT id FROM erp_identity")
    if found:
        return _to_readable_text(found[0][0])
    made = uuid.uuid4().hex
    query(db, "INSERT INTO erp_identity (id) VALUES (?)", made)
    return made


def detect(db: sqlite3.Connection, database: str, found: tuple[str, LastSeen] | None) -> str:
    """
    Return why the database seems to be restored, as a sentence, or ``""``.

    Args:
        db: A connection to the database.
        database: The id of the database.
        found: The content of the file beside it; ``None`` if that is missing or damaged.
    """
    if found is None:
        return ""
    named, seen = found
    if named != database:
        return "The file .seen beside the database names another database."
    known = read_last_restore(db)
    if seen.restores > (known.number if known else 0):
        return f"The database does not have restore {seen.restores}, so it was restored again."
    if not seen.place:
        return ""
    there = query(db, "SELECT digest FROM erp_events WHERE place = ?", seen.place)
    if there and to_text(there[0][0]) == seen.digest:
        return ""
    return f"The database does not have the call that was started last (event {seen.place})."


def read_last_seen(db: sqlite3.Connection) -> LastSeen:
    """
    Return the last event of the database in the form of a last started call.

    After a restore it replaces the last started call, which the database does not have.
    """
    found = query(db, "SELECT place, digest FROM erp_events ORDER BY place DESC LIMIT 1")
    return LastSeen(int(str(found[0][0])), to_text(found[0][1])) if found else LastSeen(0, "")


def record_restore(db: sqlite3.Connection, why: str, at: datetime) -> Restore:
    """Record a restore within a write transaction, and return it."""
    query(db, "INSERT INTO erp_restores (at, why) VALUES (?, ?)", to_micros(at), why)
    restore = read_last_restore(db)
    assert restore is not None
    _log.warning(
        "The database was restored. Workers look up each invoice in the ERP before they export it. %s",
        why,
        extra={"restore": restore.number, "restored_at": str(at)},
    )
    return restore


def read_last_restore(db: sqlite3.Connection) -> Restore | None:
    """Return the last recorded restore of the database; ``None`` without one."""
    found = query(db, "SELECT number, at, why FROM erp_restores ORDER BY number DESC LIMIT 1")
    if not found:
        return None
    number, at, why = found[0]
    try:
        moment = from_micros(int(str(at)))
    except (ValueError, OverflowError):
        # The row proves a restore, so the ERP is asked in any case.
        _log.warning(
            "The time of restore %s cannot be read. Restore its row of erp_restores from a backup;"
            " until then, each invoice is looked up in the ERP.",
            number,
        )
        moment = _UNREADABLE
    return Restore(number=int(str(number)), at=moment, why=_to_readable_text(why))
