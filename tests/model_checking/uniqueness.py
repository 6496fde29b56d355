"""Who holds a slot and who owns a document, by the rules of the store that is the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.stores import ErpIdTaken, SlotTaken
from erp_invoice_core.stores.memory import MemoryPeople, Tables
from erp_invoice_core.worker.job import list_taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.exchange import Found


def _people(entries: Iterable[QueueEntry]) -> MemoryPeople:
    people = MemoryPeople(Tables())
    for entry in entries:
        people._reserve_erp_ids(QueueEntry(id=entry.id), entry)
        people._move_slot(QueueEntry(id=entry.id), entry)
    return people


def refusal(
    entries: Iterable[QueueEntry], before: QueueEntry, after: QueueEntry
) -> SlotTaken | ErpIdTaken | None:
    """Return why the store would not keep an entry after a change beside these entries."""
    people = _people(entries)
    try:
        people._require_slot(after)
        people._reserve_erp_ids(before, after)
    except (SlotTaken, ErpIdTaken) as error:
        return error.with_traceback(None)
    return None


def find_taken(
    entries: Iterable[QueueEntry], entry: QueueEntry, erp: Declaration, found: Sequence[Found]
) -> set[str]:
    """Return the ERP ids of those that are, or may be, of others."""
    return list_taken(_people(entries), entry, erp, found) if found else set()
