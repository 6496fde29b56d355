"""Payments of a synced invoice, from the ERP and from its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..exchange import CannotTell, Contents, Deferred, Gone, PaymentState
from ..flow import describe_payment
from ..flow.reconcile import list_recorded_payments, select_last
from ..vocabulary import ExportStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..documents import QueueEntry
    from ..events import AuditEvent
    from ..stores import Store
    from .case import Answers
    from .connections import ErpConnections


#: The number of events that are read at once, from the newest back.
_EVENTS: Final = 20


def read_payment_facts(
    connections: ErpConnections, entry: QueueEntry, store: Store, answers: Answers | None
) -> dict[str, Any]:
    """
    Return the facts ``erp_payments`` and ``payments_unread``, read from the ERP now.

    ``erp_payments`` has the payments of the entry's documents as texts, and ``payments_unread`` the
    reason if some cannot be read, else ``None``. For documents whose payments cannot be read,
    ``erp_payments`` has the payments that the last reconciliation recorded. If the adapter cannot
    read payments, a document that the ERP reports as paid counts as a payment. The result is empty
    for an entry that is not synced.

    Args:
        connections: The ERP connections.
        entry: The entry.
        store: The store, for the history of the entry.
        answers: The answers of the ERP about the entry's documents; ``None`` if no adapter can
            read.
    """
    documents = {each.receipt.erp_id: each.receipt for each in entry.living if each.receipt.role}
    if entry.status is not ExportStatus.SYNCED or not documents:
        return {}
    name = entry.connection
    adapter = connections.find_adapter(name)
    if adapter is None or name is None:
        why = f"No adapter is loaded for the connection {name}."
        return _build_unread_payments(store, entry, documents, why)
    session = connections.open_session(name)
    if isinstance(session, Deferred):
        return _build_unread_payments(store, entry, documents, session.why)
    if not adapter.has_payments:
        states = {erp_id: _find_state((answers or {}).get(erp_id)) for erp_id in documents}
        why = f"{adapter.name} cannot read payments."
        return _build_stated_payments(store, entry, states, why)
    currency = entry.document.currency if entry.document else None
    found: list[str] = []
    unread: dict[str, str] = {}
    for receipt in documents.values():
        payments = adapter.payments(session, receipt)
        if isinstance(payments, CannotTell):
            unread[receipt.erp_id] = payments.why
        else:
            found += [describe_payment(each, currency) for each in payments]
    if not unread:
        return {"erp_payments": tuple(found), "payments_unread": None}
    facts = _build_unread_payments(store, entry, unread, next(iter(unread.values())))
    return {**facts, "erp_payments": (*found, *facts["erp_payments"])}


def _build_stated_payments(
    store: Store, entry: QueueEntry, states: Mapping[str, PaymentState | None], why: str
) -> dict[str, Any]:
    """
    Return the payment facts for an ERP that reports only whether a document is paid.

    ``states`` has these reports by ERP id, and ``None`` for a document without one. For such
    documents, ``why`` is the fact ``payments_unread``.
    """
    paid = tuple(
        f"{erp_id} ({state.value})"
        for erp_id, state in states.items()
        if state in {PaymentState.PART_PAID, PaymentState.PAID}
    )
    unread = [erp_id for erp_id, state in states.items() if state is None]
    if not unread:
        return {"erp_payments": paid, "payments_unread": None}
    facts = _build_unread_payments(store, entry, unread, why)
    return {**facts, "erp_payments": (*paid, *facts["erp_payments"])}


def _find_state(answer: Contents | Gone | CannotTell | None) -> PaymentState | None:
    """Return whether a document is paid, in part or as a whole, if the ERP reports it."""
    paid = answer.paid if isinstance(answer, Contents) else None
    return paid if isinstance(paid, PaymentState) else None


def _build_unread_payments(
    store: Store, entry: QueueEntry, erp_ids: Collection[str], why: str
) -> dict[str, Any]:
    """
    Return the payment facts for documents whose payments cannot be read, with the reason ``why``.

    ``erp_payments`` then has the payments that the last reconciliation recorded.
    """
    last = find_last_seen(store, entry)
    recorded = list_recorded_payments(last, erp_ids) if last is not None else ()
    reason = why.removesuffix(".")  # the texts are parts of a sentence
    paid = tuple(
        f"{text}, as recorded, because it cannot be read now: {reason}" for text in recorded
    )
    return {"erp_payments": paid, "payments_unread": why}


def find_last_seen(store: Store, entry: QueueEntry) -> AuditEvent | None:
    """
    Return the event of the last reconciliation, or the one that made the entry synced.

    It shows which drift and payments are recorded already. The result is ``None`` if there is no
    such event.
    """
    end = entry.seq
    while end > 0:
        begin = max(0, end - _EVENTS)
        found = select_last(store.events(entry.id, after=begin, limit=end - begin))
        if found is not None:
            return found
        end = begin
    return None
