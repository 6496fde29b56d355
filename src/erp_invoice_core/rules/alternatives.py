"""
Alternatives to an action that the export status does not allow.

The denial of such an action says in which status the invoice is, and what a person can do instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..values import Value
from ..vocabulary import Action, ExportStatus
from .remedies import REJECT, all_of, one_of
from .remedy_rows import (
    ACCEPT,
    RESEND,
    RESOLVE,
    RETRIEVE,
    RETRY,
    SEND,
    UNLINK_AFTER_DELETION,
    WAIT_FOR_ANSWER,
    WAIT_FOR_LOOK_UP,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .remedies import Alternatives


@attrs.frozen(eq=False, repr=False)
class Alternative(Value):
    """
    The sentence about an export status, and the alternatives to the action.

    Attributes:
        sentence: The status, and the thing to do.
        remedies: The alternatives; none if there is nothing to do.
    """

    sentence: str
    remedies: Alternatives = ()


# No row leads back to its own status, so that following the alternatives ends where the action is
# allowed or where there is nothing to do.
_SEND = Alternative("This invoice is not sent to the ERP tool. Send it.", one_of(SEND))
_SEND_AGAIN = Alternative("This invoice was retrieved from the ERP tool. Send it.", one_of(SEND))
_RETRIEVE = Alternative(
    "This invoice waits for the accounting approver. Retrieve it first.", one_of(RETRIEVE)
)
_RETRIEVE_OR_REJECT = Alternative(
    "This invoice waits for the accounting approver. Retrieve it, or have it rejected with a reason.",
    one_of(RETRIEVE, REJECT),
)
_REJECT_READY = Alternative(
    "This invoice waits for the accounting approver. Have it rejected with a reason.",
    one_of(REJECT),
)
_ACCEPT = Alternative("This invoice waits for the accounting approver. Accept it.", one_of(ACCEPT))
_RESEND = Alternative("The accounting approver rejected this invoice. Re-send it.", one_of(RESEND))
_REJECT_ACCEPTED = Alternative(
    "This invoice is accepted and waits for its export. To change it, have it rejected with a"
    " reason first.",
    one_of(REJECT),
)
_WAIT = Alternative(
    "This invoice is being exported. Wait for the answer of the ERP.", one_of(WAIT_FOR_ANSWER)
)
_REJECT_FAILED = Alternative(
    "The export of this invoice failed. Have the invoice rejected with a reason; then it can be"
    " sent again.",
    one_of(REJECT),
)
_RETRY_OR_REJECT = Alternative(
    "The export of this invoice failed. Retry the export, or reject the invoice with a reason and"
    " have it sent again.",
    (*one_of(RETRY), *all_of(REJECT, RESEND)),
)
# A document that was not accepted cannot be retried.
_REJECT_AND_RESEND = Alternative(
    "The export of this invoice failed, and its current version is not accepted. Reject the invoice"
    " with a reason, and have it sent again.",
    all_of(REJECT, RESEND),
)
_LOOK_UP = Alternative(
    "It is not known whether the ERP has this invoice. Wait until a worker has looked there, or"
    " resolve the invoice: state with evidence what happened.",
    one_of(WAIT_FOR_LOOK_UP, RESOLVE),
)
_UNLINK = Alternative(
    "This invoice is in the ERP. Delete its documents there and unlink it first.",
    UNLINK_AFTER_DELETION,
)

# There is nothing to do instead of the action.
_NOTHING: Mapping[ExportStatus, Alternative] = {
    status: Alternative(sentence)
    for status, sentence in (
        (ExportStatus.NOT_SENT, "This invoice is not sent to the ERP tool. Leave it as it is."),
        (ExportStatus.READY, "This invoice waits for the accounting approver. Leave it as it is."),
        (
            ExportStatus.RETRIEVED,
            "This invoice was retrieved from the ERP tool. Leave it as it is.",
        ),
        (
            ExportStatus.REJECTED,
            "The accounting approver rejected this invoice. Leave it as it is.",
        ),
        (
            ExportStatus.ACCEPTED,
            "This invoice is accepted and waits for its export. Leave it as it is.",
        ),
        (ExportStatus.EXPORTING, "This invoice is being exported. Leave it as it is."),
        (ExportStatus.FAILED, "The export of this invoice failed. Leave the invoice as it is."),
        (
            ExportStatus.UNKNOWN,
            "It is not known whether the ERP has this invoice. Leave it as it is.",
        ),
        (ExportStatus.SYNCED, "This invoice is in the ERP. Leave it as it is."),
    )
}

# For actions that need the invoice open.
_OPEN: Mapping[ExportStatus, Alternative] = {
    ExportStatus.READY: _RETRIEVE_OR_REJECT,
    ExportStatus.ACCEPTED: _REJECT_ACCEPTED,
    ExportStatus.EXPORTING: _WAIT,
    ExportStatus.FAILED: _REJECT_FAILED,
    ExportStatus.UNKNOWN: _LOOK_UP,
    ExportStatus.SYNCED: _UNLINK,
}
# For actions that take it back from the ERP tool.
_BACK: Mapping[ExportStatus, Alternative] = {
    ExportStatus.EXPORTING: _WAIT,
    ExportStatus.UNKNOWN: _LOOK_UP,
    ExportStatus.SYNCED: _UNLINK,
}
# For actions that bring it to the ERP. A synced invoice needs nothing more.
_ONWARD: Mapping[ExportStatus, Alternative] = {
    ExportStatus.NOT_SENT: _SEND,
    ExportStatus.RETRIEVED: _SEND_AGAIN,
    ExportStatus.REJECTED: _RESEND,
    ExportStatus.UNKNOWN: _LOOK_UP,
}
_ALTERNATIVES: Mapping[Action, Mapping[ExportStatus, Alternative]] = {
    Action.SEND: {
        **_OPEN,
        ExportStatus.READY: _RETRIEVE,
        ExportStatus.REJECTED: _RESEND,
    },
    Action.RESEND: {
        **_OPEN,
        ExportStatus.NOT_SENT: _SEND,
        ExportStatus.RETRIEVED: _SEND_AGAIN,
        ExportStatus.READY: _REJECT_READY,
    },
    Action.RETRIEVE: _OPEN,
    Action.UNLINK: _OPEN,
    Action.ACCEPT: {**_ONWARD, ExportStatus.FAILED: _RETRY_OR_REJECT},
    Action.RETRY: {**_ONWARD, ExportStatus.READY: _ACCEPT},
    Action.REJECT: _BACK,
    Action.WITHDRAW: _BACK,
    Action.RULE: {ExportStatus.EXPORTING: _WAIT},
    **dict.fromkeys(
        (Action.EDIT, Action.DELETE, Action.CHANGE_STATUS, Action.SUBMIT, Action.REVIEW), _OPEN
    ),
}


def find_alternative(
    action: Action, status: ExportStatus, *, is_accepted: bool = True
) -> Alternative:
    """
    Return what a person can do instead of an action that the export status does not allow.

    Without an alternative, as for actions of the system, there is only the sentence about the
    status. ``is_accepted`` is False if the current version of a failed invoice is not accepted.
    """
    if action is Action.ACCEPT and status is ExportStatus.FAILED and not is_accepted:
        return _REJECT_AND_RESEND
    return _ALTERNATIVES.get(action, {}).get(status, _NOTHING[status])
