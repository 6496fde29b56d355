"""Case of an entry: facts of invoice, queue entry, ERP and person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..documents import WORKER
from ..money import format_amount
from ..rules.case import Case
from ..values import evolve
from .knowledge import can_repeat, find_last_settle_time, is_complete, is_left_accepted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Actor, ExportDocument, QueueEntry, Restore
    from ..rules.policy import Policy


def _list_stored_facts(entry: QueueEntry) -> dict[str, Any]:
    """Return the facts of the invoice that the entry itself keeps."""
    document = entry.document
    facts: dict[str, Any] = {"invoice_id": entry.id, "document": document}
    if document is not None:
        facts["project_id"] = document.project_id
        facts["invoice_number"] = document.invoice_number
    return facts


def build_entry_case(entry: QueueEntry) -> Case:
    """Return the facts of the invoice that the entry itself keeps: enough for acts on the entry."""
    return Case(**_list_stored_facts(entry))


def _list_entry_facts(
    entry: QueueEntry, at: datetime, erp: Declaration | None, restore: Restore | None = None
) -> dict[str, Any]:
    """Return the facts of the queue: where the entry stands, what is known and what is in doubt."""
    settles_at = find_last_settle_time(entry, erp, restore)
    leased = entry.lease is not None and entry.lease.until > at
    return {
        "erp": erp,
        "entry_id": entry.id,
        "export_status": entry.status,
        "version": entry.version,
        "sent_by": entry.sent_by,
        "leased": leased,
        "in_doubt": bool(entry.in_doubt),
        "left": entry.is_left,
        "left_is_accepted": is_left_accepted(entry),
        "acceptance_stands": entry.acceptance_stands,
        "complete": is_complete(entry),
        "withdrawing": entry.withdrawing,
        "settled": settles_at is None or at >= settles_at,
        "settles_at": settles_at,
        "today": at.date(),
        "replayable": can_repeat(entry, at, erp),
        "is_due": entry.due_at is not None and entry.due_at <= at and not leased,
    }


def add_entry_facts(
    case: Case,
    entry: QueueEntry,
    *,
    at: datetime,
    actor: Actor,
    policy: Policy,
    erp: Declaration | None,
    restore: Restore | None = None,
    **given: Any,  # noqa: ANN401 - the case's own fields, checked when it is built
) -> Case:
    """
    Return the case with the facts of its entry, at this moment, for this person and ERP.

    ``restore`` is the last restore of the database, which matters if absence is stated.
    """
    of_entry = _list_entry_facts(entry, at, erp, restore)
    facts = {"actor": actor, "policy": policy, **of_entry, **given}
    facts["changes"] = list_changes(entry.document, case.document)
    facts["fields_changed"] = _are_other_fields(entry, given.get("export_fields"))
    return evolve(case, **facts)


def _are_other_fields(entry: QueueEntry, given: Mapping[str, str] | None) -> bool:
    accepted = entry.acceptance.fields if entry.acceptance else {}
    return given is not None and dict(given) != dict(accepted)


def build_system_case(entry: QueueEntry, *, at: datetime, erp: Declaration | None) -> Case:
    """Return the case of an action of the worker, which needs no facts of the host."""
    return Case(actor=WORKER, **_list_stored_facts(entry), **_list_entry_facts(entry, at, erp))


#: The amounts that a list of changes compares.
_TOTALS = ("gross", "retained", "released")


def list_changes(sent: ExportDocument | None, now: ExportDocument | None) -> tuple[str, ...]:
    """
    Return what differs between a document as it was sent and as it is now.

    Each difference names both values: ``gross (100.00 USD → 120.00 USD)``.
    Attachments are no part of it: they alone may change.
    """
    if sent is None or now is None or sent == now:
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
