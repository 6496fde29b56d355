"""
Reconciliation: a synced invoice compared with the ERP.

Each document of the invoice in the ERP is read by its id, and its payments are read. The invoice
*drifts* if a document is gone, if a posted document is not posted any more, or if vendor, number,
amounts, currency or a date are not the values that the ERP should have. By the declared fidelity
these are the exported values, or what the ERP makes of them: a rounded amount, or nothing for a
field that it drops. A draft that was posted since the export has not drifted.

The event of a reconciliation has the drift and the payments as notices, and the state of the
documents and of the payment as facts. It is made only if it differs from the event of the last
reconciliation, so that a nightly run adds nothing to the history of an unchanged invoice. Once a
drift has been repaired in the ERP, the next reconciliation makes an event without it. The first
event is made when the invoice drifts, is paid or is in another state than after its export. A
document or a payment that cannot be read makes no event, because it may be readable tomorrow.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

import attrs

from ..declaration import Fidelity, LandingState, TaxForm
from ..documents import map_document
from ..exchange import CannotTell, Contents, Gone, NotSaid, PaymentState
from ..message_template import MessageKind, MessageTemplate, choose_template
from ..money import ZERO
from ..values import Value
from ..verdict import ALLOWED, Source, Verdict
from ..vocabulary import Action, ExportStatus
from .amounts import UNKNOWN_AMOUNTS, Amounts
from .change import apply_transition
from .content_differences import build_exported_invoice, find_differences_of
from .payments import (
    PAYMENT_CODES,
    describe_payment,
    find_payment_state,
    join_payment_states,
    list_payment_remarks,
    sum_payments,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from ..declaration import Declaration
    from ..documents import Actor, ExportDocument, QueueEntry, Receipt
    from ..events import AuditEvent, Change
    from ..exchange import ErpPayment
    from ..verdict import Notice


_DRIFT = (
    MessageTemplate(
        "erp.drift",
        'Document {erp_ids} in {erp} has {in_erp} as "{label}", where {expected} was exported.'
        " Correct the document in {erp}, or keep a note of why it differs.",
        kind=MessageKind.NOTICE,
        source=Source.ERP,
    ),
    MessageTemplate(
        "erp.drift",
        'Document {erp_ids} in {erp} has no "{label}", where {expected} was exported. Correct the'
        " document in {erp}, or keep a note of why it differs.",
        kind=MessageKind.NOTICE,
        source=Source.ERP,
    ),
    MessageTemplate(
        "erp.drift",
        'Document {erp_ids} in {erp} has {in_erp} as "{label}", where nothing was exported. Correct'
        " the document in {erp}, or keep a note of why it differs.",
        kind=MessageKind.NOTICE,
        source=Source.ERP,
    ),
)
_GONE = MessageTemplate(
    "erp.gone",
    "Document {erp_id} is not in {erp} any more. Look in {erp} for who removed it. If the"
    " removal was right, unlink the invoice; otherwise enter the document in {erp} again.",
    kind=MessageKind.NOTICE,
    source=Source.ERP,
)
_PAYMENT = MessageTemplate(
    "erp.payment",
    "Document {erp_id} in {erp} has a payment: {payment}.",
    kind=MessageKind.NOTICE,
    source=Source.ERP,
)
#: The facts of an event that say that something was paid.
_PAID: Final = frozenset({PaymentState.PART_PAID.value, PaymentState.PAID.value})
#: The attributes of contents that are compared; accountants may recode lines and attach files.
# fmt: off
_COMPARED: Final = frozenset({
    "vendor", "number", "amount", "date", "currency", "gross", "retained", "released", "tax", "taxes",
    "due_date",
})
# fmt: on


class Presence(Enum):
    """The documents of an invoice in the ERP: there, gone or not read."""

    THERE = "there"  #: Each of them is.
    GONE = "gone"  #: At least one of them is not any more.
    UNREAD = "unread"  #: It is not known, because one of them could not be read.


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SeenDocument(Value):
    """
    The answers of the ERP about one document.

    Attributes:
        answer: The answer of ``erp_read``; :class:`CannotTell` if it could not be read.
        payments: The answer of ``erp_payments``; ``None`` if the adapter has no such hook.
    """

    receipt: Receipt
    answer: Contents | Gone | CannotTell
    payments: tuple[ErpPayment, ...] | CannotTell | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Reconciliation(Value):
    """
    A synced invoice, compared with its documents in the ERP.

    Attributes:
        id: The invoice.
        invoice_number: The number of the invoice in the source.
        erp_number: The number in the ERP, if the invoice was exported under another than its own.
        verdict: If it is denied, the ERP was not asked and nothing else is known. Otherwise its
            notices are the drift and the payments.
        erp_ids: The ids of its documents in the ERP.
        presence: The documents in the ERP: there, gone or not read.
        state: The state of the documents, of several the one that is least posted; ``None`` if the
            ERP does not show it.
        paid: How far it is paid; ``None`` if this is not known.
        payments: Its payments; ``None`` if they are not known.
        unread: Why a document, or the payments, could not be read; ``None`` if all were.
        ours: The amounts as they were sent, and the payments that the host knows. For an invoice
            that another system exported they are those of the host.
        in_erp: The amounts in the ERP.
    """

    id: str
    connection: str | None = None
    verdict: Verdict = ALLOWED
    erp_ids: tuple[str, ...] = ()
    invoice_number: str | None = None
    erp_number: str | None = None
    commitment_id: str | None = None
    commitment_number: str | None = None
    vendor_id: str | None = None
    vendor_name: str | None = None
    currency: str | None = None
    presence: Presence = Presence.UNREAD
    state: LandingState | None = None
    paid: PaymentState | None = None
    payments: tuple[ErpPayment, ...] | None = None
    unread: str | None = None
    ours: Amounts = UNKNOWN_AMOUNTS
    in_erp: Amounts = UNKNOWN_AMOUNTS

    @property
    def differs(self) -> bool:
        """Return whether the invoice drifts: a document differs, or is gone."""
        return any(note.code not in PAYMENT_CODES for note in self.verdict.notices)


def list_documents(entry: QueueEntry) -> tuple[Receipt, ...]:
    """Return a receipt of each document of this generation that is not known to be gone."""
    found: dict[str, Receipt] = {}
    for holding in entry.living:
        if holding.receipt.role is not None and holding.key.generation == entry.generation:
            found.setdefault(holding.receipt.erp_id, holding.receipt)
    order = {step.name: place for place, step in enumerate(entry.plan)}
    return tuple(sorted(found.values(), key=lambda each: order.get(each.step, len(order))))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class KnownByHost(Value):
    """
    The facts of the host about an invoice.

    Attributes:
        amount_paid: The payments that the host knows; ``None`` if it knows of none or of no amount.
        document: The invoice as it is now, for one that another system exported.
    """

    amount_paid: Decimal | None = None
    document: ExportDocument | None = None


#: The host knows nothing of the invoice.
UNKNOWN_TO_HOST: Final = KnownByHost()


def build_unread(
    entry: QueueEntry, why: str, known: KnownByHost = UNKNOWN_TO_HOST
) -> Reconciliation:
    """Return the reconciliation of an entry whose documents could not be read."""
    receipts = list_documents(entry)
    seen = Reconciliation(
        id=entry.id,
        connection=entry.connection,
        erp_ids=tuple(receipt.erp_id for receipt in receipts),
        unread=why,
        ours=Amounts(paid=known.amount_paid),
    )
    document = entry.document or known.document
    if document is None:
        return seen
    return attrs.evolve(
        seen,
        invoice_number=document.invoice_number,
        erp_number=entry.other_number,
        commitment_id=document.commitment_id,
        commitment_number=document.commitment_number,
        vendor_id=document.vendor_id,
        vendor_name=document.vendor_name,
        currency=document.currency,
        ours=Amounts(
            billed=document.gross,
            retained=document.retained,
            released=document.released,
            due=document.due,
            tax=document.tax,
            paid=known.amount_paid,
        ),
    )


def compare_with_erp(
    entry: QueueEntry,
    seen: Sequence[SeenDocument],
    erp: Declaration,
    known: KnownByHost = UNKNOWN_TO_HOST,
) -> Reconciliation:
    """
    Return what the ERP has of a synced invoice, and how it differs from what was exported.

    Args:
        entry: The entry.
        seen: Its documents, in the order of :func:`list_documents`; at least one.
        erp: The declaration of the ERP.
        known: The facts of the host.
    """
    unread = next((each.answer.why for each in seen if isinstance(each.answer, CannotTell)), None)
    found = build_unread(entry, unread or "", known)
    if unread is not None:
        return found
    contents = [each.answer for each in seen if isinstance(each.answer, Contents)]
    gone = [each for each in seen if isinstance(each.answer, Gone)]
    payments = _join_payments(seen)
    sent_tax = _find_sent_tax(found.ours, erp, len(seen))
    notices = (
        *(_GONE.note({"erp": erp.name, "erp_id": each.receipt.erp_id}) for each in gone),
        *_list_drift(entry, contents, erp, is_part=bool(gone)),
        *_list_payments(seen, erp, found.currency, sent_tax),
    )
    return attrs.evolve(
        found,
        verdict=Verdict((), notices),
        presence=Presence.GONE if gone else Presence.THERE,
        state=_join_states(contents),
        paid=join_payment_states([_find_paid(each, sent_tax) for each in seen]),
        payments=payments,
        unread=next((e.payments.why for e in seen if isinstance(e.payments, CannotTell)), None),
        in_erp=_sum_contents(contents, payments, erp),
    )


def _list_drift(
    entry: QueueEntry, contents: Sequence[Contents], erp: Declaration, *, is_part: bool
) -> Iterator[Notice]:
    ids = ", ".join(receipt.erp_id for receipt in list_documents(entry))
    if entry.document is not None and contents:
        fields = entry.acceptance.fields if entry.acceptance else {}
        mapped = entry.acceptance.mapped if entry.acceptance else ()
        document = map_document(entry.document, mapped)
        sent = build_exported_invoice(document, fields, erp, number=entry.number)
        for row in find_differences_of(contents, sent, erp, is_part=is_part, is_complete=False):
            if row.name in _COMPARED:
                yield _note_drift(erp, ids, row.field, row.expected, row.in_erp)
    state = _join_states(contents)
    posted = LandingState.POSTED
    if state is not None and state is not posted and erp.landing is posted:
        yield _note_drift(erp, ids, "state", posted.value, state.value)


def _note_drift(erp: Declaration, ids: str, field: str, expected: str, in_erp: str) -> Notice:
    facts = {
        "erp": erp.name,
        "erp_ids": ids,
        "field": field,
        "label": field.replace("_", " "),
        "expected": expected,
        "in_erp": in_erp,
    }
    return (choose_template(_DRIFT, facts) or _DRIFT[0]).note(facts)


def _list_payments(
    seen: Iterable[SeenDocument],
    erp: Declaration,
    currency: str | None,
    sent_tax: Decimal | None,
) -> Iterator[Notice]:
    """Yield the notices about payments; equal payments give equal notices in the same order."""
    for each in seen:
        payments = each.payments if isinstance(each.payments, tuple) else ()
        for text in sorted(describe_payment(payment, currency) for payment in payments):
            facts = {"erp": erp.name, "erp_id": each.receipt.erp_id, "payment": text}
            yield _PAYMENT.note(facts)
        yield from list_payment_remarks(
            payments,
            _find_amount(each, sent_tax),
            currency,
            erp=erp.name,
            erp_id=each.receipt.erp_id,
        )


def _join_payments(seen: Iterable[SeenDocument]) -> tuple[ErpPayment, ...] | None:
    """Return the payments of all documents, or ``None`` if those of one document are not known."""
    joined: list[ErpPayment] = []
    for each in seen:
        if not isinstance(each.payments, tuple):
            return None
        joined += each.payments
    return tuple(joined)


def _find_paid(seen: SeenDocument, sent_tax: Decimal | None) -> PaymentState | None:
    """Return how far a document is paid, as the ERP states it or else by its payments."""
    contents = seen.answer if isinstance(seen.answer, Contents) else None
    if contents is not None and isinstance(contents.paid, PaymentState):
        return contents.paid
    if not isinstance(seen.payments, tuple):
        return None
    return find_payment_state(seen.payments, _find_amount(seen, sent_tax))


def _find_amount(seen: SeenDocument, sent_tax: Decimal | None) -> Decimal | None:
    """
    Return the amount that payments have to reach, tax included; ``None`` if it is not known.

    Args:
        seen: A document.
        sent_tax: The tax of :func:`_find_sent_tax`, for an ERP that does not say the tax.
    """
    contents = seen.answer
    if not isinstance(contents, Contents) or contents.amount is None:
        return None
    tax = sent_tax if isinstance(contents.tax, NotSaid) else contents.tax or ZERO
    return None if tax is None else contents.amount + tax


def _find_sent_tax(ours: Amounts, erp: Declaration, documents: int) -> Decimal | None:
    """
    Return the tax that was sent with each document; ``None`` if only the sum of all is known.

    It is zero if the invoice has no tax, or if the ERP takes none. It is ``None``, too, if the
    invoice is not known, as of an imported one: otherwise its paid tax would look like too much.
    """
    if ours.tax == ZERO or _has_no_tax(erp):
        return ZERO
    return ours.tax if documents == 1 else None


def _has_no_tax(erp: Declaration) -> bool:
    """Return whether, by the declaration, no document in the ERP has a tax."""
    is_sent = erp.find_fidelity("tax") not in {Fidelity.DROPPED, Fidelity.REFUSED}
    return erp.tax is TaxForm.IMPOSSIBLE or not is_sent


def _join_states(contents: Sequence[Contents]) -> LandingState | None:
    """Return the state of the documents; of several the one that is least posted."""
    states = [each.state for each in contents if isinstance(each.state, LandingState)]
    if len(states) < len(contents) or not states:
        return None
    return min(states, key=_STATES.index)


#: From the state of a document on which a person must act first, to that of one in the books.
_STATES: Final = (LandingState.ON_HOLD, LandingState.DRAFT, LandingState.POSTED)


def _sum_contents(
    contents: Sequence[Contents], payments: tuple[ErpPayment, ...] | None, erp: Declaration
) -> Amounts:
    tax = _sum_said([each.tax for each in contents])
    return Amounts(
        billed=_sum_said([each.gross for each in contents]),
        retained=_sum_said([each.retained for each in contents]),
        released=_sum_said([each.released for each in contents]),
        due=_sum_said([each.amount for each in contents]),
        tax=ZERO if tax is None and _has_no_tax(erp) else tax,
        paid=None if payments is None else sum_payments(payments),
    )


def _sum_said(amounts: Sequence[Decimal | NotSaid | None]) -> Decimal | None:
    """Return a sum, in which an empty field is zero; ``None`` if one amount is not shown."""
    said = [each or ZERO for each in amounts if not isinstance(each, NotSaid)]
    return sum(said, ZERO) if len(said) == len(amounts) else None


def is_as_exported(seen: Reconciliation, erp: Declaration) -> bool:
    """Return whether an invoice needs no event: it is as it was exported, and not paid."""
    return (
        not seen.verdict.notices
        and seen.paid in {None, PaymentState.OPEN}
        and seen.state in {None, erp.landing}
    )


def select_last(events: Iterable[AuditEvent]) -> AuditEvent | None:
    """
    Return the newest event that says how a synced invoice was last seen in the ERP.

    It is the event of the last reconciliation, or else the one that made the invoice synced.
    ``events`` are the newest events of the entry. If neither is among them, ``None`` is returned,
    and the caller has to read older events.
    """
    for event in sorted(events, key=lambda each: each.seq, reverse=True):
        if event.action is Action.RECONCILE or event.before is not ExportStatus.SYNCED:
            return event
    return None


def list_recorded_payments(event: AuditEvent, erp_ids: Collection[str]) -> tuple[str, ...]:
    """
    Return as texts the payments of documents that the event of a reconciliation recorded.

    ``erp_ids`` names the documents. If the event recorded no single payment, the only text is the
    payment state of the invoice, such as ``paid``.
    """
    payments = [note.facts for note in event.notices if note.code == _PAYMENT.code]
    if not payments and erp_ids and event.facts.get("paid") in _PAID:
        return (event.facts["paid"],)
    return tuple(facts["payment"] for facts in payments if facts["erp_id"] in erp_ids)


def record_reconciliation(
    entry: QueueEntry,
    seen: Reconciliation,
    erp: Declaration,
    last: AuditEvent | None,
    *,
    at: datetime,
    actor: Actor,
) -> Change | None:
    """
    Return the change that records a reconciliation, or ``None`` if there is nothing new.

    Args:
        entry: The entry.
        seen: The reconciliation of the entry.
        erp: The declaration of the ERP.
        last: The event of :func:`select_last`.
        at: The time.
        actor: The person who reconciles.
    """
    if seen.unread is not None or not seen.verdict.allowed:
        return None
    facts = _build_facts(seen)
    if last is not None and last.action is Action.RECONCILE:
        if (dict(last.facts), _list_notes(last.notices)) == (
            facts,
            _list_notes(seen.verdict.notices),
        ):
            return None
    elif is_as_exported(seen, erp):
        return None
    return apply_transition(
        Action.RECONCILE,
        entry,
        at=at,
        actor=actor.id,
        verdict=Verdict((), seen.verdict.notices),
        facts=facts,
    )


def _build_facts(seen: Reconciliation) -> dict[str, str]:
    found = {
        "erp_ids": ", ".join(seen.erp_ids),
        "presence": seen.presence.value,
        "state": seen.state.value if seen.state else None,
        "paid": seen.paid.value if seen.paid else None,
    }
    return {name: text for name, text in found.items() if text is not None}


def _list_notes(notices: Iterable[Notice]) -> list[tuple[str, Mapping[str, str]]]:
    """
    Return the code and the facts of each notice, to compare the notices of two events.

    The sentences are left out, because another version of the library may have written them.
    """
    return [(note.code, dict(note.facts)) for note in notices]
