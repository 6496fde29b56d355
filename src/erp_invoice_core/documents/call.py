"""Calls to an ERP and what came of them: keys, steps, receipts."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import attrs

from ..values import Value
from ..vocabulary import Role
from .problem import blank_problems, refuse_if_any


@attrs.frozen(eq=False, repr=False)
class Key(Value):
    """
    The idempotency key of a write: two writes under the same key mean one document.

    It is made from the entry alone. ``sent_as`` is its text as stored when its first call started:
    that text is never computed again. ``None``: no call was started, or version 0.1 started it.
    """

    entry_id: str
    generation: int
    attempt: int
    step: str
    sent_as: str | None = attrs.field(default=None, eq=False)

    @property
    def text(self) -> str:
        """One line of text, different for different keys: ``5000/1/1/bill``."""
        if self.sent_as is not None:
            return self.sent_as
        entry = self.entry_id.replace("%", "%25").replace("/", "%2F")
        return f"{entry}/{self.generation}/{self.attempt}/{self.step}"


@attrs.frozen(eq=False, repr=False)
class Step(Value):
    """
    One call of an export, planned by the adapter from the request alone.

    Attributes:
        name: Unique within the plan: ``bill``, ``attach waiver.pdf``, ``post``.
        kind: Which of the declaration's :class:`~erp_invoice_core.exchange.StepTerms` hold for it.
        role: What the document that it creates is; ``None`` where it creates none.
        attachment: The id of the attachment whose file it sends, if it sends one. The file is
            fetched and checked before the step begins.
    """

    name: str
    kind: str
    role: Role | None = None
    attachment: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(blank_problems(self, ("name", "kind")))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Receipt(Value):
    """
    What the ERP has, in its own words. Nothing from an error body can become one.

    Attributes:
        step: The step that it answers.
        erp_id: The ERP's id of the document made, or acted on.
        role: What the document is; ``None`` where the step made none.
        number: The invoice number as written there.
        state: Its state over there: ``posted``, ``draft``, ``on_hold``.
        digest: Digest of the document that was sent.
    """

    step: str
    erp_id: str
    role: Role | None = None
    number: str | None = None
    state: str | None = None
    digest: str = ""

    def __attrs_post_init__(self) -> None:
        refuse_if_any(blank_problems(self, ("step", "erp_id")))


@attrs.frozen(eq=False, repr=False)
class Holding(Value):
    """A receipt of ours, the key under which it came, and whether its document is gone."""

    receipt: Receipt
    key: Key
    gone: bool = False


class CallKind(Enum):
    """What a call asks of the ERP."""

    WRITE = "write"  #: Carry out a step.
    WITHDRAW = "withdraw"  #: Remove a document.


class Answer(Enum):
    """What settled a call; without one it is in doubt."""

    RECEIPT = "receipt"  #: It happened.
    REFUSED = "refused"  #: The ERP said no.
    DEFERRED = "deferred"  #: Nothing was sent.
    ABSENT = "absent"  #: It did not happen, by conclusive look-up or by a person's ruling.


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Call(Value):
    """
    One call, durable before it is made.

    Attributes:
        step_kind: Which of the declaration's terms hold for it.
        digest: Digest of the document that was sent under the key.
        erp_id: Which document a withdrawal asks to remove.
        fencing: The fencing number of the claim that made it.
        lease_until: The nominal end of the lease under which it was started (UTC).
        answer: ``None`` while the call is in doubt.
    """

    key: Key
    kind: CallKind
    step_kind: str
    digest: str
    fencing: int
    started_at: datetime
    lease_until: datetime
    erp_id: str | None = None
    answer: Answer | None = None
