"""
The search for other entries that need an invoice's number slot.

Two invoices with the same number of a vendor cannot both be exported to an ERP. A denial names the
other invoice, so a decision needs to know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..adapters.containment import Raised, call_contained
from ..documents import NumberUse, normalize_slot
from ..flow import build_entry_case, find_document_slot, find_slot
from ..vocabulary import Action, ExportStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from ..declaration import Declaration
    from ..documents import QueueEntry
    from ..rules import Case
    from .connections import ErpConnections
    from .mapped_ids import MappedIds


#: The statuses in which an entry is pending for a slot, by the action on another entry.
_ACCEPTED = frozenset(
    {ExportStatus.ACCEPTED, ExportStatus.EXPORTING, ExportStatus.UNKNOWN, ExportStatus.SYNCED}
)
_SENT = _ACCEPTED | {ExportStatus.READY}
_CONSENTED = frozenset({Action.ACCEPT, Action.RETRY})
#: The connection of an entry, the ids in the ERP that connections map, and a number for the ERP.
_Where: TypeAlias = "tuple[str | None, MappedIds, str | None]"


def _find_wanted_slot(
    action: Action, entry: QueueEntry, case: Case | None, erp: Declaration, where: _Where
) -> str | None:
    """
    Return the number slot that an entry needs for an action, or ``None``.

    An acceptance or a retry uses the sent export document, and other actions use that of the host.
    The result is also ``None`` if the host's facts raise an exception.
    """
    connection, mapped, given = where

    def find() -> str | None:
        facts = case or build_entry_case(entry)
        is_sent = action in _CONSENTED and entry.document is not None
        document = entry.document if is_sent else facts.document
        number = given or (document.invoice_number if document else None)
        ids = mapped.find(connection, facts) or ()
        return find_document_slot(document, connection, erp, number=number, mapped=ids)

    slot = call_contained(find)
    return None if isinstance(slot, Raised) else slot


def _has_slot(entry: QueueEntry, slot: str) -> bool:
    return entry.slot is not None and normalize_slot(entry.slot) == slot


@attrs.define
class NumberHolders:
    """
    The number slots of some entries, and the entries that hold them.

    Attributes:
        action: The action on the entries.
        wanted: The slot that each entry needs, by entry id.
        holders: The id of the entry that holds each slot, by slot.
        others: Other entries by id: the holders, and those with the same number.
    """

    action: Action
    connections: ErpConnections
    wanted: Mapping[str, str | None]
    holders: Mapping[str, str]
    others: dict[str, QueueEntry]

    def find_holder(self, entry: QueueEntry, case: Case | None) -> NumberUse | None:
        """Return the other invoice that holds this entry's number or waits for it, or ``None``."""
        slot = self.wanted.get(entry.id)
        if slot is None or _has_slot(entry, slot):
            return None
        uses = {use.invoice_id: use for use in case.number_uses} if case else {}
        there = self.holders.get(slot, entry.id)
        if there != entry.id:
            return uses.get(there) or self._build_use(there)
        ahead = (key for key in uses if key != entry.id and self._is_ahead(key, slot))
        return uses.get(next(ahead, ""))

    def update(self, entry: QueueEntry) -> None:
        """Record the current state of an entry, after a command has changed it."""
        self.others[entry.id] = entry

    def _is_ahead(self, key: str, slot: str) -> bool:
        """Return whether the entry ``key`` does not hold the slot yet, but waits for it already."""
        other = self.others.get(key)
        if other is None:
            return False
        ahead = _ACCEPTED if self.action in _CONSENTED else _SENT
        if other.status not in ahead and not other.living and not other.in_doubt:
            return False
        erp = self.connections.find_declaration(other.connection)
        return erp is not None and find_slot(other, erp) == slot

    def _build_use(self, key: str) -> NumberUse:
        """Return the number and the commitment of the entry ``key``, which holds a number."""
        document = self.others[key].document if key in self.others else None
        return NumberUse(
            invoice_id=key,
            number=(self.others[key].number if key in self.others else None) or "unknown",
            commitment_id=document.commitment_id if document else None,
            commitment_number=document.commitment_number if document else None,
        )


def find_number_holders(
    action: Action,
    entries: Collection[QueueEntry],
    cases: Mapping[str, Case],
    to: Callable[[QueueEntry], str | None],
    *,
    connections: ErpConnections,
    mapped: MappedIds,
    find_number: Callable[[QueueEntry], str | None],
    slot_holders: Callable[[Collection[str]], Mapping[str, str]],
    read: Callable[[Sequence[str]], Sequence[QueueEntry]],
) -> NumberHolders:
    """
    Return the holders of the numbers of some entries, with at most two queries.

    Args:
        action: The action on the entries.
        entries: The entries.
        cases: The host's facts of the entries, by id.
        to: Returns the ERP connection to which an entry goes.
        connections: The connections.
        mapped: The ids in the ERP that the connections map.
        find_number: Returns the number for the ERP that a person gives an entry, if any.
        slot_holders: Returns the holders of slots, from the store.
        read: Returns other entries from the store; called only if a number is in use twice.
    """
    wanted = {
        entry.id: None
        if (erp := connections.find_declaration(to(entry))) is None
        else _find_wanted_slot(
            action, entry, cases.get(entry.id), erp, (to(entry), mapped, find_number(entry))
        )
        for entry in entries
    }
    asked = {
        slot
        for entry in entries
        if (slot := wanted[entry.id]) is not None and not _has_slot(entry, slot)
    }
    holders = slot_holders(asked) if asked else {}
    named = {key for key, slot in wanted.items() if slot}
    ids = {use.invoice_id for key in named if key in cases for use in cases[key].number_uses}
    ids |= {holder for key in named if (holder := holders.get(wanted[key] or "", key)) != key}
    others = {other.id: other for other in read(sorted(ids))} if ids else {}
    return NumberHolders(action, connections, wanted, holders, others)
