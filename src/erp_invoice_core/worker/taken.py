"""Which documents that a look-up found are, or may be, of somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..flow import slot_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..declaration import Declaration
    from ..documents import QueueEntry
    from ..exchange import Found
    from ..stores import PeopleTransaction

__all__ = ["taken_by_others"]


def taken_by_others(
    transaction: PeopleTransaction, entry: QueueEntry, erp: Declaration, found: Sequence[Found]
) -> set[str]:
    """
    Return the ERP ids of documents that are, or may be, of other entries or former generations.

    One that is owned is its owner's. One without a key of ours may be of the entry that holds the
    number: its writer need not have put down yet what it was answered.
    """
    owners = transaction.owners(entry.connection or "", [one.receipt.erp_id for one in found])
    ours = (entry.id, entry.generation)
    taken = {erp_id for erp_id, owner in owners.items() if owner != ours}
    keyless = {one.receipt.erp_id for one in found if one.contents.key is None}
    slot = slot_of(entry, erp) if keyless else None
    if slot and transaction.slot_holders([slot]).get(slot, entry.id) != entry.id:
        taken |= keyless
    return taken
