"""What to do instead, where the export status does not let somebody do what they want."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..verdict import Remedy
from ..vocabulary import Action, ExportStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NOW", "instead"]

#: Where the invoice stands, as the beginning of a sentence.
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

_SENDER = "Admin on the Commitments tool"
_APPROVER = "Accounting approver"

_EDIT = Remedy("Edit it as it is.", "Standard on the Commitments tool")
_SEND = Remedy("Send it to the ERP tool.", _SENDER)
_RESEND = Remedy("Use Re-send.", _SENDER)
_RETRIEVE = Remedy("Retrieve it first.", _SENDER)
_ACCEPT = Remedy("Accept it.", _APPROVER)
_REJECT = Remedy("Reject it with a reason.", _APPROVER)
_RETRY = Remedy("Retry the export.", _APPROVER)
_WAIT = Remedy("Wait for the answer of the ERP.", "Worker")
_LOOK_UP = Remedy("Wait until it is looked up.", "Worker")
_RULE = Remedy(
    "Rule with evidence on what happened there.", "Admin on the ERP Integrations tool, Can Push"
)
_UNLINK = Remedy(
    "Unlink it first.", "Admin on the Commitments tool, Standard on ERP Integrations, Can Push"
)

# What somebody can do who wants the invoice open, sent, or back (project team) ...
_PROJECT: Mapping[ExportStatus, tuple[Remedy, ...]] = {
    ExportStatus.NOT_SENT: (_SEND,),
    ExportStatus.READY: (_RETRIEVE, _REJECT),
    ExportStatus.RETRIEVED: (_SEND,),
    ExportStatus.REJECTED: (_RESEND,),
    ExportStatus.ACCEPTED: (_REJECT,),
    ExportStatus.EXPORTING: (_WAIT,),
    ExportStatus.FAILED: (_REJECT,),
    ExportStatus.UNKNOWN: (_LOOK_UP, _RULE),
    ExportStatus.SYNCED: (_UNLINK,),
}
# ... and who wants it in the ERP (accounting).
_ACCOUNTING: Mapping[ExportStatus, tuple[Remedy, ...]] = {
    **_PROJECT,
    ExportStatus.READY: (_ACCEPT, _REJECT),
    ExportStatus.ACCEPTED: (_WAIT, _REJECT),
    ExportStatus.FAILED: (_RETRY, _REJECT),
}
# There is nothing to take back: it is open already.
_BACK: Mapping[ExportStatus, tuple[Remedy, ...]] = {
    **_PROJECT,
    ExportStatus.NOT_SENT: (_EDIT,),
    ExportStatus.RETRIEVED: (_EDIT,),
    ExportStatus.REJECTED: (_EDIT,),
}
_INSTEAD: Mapping[Action, Mapping[ExportStatus, tuple[Remedy, ...]]] = {
    **dict.fromkeys((Action.SEND, Action.RESEND), _PROJECT),
    **dict.fromkeys((Action.RETRIEVE, Action.UNLINK), _BACK),
    **dict.fromkeys(
        (Action.ACCEPT, Action.REJECT, Action.RETRY, Action.WITHDRAW, Action.RULE), _ACCOUNTING
    ),
    **dict.fromkeys(
        (Action.EDIT, Action.DELETE, Action.CHANGE_STATUS, Action.SUBMIT, Action.REVIEW), _PROJECT
    ),
}


def instead(action: Action, status: ExportStatus) -> tuple[Remedy, ...]:
    """Return what to do instead and who can do it; nothing for the acts of the system."""
    return _INSTEAD.get(action, {}).get(status, ())
