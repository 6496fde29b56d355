"""The resolution of a truthful person who has just looked into the ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.documents import CallKind
from erp_invoice_core.flow import Resolution
from erp_invoice_core.vocabulary import ExportStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erp_invoice_core.documents import Call, QueueEntry, Step
    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument

#: The refusals after which a person looks in the ERP for documents unknown to a restored database.
_ASKS = frozenset(
    {
        "export.restored",
        "export.restored_differs",
        "erp.already_there",
        "erp.other_found",
        "simulated.number_used",
        "simulated.key_reused",
    }
)


def is_asked(entry: QueueEntry) -> bool:
    """Return whether a person is asked to look in the ERP for a document of the invoice."""
    return any(denial.code in _ASKS for denial in entry.refusal)


def resolve_after_restore(
    entry: QueueEntry, documents: list[ErpDocument], steps: Sequence[Step]
) -> tuple[Resolution | None, list[ErpDocument]]:
    """
    Return the resolution for documents in the ERP that the entry does not know.

    Args:
        entry: The entry as the person sees it.
        documents: Every document that was made for the invoice.
        steps: The steps of an export to that ERP.

    Returns:
        The resolution with the documents that are as accepted, if one is possible, and the
        documents of the invoice that the person removes in the ERP.
    """
    known = {held.receipt.erp_id for held in entry.holdings}
    news = [
        erp_document
        for erp_document in documents
        if erp_document.exists and erp_document.id not in known
    ]
    there: dict[str, str] = {}
    others = []
    for erp_document in news:
        made = dict.fromkeys(
            (
                key.rsplit("/", 1)[1]
                for key in (erp_document.key, *erp_document.keys.values())
                if key
            ),
            erp_document.id,
        )
        if erp_document.key is None or erp_document.digest != entry.digest or there.keys() & made:
            others.append(erp_document)
        else:
            there |= made
    if entry.plan:
        return Resolution(happened=there) if there else None, others
    if len(set(there.values())) == 1 and there.keys() >= {step.name for step in steps}:
        return Resolution(synced={"": next(iter(there.values()))}), others
    return None, news


def existing_documents(entry: QueueEntry, documents: list[ErpDocument]) -> list[ErpDocument]:
    """Return the documents of the entry's generation, made or adopted, that are there now."""
    return [
        erp_document
        for erp_document in documents
        if erp_document.exists
        and (erp_document.key is None or erp_document.generation == entry.generation)
    ]


def _list_of_attempt(entry: QueueEntry, documents: list[ErpDocument]) -> list[ErpDocument]:
    stands = {held.receipt.erp_id for held in entry.standing}
    return [
        erp_document
        for erp_document in documents
        if (
            erp_document.attempt == entry.attempt if erp_document.key else erp_document.id in stands
        )
    ]


def _document(entry: QueueEntry, call: Call, documents: list[ErpDocument]) -> str | None:
    """Return the id of the document that shows that a call in doubt happened."""
    if call.kind is CallKind.WITHDRAW:
        is_there = any(erp_document.id == call.erp_id for erp_document in documents)
        return None if is_there else call.erp_id
    for erp_document in _list_of_attempt(entry, documents):
        if call.key.text == erp_document.key or call.key.step in erp_document.keys:
            return erp_document.id
    return None


def resolve_entry(entry: QueueEntry, documents: list[ErpDocument]) -> Resolution | None:
    """
    Return the resolution that is true of the existing documents; ``None`` if there is not any.

    Args:
        entry: The entry as the person sees it.
        documents: Every document that was made for the invoice, or is on record as its own; the
            person knows them by sight.
    """
    there = existing_documents(entry, documents)
    if not there:
        return Resolution(absent=True)
    happened, absent = {}, []
    for call in entry.in_doubt:
        erp_id = _document(entry, call, there)
        if erp_id is None:
            absent.append(call.key.step)
        else:
            happened[call.key.step] = erp_id
    absent = [step for step in dict.fromkeys(absent) if step not in happened]
    if happened or absent:
        return Resolution(happened=happened, steps_absent=tuple(absent))
    return _news(entry, there)


def _news(entry: QueueEntry, there: list[ErpDocument]) -> Resolution | None:
    """Return unknown or awaited documents of an entry without a call in doubt."""
    is_asked = entry.status is ExportStatus.UNKNOWN
    known = {held.receipt.erp_id for held in entry.holdings}
    news = {
        erp_document.key.rsplit("/", 1)[1]: erp_document.id
        for erp_document in _list_of_attempt(entry, there)
        if erp_document.key is not None and (is_asked or erp_document.id not in known)
    }
    return Resolution(happened=news) if news else None
