"""The anchor of the clock of a SQLite file, one per boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...canonical import InvalidData
from ...events import AuditEvent
from ...wire.converter import unpack
from ..clock import Anchor, Machine
from ..rows import from_micros, to_bytes, to_micros
from .columns import query

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


_PER_SECOND = 1_000_000


def _read_last_event_time(db: sqlite3.Connection) -> datetime | None:
    """Return the time of the last event (UTC), or ``None`` if it is missing or cannot be read."""
    found = query(db, "SELECT body FROM erp_events ORDER BY place DESC LIMIT 1")
    try:
        return unpack(to_bytes(found[0][0]), AuditEvent).at if found else None
    except InvalidData:
        return None


def _read_anchor(db: sqlite3.Connection, boot: str) -> Anchor | None:
    """Return the stored anchor of a boot, or ``None`` if its row is missing or damaged."""
    found = query(db, "SELECT at, ticks FROM erp_clock WHERE boot = ?", boot) if boot else []
    try:
        ((at, ticks),) = found
        moment = from_micros(int(str(at)))
        return Anchor(boot=boot, at=moment, ticks=int(str(ticks)) / _PER_SECOND)
    except (ValueError, OverflowError):
        return None


def read_anchor(db: sqlite3.Connection, machine: Machine) -> Anchor:
    """
    Return the stored anchor of this boot, or a new one if it is missing or damaged.

    The new anchor is not stored, as the connection is for reading only.
    """
    known = _read_anchor(db, machine.boot())
    return known or Anchor.build(machine, _read_last_event_time(db))


def ensure_anchor(db: sqlite3.Connection, machine: Machine) -> Anchor:
    """
    Return the stored anchor of this boot; if it is missing or damaged, store and return a new one.

    The connection has a write transaction. A new anchor has the machine's time, but is never before
    the last event. A machine without an id of its boot has a new anchor each time the file is
    opened.
    """
    boot = machine.boot()
    known = _read_anchor(db, boot)
    if known is not None:
        return known
    anchor = Anchor.build(machine, _read_last_event_time(db))
    if boot:
        ticks = int(anchor.ticks * _PER_SECOND)
        query(db, "DELETE FROM erp_clock")
        query(
            db,
            "INSERT INTO erp_clock (boot, at, ticks) VALUES (?, ?, ?)",
            boot,
            to_micros(anchor.at),
            ticks,
        )
        return Anchor(boot=boot, at=anchor.at, ticks=ticks / _PER_SECOND)
    return anchor
