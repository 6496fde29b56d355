"""Alternatives to an action that the export status does not allow."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..vocabulary import Action, ExportStatus
from .remedies import REJECT, all_of, one_of
from .remedy_rows import (
    ACCEPT,
    RESEND,
    RETRIEVE,
    RETRY,
    RULE,
    SEND,
    UNLINK_AFTER_DELETION,
    WAIT_FOR_ANSWER,
    WAIT_FOR_LOOK_UP,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .case import Case
    from .remedies import Alternatives

__all__ = ["NOW", "in_words", "instead"]

#: The export status as the first part of a sentence.
NOW: Mapping[ExportStatus, str] = MappingProxyType(
    {
        ExportStatus.NOT_SENT: "This invoice has not been sent to the ERP tool",
        ExportStatus.READY: "This invoice waits for the accounting approver",
        ExportStatus.RETRIEVED: "This invoice was retrieved from the ERP tool",
        ExportStatus.REJECTED: "The accounting approver rejected this invoice",
        ExportStatus.ACCEPTED: "This invoice is accepted and waits for its export",
        ExportStatus.EXPORTING: "This invoice is being exported",
        ExportStatus.FAILED: "The export of this invoice failed",
        ExportStatus.UNKNOWN: "It is not known yet whether the ERP has this invoice",
        ExportStatus.SYNCED: "This invoice is in the ERP",
    }
)

# No row leads back to its own status, so that following the alternatives ends where the action is
# allowed or where there is nothing to do.
_WAIT = one_of(WAIT_FOR_ANSWER)
_IN_DOUBT = one_of(WAIT_FOR_LOOK_UP, RULE)
_REJECT = one_of(REJECT)

# Alternatives for actions that need the invoice open.
_OPEN: Mapping[ExportStatus, Alternatives] = {
    ExportStatus.READY: one_of(RETRIEVE, REJECT),
    ExportStatus.ACCEPTED: _REJECT,
    ExportStatus.EXPORTING: _WAIT,
    ExportStatus.FAILED: _REJECT,
    ExportStatus.UNKNOWN: _IN_DOUBT,
    ExportStatus.SYNCED: UNLINK_AFTER_DELETION,
}
# Alternatives for actions that take it back from the ERP tool.
_BACK: Mapping[ExportStatus, Alternatives] = {
    ExportStatus.EXPORTING: _WAIT,
    ExportStatus.UNKNOWN: _IN_DOUBT,
    ExportStatus.SYNCED: UNLINK_AFTER_DELETION,
}
# Alternatives for actions that bring it to the ERP. A synced invoice needs nothing more.
_ONWARD: Mapping[ExportStatus, Alternatives] = {
    ExportStatus.NOT_SENT: one_of(SEND),
    ExportStatus.RETRIEVED: one_of(SEND),
    ExportStatus.REJECTED: one_of(RESEND),
    ExportStatus.UNKNOWN: _IN_DOUBT,
}
_INSTEAD: Mapping[Action, Mapping[ExportStatus, Alternatives]] = {
    Action.SEND: {
        **_OPEN,
        ExportStatus.READY: one_of(RETRIEVE),
        ExportStatus.REJECTED: one_of(RESEND),
    },
    Action.RESEND: {
        **_OPEN,
        ExportStatus.NOT_SENT: one_of(SEND),
        ExportStatus.RETRIEVED: one_of(SEND),
        ExportStatus.READY: _REJECT,
    },
    Action.RETRIEVE: _OPEN,
    Action.UNLINK: _OPEN,
    Action.ACCEPT: {**_ONWARD, ExportStatus.FAILED: (*one_of(RETRY), *all_of(REJECT, RESEND))},
    Action.RETRY: {**_ONWARD, ExportStatus.READY: one_of(ACCEPT)},
    Action.REJECT: _BACK,
    Action.WITHDRAW: _BACK,
    Action.RULE: {ExportStatus.EXPORTING: _WAIT},
    **dict.fromkeys(
        (Action.EDIT, Action.DELETE, Action.CHANGE_STATUS, Action.SUBMIT, Action.REVIEW), _OPEN
    ),
}
# A document that was not accepted cannot be retried.
_NEVER_ACCEPTED: Mapping[Action, Alternatives] = {Action.ACCEPT: all_of(REJECT, RESEND)}


def instead(action: Action, status: ExportStatus, case: Case | None = None) -> Alternatives:
    """Return the alternatives to an action; none for actions of the system."""
    stands = case is None or case.acceptance_stands is True
    if status is ExportStatus.FAILED and not stands and action in _NEVER_ACCEPTED:
        return _NEVER_ACCEPTED[action]
    return _INSTEAD.get(action, {}).get(status, ())


def in_words(ways: Alternatives) -> str:
    """Return the alternatives as the end of a sentence: ``retrieve it first or reject it``."""
    return " or ".join(" and ".join(_clause(one.message) for one in way) for way in ways)


def _clause(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].removesuffix(".")
