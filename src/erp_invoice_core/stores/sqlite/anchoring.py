"""Where the clock of all who share a SQLite file is anchored: once per boot of its machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...events import AuditEvent
from ...wire.plain import InvalidData, unpack
from ..clock import Anchor, Machine
from ..filed import blob
from ..waking import from_micros, micros
from .columns import rows

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

__all__ = ["anchored"]

_PER_SECOND = 1_000_000


def _last(connection: sqlite3.Connection) -> datetime | None:
    """Return when the last event happened (UTC), as far as it can be read."""
    found = rows(connection, "SELECT body FROM erp_events ORDER BY place DESC LIMIT 1")
    try:
        return unpack(blob(found[0][0]), AuditEvent).at if found else None
    except InvalidData:
        return None


def anchored(connection: sqlite3.Connection, machine: Machine) -> Anchor:
    """
    Return the anchor of this boot, made where it is missing, inside a write transaction.

    A new one is set by the clock on the wall, yet never before the last event. A machine that
    cannot name its boot has an anchor for each time that the file is opened.
    """
    boot = machine.boot()
    found = rows(connection, "SELECT at, ticks FROM erp_clock WHERE boot = ?", boot) if boot else []
    if found:
        at, ticks = int(str(found[0][0])), int(str(found[0][1]))
        return Anchor(boot=boot, at=from_micros(at), ticks=ticks / _PER_SECOND)
    anchor = Anchor.now(machine, _last(connection))
    if boot:
        ticks = int(anchor.ticks * _PER_SECOND)
        rows(connection, "DELETE FROM erp_clock")
        rows(
            connection,
            "INSERT INTO erp_clock (boot, at, ticks) VALUES (?, ?, ?)",
            boot,
            micros(anchor.at),
            ticks,
        )
        return Anchor(boot=boot, at=anchor.at, ticks=ticks / _PER_SECOND)
    return anchor
