"""
The queue entry of an invoice.

It is a frozen value with all that the export queue knows of the export of one invoice. Each event
replaces it by a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import attrs

from ..values import Value, derived
from ..verdict import Denial
from ..vocabulary import ExportStatus
from .call import Call, Holding, Step
from .export import ExportDocument
from .idempotency_key import Key
from .lease import Lease
from .mapping import MappedId


def _freeze_texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Acceptance(Value):
    """
    The approver's consent to an export, with digests of everything that was accepted.

    Attributes:
        digest: Digest of the document.
        declaration: Digest of the ERP's declaration.
        losses: Digest of the losses that were shown to the approver.
        fields: The extra export fields that the approver gave.
        attachments: Id and digest of each attachment; those added later are not exported.
        direct: True if the policy accepted it and not a person.
        mapped: The ids in the ERP to which the connection mapped codes at the acceptance; the
            export uses them.
        number: The invoice number for the ERP, as the approver typed it; ``None``: that of the
            document.
    """

    by: str
    at: datetime
    digest: str
    declaration: str
    losses: str
    fields: Mapping[str, str] = attrs.field(factory=dict, converter=_freeze_texts, hash=False)
    attachments: tuple[tuple[str, str | None], ...] = ()
    direct: bool = False
    mapped: tuple[MappedId, ...] = ()
    number: str | None = None


@attrs.frozen(eq=False, repr=False)
class Delay(Value):
    """
    The reason why a worker postponed the export.

    Attributes:
        why: The reason that the adapter, the host or the ERP gave.
        needs_person: True if only a person can repair it and waiting does not help.
    """

    why: str
    needs_person: bool = False


class _EntryValue(Value):
    __slots__ = ("_in_doubt", "_living", "_standing")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class QueueEntry(_EntryValue):
    """
    The entry of one invoice in the queue, over all its generations.

    Attributes:
        id: The invoice's id.
        connection: Name of the ERP connection to which it was sent.
        version: Grows with every change that a person must see before acting.
        seq: Number of its last event.
        generation: Grows with every unlink.
        attempt: The attempt within the generation. It grows only if no document of the former
            attempt exists.
        document: The document as sent; ``digest`` is its digest.
        plan: The steps, fixed at the first call of the attempt.
        calls: Every call of every attempt, with its answer.
        holdings: Every receipt, also of documents that no longer exist.
        fencing: The fencing token of the last claim.
        due_at: When a worker should claim it next (UTC); ``None`` if no worker should.
        withdrawing: True if a withdrawal was requested and is not yet answered.
        slot: The number slot that it holds, if any.
        refusal: The reasons of the last rejection or refusal.
        delay: The reason of the last delay; ``None`` after any other event.
        restore_checked: Number of the last restore of the database because of which the export was
            refused, to have a person check the ERP; ``None`` once the invoice is sent again.
    """

    id: str
    connection: str | None = None
    status: ExportStatus = ExportStatus.NOT_SENT
    version: int = 0
    seq: int = 0
    generation: int = 1
    attempt: int = 1
    document: ExportDocument | None = None
    digest: str = ""
    sent_by: str | None = None
    acceptance: Acceptance | None = None
    plan: tuple[Step, ...] = ()
    calls: tuple[Call, ...] = ()
    holdings: tuple[Holding, ...] = ()
    lease: Lease | None = None
    fencing: int = 0
    due_at: datetime | None = None
    deferrals: int = 0
    lost_claims: int = 0
    lookups: int = 0
    withdrawing: bool = False
    slot: str | None = None
    refusal: tuple[Denial, ...] = ()
    delay: Delay | None = None
    restore_checked: int | None = None

    def build_key(self, step: str) -> Key:
        """Return the key of a step in the current attempt, with the stored text if a call began."""
        key = Key(self.id, self.generation, self.attempt, step)
        return next((call.key for call in self.calls if call.key == key), key)

    @property
    def number(self) -> str | None:
        """The invoice number for the ERP: the accepted one, else that of the document."""
        if self.acceptance is not None and self.acceptance.number is not None:
            return self.acceptance.number
        return self.document.invoice_number if self.document is not None else None

    @property
    def other_number(self) -> str | None:
        """The invoice number for the ERP if it is not that of the document, else ``None``."""
        sent = self.document.invoice_number if self.document is not None else None
        return self.number if self.number != sent else None

    @derived
    def in_doubt(self) -> tuple[Call, ...]:
        """The calls that were started and have no answer."""
        return tuple(call for call in self.calls if call.answer is None)

    @derived
    def living(self) -> tuple[Holding, ...]:
        """The holdings whose documents still exist, as far as is known."""
        return tuple(holding for holding in self.holdings if not holding.gone)

    @property
    def is_left(self) -> bool:
        """Return whether the entry has a leftover document in the ERP."""
        return bool(self.holdings and self.living) and self.status is not ExportStatus.SYNCED

    @derived
    def standing(self) -> tuple[Holding, ...]:
        """The living holdings of the current attempt that have the accepted digest."""
        if self.acceptance is None:
            return ()
        return tuple(
            holding
            for holding in self.living
            if (holding.key.generation, holding.key.attempt) == (self.generation, self.attempt)
            and holding.receipt.digest == self.acceptance.digest
        )

    @property
    def acceptance_stands(self) -> bool:
        """Return whether the sent document is the accepted one."""
        return self.acceptance is not None and self.acceptance.digest == self.digest
