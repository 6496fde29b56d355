"""Export calls: build the request, record each start and each answer."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, assert_never

from ..declaration import AttachmentForm, choose_attachment_forms
from ..documents import WORKER, Answer, Call, CallKind, QueueEntry, map_document
from ..exchange import Deferred, Done, ExportRequest, Outcome, Refused, RequestAttachment, Unknown
from ..message_template import MessageTemplate
from ..values import evolve
from ..verdict import ALLOWED, Source, Verdict
from ..vocabulary import Action
from .change import apply_transition
from .conclude import conclude, defer, lose, refuse
from .knowledge import add_receipt, is_gone, record_answer
from .retry_policy import DEFAULT_RETRY_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from ..declaration import Declaration
    from ..documents import Attachment, Lease, Receipt, Step
    from ..events import Change
    from .retry_policy import RetryPolicy


_REPLAYED = MessageTemplate(
    "erp.replayed",
    "The ERP answers the export with document {erp_id}, which was removed before. Withdraw the"
    " documents of this invoice that are left in the ERP, then retry the export.",
    source=Source.ERP,
)


def _build_attachments(
    attachments: Sequence[Attachment],
    erp: Declaration,
    content: Callable[[Attachment], BinaryIO] | None,
) -> tuple[RequestAttachment, ...]:
    """Return the attachments of a request, each with the form in which the ERP takes it."""
    has_content = content is not None
    forms = choose_attachment_forms(attachments, erp.attachments, has_content=has_content)
    return tuple(
        RequestAttachment(
            id=each.id,
            filename=each.filename,
            form=form,
            content_type=each.content_type,
            url=each.url,
            digest=each.digest,
            source=partial(content, each)
            if content is not None and form is AttachmentForm.FILES
            else None,
        )
        for each, form in zip(attachments, forms, strict=True)
    )


def build_request(
    entry: QueueEntry,
    erp: Declaration,
    deadline: datetime,
    content: Callable[[Attachment], BinaryIO] | None = None,
) -> ExportRequest:
    """
    Return the request with which the adapter exports an entry.

    Args:
        entry: The entry.
        erp: The declaration of its ERP.
        deadline: The time (UTC) after which no write may be sent.
        content: Returns the checked bytes of an attachment, if the host supplies any.

    Raises:
        ValueError: The entry was never sent.
    """
    if entry.document is None or entry.connection is None:
        msg = f"Invoice {entry.id} was never sent."
        raise ValueError(msg)
    fields = entry.acceptance.fields if entry.acceptance else {}
    given = fields.get("accounting_date")
    return ExportRequest(
        document=map_document(entry.document, entry.acceptance.mapped if entry.acceptance else ()),
        digest=entry.digest,
        connection=entry.connection,
        generation=entry.generation,
        attempt=entry.attempt,
        number=erp.truncate_number(entry.number),
        accounting_date=date.fromisoformat(given) if given else entry.document.billing_date,
        deadline=deadline,
        fields=fields,
        attachments=_build_attachments(entry.document.attachments, erp, content),
        entry_id=entry.id,
        keys=tuple(call.key for call in entry.calls),
    )


def has_same_request(entry: QueueEntry, other: QueueEntry) -> bool:
    """
    Return whether the requests of two states of an entry differ in deadline and keys at most.

    A document or an acceptance that was read again counts as another one.
    """
    return (
        entry.document is other.document
        and entry.acceptance is other.acceptance
        and entry.digest == other.digest
        and entry.connection == other.connection
        and (entry.generation, entry.attempt) == (other.generation, other.attempt)
    )


def renew_request(request: ExportRequest, entry: QueueEntry, deadline: datetime) -> ExportRequest:
    """Return the request of a later call, with its deadline and the keys of all started calls."""
    keys = tuple([call.key for call in entry.calls])
    return evolve(request, {"deadline": deadline, "keys": keys})


def _build_call(
    entry: QueueEntry, step: Step, lease: Lease, at: datetime, erp_id: str | None
) -> Call:
    key = entry.build_key(f"withdraw {step.name}" if erp_id else step.name)
    return Call(
        key=evolve(key, {"sent_as": key.text}),
        kind=CallKind.WITHDRAW if erp_id else CallKind.WRITE,
        step_kind=step.kind,
        digest=entry.digest,
        fencing=lease.fencing,
        started_at=at,
        lease_until=lease.until,
        erp_id=erp_id,
    )


def start(
    entry: QueueEntry,
    step: Step,
    *,
    at: datetime,
    lease: timedelta,
    plan: Sequence[Step] | None = None,
    slot: str | None = None,
    erp_id: str | None = None,
) -> Change:
    """
    Record the start of a call before it is made, and renew the lease.

    Args:
        entry: The claimed entry.
        step: The step to carry out; of a withdrawal, the step that made the document.
        at: Now (UTC).
        lease: How long the lease holds from now.
        plan: The steps, at the first start of an attempt.
        slot: The number slot to take, at the first start.
        erp_id: The ERP id of the document to remove; ``None`` for a write.

    Raises:
        ValueError: The entry is not claimed, or a call is in doubt under another key.
    """
    if entry.lease is None:
        msg = f"Invoice {entry.id} is not claimed."
        raise ValueError(msg)
    held = evolve(entry.lease, {"until": at + lease})
    call = _build_call(entry, step, held, at, erp_id)
    if any((one.key, one.kind) != (call.key, call.kind) for one in entry.in_doubt):
        msg = f"A call for invoice {entry.id} is in doubt: nothing new may be written."
        raise ValueError(msg)
    return apply_transition(
        Action.START,
        entry,
        at=at,
        actor=WORKER.id,
        facts={"key": call.key.text, "step": step.name, "call": call.kind.value},
        calls=(*entry.calls, call),
        lease=held,
        plan=tuple(plan) if plan is not None else entry.plan,
        slot=slot or entry.slot,
    )


def _deny_replayed(erp_id: str) -> Verdict:
    """
    Return the denial for an answer that names a document that was removed.

    An ERP that enforces keys repeats its former answer if it gets the same key again.
    """
    return Verdict((_REPLAYED.deny({"erp_id": erp_id}),))


def _record_receipt(
    entry: QueueEntry,
    place: int,
    receipt: Receipt,
    *,
    at: datetime,
    erp: Declaration | None,
    facts: dict[str, str],
    chance: float,
    retry_policy: RetryPolicy,
    read_back: Verdict | Deferred,
) -> Change:
    """Return the change that follows from the receipt of a call and the result of the read-back."""
    known = add_receipt(entry, place, receipt, erp)
    facts |= {"erp_id": receipt.erp_id, "state": receipt.state or ""}
    if is_gone(entry, receipt.erp_id):  # else it would be asked for ever, under one key
        read_back = _deny_replayed(receipt.erp_id)
    if isinstance(read_back, Deferred):
        return defer(
            entry,
            at=at,
            erp=erp,
            known=known,
            until=read_back.until,
            facts={**facts, "why": read_back.why},
            chance=chance,
            retry_policy=retry_policy,
        )
    settle = conclude if read_back else partial(refuse, verdict=read_back)
    return settle(entry, known=known, at=at, erp=erp, facts=facts, retry_policy=retry_policy)


def record(
    entry: QueueEntry,
    place: int,
    outcome: Outcome,
    *,
    at: datetime,
    erp: Declaration | None,
    chance: float = 0.0,
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY,
    read_back: Verdict | Deferred = ALLOWED,
) -> Change:
    """
    Record the outcome of a call, and make the transition that follows from it.

    Args:
        entry: The entry.
        place: The index of the call in ``entry.calls``.
        outcome: The outcome.
        at: Now (UTC).
        erp: The declaration of the ERP, if its adapter is loaded.
        chance: The jitter of a deferral, from 0 to 1.
        retry_policy: When the ERP is asked again, and after how many tries a person is asked.
        read_back: The result of the read-back after the last step: allowed, denied if the documents
            differ from what was sent, or deferred. Without a read-back it is allowed.
    """
    key = entry.calls[place].key
    facts = {"key": key.text, "step": key.step}
    match outcome:
        case Done(receipt):
            return _record_receipt(
                entry,
                place,
                receipt,
                at=at,
                erp=erp,
                facts=facts,
                chance=chance,
                retry_policy=retry_policy,
                read_back=read_back,
            )
        case Refused(verdict):
            known = record_answer(entry, place, Answer.REFUSED)
            return refuse(
                entry, verdict, at=at, erp=erp, known=known, facts=facts, retry_policy=retry_policy
            )
        case Deferred(until, why, needs_person):
            known = record_answer(entry, place, Answer.DEFERRED)
            facts["why"] = why
            return defer(
                entry,
                at=at,
                erp=erp,
                known=known,
                until=until,
                needs_person=needs_person,
                facts=facts,
                chance=chance,
                retry_policy=retry_policy,
            )
        case Unknown(why):
            facts["why"] = why
            return lose(entry, entry, at=at, erp=erp, facts=facts, retry_policy=retry_policy)
        case _:
            assert_never(outcome)
