"""Number slot: one entry at a time holds a vendor's invoice number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declaration import Declaration, NumberScope
from ..documents import build_number_slot, find_vendor
from ..values import evolve
from ..vocabulary import ExportStatus

if TYPE_CHECKING:
    from ..documents import ExportDocument, MappedId, QueueEntry


def find_slot(entry: QueueEntry, erp: Declaration) -> str | None:
    """Return the number slot that the entry needs; ``None`` if it exports no invoice number."""
    mapped = entry.acceptance.mapped if entry.acceptance else ()
    return find_document_slot(
        entry.document, entry.connection, erp, mapped=mapped, number=entry.number
    )


def find_document_slot(
    document: ExportDocument | None,
    connection: str | None,
    erp: Declaration,
    *,
    number: str | None,
    mapped: tuple[MappedId, ...] = (),
) -> str | None:
    """
    Return the number slot that a document needs; ``None`` without a document or a number.

    The slot contains the id of the vendor in the ERP, as the connection maps it: several vendors of
    the source may be one vendor in the ERP.
    """
    number = erp.truncate_number(number)
    if document is None or not number:
        return None
    vendor = find_vendor(document, mapped) or document.vendor_id
    commitment = None
    if erp.number_scope is NumberScope.COMMITMENT:
        commitment = document.commitment_origin_id or document.commitment_id
    return build_number_slot(connection or "", vendor, number, commitment)


def _holds_slot(entry: QueueEntry) -> bool:
    return (
        entry.status in {ExportStatus.SYNCED, ExportStatus.EXPORTING}
        or bool(entry.living)
        or bool(entry.in_doubt)
    )


def free_slot(entry: QueueEntry) -> QueueEntry:
    """Return the entry, without its number slot if no document of it is, or may be, in the ERP."""
    if entry.slot is None or _holds_slot(entry):
        return entry
    return evolve(entry, {"slot": None})
