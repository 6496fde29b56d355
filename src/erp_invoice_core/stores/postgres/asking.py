"""Whether a database was used already, asked without making anything in it."""

from __future__ import annotations

from contextlib import closing

from .faults import told
from .target import Target
from .values import cursor

__all__ = ["has_table"]


def has_table(dsn: str, name: str, *, wait: float = 10.0) -> bool:
    """
    Whether the table can be seen from there.

    Raises:
        StoreFault: The database refuses.
        StoreBusy: The server could not be had in time.
    """
    with closing(Target(dsn, wait).connected()) as connection, told(connection):
        found = cursor(connection).execute("SELECT to_regclass(%s)::text", (name,), binary=True)
        return found.fetchone() != (None,)
