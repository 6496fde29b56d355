"""Unique rows in PostgreSQL: number slots and owners of ERP documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rows import from_column, to_column
from ..unique_rows import (
    build_erp_id_taken,
    build_slot_key,
    build_slot_taken,
    find_new_owners,
    match_holders,
)
from . import sql
from .sql import Numbers

if TYPE_CHECKING:
    from collections.abc import Collection

    from ...events import Change
    from .pipeline import Pipeline


def has_reservations(change: Change) -> bool:
    """
    Return whether a change takes or releases a number slot, or takes an ERP id.

    Raises:
        ErpIdTaken: The change takes the same ERP id for two generations of the entry.
    """
    return change.before.slot != change.after.slot or bool(find_new_owners(change))


def frees_slot(change: Change) -> bool:
    """Return whether a change releases a number slot."""
    return change.before.slot not in {None, change.after.slot}


def build_reservations(
    change: Change,
) -> tuple[tuple[str, str] | None, list[tuple[str, str, str, int]]]:
    """
    Return the row of the number slot that a change takes, and the rows of the ERP ids.

    The first is slot and entry id, or ``None`` if the change takes no slot. The others are
    connection, ERP id, entry id and generation, one for each document in the ERP that the entry
    begins to own. All texts are encoded by ``to_column``.

    Raises:
        ErpIdTaken: The change takes the same ERP id for two generations of the entry.
    """
    before, after = change.before, change.after
    slot = None if after.slot == before.slot else build_slot_key(after.slot)
    connection = to_column(after.connection or "")
    documents = [
        (connection, to_column(erp_id), to_column(entry_id), generation)
        for erp_id, (entry_id, generation) in find_new_owners(change).items()
    ]
    return None if slot is None else (to_column(slot), to_column(after.id)), documents


def reserve(pipeline: Pipeline, company: str, change: Change, *, is_patient: bool) -> None:
    """
    Take the number slot and the ERP ids of a change, and release the former slot.

    After an error, some of them may be taken.

    Args:
        pipeline: The pipeline of a transaction.
        company: The company of the store, encoded by ``to_column``.
        change: The change of an entry that the transaction has locked.
        is_patient: True to wait the usual time for a transaction that takes the same slot or ERP
            id; false to wait a quarter of a second.

    Raises:
        ErpIdTaken: Another entry, or a former generation, owns an ERP id.
        SlotTaken: Another entry holds the slot.
    """
    before, after, key = change.before.slot, change.after.slot, to_column(change.after.id)
    if not is_patient:
        pipeline.defer(sql.HURRY)
    if before not in {None, after}:
        former = to_column(build_slot_key(before) or "")
        pipeline.defer(sql.FREE_SLOT, company, former, key)
        pipeline.defer(sql.FREE_SHARED_SLOT, company, former, key)
    news = find_new_owners(change)
    if news:
        _reserve_erp_ids(pipeline, company, change.after.connection or "", news)
    if after not in {None, before}:
        _take_slot(pipeline, company, after or "", change.after.id)


def _take_slot(pipeline: Pipeline, company: str, slot: str, entry_id: str) -> None:
    key = to_column(build_slot_key(slot) or "")
    pipeline.defer(sql.TAKE_SLOT, company, key, to_column(entry_id))
    holder = find_slot_holders(pipeline, company, [slot]).get(slot, "")
    if holder != entry_id:
        raise build_slot_taken(entry_id, holder)


def _reserve_erp_ids(
    pipeline: Pipeline, company: str, connection: str, news: dict[str, tuple[str, int]]
) -> None:
    # Sorted, so that two transactions with the same unique rows do not deadlock.
    ids = sorted(news)
    pipeline.defer(
        sql.OWN,
        company,
        to_column(connection),
        [to_column(erp_id) for erp_id in ids],
        [to_column(news[erp_id][0]) for erp_id in ids],
        Numbers(news[erp_id][1] for erp_id in ids),
    )
    stored = find_owners(pipeline, company, connection, ids)
    for erp_id in ids:
        if stored.get(erp_id) != news[erp_id]:
            raise build_erp_id_taken(erp_id)


def find_slot_holders(pipeline: Pipeline, company: str, slots: Collection[str]) -> dict[str, str]:
    """Return, by number slot, the id of the entry that holds it; free slots are left out."""
    keys = [to_column(build_slot_key(slot) or "") for slot in slots]
    found = pipeline.query(sql.SLOT_HOLDERS, company, keys)
    holders = {from_column(slot): from_column(entry_id) for slot, entry_id in found}
    return match_holders(slots, holders)


def find_owners(
    pipeline: Pipeline, company: str, connection: str, erp_ids: Collection[str]
) -> dict[str, tuple[str, int]]:
    """Return, by ERP id, its owner (entry id, generation); ids without one are left out."""
    keys = [to_column(erp_id) for erp_id in erp_ids]
    found = pipeline.query(sql.OWNERS, company, to_column(connection), keys)
    return {from_column(erp_id): (from_column(entry), gen) for erp_id, entry, gen in found}
