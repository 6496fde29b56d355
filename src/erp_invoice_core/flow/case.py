"""Case of an entry: facts of invoice, queue entry, ERP and person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..documents import WORKER
from ..money import format_amount
from ..rules.case import Case, Known
from ..rules.fact_types import ENTRY_FACTS
from ..values import copy_to_draft, finish
from .knowledge import can_repeat, find_last_settle_time, is_complete, is_left_accepted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Actor, ExportDocument, QueueEntry, Restore
    from ..rules.policy import Policy


_EMPTY = Case()


def build_entry_case(entry: QueueEntry) -> Case:
    """Return the case with the facts of the invoice that the entry itself stores."""
    return finish(Case, _draft_entry_case(entry))


def _draft_entry_case(entry: QueueEntry) -> Any:  # noqa: ANN401 - the draft of a case
    draft = copy_to_draft(_EMPTY)  # its fields need no check
    draft.known = Known()
    draft.invoice_id = entry.id
    draft.document = document = entry.document
    if document is not None:
        draft.project_id = document.project_id
        draft.invoice_number = document.invoice_number
    return draft


def _set_entry_facts(
    draft: Any,  # noqa: ANN401 - the draft of a case
    entry: QueueEntry,
    at: datetime,
    erp: Declaration | None,
    restore: Restore | None = None,
) -> None:
    """Set the entry's facts on the draft of a case: status, lease, receipts, calls in doubt."""
    settles_at = find_last_settle_time(entry, erp, restore)
    leased = entry.lease is not None and entry.lease.until > at
    draft.erp = erp
    draft.entry_id = entry.id
    draft.export_status = entry.status
    draft.version = entry.version
    draft.sent_by = entry.sent_by
    draft.leased = leased
    draft.in_doubt = bool(entry.calls and entry.in_doubt)
    draft.left = entry.is_left
    draft.left_is_accepted = is_left_accepted(entry)
    draft.acceptance_stands = entry.acceptance_stands
    draft.complete = is_complete(entry)
    draft.withdrawing = entry.withdrawing
    draft.settled = settles_at is None or at >= settles_at
    draft.settles_at = settles_at
    draft.today = at.date()
    draft.replayable = can_repeat(entry, at, erp)
    draft.is_due = entry.due_at is not None and entry.due_at <= at and not leased


def add_entry_facts(
    case: Case,
    entry: QueueEntry,
    *,
    at: datetime,
    actor: Actor,
    policy: Policy,
    erp: Declaration | None,
    restore: Restore | None = None,
    **given: Any,  # noqa: ANN401 - the case's own fields, which the queue checks
) -> Case:
    """
    Return the case with the facts of its entry, at this moment, for this person and ERP.

    ``given`` are further facts by name. ``restore`` is the last restore of the database, which
    matters if a person states that a document is absent. The facts of the host were checked before
    and are not checked again, which saves time (benchmark 1c).
    """
    if not ENTRY_FACTS.issuperset(given):  # they are other facts of the host, to be judged anew
        case = attrs.evolve(case, **given)
    draft = copy_to_draft(case)
    _set_entry_facts(draft, entry, at, erp, restore)
    draft.actor = actor
    draft.policy = policy
    for name, fact in given.items():
        setattr(draft, name, fact)
    draft.changes = list_changes(entry.document, case.document)
    draft.fields_changed = _are_other_fields(entry, given.get("export_fields"))
    return finish(case.__class__, draft)


def _are_other_fields(entry: QueueEntry, given: Mapping[str, str] | None) -> bool:
    accepted = entry.acceptance.fields if entry.acceptance else {}
    return given is not None and dict(given) != dict(accepted)


def build_system_case(entry: QueueEntry, *, at: datetime, erp: Declaration | None) -> Case:
    """Return the case of an action of the worker, which needs no facts of the host."""
    draft = _draft_entry_case(entry)
    _set_entry_facts(draft, entry, at, erp)
    draft.actor = WORKER
    return finish(Case, draft)


#: The amounts that a list of changes compares.
_TOTALS = ("gross", "retained", "released")


def list_changes(sent: ExportDocument | None, now: ExportDocument | None) -> tuple[str, ...]:
    """
    Return what differs between a document as it was sent and as it is now.

    Each difference names both values: ``gross (100.00 USD → 120.00 USD)``. Attachments are not
    compared, as they may change after the invoice was sent.
    """
    if sent is None or now is None or sent is now:
        return ()
    # The digests need no lines of the sent document, which a store reads at their first use.
    if sent.digest == now.digest or sent == now:
        return ()
    found = [
        _describe(field.name, getattr(sent, field.name), getattr(now, field.name))
        for field in attrs.fields(type(sent))
        if field.eq
        and field.name != "lines"
        and getattr(sent, field.name) != getattr(now, field.name)
    ]
    if sent.lines != now.lines:
        totals = [
            _describe(name, _format_amount(sent, name), _format_amount(now, name))
            for name in _TOTALS
            if getattr(sent, name) != getattr(now, name)
        ]
        found += totals or ["lines"]
    return tuple(found)


def _format_amount(document: ExportDocument, name: str) -> str:
    return f"{format_amount(getattr(document, name), document.currency)} {document.currency}"


def _describe(name: str, sent: object, now: object) -> str:
    before, after = ("-" if value is None else value for value in (sent, now))
    return f"{name.replace('_', ' ')} ({before} → {after})"
