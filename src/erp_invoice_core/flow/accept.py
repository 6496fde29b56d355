"""Accept, reject and retry: the decisions of the accounting approver."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import attrs

from ..canonical import compute_digest, is_current
from ..documents import Acceptance, replace_attachments
from ..message_template import MessageTemplate
from ..rules import decide, former_losses, losses
from ..rules.case import replace_facts
from ..rules.remedies import all_of, fill
from ..rules.remedy_rows import CORRECT_INVOICE, RESEND
from ..values import evolve
from ..verdict import Source
from ..vocabulary import Action, ExportStatus
from .change import apply_transition, choose_attempt, record_denial

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..documents import Actor, ExportDocument, MappedId, QueueEntry
    from ..events import Change
    from ..rules import Case
    from ..verdict import Denial, Notice


#: The approver's own words are a value to us.
_REJECTED = MessageTemplate("person.rejected", "{reason}", source=Source.PERSON)
_REJECTED_WITHOUT_REASON = MessageTemplate(
    "person.rejected",
    "{by} rejected this invoice without a reason. Ask for the reason, correct the invoice and re-send"
    " it.",
    source=Source.PERSON,
    when={"reason": ""},
)


#: The form of the list of losses: since version 0.5 it has what is left of each value.
_FORM = 2


def digest_losses(case: Case, document: ExportDocument | None) -> str:
    """
    Return the digest of the losses of an export document, which an acceptance stores.

    The losses are those of the document and of the attachments in it. Only the code and the facts
    of each loss are digested, so a changed sentence does not invalidate an acceptance. The digested
    value begins with a version of its format; version 0.4 of the library digested the losses alone.
    """
    found = list_losses(case, document)
    if not found:  # as usual, and asked again before each export (line 4c of the benchmarks)
        return _digest_no_losses()
    return compute_digest((_FORM, tuple((loss.code, loss.facts) for loss in found)))


@cache
def _digest_no_losses() -> str:
    return compute_digest((_FORM, ()))


def list_losses(case: Case, document: ExportDocument | None) -> tuple[Notice, ...]:
    """Return the notices about what the ERP does not keep of a document and its attachments."""
    return losses(_take_case(case, document))


def list_former_losses(case: Case, document: ExportDocument | None) -> tuple[Notice, ...]:
    """Return the losses as versions 0.1 to 0.4 listed them, to check their stored acceptances."""
    return former_losses(_take_case(case, document))


def _take_case(case: Case, document: ExportDocument | None) -> Case:
    if case.document is document:
        return case
    return replace_facts(case, {"document": document})


def build_acceptance(
    case: Case,
    document: ExportDocument,
    *,
    at: datetime,
    actor: Actor,
    fields: Mapping[str, str],
    mapped: tuple[MappedId, ...] | None = None,
) -> Acceptance:
    """
    Return what the approver agrees to: document, declaration, losses, fields and mapped ids.

    ``mapped`` are the ids in the ERP that the export uses; ``None`` takes those that the connection
    maps now.
    """
    return Acceptance(
        by=actor.id,
        at=at,
        digest=document.digest,
        declaration=case.erp.digest if case.erp else "",
        losses=digest_losses(case, document),
        fields=fields,
        attachments=tuple((file.id, file.digest) for file in document.attachments),
        direct=actor.is_system,
        mapped=(case.mapped or ()) if mapped is None else mapped,
        number=case.erp_number,
    )


def accept(
    entry: QueueEntry,
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    fields: Mapping[str, str],
    command: str | None = None,
) -> Change:
    """
    Accept a sent invoice for export, so that a worker may claim its entry at once.

    The exported document is the sent one, with the attachments that the invoice has now.
    """
    verdict = decide(Action.ACCEPT, case)
    if not verdict or entry.document is None:
        return record_denial(Action.ACCEPT, entry, verdict, at=at, actor=actor.id, command=command)
    document = _take_document(entry.document, case)
    return apply_transition(
        Action.ACCEPT,
        entry,
        at=at,
        actor=actor.id,
        verdict=verdict,
        facts=_list_facts(fields, case.mapped or ()),
        command=command,
        document=document,
        digest=document.digest,
        acceptance=build_acceptance(case, document, at=at, actor=actor, fields=fields),
        due_at=at,
        lookups=0,
    )


def preview_acceptance(
    action: Action,
    entry: QueueEntry,
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    fields: Mapping[str, str],
) -> QueueEntry | None:
    """
    Return the entry with the acceptance that :func:`accept` or :func:`retry` would give it.

    No rule is checked. ``None`` is returned if the entry was never sent, or if its export would
    continue with documents that are already in the ERP.
    """
    if entry.document is None or entry.living:
        return None
    if action is Action.ACCEPT:
        document, attempt = _take_document(entry.document, case), entry.attempt
    else:
        document, attempt = case.document or entry.document, choose_attempt(entry)
    acceptance = build_acceptance(case, document, at=at, actor=actor, fields=fields)
    return evolve(
        entry,
        {
            "document": document,
            "digest": document.digest,
            "acceptance": acceptance,
            "attempt": attempt,
        },
    )


def _list_facts(fields: Mapping[str, str], mapped: tuple[MappedId, ...]) -> dict[str, str]:
    """Return the export fields and the mapped ids as facts of the event."""
    facts = {f"field.{name}": value for name, value in fields.items()}
    return facts | {f"mapped.{each.kind.value}.{each.code}": each.erp_id for each in mapped}


def _take_document(sent: ExportDocument, case: Case) -> ExportDocument:
    """
    Return the sent document with the attachments that the invoice has now.

    The sent object itself is returned if its attachments are the same. A document that versions 0.1
    to 0.3 sent is always built again, because a new acceptance has a digest of the current format.
    """
    files = (case.document or sent).attachments
    if not is_current(sent.digest):
        return attrs.evolve(sent, attachments=files)
    return sent if files == sent.attachments else replace_attachments(sent, files)


def _build_rejection(actor: Actor, reason: str | None, case: Case) -> Denial:
    given = (reason or "").strip()
    # The remedies are those of the invoice after its rejection, which is not needed a second time.
    after = case.with_entry({"export_status": ExportStatus.REJECTED})
    remedies = fill(all_of(CORRECT_INVOICE, RESEND), after)
    template = _REJECTED if given else _REJECTED_WITHOUT_REASON
    return template.deny({"by": actor.id, "reason": given}, remedies)


def reject(
    entry: QueueEntry,
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    reason: str | None,
    command: str | None = None,
) -> Change:
    """Reject the export: the invoice goes back to its sender, who can edit it again."""
    verdict = decide(Action.REJECT, case)
    if not verdict:
        return record_denial(Action.REJECT, entry, verdict, at=at, actor=actor.id, command=command)
    rejection = (_build_rejection(actor, reason, case),)
    return apply_transition(
        Action.REJECT,
        entry,
        at=at,
        actor=actor.id,
        verdict=verdict,
        denials=rejection,
        command=command,
        acceptance=None,
        lease=None,
        due_at=None,
        refusal=rejection,
    )


def retry(
    entry: QueueEntry,
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    fields: Mapping[str, str] | None = None,
    command: str | None = None,
) -> Change:
    """
    Retry a failed export; the approver thereby consents again.

    If no document is left in the ERP, a new attempt exports the current document of the invoice. If
    documents of the accepted version are left, the same attempt continues with the accepted
    document and the accepted mapped ids.

    ``fields`` are the export fields; ``None`` keeps those that were accepted. Only a new attempt
    takes other fields.
    """
    verdict = decide(Action.RETRY, case)
    if not verdict or entry.document is None:
        return record_denial(Action.RETRY, entry, verdict, at=at, actor=actor.id, command=command)
    fresh = not entry.living
    document = (case.document or entry.document) if fresh else entry.document
    if fields is None:
        fields = entry.acceptance.fields if entry.acceptance else {}
    mapped = case.mapped or ()
    if not fresh and entry.acceptance:
        mapped = entry.acceptance.mapped
    return apply_transition(
        Action.RETRY,
        entry,
        at=at,
        actor=actor.id,
        verdict=verdict,
        facts=_list_facts(fields, mapped),
        command=command,
        document=document,
        digest=document.digest,
        acceptance=build_acceptance(
            case, document, at=at, actor=actor, fields=fields, mapped=mapped
        ),
        attempt=choose_attempt(entry) if fresh else entry.attempt,
        plan=() if fresh else entry.plan,
        lease=None,
        due_at=at,
        deferrals=0,
        lost_claims=0,
        lookups=0,
        refusal=(),
    )
