"""What the core and an ERP tell each other: requests, outcomes, sightings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TypeAlias

import attrs

from .declaration import Declaration
from .documents import ExportDocument, Key, Receipt, Step
from .values import Value
from .verdict import Verdict

__all__ = [
    "Absent",
    "CannotTell",
    "Contents",
    "Declaration",
    "Deferred",
    "Done",
    "ExportRequest",
    "Found",
    "Gone",
    "Outcome",
    "Refused",
    "Several",
    "Sighting",
    "Unknown",
]


def _texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportRequest(Value):
    """
    What an adapter is asked to export.

    Attributes:
        document: As sent and accepted; ``digest`` is its digest.
        number: The invoice number as it is to be written there.
        accounting_date: The extra field of that name, else the billing date.
        fields: The extra export fields that were given at acceptance.
        deadline: A write must not be handed over later than this (UTC): check right before.
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

    def key(self, step: Step) -> Key:
        """Return the key under which the step is to be written."""
        return Key(self.document.invoice_id, self.generation, self.attempt, step.name)


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
