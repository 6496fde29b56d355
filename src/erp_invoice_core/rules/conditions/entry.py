"""What must be true of the queue entry, and of what a person says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import UnlinkForm, WithdrawForm
from ...verdict import Remedy
from ...vocabulary import Action
from .acts import APPROVER, ENTRY_VERBS, ERP_ADMIN, SUBMITTING, WORKER
from .condition import Condition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..case import Case

__all__ = ["ENTRY"]

_RULING = frozenset({Action.RULE})
_WITHDRAWING = frozenset({Action.WITHDRAW})
_POSTING = frozenset({Action.POST, Action.RESUME})
_CHANGING = frozenset(
    {Action.EDIT, Action.DELETE, Action.CHANGE_STATUS, Action.SUBMIT, Action.REVIEW}
)
_UNLEASED = frozenset({Action.REJECT, Action.WITHDRAW, Action.RULE, Action.RETRY, Action.UNLINK})
_CERTAIN = frozenset(
    {
        Action.REJECT,
        Action.RETRY,
        Action.WITHDRAW,
        Action.UNLINK,
        Action.RELEASE,
        Action.DEFER,
        Action.REFUSE,
        Action.POST,
    }
)
_SETTLED = frozenset({Action.REJECT, Action.RETRY, Action.RULE, Action.WITHDRAW})


def _has_reason(case: Case) -> bool:
    return bool(case.reason and case.reason.strip()) or not case.policy.reason_required


def _has_evidence(case: Case) -> bool:
    return bool(case.evidence and case.evidence.strip())


def _is_not_by_hand(case: Case) -> bool:
    return case.erp is not None and case.erp.withdraw is not WithdrawForm.BY_HAND


def _versions(case: Case) -> Mapping[str, str]:
    return {"seen": str(case.version_seen), "version": str(case.version)}


def _until(case: Case) -> Mapping[str, str]:
    moment = case.settles_at
    return {"until": f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "late requests are dead"}


_WAIT = (Remedy("Wait for the answer.", WORKER),)
_LOOK_UP = Remedy("Wait until it is looked up.", WORKER)
_RULE = Remedy("Rule with evidence on what happened there.", ERP_ADMIN)
_WITHDRAW = Remedy("Withdraw what was left in the ERP.", APPROVER)
_REJECT = Remedy("Reject it, so that it can be sent again.", APPROVER)
_LOOK_AGAIN = (Remedy("Look at it again.", "You"),)

# fmt: off
ENTRY: tuple[Condition, ...] = (
    Condition(
        code="reason.required", acts=frozenset({Action.REJECT}), is_met=_has_reason,
        sentence="Give a reason: whoever sent the invoice must know what to change.",
        remedies=(Remedy("Give a reason.", "You"),),
    ),
    Condition(
        code="evidence.required", acts=_RULING, is_met=_has_evidence,
        sentence="Say in words how you know what happened in the ERP.",
        remedies=(Remedy("Give evidence.", "You"),),
    ),
    Condition(
        code="evidence.required", acts=_WITHDRAWING,
        is_met=lambda case: _has_evidence(case) or _is_not_by_hand(case),
        sentence="Remove the document in the ERP by hand, and say in words that it is gone.",
        remedies=(Remedy("Remove it there and give evidence.", APPROVER),),
    ),
    Condition(
        code="evidence.required", acts=frozenset({Action.UNLINK}),
        is_met=lambda case: case.erp is not None or _has_evidence(case),
        sentence="Look up in the ERP that the document is gone, and say in words how you know.",
        remedies=(Remedy("Delete it there and give evidence.", APPROVER),),
    ),
    Condition(
        code="entry.changed", acts=ENTRY_VERBS, facts=_versions, usual=("version_seen", None),
        is_met=lambda case: case.version_seen is None or case.version_seen == case.version,
        sentence="Look at the invoice again: it has changed since you saw version {seen}.",
        remedies=_LOOK_AGAIN,
    ),
    Condition(
        code="entry.changed", acts=_RULING,
        is_met=lambda case: case.version_seen is not None,
        sentence="Say which version you looked at.",
        remedies=_LOOK_AGAIN,
    ),
    Condition(
        code="export.leased", acts=_UNLEASED, usual=("leased", False),
        is_met=lambda case: case.leased is False,
        sentence="Wait until the worker has given this invoice back.",
        remedies=_WAIT,
    ),
    Condition(
        code="export.in_doubt", acts=_CERTAIN, usual=("in_doubt", False),
        is_met=lambda case: case.in_doubt is False,
        sentence="Wait until it is known what the last call did in the ERP, or have it ruled.",
        remedies=(_LOOK_UP, _RULE),
    ),
    Condition(
        code="export.draft_left", acts=_CHANGING | SUBMITTING | {Action.REJECT},
        is_met=lambda case: case.left is False and case.in_doubt is False,
        sentence="Have what was left of this invoice in the ERP withdrawn first.",
        remedies=(_WITHDRAW, _RULE),
    ),
    Condition(
        code="export.draft_left", acts=frozenset({Action.RETRY}), usual=("left", False),
        is_met=lambda case: case.left is False or case.left_is_accepted is True,
        sentence="Have what was left in the ERP withdrawn first: it is not what was accepted.",
        remedies=(_WITHDRAW, _RULE),
    ),
    Condition(
        code="export.withdrawing", acts=_SETTLED, usual=("withdrawing", False),
        is_met=lambda case: case.withdrawing is False,
        sentence="Wait until the withdrawal that was asked for is answered.",
        remedies=_WAIT,
    ),
    Condition(
        code="export.nothing_left", acts=_WITHDRAWING, usual=("left", True),
        is_met=lambda case: case.left is True,
        sentence="Reject or retry this invoice: nothing of it was left in the ERP.",
        remedies=(_REJECT,),
    ),
    Condition(
        code="export.not_settled", acts=_RULING, facts=_until, usual=("settled", True),
        is_met=lambda case: case.settled is True or not case.rules_absent,
        sentence="Wait until {until} before you rule it absent: a late request could still be"
        " carried out.",
        remedies=(Remedy("Wait until late requests are dead.", WORKER),),
    ),
    Condition(
        code="export.document_stands", acts=_RULING, usual=("denies_receipt", False),
        is_met=lambda case: case.denies_receipt is False or not case.rules_absent,
        sentence="Have the document withdrawn first: the ERP confirmed that it has it.",
        remedies=(_WITHDRAW,),
    ),
    Condition(
        code="export.calls_unruled", acts=_RULING, usual=("settles_all", True),
        is_met=lambda case: case.settles_all is True,
        sentence="Say of every call in doubt whether it happened.",
        remedies=(Remedy("Rule on each call.", ERP_ADMIN),),
    ),
    Condition(
        code="export.not_gone", acts=frozenset({Action.UNLINK}), usual=("gone", True),
        is_met=lambda case: case.gone is True
        or (case.erp is not None and case.erp.unlink is UnlinkForm.FREE),
        sentence="Delete the invoice's documents in the ERP first: they are still there.",
        remedies=(Remedy("Delete them in the ERP.", "Accounting"),),
    ),
    Condition(
        code="export.incomplete", acts=frozenset({Action.POST}), usual=("complete", True),
        is_met=lambda case: case.complete is True,
        sentence="Wait until every step of the export has its receipt.",
        remedies=_WAIT,
    ),
    Condition(
        code="export.not_accepted", acts=_POSTING | {Action.START, Action.RETRY},
        usual=("acceptance_stands", True),
        is_met=lambda case: case.acceptance_stands is True,
        sentence="Have this version of the invoice accepted first.",
        remedies=(Remedy("Accept it.", APPROVER),),
    ),
    Condition(
        code="export.second_document", acts=_POSTING, usual=("left_is_accepted", True),
        is_met=lambda case: case.left_is_accepted is True,
        sentence="Have what is not of the accepted invoice removed from the ERP first.",
        remedies=(_WITHDRAW, _RULE),
    ),
    Condition(
        code="export.doubt_remains", acts=frozenset({Action.RESUME}), usual=("in_doubt", False),
        is_met=lambda case: case.in_doubt is False or case.replayable is True,
        sentence="Wait until it is known what the last call did in the ERP, or have it ruled.",
        remedies=(_LOOK_UP, _RULE),
    ),
    Condition(
        code="export.not_due", acts=frozenset({Action.CLAIM}), usual=("is_due", True),
        is_met=lambda case: case.is_due is True,
        sentence="Wait until this invoice is due.",
        remedies=_WAIT,
    ),
)
# fmt: on
