"""Conditions on the queue entry, and on reasons and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import UnlinkForm, WithdrawForm
from ...vocabulary import Action, ExportStatus
from ..remedies import REJECT, all_of, one_of
from ..remedy_rows import (
    ACCEPT,
    DELETE_THERE,
    GIVE_EVIDENCE,
    GIVE_REASON,
    KEEP_RECEIPT,
    LOOK_AGAIN,
    MAKE_READABLE,
    REMOVE_THERE,
    RESEND,
    RESOLVE,
    RESOLVE_EACH,
    RESOLVE_GONE,
    VOID_PAYMENTS,
    WAIT_FOR_ANSWER,
    WAIT_FOR_LOOK_UP,
    WAIT_FOR_SETTLEMENT,
    WAIT_UNTIL_DUE,
    WITHDRAW,
)
from .condition import ENTRY_VERBS, SUBMITTING, UNKNOWN, Condition, join_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..case import Case


_RESOLVING = frozenset({Action.RULE})
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
#: The statuses of an invoice that waits for no export, so that it lacks no acceptance.
_NOT_EXPORTED = frozenset(
    map(ExportStatus, ("not_sent", "ready", "retrieved", "rejected", "synced"))
)
_SETTLED = frozenset({Action.REJECT, Action.RETRY, Action.RULE, Action.WITHDRAW})


def _has_reason(case: Case) -> bool:
    return bool(case.reason and case.reason.strip()) or not case.policy.reason_required


def _has_evidence(case: Case) -> bool:
    return bool(case.evidence and case.evidence.strip())


def _is_not_by_hand(case: Case) -> bool:
    return case.erp is not None and case.erp.withdraw is not WithdrawForm.BY_HAND


def _is_elsewhere(case: Case) -> bool:
    """Return whether the export status of the invoice is known and is not *synced*."""
    return case.export_status not in {None, ExportStatus.SYNCED}


def _list_versions(case: Case) -> Mapping[str, str]:
    version = UNKNOWN if case.version is None else str(case.version)
    return {"seen": str(case.version_seen), "version": version}


def _is_not_asked(case: Case) -> bool:
    """Return whether no integration was asked and no evidence says what is in the ERP."""
    return case.erp is None and not _has_evidence(case)


def _may_be_there(case: Case) -> bool:
    """
    Return whether documents in the ERP do not stop the unlinking of the invoice.

    They are gone, the ERP lets an invoice be unlinked at any time, or the invoice is not synced and
    another condition denies the action.
    """
    is_free = case.erp is not None and case.erp.unlink is UnlinkForm.FREE
    return case.gone is True or _is_elsewhere(case) or is_free


def _find_unread_documents(case: Case) -> Mapping[str, str]:
    return {"why": case.documents_unread or ""}


def _list_payments(case: Case) -> Mapping[str, str]:
    return {"payments": join_values(case.erp_payments)}


def _format_until(case: Case) -> Mapping[str, str]:
    moment = case.settles_at
    return {"until": f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""}


_WAIT = one_of(WAIT_FOR_ANSWER)
_SETTLE = one_of(WAIT_FOR_LOOK_UP, RESOLVE)
_CLEAR = (*one_of(WITHDRAW), *all_of(REMOVE_THERE, RESOLVE_GONE))

# fmt: off
ENTRY: tuple[Condition, ...] = (
    Condition(
        code="reason.required", acts=frozenset({Action.REJECT}), is_met=_has_reason,
        sentence="A rejection needs a reason, so that the sender knows what to change. Give one.",
        remedies=one_of(GIVE_REASON),
    ),
    Condition(
        code="evidence.required", acts=_RESOLVING, when={"action": "rule"}, is_met=_has_evidence,
        sentence="The evidence for what happened in the ERP is missing. State how you know it.",
        remedies=one_of(GIVE_EVIDENCE),
    ),
    Condition(
        code="evidence.required", acts=_WITHDRAWING, when={"action": "withdraw"},
        is_met=lambda case: _has_evidence(case) or _is_not_by_hand(case) or case.left is False,
        sentence="The integration cannot remove the document of this invoice. Remove it in the ERP by"
        " hand, and state as evidence that it is gone.",
        remedies=all_of(REMOVE_THERE, GIVE_EVIDENCE),
    ),
    Condition(
        code="evidence.required", acts=frozenset({Action.UNLINK}), when={"action": "unlink"},
        is_met=lambda case: case.erp is not None or _has_evidence(case) or _is_elsewhere(case),
        sentence="The integration of this invoice's connection is not loaded or not configured, so"
        " that it cannot check whether the document is gone from the ERP. Configure the connection,"
        " or look in the ERP and state as evidence how you know that the document is gone.",
        remedies=all_of(DELETE_THERE, GIVE_EVIDENCE),
    ),
    Condition(
        code="entry.changed", acts=ENTRY_VERBS | {Action.IMPORT}, facts=_list_versions,
        is_met=lambda case: case.version_seen is None or case.version_seen == case.version,
        sentence="The invoice is at version {version}, and you saw version {seen}. Look at it again.",
        unknown_if=("version",),
        unknown="The current version of the invoice is not known, and you saw version {seen}. Have"
        " the host application supply the current version.",
        remedies=one_of(LOOK_AGAIN),
    ),
    Condition(
        code="entry.changed", acts=_RESOLVING,
        is_met=lambda case: case.version_seen is not None,
        sentence="It is not stated which version of the invoice you saw. State this version, in the"
        " command with --expect and in Python with expect.",
        remedies=one_of(LOOK_AGAIN),
    ),
    Condition(
        code="export.leased", acts=_UNLEASED, usual=("leased", False),
        sentence="A worker is working on this invoice. Wait until the worker has finished.",
        unknown_if=("leased",),
        unknown="It is not known whether a worker is working on this invoice. Have the host"
        " application supply this fact.",
        remedies=_WAIT,
    ),
    Condition(
        code="export.in_doubt", acts=_CERTAIN, usual=("in_doubt", False),
        sentence="It is not known what the last request of this export did in the ERP. Wait until a"
        " worker has looked there, or resolve the invoice: state with evidence what happened.",
        remedies=_SETTLE,
    ),
    Condition(
        code="export.draft_left", acts=_CHANGING | SUBMITTING | {Action.REJECT},
        usual=("left", False),
        sentence="A document of this invoice is left in the ERP. Withdraw that document first.",
        unknown_if=("left",),
        unknown="It is not known whether a document of this invoice is left in the ERP. Have the"
        " host application supply this fact.",
        remedies=_CLEAR,
    ),
    Condition(
        code="export.draft_left", acts=_CHANGING | SUBMITTING, usual=("in_doubt", False),
        when={"in_doubt": "yes"}, is_met=lambda case: case.in_doubt is False or case.left is not False,
        sentence="It is not known what the last request of this export did in the ERP. Wait until a"
        " worker has looked there, or resolve the invoice: state with evidence what happened.",
        remedies=_SETTLE,
    ),
    Condition(
        code="export.draft_left", acts=frozenset({Action.RETRY}), usual=("left", False),
        when={"action": "retry"},
        is_met=lambda case: case.left is False or case.left_is_accepted is True,
        sentence="The documents of this invoice that are left in the ERP are not exactly those of"
        " its accepted version. Withdraw these documents first.",
        unknown_if=("left", "left_is_accepted"),
        unknown="It is not known whether documents are left in the ERP that are not exactly those"
        " of the accepted version of this invoice. Have the host application supply this fact.",
        remedies=_CLEAR,
    ),
    Condition(
        code="export.withdrawing", acts=_SETTLED, usual=("withdrawing", False),
        sentence="The document of this invoice is being withdrawn from the ERP. Wait until the"
        " withdrawal has finished.",
        unknown_if=("withdrawing",),
        unknown="It is not known whether the document of this invoice is being withdrawn from the"
        " ERP. Have the host application supply this fact.",
        remedies=_WAIT,
    ),
    Condition(
        code="export.nothing_left", acts=_WITHDRAWING, usual=("left", True),
        sentence="No document of a failed export of this invoice is left in the ERP, so there is"
        " nothing to withdraw.",
        unknown_if=("left",),
        unknown="It is not known whether a document of a failed export of this invoice is left in"
        " the ERP. Have the host application supply this fact.",
    ),
    Condition(
        code="export.not_settled", acts=_RESOLVING, facts=_format_until, usual=("settled", True),
        is_met=lambda case: case.settled is True or not case.rules_absent,
        sentence="Until {until} the ERP may still carry out a delayed request of this export. Wait"
        " until then before you state that a document is absent.",
        fallback="The ERP may still carry out a delayed request of this export. Wait before you"
        " state that a document is absent.",
        unknown_if=("settled",),
        unknown="It is not known whether the ERP may still carry out a delayed request of this"
        " export. Have the host application supply this fact before you state that a document is"
        " absent.",
        remedies=one_of(WAIT_FOR_SETTLEMENT),
    ),
    Condition(
        code="export.document_stands", acts=_RESOLVING, usual=("denies_receipt", False),
        is_met=lambda case: case.denies_receipt is False or not case.rules_absent,
        sentence="The ERP has confirmed a document that you state to be absent. State that it exists,"
        " and withdraw it afterwards.",
        unknown_if=("denies_receipt",),
        unknown="It is not known whether the ERP has confirmed a document that you state to be"
        " absent. Have the host application supply this fact.",
        remedies=one_of(KEEP_RECEIPT),
    ),
    Condition(
        code="export.calls_unruled", acts=_RESOLVING, usual=("settles_all", True),
        sentence="The resolution does not say for every step with an unknown outcome whether the"
        " ERP carried it out. State this for each of these steps.",
        unknown_if=("settles_all",),
        unknown="It is not known whether the resolution says for every step with an unknown outcome"
        " whether the ERP carried it out. Have the host application supply this fact.",
        remedies=one_of(RESOLVE_EACH),
    ),
    Condition(
        code="export.not_gone", acts=frozenset({Action.UNLINK}), usual=("gone", True),
        is_met=lambda case: not case.documents_unread or _may_be_there(case),
        sentence="The documents of this invoice could not be read in the ERP, and may still be there."
        " Try again later. The reason is: {why}",
        facts=_find_unread_documents, remedies=one_of(MAKE_READABLE),
    ),
    Condition(
        code="export.not_gone", acts=frozenset({Action.UNLINK}), usual=("gone", True),
        is_met=lambda case: (
            bool(case.documents_unread) or _may_be_there(case) or _is_not_asked(case)
        ),
        sentence="The documents of this invoice are still in the ERP. Delete them there first.",
        unknown_if=("gone",),
        unknown="It is not known whether the documents of this invoice are still in the ERP. Have"
        " the host application supply this fact.",
        remedies=one_of(DELETE_THERE),
    ),
    Condition(
        code="export.paid", acts=frozenset({Action.UNLINK}), usual=("erp_payments", ()),
        is_met=lambda case: not case.erp_payments or _is_elsewhere(case), facts=_list_payments,
        sentence="The ERP has payments of this invoice: {payments}. Void them there first.",
        remedies=one_of(VOID_PAYMENTS),
    ),
    Condition(
        code="export.incomplete", acts=frozenset({Action.POST}), usual=("complete", True),
        sentence="The ERP has not yet confirmed every step of the export. Wait until it has.",
        unknown_if=("complete",),
        unknown="It is not known whether the ERP has confirmed every step of the export. Have the"
        " host application supply this fact.",
        remedies=_WAIT,
    ),
    Condition(
        code="export.not_accepted", acts=_POSTING | {Action.START, Action.RETRY},
        usual=("acceptance_stands", True),
        is_met=lambda case: case.acceptance_stands is True or case.export_status in _NOT_EXPORTED,
        sentence="The current version of this invoice is not accepted. Reject it, re-send it, and have"
        " it accepted.",
        unknown_if=("acceptance_stands",),
        unknown="It is not known whether the current version of this invoice is accepted. Have the"
        " host application supply this fact.",
        remedies=all_of(REJECT, RESEND, ACCEPT),
    ),
    Condition(
        code="export.second_document", acts=_POSTING, usual=("left_is_accepted", True),
        sentence="The ERP has documents of this invoice that are not exactly those of its accepted"
        " version. Remove these documents first.",
        unknown_if=("left_is_accepted",),
        unknown="It is not known whether the ERP has documents of this invoice that are not exactly"
        " those of its accepted version. Have the host application supply this fact.",
        remedies=_CLEAR,
    ),
    Condition(
        code="export.doubt_remains", acts=frozenset({Action.RESUME}), usual=("in_doubt", False),
        is_met=lambda case: case.in_doubt is False or case.replayable is True,
        sentence="It is not known what the last request of this export did in the ERP. Wait until a"
        " worker has looked there, or resolve the invoice: state with evidence what happened.",
        remedies=_SETTLE,
    ),
    Condition(
        code="export.not_due", acts=frozenset({Action.CLAIM}), usual=("is_due", True),
        sentence="This invoice is not due yet in the export queue. Wait until it is.",
        unknown_if=("is_due",),
        unknown="It is not known whether this invoice is due in the export queue. Have the host"
        " application supply this fact.",
        remedies=one_of(WAIT_UNTIL_DUE),
    ),
)
# fmt: on
