"""The groups of acts that conditions concern, and the people who can help."""

from __future__ import annotations

from ...vocabulary import Action

__all__ = [
    "ACCOUNTING",
    "APPROVER",
    "CONSENTING",
    "ENTRY_VERBS",
    "ERP_ADMIN",
    "EXPORTING",
    "HOST",
    "PROJECT_ADMIN",
    "SENDING",
    "SUBMITTING",
    "WORKER",
]

#: An invoice is handed to the ERP tool.
SUBMITTING = frozenset({Action.SEND, Action.RESEND})
#: The invoice must be fit for the ERP: at the sending, and again before the first write.
SENDING = SUBMITTING | {Action.START}
#: Somebody consents to the export.
CONSENTING = frozenset({Action.ACCEPT, Action.RETRY})
#: From consent to the first write.
EXPORTING = CONSENTING | {Action.START}
#: What people do with an entry.
ENTRY_VERBS = SUBMITTING | {
    Action.RETRIEVE,
    Action.ACCEPT,
    Action.REJECT,
    Action.RETRY,
    Action.WITHDRAW,
    Action.RULE,
    Action.UNLINK,
}

PROJECT_ADMIN = "Admin on the Commitments tool"
APPROVER = "Accounting approver"
ERP_ADMIN = "Admin on the ERP Integrations tool"
ACCOUNTING = "Accounting"
HOST = "Host application"
WORKER = "Worker"
