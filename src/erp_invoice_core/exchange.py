"""Messages between core and adapter: requests, outcomes, look-up results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import BinaryIO, Final, TypeAlias

import attrs

from .declaration import AttachmentForm, LandingState
from .documents import ExportDocument, Key, Receipt, Step
from .values import Value
from .verdict import Verdict

#: A day, in a class that has a field of the name ``date``.
_Day: TypeAlias = date


def _freeze_texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))


class AttachmentUnavailable(Exception):
    """
    The host cannot supply the bytes of an attachment; the text gives the reason without secrets.

    If ``needs_person`` is true, only a person can supply them; otherwise a retry may help.
    """

    def __init__(self, why: str, *, needs_person: bool = True) -> None:
        """Store the reason, and whether only a person can supply the bytes."""
        super().__init__(why)
        self.needs_person = needs_person


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RequestAttachment(Value):
    """
    An accepted attachment, and the form in which the adapter sends it.

    Attributes:
        id: Its id in the host.
        filename: The name of the file, with its extension.
        form: ``FILES``: send the file. ``LINK``: send the ``url``. ``NONE``: send nothing.
        content_type: The media type, such as ``application/pdf``, if the host knows it.
        url: The address of the file in the host, for an ERP that keeps links.
        digest: The accepted SHA-256 of the content, in hexadecimal.
        source: Returns the checked bytes; only the library sets it.
    """

    id: str
    filename: str
    form: AttachmentForm
    content_type: str | None = None
    url: str | None = None
    digest: str | None = None
    source: Callable[[], BinaryIO] | None = attrs.field(default=None, eq=False, repr=False)

    def open(self) -> BinaryIO:
        """
        Return the content, open for reading from its first byte; close it after use.

        The library has read all bytes before and compared their digest with the accepted one.

        Raises:
            AttachmentUnavailable: The host cannot supply the content, or it has another digest.
        """
        if self.source is None:
            msg = f"The content of attachment {self.id} is not supplied. Send no file for it."
            raise AttachmentUnavailable(msg)
        return self.source()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportRequest(Value):
    """
    One invoice that an adapter has to export.

    Attributes:
        document: The document as it was accepted, with the ids in the ERP to which the connection
            mapped codes at the acceptance.
        digest: The digest of the accepted document without these mapped ids.
        connection: The name of the connection.
        generation: The generation of the entry, from 1: one more after each unlink. Each has
            documents of its own.
        attempt: The attempt within the generation, from 1. A later one may export a corrected
            invoice.
        number: The invoice number to write in the ERP.
        accounting_date: The extra field ``accounting_date``, else the billing date.
        deadline: A write must not be sent later than this (UTC); check it right before sending.
        fields: The extra export fields that the approver gave at acceptance.
        entry_id: The id of the queue entry, part of every key; ``None`` outside a queue, where the
            invoice id takes its place.
        keys: The keys of the calls that were started, with the stored text of each.
        attachments: The accepted attachments, in their order.
    """

    document: ExportDocument
    digest: str
    connection: str
    generation: int
    attempt: int
    number: str | None
    accounting_date: date | None
    deadline: datetime
    fields: Mapping[str, str] = attrs.field(factory=dict, converter=_freeze_texts, hash=False)
    entry_id: str | None = None
    keys: tuple[Key, ...] = ()
    attachments: tuple[RequestAttachment, ...] = ()

    @property
    def due_date(self) -> date | None:
        """The day on which the invoice is to be paid: the extra field ``due_date``, if given."""
        given = self.fields.get("due_date", "").strip()
        return date.fromisoformat(given) if given else None

    @property
    def files(self) -> tuple[RequestAttachment, ...]:
        """The attachments that are sent as files."""
        return tuple(each for each in self.attachments if each.form is AttachmentForm.FILES)

    @property
    def links(self) -> tuple[RequestAttachment, ...]:
        """The attachments that are sent as links."""
        return tuple(each for each in self.attachments if each.form is AttachmentForm.LINK)

    def key(self, step: Step) -> Key:
        """Return the idempotency key of the step."""
        entry_id = self.entry_id or self.document.invoice_id
        key = Key(entry_id, self.generation, self.attempt, step.name)
        return next((started for started in self.keys if started == key), key)


@attrs.frozen(eq=False, repr=False)
class Done(Value):
    """The ERP carried out the step; ``receipt`` has the id of the document in the ERP."""

    receipt: Receipt


@attrs.frozen(eq=False, repr=False)
class Refused(Value):
    """The ERP refused the call for good; it created no document for this call."""

    verdict: Verdict = attrs.field()

    @verdict.validator
    def _has_reasons(self, _attribute: object, verdict: Verdict) -> None:
        if verdict.allowed:
            msg = "The verdict of a refusal must have at least one denial."
            raise ValueError(msg)


@attrs.frozen(eq=False, repr=False)
class Deferred(Value):
    """
    Nothing was sent; the worker tries again, not before ``until`` (UTC) if it is given.

    ``needs_person``: only a person can repair it (a wrong token, a ledger that cannot be read). The
    worker still tries again, and the entry is shown as one that needs a person.
    """

    until: datetime | None
    why: str
    needs_person: bool = False


@attrs.frozen(eq=False, repr=False)
class Unknown(Value):
    """The call was sent and its result is not known."""

    why: str


#: The result of a write. An exception while writing counts as :class:`Unknown`.
Outcome: TypeAlias = Done | Refused | Deferred | Unknown


class NotSaid(Enum):
    """Stands for the value of a field that the ERP does not show; ``None`` is an empty field."""

    NOT_SAID = "not_said"  #: The ERP, or its adapter, does not say what the field has.


#: For a field of :class:`Contents` that the ERP does not show.
NOT_SAID: Final = NotSaid.NOT_SAID


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ContentsLine(Value):
    """
    A line of a document in the ERP.

    Attributes:
        cost_code: The id of the cost code in the ERP, or the full code.
        amount: The amount, retainage not deducted and tax not added.
        quantity: The number of units, of a line that is billed by units.
        description: The text of the line.
        tax_code: The id of the tax code in the ERP, or the code of the source.
        tax: The tax of the line.
    """

    cost_code: str | NotSaid | None = NOT_SAID
    amount: Decimal | NotSaid | None = NOT_SAID
    quantity: Decimal | NotSaid | None = NOT_SAID
    description: str | NotSaid | None = NOT_SAID
    tax_code: str | NotSaid | None = NOT_SAID
    tax: Decimal | NotSaid | None = NOT_SAID


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ContentsTax(Value):
    """
    The tax of one code in a document in the ERP.

    Attributes:
        code: The id of the tax code in the ERP, or the code of the source; ``None`` if an amount
            has no code.
        amount: The tax of all lines with the code.
    """

    code: str | None
    amount: Decimal


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ContentsAttachment(Value):
    """
    A file, or the link of a file, at a document in the ERP.

    Attributes:
        name: The name of the file in the ERP.
        digest: The SHA-256 of the file, in hexadecimal; ``None`` for a link.
    """

    name: str | NotSaid | None = NOT_SAID
    digest: str | NotSaid | None = NOT_SAID


class PaymentState(Enum):
    """How far a document in the ERP is paid."""

    OPEN = "open"  #: Nothing is paid.
    PART_PAID = "part_paid"  #: A part of the amount due is paid.
    PAID = "paid"  #: It is settled in full.


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ErpPayment(Value):
    """
    A payment of a document in the ERP.

    Attributes:
        amount: The part of the payment that is applied to the document, in the currency and with
            the sign of the document. An amount of zero is no payment.
        date: The day of the payment.
        reference: The number of the cheque or of the transfer.
        method: The word of the ERP for the way of payment.
        erp_id: The id of the payment in the ERP.
    """

    amount: Decimal
    date: date | NotSaid | None = NOT_SAID
    reference: str | NotSaid | None = NOT_SAID
    method: str | NotSaid | None = NOT_SAID
    erp_id: str | NotSaid | None = NOT_SAID


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Contents(Value):
    """
    The fields of a document in the ERP, as stored there.

    ``None`` stands for a field that is empty in the ERP, and :data:`NOT_SAID` for one that the ERP
    does not show; no look-up compares the latter. :data:`NOT_SAID` is the default of ``currency``
    and of all fields after it.

    Attributes:
        vendor: The id of the vendor in the ERP.
        number: The invoice number in the ERP.
        amount: The amount due, tax not added; below zero it is a credit.
        date: The accounting date.
        key: The idempotency key of the step that made the document, if the ERP keeps it.
        digest: The digest of the request that made the document, if the ERP keeps it.
        currency: The currency of all amounts, as a code of ISO 4217.
        gross: The amount before retainage is held or released.
        retained: The retainage that the document holds.
        released: The retainage that the document releases.
        state: The state of the document.
        lines: The lines of the document, in any order.
        attachments: The files and links at the document, in any order.
        paid: How far the document is paid; that the ERP shows no open amount is not enough for
            ``PAID``, as a credit or a write-off may have settled the document.
        tax: The tax of the document, which no other amount includes.
        taxes: The tax by code, in any order.
        due_date: The day on which the document is to be paid, if that is a single day.
    """

    vendor: str | None
    number: str | None
    amount: Decimal | None
    date: date | None
    key: str | None = None
    digest: str | None = None
    currency: str | NotSaid | None = NOT_SAID
    gross: Decimal | NotSaid | None = NOT_SAID
    retained: Decimal | NotSaid | None = NOT_SAID
    released: Decimal | NotSaid | None = NOT_SAID
    state: LandingState | NotSaid | None = NOT_SAID
    lines: tuple[ContentsLine, ...] | NotSaid = NOT_SAID
    attachments: tuple[ContentsAttachment, ...] | NotSaid = NOT_SAID
    paid: PaymentState | NotSaid | None = NOT_SAID
    tax: Decimal | NotSaid | None = NOT_SAID
    taxes: tuple[ContentsTax, ...] | NotSaid = NOT_SAID
    due_date: _Day | NotSaid | None = NOT_SAID


@attrs.frozen(eq=False, repr=False)
class Found(Value):
    """The look-up found one document: its receipt and its contents."""

    receipt: Receipt
    contents: Contents


@attrs.frozen(eq=False, repr=False)
class Absent(Value):
    """The look-up found no document; the ERP was asked at ``as_of`` (UTC)."""

    as_of: datetime


@attrs.frozen(eq=False, repr=False)
class Several(Value):
    """The look-up found more than one document that matches; ``why`` is a sentence about them."""

    why: str


@attrs.frozen(eq=False, repr=False)
class CannotTell(Value):
    """The question to the ERP gave no conclusive answer, for the reason ``why``."""

    why: str


#: The result of a look-up.
Sighting: TypeAlias = Found | Absent | Several | CannotTell


@attrs.frozen(eq=False, repr=False)
class Gone(Value):
    """The document no longer exists in the ERP, as a read by its id at ``as_of`` (UTC) shows."""

    as_of: datetime
