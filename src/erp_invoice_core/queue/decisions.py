"""The case on which a verb is decided: invoice, entry, ERP, person, what the person gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..documents import CallKind
from ..flow import case_of_entry, facing
from ..verdict import Denial, Source, Verdict
from ..vocabulary import Action

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from ..declaration import Declaration
    from ..documents import Actor, NumberUse, QueueEntry
    from ..flow import Ruling
    from ..rules import Case, Policy

__all__ = ["ASKED", "TAKEN", "UNKNOWN_INVOICE", "given_for", "posed"]

#: The acts for which the host's facts are asked.
ASKED = frozenset(
    {
        Action.SEND,
        Action.RESEND,
        Action.ACCEPT,
        Action.RETRY,
        Action.UNLINK,
        Action.EDIT,
        Action.EDIT_ATTACHMENTS,
        Action.CHANGE_STATUS,
        Action.SUBMIT,
        Action.REVIEW,
        Action.DELETE,
    }
)

TAKEN = Verdict(
    (
        Denial(
            "export.erp_id_taken",
            "Check the ERP id: it belongs to another invoice, or to an earlier sending.",
            Source.CONDITION,
        ),
    )
)

UNKNOWN_INVOICE = Verdict(
    (Denial("invoice.unknown", "Check the id: there is no such invoice.", Source.CONDITION),)
)


def posed(
    case: Case | None,
    entry: QueueEntry,
    *,
    at: datetime,
    actor: Actor,
    policy: Policy,
    erp: Declaration | None,
    holder: NumberUse | None,
    given: Mapping[str, Any],
) -> Case:
    """Return the whole case; ``holder`` is who else has the number of the invoice, if anyone."""
    words = {"slot_is_free": holder is None, "slot_holder": holder, **given}
    return facing(
        case or case_of_entry(entry), entry, at=at, actor=actor, policy=policy, erp=erp, **words
    )


def given_for(
    entry: QueueEntry,
    evidence: str | None,
    ruling: Ruling | None = None,
    shown_gone: Collection[str] = (),
) -> dict[str, Any]:
    """Return the facts that a person's evidence, or ruling, adds; ERP ids are shown to be gone."""
    given: dict[str, Any] = {"evidence": evidence}
    if ruling is not None:
        given |= {
            "rules_absent": ruling.rules_absent(entry),
            "settles_all": ruling.settles_all(entry),
            "denies_receipt": not {one.erp_id for one in ruling.denied(entry)} <= set(shown_gone),
        }
    elif evidence and evidence.strip():
        writes = any(call.kind is CallKind.WRITE for call in entry.in_doubt)
        given |= {"in_doubt": writes, "withdrawing": False}
    return given
