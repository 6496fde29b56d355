"""The JSON shapes of verdicts, entries, events and problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..vocabulary import ExportStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..documents import Attachment, Invoice, Problem, QueueEntry, Restore
    from ..events import AuditEvent
    from ..flow import Wait
    from ..verdict import Denial, Notice, Remedy, Verdict


def denial_to_json(reason: Denial) -> dict[str, Any]:
    """Return the JSON shape of a denial, with its remedies."""
    return {
        "code": reason.code,
        "message": reason.message,
        "source": reason.source.value,
        "facts": dict(reason.facts),
        "remedies": [list(map(_remedy_to_json, together)) for together in reason.remedies],
    }


def _remedy_to_json(remedy: Remedy) -> dict[str, Any]:
    return {
        "code": remedy.code,
        "action": remedy.action.value if remedy.action else None,
        "fact": remedy.fact,
        "who": remedy.who,
        "message": remedy.message,
        "facts": dict(remedy.facts),
    }


def notice_to_json(note: Notice) -> dict[str, Any]:
    """Return the JSON shape of a notice."""
    return {
        "code": note.code,
        "message": note.message,
        "source": note.source.value,
        "facts": dict(note.facts),
    }


def result_to_json(id_: str, verdict: Verdict, entry: QueueEntry) -> dict[str, Any]:
    """Return the JSON shape of a result: the verdict and the current state of the entry."""
    return {
        "id": id_,
        "allowed": verdict.allowed,
        "status": entry.status.value,
        "version": entry.version,
        "denials": [denial_to_json(reason) for reason in verdict.denials],
        "notices": [notice_to_json(note) for note in verdict.notices],
    }


def wait_to_json(found: Wait | None) -> dict[str, Any] | None:
    """Return the JSON shape of a wait; times are ISO 8601, in UTC."""
    if found is None:
        return None
    return {
        "for": found.waits_for.value,
        "code": found.code,
        "message": found.message,
        "until": found.until.isoformat() if found.until else None,
    }


def restore_to_json(found: Restore) -> dict[str, Any]:
    """Return the JSON shape of a restore of the database; times are ISO 8601, in UTC."""
    return {"number": found.number, "at": found.at.isoformat(), "why": found.why}


def event_to_json(happened: AuditEvent) -> dict[str, Any]:
    """Return the JSON shape of an audit event; times are ISO 8601, in UTC."""
    return {
        "seq": happened.seq,
        "at": happened.at.isoformat(),
        "actor": happened.actor,
        "action": happened.action.value,
        "before": happened.before.value,
        "after": happened.after.value,
        "denials": [denial_to_json(reason) for reason in happened.denials],
    }


def receipts_to_json(entry: QueueEntry) -> list[dict[str, Any]]:
    """Return the documents of an entry in the ERP, also those known to be gone."""
    return [
        {
            "step": held.receipt.step,
            "role": held.receipt.role.value if held.receipt.role else None,
            "erp_id": held.receipt.erp_id,
            "number": held.receipt.number,
            "state": held.receipt.state,
            "key": held.key.text,
            "gone": held.gone,
        }
        for held in entry.holdings
    ]


def attachments_to_json(
    invoice: Invoice, entry: QueueEntry, has_content: Callable[[str | None], bool]
) -> list[dict[str, Any]]:
    """
    Return the attachments of an invoice, each with its state.

    Args:
        invoice: The invoice.
        entry: The entry of the invoice.
        has_content: Returns whether content with a digest is stored.
    """
    return [
        {
            "id": file.id,
            "filename": file.filename,
            "sha256": file.digest,
            "has_content": has_content(file.digest),
            "state": _state(file, entry),
        }
        for file in invoice.attachments
    ]


def _state(file: Attachment, entry: QueueEntry) -> str:
    """
    Return the state of an attachment.

    It is ``in_erp``; ``accepted`` for an export that is not complete; or else ``here``.
    """
    sent = {step.name for step in entry.plan if step.attachment == file.id}
    accepted = (file.id, file.digest) in (entry.acceptance.attachments if entry.acceptance else ())
    if accepted and any(held.receipt.step in sent for held in entry.standing):
        return "in_erp"
    return "accepted" if accepted and entry.status is not ExportStatus.SYNCED else "here"


def problems_to_json(found: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return the JSON shape of problems or warnings: path, code, sentence and facts."""
    return [
        {
            "path": each.path,
            "code": each.code,
            "message": each.message,
            "facts": dict(each.facts),
        }
        for each in found
    ]
