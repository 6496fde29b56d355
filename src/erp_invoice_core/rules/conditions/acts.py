"""The groups of acts that conditions concern."""

from __future__ import annotations

from ...vocabulary import Action

__all__ = [
    "CONSENTING",
    "ENTRY_VERBS",
    "EXPORTING",
    "SENDING",
    "SUBMITTING",
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
