"""What the core and an ERP tell each other: requests, outcomes, sightings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import BinaryIO, TypeAlias

import attrs

from .declaration import AttachmentForm
from .documents import ExportDocument, Key, Receipt, Step
from .values import Value
from .verdict import Verdict


def _texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))


class AttachmentUnavailable(Exception):
    """
    The bytes of an attachment cannot be supplied; the text says why, without secrets.

    ``needs_person``: only a person can supply them; otherwise it may help to try again.
    """

    def __init__(self, why: str, *, needs_person: bool = True) -> None:
        """Keep the sentence."""
        super().__init__(why)
        self.needs_person = needs_person


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RequestAttachment(Value):
    """
    An attachment as it was accepted, and what the adapter is to make of it.

    Attributes:
        form: ``FILES``: send the file. ``LINK``: send the ``url``. ``NONE``: it stays here.
        digest: The accepted SHA-256 of the content, in hexadecimal.
        source: Returns the checked bytes; only the library gives one.
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

        The bytes are those of the accepted digest: they were read in full and compared before.

        Raises:
            AttachmentUnavailable: The content cannot be had, or has another digest.
        """
        if self.source is None:
            msg = f"Send no file for attachment {self.id}: its content is not supplied."
            raise AttachmentUnavailable(msg)
        return self.source()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportRequest(Value):
    """
    What an adapter is asked to export.

    Attributes:
        document: As sent and accepted; ``digest`` is its digest.
        number: The invoice number as it is to be written there.
        accounting_date: The extra field of that name, else the billing date.
        fields: The extra export fields that were given at acceptance.
        entry_id: The entry from which keys are made; ``None``, outside a queue: the invoice.
        keys: The keys of the calls that were started, with the text stored for each.
        deadline: A write must not be handed over later than this (UTC): check right before.
        attachments: Those that were accepted, in their order.
    """

    document: ExportDocument
    digest: str
    connection: str
    generation: int
    attempt: int
    number: str | None
    accounting_date: date | None
    deadline: datetime
    fields: Mapping[str, str] = attrs.field(factory=dict, converter=_texts, hash=False)
    entry_id: str | None = None
    keys: tuple[Key, ...] = ()
    attachments: tuple[RequestAttachment, ...] = ()

    @property
    def files(self) -> tuple[RequestAttachment, ...]:
        """The attachments whose files are to be sent."""
        return tuple(each for each in self.attachments if each.form is AttachmentForm.FILES)

    @property
    def links(self) -> tuple[RequestAttachment, ...]:
        """The attachments of which a link is to be sent."""
        return tuple(each for each in self.attachments if each.form is AttachmentForm.LINK)

    def key(self, step: Step) -> Key:
        """Return the key under which the step is to be written."""
        entry_id = self.entry_id or self.document.invoice_id
        key = Key(entry_id, self.generation, self.attempt, step.name)
        return next((started for started in self.keys if started == key), key)


@attrs.frozen(eq=False, repr=False)
class Done(Value):
    """The step happened: here is its receipt."""

    receipt: Receipt


@attrs.frozen(eq=False, repr=False)
class Refused(Value):
    """The ERP said no, definitely; nothing of this call lives there."""

    verdict: Verdict = attrs.field()

    @verdict.validator
    def _has_reasons(self, _attribute: object, verdict: Verdict) -> None:
        if verdict.allowed:
            msg = "A refusal needs at least one denial."
            raise ValueError(msg)


@attrs.frozen(eq=False, repr=False)
class Deferred(Value):
    """
    Nothing was sent; try again, not before ``until`` (UTC) where it is given.

    ``needs_person``: only a person can repair it (a wrong token, a ledger that cannot be read). It
    is tried again all the same, and people are shown that somebody has to act.
    """

    until: datetime | None
    why: str
    needs_person: bool = False


@attrs.frozen(eq=False, repr=False)
class Unknown(Value):
    """Perhaps it happened, perhaps not."""

    why: str


#: What came of a call. An exception while writing is :class:`Unknown`.
Outcome: TypeAlias = Done | Refused | Deferred | Unknown


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Contents(Value):
    """What a document over there holds, as the ERP keeps it; ``None`` where it keeps nothing."""

    vendor: str | None
    number: str | None
    amount: Decimal | None
    date: date | None
    key: str | None = None
    digest: str | None = None


@attrs.frozen(eq=False, repr=False)
class Found(Value):
    """One document was found, and this is what it holds."""

    receipt: Receipt
    contents: Contents


@attrs.frozen(eq=False, repr=False)
class Absent(Value):
    """Nothing was there as of this moment (UTC)."""

    as_of: datetime


@attrs.frozen(eq=False, repr=False)
class Several(Value):
    """More than one document matches."""

    why: str


@attrs.frozen(eq=False, repr=False)
class CannotTell(Value):
    """The look-up gave no answer that counts."""

    why: str


#: What a look-up saw.
Sighting: TypeAlias = Found | Absent | Several | CannotTell


@attrs.frozen(eq=False, repr=False)
class Gone(Value):
    """The document is not there any more, read by its id at this moment (UTC)."""

    as_of: datetime
