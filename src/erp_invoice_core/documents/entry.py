"""The queue entry of an invoice: where it stands, and all that is known of it over there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

import attrs

from ..values import Value
from ..verdict import Denial
from ..vocabulary import ExportStatus
from .call import Call, Holding, Key, Step
from .export import ExportDocument


def _texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Lease(Value):
    """A worker's time-limited hold on an entry; ``fencing`` grows with every claim."""

    holder: str
    fencing: int
    until: datetime


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Acceptance(Value):
    """
    What the approver agreed to.

    Attributes:
        digest: Digest of the document.
        declaration: Digest of the ERP's declaration.
        losses: Digest of the losses shown.
        fields: The extra export fields that were given.
        attachments: Id and digest of each attachment; later ones stay here.
        direct: Accepted by the policy, not by a person.
    """

    by: str
    at: datetime
    digest: str
    declaration: str
    losses: str
    fields: Mapping[str, str] = attrs.field(factory=dict, converter=_texts, hash=False)
    attachments: tuple[tuple[str, str | None], ...] = ()
    direct: bool = False


@attrs.frozen(eq=False, repr=False)
class Delay(Value):
    """
    Why the last attempt of a worker was put off.

    Attributes:
        why: What the adapter, the host or the ERP answered.
        needs_person: Only a person can repair it; waiting alone does not help.
    """

    why: str
    needs_person: bool = False


@attrs.frozen(kw_only=True, eq=False, repr=False)
class QueueEntry(Value):
    """
    One invoice in the queue; at most one per invoice, for all generations.

    Attributes:
        id: The invoice's id.
        connection: Name of the connection it was sent to.
        version: Grows with every change of what a person must know before acting.
        seq: Number of its last event.
        generation: Grows with every unlink.
        attempt: The try, within the generation: grows only once nothing of the former lives.
        document: As sent; ``digest`` is its digest.
        plan: The steps, frozen at the first start of the try.
        calls: Every call of every try, with its answer.
        holdings: Every receipt, gone or living.
        fencing: The number of the last claim.
        due_at: When a worker should look at it next (UTC); ``None``: no worker will.
        withdrawing: A withdrawal was asked for and is not yet answered.
        slot: The slot that it holds over there, if any.
        refusal: Why it was rejected or refused last.
        delay: Why a worker put it off; ``None`` once something else has happened to it.
        restore_checked: Number of the restore after which a person was asked about it.
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

    def key(self, step: str) -> Key:
        """Return the key of a step in the current try, with the text that was stored for it."""
        key = Key(self.id, self.generation, self.attempt, step)
        return next((call.key for call in self.calls if call.key == key), key)

    @cached_property
    def in_doubt(self) -> tuple[Call, ...]:
        """The calls that were started and are not settled."""
        return tuple(call for call in self.calls if call.answer is None)

    @cached_property
    def living(self) -> tuple[Holding, ...]:
        """The holdings whose documents are not known to be gone."""
        return tuple(holding for holding in self.holdings if not holding.gone)

    @property
    def is_left(self) -> bool:
        """Return whether a document of it lives over there though it is not synced."""
        return self.status is not ExportStatus.SYNCED and bool(self.living)

    @cached_property
    def standing(self) -> tuple[Holding, ...]:
        """The living holdings of the current try whose digest is the accepted document's."""
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
        """Return whether the document as sent is the one that was accepted."""
        return self.acceptance is not None and self.acceptance.digest == self.digest
