"""Whether a file was used already, asked without making anything in it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from .columns import rows
from .faults import told
from .read_only import connect_read_only

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["has_table"]


def has_table(path: Path, name: str) -> bool:
    """
    Whether the file has that table.

    Raises:
        StoreFault: The file cannot be read, or is not a database.
    """
    with told(), closing(connect_read_only(path, 0.0)) as connection:
        found = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return bool(rows(connection, found, name))
