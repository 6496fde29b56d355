"""The reason codes that no table has: said by a move, by the queue, by the worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNRULED"]

_AGAIN = "Look at the invoice again, then retry or reject it. (Accounting approver)"

#: Code: sentence, who says it, what removes it and who can. Codes are never reused.
UNRULED: Mapping[str, tuple[str, str, str]] = {
    "permission.separation_of_duties": (
        "Ask somebody else: whoever sent an invoice does not accept it, retry it or rule on it.",
        "accept, retry, rule, where the policy says so",
        "Have another approver do it. (Another accounting approver)",
    ),
    "invoice.unknown": (
        "Check the id: there is no such invoice.",
        "every verb, where the host's facts leave an id out",
        "Name an invoice that exists. (You)",
    ),
    "invoice.id_malformed": (
        "Check the id: it is blank, has more than 255 characters, or contains control characters.",
        "every verb, for an id that no invoice can have",
        "Name an invoice that exists. (You)",
    ),
    "company.other": (
        "This database holds invoices of company ..., and this one is of another. Keep one each.",
        "send, re-send",
        "Send it from a database of its company. (Host application)",
    ),
    "entry.unreadable": (
        (
            "The stored row of invoice {id} cannot be read ({why}): have it restored from a backup. "
            "Verify says what differs; nothing is done with it until then."
        ),
        "every verb on an entry whose row was damaged",
        "Restore the row from a backup. (Whoever administers the database)",
    ),
    "document.unreadable": (
        (
            "What was loaded of {kind} {document} cannot be read: load it again. "
            "Nothing can be said of invoice {id} before."
        ),
        "the command's verbs on an invoice that needs it",
        "Load it again. (You)",
    ),
    "person.rejected": (
        "The approver's own words.",
        "reject",
        "Correct the invoice and send it again. (Admin on the Commitments tool)",
    ),
    "export.erp_id_taken": (
        "Check the ERP id: it belongs to another invoice, or to an earlier sending.",
        "rule, and whatever else names an ERP id",
        "Name the right ERP id. (Admin on the ERP Integrations tool)",
    ),
    "export.ruled_absent": (
        "Retry or reject this export: it was ruled that nothing of it is in the ERP.",
        "a ruling of absence",
        "Retry or reject it. (Accounting approver)",
    ),
    "export.number_taken": (
        (
            "Change the invoice number {number}, or withdraw or unlink invoice {other}: "
            "it holds the number in the ERP (connection {connection})."
        ),
        "the worker, before the first write",
        "Reject it and give it another number. (Accounting approver, then project team)",
    ),
    "export.changed": (
        "Look again, then retry or reject: what would be booked has changed since it was accepted.",
        "the worker, before the first write",
        _AGAIN,
    ),
    "export.declaration_changed": (
        "Look again, then retry or reject: the ERP integration declares otherwise since it was accepted.",
        "the worker, before the first write",
        _AGAIN,
    ),
    "export.new_loss": (
        "Look again, then retry or reject: other amounts would be lost since it was accepted.",
        "the worker, before the first write",
        _AGAIN,
    ),
    "export.invoice_missing": (
        "Reject this export: its invoice is not there any more.",
        "accept, retry, and the worker before the first write",
        "Reject it. (Accounting approver)",
    ),
    "export.gave_up": (
        "Find out why this export does not get through, then retry or reject it.",
        "the worker, after 20 deferrals or 5 lost claims in a row",
        "Retry or reject it. (Accounting approver)",
    ),
    "export.restored": (
        "The database was restored, and the ERP can neither be asked for the invoice nor read: look there.",
        "the worker, once for each invoice after a restore",
        "Retry if the ERP does not have it, else resolve it with its id. (Accounting approver)",
    ),
    "export.restored_differs": (
        "The ERP has a document of this invoice from before the restore that is not what was accepted.",
        "the worker, before the first write after a restore",
        "Correct or remove it there and retry, or resolve with its id. (Accounting approver)",
    ),
    "erp.already_there": (
        "Find out who entered this number in the ERP: a document with it is there already.",
        "the worker, before the first write",
        "Remove it there and retry, or reject. (Accounting)",
    ),
    "erp.second_document": (
        "Check the document in the ERP: it was made for this invoice besides the one that is on record.",
        "an alarm in the history of an invoice that is synced or was unlinked; it moves nothing",
        "Remove the document there. (Accounting)",
    ),
    "erp.document_gone": (
        "Unlink this invoice and send it again: its document was removed there.",
        "an alarm in the history of a synced invoice; it moves nothing",
        "Unlink it and send it again. (Admin on the Commitments tool, Standard on ERP Integrations, Can Push)",
    ),
    "erp.replayed": (
        "Withdraw what is left of this invoice, then retry: the ERP answers with a document that was removed.",
        "the worker, where an ERP repeats an old answer to a key",
        "Withdraw the rest and retry, or reject. (Accounting approver)",
    ),
    "facts.unusable": (
        "Repair the host's facts of this invoice, then try again: what is wrong with them.",
        "the queue, where the host's facts raise, or answer what the rules cannot read, for one invoice",
        "Repair what the host's facts answer; the log has the traceback. (Developer of the host)",
    ),
    "erp.reasons_cut": (
        "Look in the ERP for the other reasons: of so many the first 50 are kept.",
        "an adapter that gives more than 50 reasons, or notices, at once",
        "Look in the ERP for the rest. (Accounting)",
    ),
    "erp.several": (
        "Check the ERP: it has several documents of this invoice under one key.",
        "an alarm in the history, from watching a key that was ruled absent; it moves nothing",
        "Remove the document that is not on record there. (Accounting)",
    ),
}
