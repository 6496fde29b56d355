"""Entries and events of a PostgreSQL database, read as they are stored, to be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..derived import derived_rows
from ..filed import chain_of
from ..texts import from_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..ports import Chain, DerivedRows
    from .values import Row

__all__ = ["chains"]

_KEYS = """
    SELECT id FROM erp_entries UNION SELECT entry_id FROM erp_events
    UNION SELECT entry_id FROM erp_slots UNION SELECT entry_id FROM erp_slots_shared
    UNION SELECT entry_id FROM erp_owners
    UNION SELECT entry_id FROM erp_commands ORDER BY 1
"""
_SLOTS = """
    SELECT slot, entry_id FROM erp_slots UNION ALL SELECT slot, entry_id FROM erp_slots_shared
    ORDER BY 1, 2
"""
_CHAIN = """
    SELECT 0::bigint, 0::bigint, body, head, status, connection, seq, wake_at, lease_until, paper,
        NULL::bigint
        FROM erp_entries WHERE id = %s
    UNION ALL
    SELECT 1::bigint, seq, body, digest, NULL, NULL, NULL, NULL, NULL, NULL, place
        FROM erp_events WHERE entry_id = %s
    ORDER BY 1, 2
"""


def chains(ask: Callable[..., list[Row]]) -> Iterator[Chain]:
    """
    Yield every entry with its events, those without an entry included.

    Args:
        ask: Asks within one snapshot: others may be writing meanwhile.
    """
    derived = _derived(ask)
    for (key,) in ask(_KEYS):
        entry_id = from_column(key)
        yield chain_of(entry_id, ask(_CHAIN, key, key), derived.get(entry_id))


def _derived(ask: Callable[..., list[Row]]) -> dict[str, DerivedRows]:
    slots = ask(_SLOTS)
    owners = ask("SELECT connection, erp_id, entry_id, generation FROM erp_owners ORDER BY 1, 2")
    commands = ask("SELECT command, entry_id, seq FROM erp_commands ORDER BY 1, 2")
    return derived_rows(
        slots=((from_column(slot), from_column(key)) for slot, key in slots),
        owners=(
            (from_column(name), from_column(erp_id), from_column(key), generation)
            for name, erp_id, key, generation in owners
        ),
        commands=((from_column(command), from_column(key), seq) for command, key, seq in commands),
    )
