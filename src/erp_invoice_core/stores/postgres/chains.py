"""Entries and events of a PostgreSQL database, read as they are stored, to be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..filed import chain_of
from ..texts import from_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..ports import Chain
    from .values import Row

__all__ = ["chains"]

_KEYS = """
    SELECT id FROM erp_entries UNION SELECT entry_id FROM erp_events ORDER BY 1
"""
# One statement sees one moment: others may be writing meanwhile.
_CHAIN = """
    SELECT 0::bigint, 0::bigint, body, head, status, connection, seq, wake_at, lease_until, paper
        FROM erp_entries WHERE id = %s
    UNION ALL
    SELECT 1::bigint, seq, body, digest, NULL, NULL, NULL, NULL, NULL, NULL
        FROM erp_events WHERE entry_id = %s
    ORDER BY 1, 2
"""


def chains(ask: Callable[..., list[Row]]) -> Iterator[Chain]:
    """Yield every entry with its events, those without an entry included."""
    for (key,) in ask(_KEYS):
        yield chain_of(from_column(key), ask(_CHAIN, key, key))
