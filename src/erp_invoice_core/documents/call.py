"""Calls to an ERP and their results: steps, receipts, answers."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import attrs

from ..values import Value
from ..vocabulary import Role
from .idempotency_key import Key
from .problem import find_blanks, refuse_if_any


@attrs.frozen(eq=False, repr=False)
class Step(Value):
    """
    One write of an export plan, which the adapter derives from the request alone.

    Attributes:
        name: Unique within the plan: ``bill``, ``attach 7001``, ``post``. Two files may have one
            name, so a step of a file is named after the id of its attachment.
        kind: Its key in the declaration's ``terms``.
        role: The role of the document that it creates; ``None`` if it creates none.
        attachment: The id of the attachment whose file it sends, if it sends one. The file is
            fetched and checked before the step begins.
    """

    name: str
    kind: str
    role: Role | None = None
    attachment: str | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_blanks(self, ("name", "kind")))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Receipt(Value):
    """
    The answer of the ERP to a step that it carried out, never made from an error response.

    Attributes:
        step: The step that it answers.
        erp_id: The ERP's id of the document that the step created or changed.
        role: The role of the document; ``None`` if the step created none.
        number: The invoice number in the ERP.
        state: The state of the document in the ERP: ``posted``, ``draft``, ``on_hold``.
        digest: ``digest`` of the request that was sent.
    """

    step: str
    erp_id: str
    role: Role | None = None
    number: str | None = None
    state: str | None = None
    digest: str = ""

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_blanks(self, ("step", "erp_id")))


@attrs.frozen(eq=False, repr=False)
class Holding(Value):
    """A receipt with its call's key; ``gone`` if its document no longer exists in the ERP."""

    receipt: Receipt
    key: Key
    gone: bool = False


class CallKind(Enum):
    """The purpose of a call to the ERP."""

    WRITE = "write"  #: Carry out a step.
    WITHDRAW = "withdraw"  #: Remove a document.


class Answer(Enum):
    """The answer that settled a call. A call without an answer is in doubt."""

    RECEIPT = "receipt"  #: The ERP carried it out.
    REFUSED = "refused"  #: The ERP refused it.
    DEFERRED = "deferred"  #: Nothing was sent.
    ABSENT = "absent"  #: It did not happen, as a conclusive look-up or a person found.


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Call(Value):
    """
    One call to the ERP, stored before it is made, so that it is on record if the worker stops.

    Attributes:
        step_kind: The kind of its step, the key in the declaration's ``terms``.
        digest: Digest of the document that was sent under the key.
        erp_id: The ERP id of the document that a withdrawal removes.
        fencing: The fencing token of the claim under which it was made.
        lease_until: The end of the lease under which it was started (UTC).
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
