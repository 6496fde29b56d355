"""Entries and events of a PostgreSQL database, read as they are stored, to be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...wire.plain import InvalidData
from ..ports import Chain
from ..sqlite.columns import columns_of
from ..texts import from_column
from .values import entry_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        stored = ask(_CHAIN, key, key)
        links = tuple((bytes(row[2]), row[3]) for row in stored if row[0])
        body, head, paper, agree = b"", "", None, True
        if stored and not stored[0][0]:
            body, head = bytes(stored[0][2]), stored[0][3]
            paper = None if stored[0][9] is None else bytes(stored[0][9])
            agree = _agree(body, paper, stored[0][4:9])
        yield Chain(
            entry_id=from_column(key),
            body=body,
            paper=paper,
            head=head,
            links=links,
            columns_agree=agree,
        )


def _agree(body: bytes, paper: bytes | None, columns: tuple[object, ...]) -> bool:
    """Whether an entry is found by what it holds: its status, its connection, its times."""
    try:
        return columns_of(entry_of(body, paper)) == columns
    except InvalidData:
        return False
