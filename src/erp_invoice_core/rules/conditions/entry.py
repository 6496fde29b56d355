"""Conditions on the queue entry, and on reasons and evidence."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ...declaration import UnlinkForm, WithdrawForm
from ...vocabulary import Action
from ..remedies import REJECT, all_of, one_of
from ..remedy_rows import (
    ACCEPT,
    DELETE_THERE,
    GIVE_EVIDENCE,
    GIVE_REASON,
    KEEP_RECEIPT,
    LOOK_AGAIN,
    REMOVE_THERE,
    RESEND,
    RULE,
    RULE_EACH,
    RULE_GONE,
    WAIT_FOR_ANSWER,
    WAIT_FOR_LOOK_UP,
    WAIT_FOR_SETTLEMENT,
    WITHDRAW,
)
from .condition import ENTRY_VERBS, SUBMITTING, Condition, Facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..case import Case


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


def _act(name: str) -> Facts:
    facts: Mapping[str, str] = MappingProxyType({"action": name})
    return lambda _: facts


_IN_DOUBT: Mapping[str, str] = MappingProxyType({"in_doubt": "yes"})


def _doubted(_case: Case) -> Mapping[str, str]:
    return _IN_DOUBT


_WAIT = one_of(WAIT_FOR_ANSWER)
_SETTLE = one_of(WAIT_FOR_LOOK_UP, RULE)
_CLEAR = (*one_of(WITHDRAW), *all_of(REMOVE_THERE, RULE_GONE))

# fmt: off
ENTRY: tuple[Condition, ...] = (
    Condition(
        code="reason.required", acts=frozenset({Action.REJECT}), is_met=_has_reason,
        sentence="Give a reason: whoever sent the invoice must know what to change.",
        remedies=one_of(GIVE_REASON),
    ),
    Condition(
        code="evidence.required", acts=_RULING, facts=_act("rule"), is_met=_has_evidence,
        sentence="Say in words how you know what happened in the ERP.",
        remedies=one_of(GIVE_EVIDENCE),
    ),
    Condition(
        code="evidence.required", acts=_WITHDRAWING, facts=_act("withdraw"),
        is_met=lambda case: _has_evidence(case) or _is_not_by_hand(case),
        sentence="Remove the document in the ERP by hand, and say in words that it is gone.",
        remedies=all_of(REMOVE_THERE, GIVE_EVIDENCE),
    ),
    Condition(
        code="evidence.required", acts=frozenset({Action.UNLINK}), facts=_act("unlink"),
        is_met=lambda case: case.erp is not None or _has_evidence(case),
        sentence="Look up in the ERP that the document is gone, and say in words how you know.",
        remedies=all_of(DELETE_THERE, GIVE_EVIDENCE),
    ),
    Condition(
        code="entry.changed", acts=ENTRY_VERBS, facts=_versions, usual=("version_seen", None),
        is_met=lambda case: case.version_seen is None or case.version_seen == case.version,
        sentence="Look at the invoice again: it has changed since you saw version {seen}.",
        remedies=one_of(LOOK_AGAIN),
    ),
    Condition(
        code="entry.changed", acts=_RULING,
        is_met=lambda case: case.version_seen is not None,
        sentence="Say which version you looked at.",
        remedies=one_of(LOOK_AGAIN),
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
        remedies=_SETTLE,
    ),
    Condition(
        code="export.draft_left", acts=_CHANGING | SUBMITTING | {Action.REJECT},
        usual=("left", False),
        is_met=lambda case: case.left is False,
        sentence="Have what was left of this invoice in the ERP withdrawn first.",
        remedies=_CLEAR,
    ),
    Condition(
        code="export.draft_left", acts=_CHANGING | SUBMITTING, usual=("in_doubt", False),
        facts=_doubted, is_met=lambda case: case.in_doubt is False or case.left is not False,
        sentence="Wait until it is known what the last call did in the ERP, or have it ruled.",
        remedies=_SETTLE,
    ),
    Condition(
        code="export.draft_left", acts=frozenset({Action.RETRY}), usual=("left", False),
        facts=_act("retry"),
        is_met=lambda case: case.left is False or case.left_is_accepted is True,
        sentence="Have what was left in the ERP withdrawn first: it is not what was accepted.",
        remedies=_CLEAR,
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
        sentence="Nothing of this invoice was left in the ERP: there is nothing to withdraw.",
    ),
    Condition(
        code="export.not_settled", acts=_RULING, facts=_until, usual=("settled", True),
        is_met=lambda case: case.settled is True or not case.rules_absent,
        sentence="Wait until {until} before you rule it absent: a late request could still be"
        " carried out.",
        remedies=one_of(WAIT_FOR_SETTLEMENT),
    ),
    Condition(
        code="export.document_stands", acts=_RULING, usual=("denies_receipt", False),
        is_met=lambda case: case.denies_receipt is False or not case.rules_absent,
        sentence="Rule that it happened, and have the document withdrawn then: the ERP confirmed that"
        " it has it.",
        remedies=one_of(KEEP_RECEIPT),
    ),
    Condition(
        code="export.calls_unruled", acts=_RULING, usual=("settles_all", True),
        is_met=lambda case: case.settles_all is True,
        sentence="Say of every call in doubt whether it happened.",
        remedies=one_of(RULE_EACH),
    ),
    Condition(
        code="export.not_gone", acts=frozenset({Action.UNLINK}), usual=("gone", True),
        is_met=lambda case: case.gone is True
        or (case.erp is not None and case.erp.unlink is UnlinkForm.FREE),
        sentence="Delete the invoice's documents in the ERP first: they are still there.",
        remedies=one_of(DELETE_THERE),
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
        sentence="This version of the invoice was not accepted: reject it, re-send it and have it"
        " accepted.",
        remedies=all_of(REJECT, RESEND, ACCEPT),
    ),
    Condition(
        code="export.second_document", acts=_POSTING, usual=("left_is_accepted", True),
        is_met=lambda case: case.left_is_accepted is True,
        sentence="Have what is not of the accepted invoice removed from the ERP first.",
        remedies=_CLEAR,
    ),
    Condition(
        code="export.doubt_remains", acts=frozenset({Action.RESUME}), usual=("in_doubt", False),
        is_met=lambda case: case.in_doubt is False or case.replayable is True,
        sentence="Wait until it is known what the last call did in the ERP, or have it ruled.",
        remedies=_SETTLE,
    ),
    Condition(
        code="export.not_due", acts=frozenset({Action.CLAIM}), usual=("is_due", True),
        is_met=lambda case: case.is_due is True,
        sentence="Wait until this invoice is due.",
        remedies=_WAIT,
    ),
)
# fmt: on
