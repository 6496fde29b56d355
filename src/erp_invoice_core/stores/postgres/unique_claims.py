"""What an entry claims for itself alone: asked for without waiting for who gives something up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rows import as_column, from_column
from ..unique_claims import erp_id_taken, holders_of, owned_anew, slot_key, slot_taken
from . import sql

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...events import Change
    from .pipeline import Talk


def claims_something(change: Change) -> bool:
    """
    Return whether a change claims a document or a slot, or gives a slot up.

    Raises:
        ErpIdTaken: It claims a document for two generations.
    """
    return change.before.slot != change.after.slot or bool(owned_anew(change))


def claim(talk: Talk, change: Change, *, is_patient: bool) -> None:
    """
    Take and give up what the change does; after an error some of it may be done.

    Args:
        talk: In a transaction.
        change: Of an entry that the transaction holds.
        is_patient: True if to wait as long as usual for a transaction that claims the same.

    Raises:
        SlotTaken: Another entry holds the slot.
        ErpIdTaken: Another entry, or a former generation, owns an ERP id.
    """
    before, after, key = change.before.slot, change.after.slot, as_column(change.after.id)
    if not is_patient:
        talk.later(sql.HURRY)
    if before not in {None, after}:
        former = as_column(slot_key(before) or "")
        talk.later(sql.FREE_SLOT, former, key)
        talk.later(sql.FREE_SHARED_SLOT, former, key)
    if after not in {None, before}:
        _take_slot(talk, after or "", change.after.id)
    news = owned_anew(change)
    if news:
        _own(talk, change.after.connection or "", news)


def _take_slot(talk: Talk, slot: str, entry_id: str) -> None:
    talk.later(sql.TAKE_SLOT, as_column(slot_key(slot) or ""), as_column(entry_id))
    holder = slot_holders(talk, [slot]).get(slot, "")
    if holder != entry_id:
        raise slot_taken(entry_id, holder)


def _own(talk: Talk, connection: str, news: dict[str, tuple[str, int]]) -> None:
    # In one order for all, so that two who claim the same do not wait in a circle.
    ids = sorted(news)
    talk.later(
        sql.OWN,
        as_column(connection),
        [as_column(erp_id) for erp_id in ids],
        [as_column(news[erp_id][0]) for erp_id in ids],
        [news[erp_id][1] for erp_id in ids],
    )
    stored = owners(talk, connection, ids)
    for erp_id in ids:
        if stored.get(erp_id) != news[erp_id]:
            raise erp_id_taken(erp_id)


def slot_holders(talk: Talk, slots: Collection[str]) -> dict[str, str]:
    """Return the id of the entry that holds each of the slots that are held."""
    keys = [as_column(slot_key(slot) or "") for slot in slots]
    found = talk.ask(sql.SLOT_HOLDERS, keys)
    held = {from_column(slot): from_column(entry_id) for slot, entry_id in found}
    return holders_of(slots, held)


def owners(talk: Talk, connection: str, erp_ids: Collection[str]) -> dict[str, tuple[str, int]]:
    """Return entry id and generation of those of the ERP ids that are owned."""
    keys = [as_column(erp_id) for erp_id in erp_ids]
    found = talk.ask(sql.OWNERS, as_column(connection), keys)
    return {from_column(erp_id): (from_column(entry), gen) for erp_id, entry, gen in found}
