"""The reason codes that no table has: of flow, queue and worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CODES_WITHOUT_RULE"]

_AGAIN = "Look at the invoice again, then retry its export or reject it. (Accounting approver)"

#: Code: who makes it, what removes it and who can.
CODES_WITHOUT_RULE: Mapping[str, tuple[str, str]] = {
    "permission.separation_of_duties": (
        "accept, retry, rule, if the policy separates duties",
        "Have another approver do this. (Another accounting approver)",
    ),
    "invoice.unknown": (
        "every verb, where the host's facts leave an id out",
        "Name an invoice that exists. (You)",
    ),
    "invoice.id_malformed": (
        "every verb, for an id that no invoice can have",
        "Name an invoice that exists. (You)",
    ),
    "company.other": (
        "send, re-send",
        "Send the invoice from the database of its company. (Host application)",
    ),
    "entry.unreadable": (
        "every verb on an entry whose row was damaged",
        "Restore a database backup in which `verify` finds nothing. (Database administrator)",
    ),
    "document.unreadable": (
        "the command's verbs on an invoice that needs it",
        "Load the record again. (You)",
    ),
    "person.rejected": (
        "reject",
        "Correct the invoice and send it again. (Commitments (Admin))",
    ),
    "export.erp_id_taken": (
        "rule, and every other verb that names an ERP id",
        "Give the ERP id of the document of this invoice. (ERP Integrations (Admin))",
    ),
    "export.ruled_absent": (
        "rule, for a document that is absent",
        "Retry the export, or reject the invoice. (Accounting approver)",
    ),
    "export.number_taken": (
        "the worker, before the first write",
        "Reject the invoice and give it another number. (Accounting approver, then project team)",
    ),
    "export.changed": (
        "the worker, before the first write",
        _AGAIN,
    ),
    "export.declaration_changed": (
        "the worker, before the first write",
        _AGAIN,
    ),
    "export.new_loss": (
        "the worker, before the first write",
        _AGAIN,
    ),
    "export.invoice_missing": (
        "accept, retry, and the worker before the first write",
        "Reject the invoice. (Accounting approver)",
    ),
    "export.gave_up": (
        "the worker, after 20 deferrals or 5 lost claims in a row",
        "Retry the export, or reject the invoice. (Accounting approver)",
    ),
    "export.restored": (
        "the worker, once for each invoice after a restore",
        "Retry if the ERP does not have the invoice, else resolve it with its id there. (Accounting approver)",
    ),
    "export.restored_differs": (
        "the worker, before the first write after a restore",
        "Correct or remove the document there and retry, or resolve with its id. (Accounting approver)",
    ),
    "erp.already_there": (
        "the worker, before the first write",
        "Remove the document there and retry, or reject the invoice. (Accounting)",
    ),
    "erp.other_found": (
        "the worker, before the first write, if a look-up by number found a document of another invoice",
        "Leave that document; correct the look-up and retry, or reject the invoice. (Vendor of the integration)",
    ),
    "erp.second_document": (
        "an alarm in the history of an invoice that is synced or was unlinked; it moves nothing",
        "Remove the document there. (Accounting)",
    ),
    "erp.document_gone": (
        "an alarm in the history of a synced invoice; it moves nothing",
        "Unlink it and send it again. (Commitments (Admin), ERP Integrations (Standard), Can Push to Accounting)",
    ),
    "erp.replayed": (
        "the worker, where an ERP repeats an old answer to a key",
        "Withdraw the documents that are left and retry, or reject the invoice. (Accounting approver)",
    ),
    "facts.unusable": (
        "the queue, where the host's facts raise, or answer what the rules cannot read, for one invoice",
        "Repair what the host's facts answer; the log has the traceback. (Developer of the host)",
    ),
    "erp.reasons_cut": (
        "an adapter that gives more than 50 reasons, or notices, at once",
        "Look in the ERP for the rest. (Accounting)",
    ),
    "erp.differs": (
        "the worker, after the last step where the policy `read_back` asks for it; one for each field",
        "",
    ),
    "erp.not_there": (
        "the worker, after the last step where the policy `read_back` asks for it",
        "",
    ),
    "erp.drift": (
        "a notice of `reconcile`, and in the history of the invoice; one for each field",
        "Correct the document in the ERP by hand. (Accounting)",
    ),
    "erp.gone": (
        "a notice of `reconcile`, and in the history of the invoice",
        "Unlink it and send it again. (Commitments (Admin), ERP Integrations (Standard), Can Push to Accounting)",
    ),
    "erp.payment": (
        "a notice of `reconcile`, and in the history of the invoice; one for each payment",
        "",
    ),
    "erp.payment_sign": (
        "a notice of `reconcile`, and in the history of the invoice",
        "Correct the payments in the ERP. (Accounting)",
    ),
    "erp.overpaid": (
        "a notice of `reconcile`, and in the history of the invoice",
        "Check the payments in the ERP. (Accounting)",
    ),
    "erp.several": (
        "an alarm in the history, from watching a key that was resolved as absent; it moves nothing",
        "Remove the document that is not on record there. (Accounting)",
    ),
}
