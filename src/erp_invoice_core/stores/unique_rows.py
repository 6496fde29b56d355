"""
The number slot and ERP ids of an entry, which are unique.

Only one entry can hold a number slot (connection, vendor and invoice number), and only one
generation of an entry can own a document in the ERP, by its ERP id. The functions compute which
slots and ERP ids a change takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import normalize_slot
from .errors import ErpIdTaken, SlotTaken

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ..documents import QueueEntry
    from ..events import Change


@attrs.frozen(kw_only=True)
class OlderSlot:
    """
    The row of a slot whose number is not in the canonical form, as in version 0.1.

    Attributes:
        slot: The stored slot.
        key: The slot in its present form.
        is_shared: True if another entry has the same slot in the present form.
    """

    slot: str
    key: str
    entry_id: str
    is_shared: bool


def find_older_slots(rows: Iterable[tuple[str, str]]) -> list[OlderSlot]:
    """
    Return the slots that are not stored in their present form.

    ``rows`` has each stored slot with the id of the entry that holds it.
    """
    there = dict(rows)
    held = {slot for slot in there if build_slot_key(slot) == slot}
    older = []
    for slot in sorted(there.keys() - held):
        key = normalize_slot(slot)
        older.append(OlderSlot(slot=slot, key=key, entry_id=there[slot], is_shared=key in held))
        held.add(key)
    return older


def build_slot_key(slot: str | None) -> str | None:
    """Return the slot in its stored form, with the canonical number."""
    return None if slot is None else normalize_slot(slot)


def match_holders(slots: Collection[str], found: Mapping[str, str]) -> dict[str, str]:
    """
    Return, by number slot, the id of the entry that holds it; free slots are left out.

    ``found`` has the ids of the holders by the stored form of the slots.
    """
    if not found:  # as usual: a number is rarely in use
        return {}
    keys = {slot: normalize_slot(slot) for slot in slots}
    return {slot: found[key] for slot, key in keys.items() if key in found}


def build_slot_taken(entry_id: str, holder: str) -> SlotTaken:
    """Return the error for a slot that another entry holds."""
    message = f"Invoice {holder} holds the number of invoice {entry_id} in the ERP."
    return SlotTaken(message, holder)


def build_erp_id_taken(erp_id: str) -> ErpIdTaken:
    """Return the error for a document in the ERP that another entry owns."""
    return ErpIdTaken(f"Document {erp_id} of the ERP belongs to another invoice.")


def find_new_owners(change: Change) -> dict[str, tuple[str, int]]:
    """
    Return the ERP ids that a change takes, each with its owner: entry id and generation.

    Raises:
        ErpIdTaken: The change takes the same ERP id for two generations of the entry.
    """
    return find_owners_between(change.before, change.after)


def find_owners_between(before: QueueEntry, after: QueueEntry) -> dict[str, tuple[str, int]]:
    """
    Return the ERP ids that ``after`` has and ``before`` has not, each with entry id and generation.

    Raises:
        ErpIdTaken: ``after`` takes the same ERP id for two generations of the entry.
    """
    news: dict[str, tuple[str, int]] = {}
    # Mostly the same objects: comparing each with all others would be quadratic (benchmark 4l).
    same = set(map(id, before.holdings))
    for holding in after.holdings:
        if id(holding) in same or holding.receipt.role is None or holding in before.holdings:
            continue
        erp_id, owner = holding.receipt.erp_id, (after.id, holding.key.generation)
        if news.setdefault(erp_id, owner) != owner:
            raise build_erp_id_taken(erp_id)
    return news
