"""Every remedy, one row each."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..values import evolve
from ..verdict import Verdict
from ..vocabulary import Action
from .erp_number import may_renumber
from .remedies import (
    ACCOUNTING,
    CORRECT_BY_HAND,
    REJECT,
    WORKER,
    Alternatives,
    RemedyTemplate,
    all_of,
    fill,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .case import Case


_ADMINISTRATOR = "Company administrator"
_HOST = "Host application"
_PROJECT_ADMIN = "Commitments (Admin)"
_VENDOR = "Vendor of the integration"
_YOU = "You"
#: The roles of who can apply a remedy that is no action of this library.
ROLES = (ACCOUNTING, WORKER, _ADMINISTRATOR, _HOST, _VENDOR, _YOU)
_STATUS = "export_status"


def _row(
    code: str,
    message: str,
    *,
    fallback: str = "",
    action: Action | None = None,
    fact: str | None = None,
    who: str = "",
    by_admin: bool = False,
    books: bool = False,
) -> RemedyTemplate:
    return RemedyTemplate(
        code=code,
        message=message,
        fallback=fallback,
        action=action,
        fact=fact,
        who=who,
        by_admin=by_admin,
        books=books,
    )


# fmt: off
# Actions on the entry.
SEND = _row("action.send", "Send the invoice to the ERP tool.", action=Action.SEND, fact=_STATUS)
RESEND = _row("action.resend", "Re-send the invoice.", action=Action.RESEND, fact=_STATUS)
RETRIEVE = _row(
    "action.retrieve", "Retrieve the invoice from the ERP tool first.",
    action=Action.RETRIEVE, fact=_STATUS,
)
ACCEPT = _row("action.accept", "Accept the invoice.", action=Action.ACCEPT, fact=_STATUS)
RETRY = _row("action.retry", "Retry the export.", action=Action.RETRY, fact=_STATUS)
WITHDRAW = _row(
    "action.withdraw", "Withdraw the document that is left in the ERP.", action=Action.WITHDRAW, fact="left"
)
RESOLVE = _row(
    "action.rule", "Resolve the invoice: state with evidence what happened in the ERP.",
    action=Action.RULE, fact="in_doubt",
)
RESOLVE_GONE = _row(
    "action.rule_gone", "Resolve the invoice: state with evidence that no document of it is in the ERP.",
    action=Action.RULE, fact="left",
)
UNLINK = _row("action.unlink", "Unlink the invoice.", action=Action.UNLINK, fact=_STATUS)

# Actions of people in the ERP.
BOOK_BY_HAND = _row(
    "erp.enter", "Enter the invoice in the ERP by hand.", who=ACCOUNTING, books=True
)
DELETE_THERE = _row(
    "erp.delete", "Delete the documents of this invoice in the ERP.", fact="gone", who=ACCOUNTING
)
MAKE_READABLE = _row(
    "erp.make_readable",
    "Find out why the documents of this invoice cannot be read in the ERP, then try again.",
    fact="documents_unread", who=ACCOUNTING,
)
VOID_PAYMENTS = _row(
    "erp.void_payments", "Void the payments of this invoice in the ERP.",
    fact="erp_payments", who=ACCOUNTING,
)
DELETE_OTHER_THERE = _row(
    "erp.delete_other", "Delete in the ERP the documents of the other invoice that has this number.",
    fact="slot_is_free", who=ACCOUNTING,
)
REMOVE_THERE = _row(
    "erp.remove_left", "Remove the document of this invoice in the ERP by hand.",
    fact="left", who=ACCOUNTING,
)

REMOVE_FOUND = _row(
    "erp.remove_found", "Remove the other document with this invoice number in the ERP, if it is not needed.",
    who=ACCOUNTING,
)
LOOK_IN_ERP = _row("erp.look", "Check in the ERP that the invoice is not there.", who=ACCOUNTING)
OPEN_PERIOD = _row(
    "erp.open_period", "Open the accounting period {period} in the ERP.",
    fact="accounting_periods", who=ACCOUNTING,
)
RELEASE_THERE = _row(
    "erp.release", "Take the invoice out of the other integration, so that only one integration exports it.",
    fact="erp_status", who=ACCOUNTING,
)

# Remedies that only take time.
WAIT_FOR_ANSWER = _row(
    "wait.answer", "Wait for the answer of the ERP.", fact="leased", who=WORKER
)
WAIT_UNTIL_DUE = _row(
    "wait.due", "Wait until the invoice is due in the export queue.", fact="is_due", who=WORKER
)
WAIT_FOR_LOOK_UP = _row(
    "wait.look_up", "Wait until a worker has looked in the ERP.", fact="in_doubt", who=WORKER
)
WAIT_FOR_SETTLEMENT = _row(
    "wait.settled", "Wait until the ERP can carry out no delayed request of this export any more.",
    fact="settled", who=WORKER,
)

# Permissions.
GIVE_ACCESS = _row(
    "permission.give_access", "Grant this person access to invoices.",
    fact="actor", who=_ADMINISTRATOR,
)
GIVE_NEED = _row(
    "permission.give", "Grant this person the permission {need}.", fact="actor", who=_ADMINISTRATOR
)
ANOTHER_PERSON: Mapping[Action, RemedyTemplate] = MappingProxyType({
    action: _row(
        "permission.another_person", "Have a person who did not send the invoice do this.",
        action=action, fact="actor",
    )
    for action in (Action.ACCEPT, Action.RETRY, Action.RULE)
})

# The integration, the host, and the policy.
MEND_LOOK_UP = _row(
    "integration.mend_look_up", "Correct the look-up of the integration: it must compare number and vendor.",
    fact="erp", who=_VENDOR,
)
BUILD = _row(
    "integration.build", "Add the missing feature to the integration of the ERP.",
    fact="erp", who=_VENDOR,
)
DECLARE = _row(
    "integration.declare", "Declare in the integration that it has this feature.",
    fact="erp", who=_VENDOR,
)
INSTALL = _row(
    "integration.install", "Install the integration that the connection of this invoice uses.",
    fact="erp", who=_HOST,
)
NAME_CONNECTION = _row(
    "connection.name", "Name the ERP connection to which the invoice is to be sent.",
    fact="erp", who=_YOU,
)
SUPPLY_FACTS = _row(
    "facts.supply",
    "Have the host application supply the facts of this invoice to the export queue.",
    fact="uses", who=_HOST,
)
SUPPLY_FACT = _row(
    "fact.supply",
    "Have the host application supply the fact {unknown} of this invoice to the export queue.",
    who=_HOST,
)
SUPPLY_FIELD = _row(
    "field.supply",
    'Have the host application supply the value of "{label}" of this invoice to the export queue.',
    fact="fields", who=_HOST,
)
SUPPLY_DOCUMENT = _row(
    "document.supply",
    "Have the host application supply the export document of this invoice (its parties, lines and"
    " amounts) to the export queue.",
    fact="document", who=_HOST,
)
SUPPLY_RECORDS = _row(
    "records.supply",
    "Have the host application supply the commitment, the vendor and the previous invoice that"
    " belong to this invoice.",
    fact="link_differences", who=_HOST,
)
SUPPLY_PREVIOUS = _row(
    "billing.supply_previous",
    "Have the host application supply the previous invoice of the commitment, or the retainage on"
    " the newly stored materials of this invoice.",
    fact="previous_is_known", who=_HOST,
)
SUPPLY_HOLDS = _row(
    "holds.supply",
    "Have the host application supply the payment holds of this invoice, or an empty list if it"
    " has none.",
    fact="holds", who=_HOST,
)
ALLOW_DIFFERENCE = _row(
    "policy.allow_difference",
    "Allow in the policy that the amount due differs from the total earned less the amounts certified before.",
    fact="policy", who=_ADMINISTRATOR,
)

ALLOW_RENUMBER = _row(
    "policy.allow_renumber", "Allow in the policy that invoices get another number in the ERP.",
    fact="policy", who=_ADMINISTRATOR,
)
LEAVE_NUMBER_OUT = _row(
    "number.leave_out", "Give no other number for the ERP, so that the invoice keeps its own.",
    fact="erp_number", who=_YOU,
)
GIVE_NUMBER = _row(
    "number.give", "Accept the invoice with another number for the ERP.",
    action=Action.ACCEPT, fact="erp_number",
)
GIVE_NUMBER_AGAIN = _row(
    "number.give_again", "Retry the export with another number for the ERP.", action=Action.RETRY,
    fact="erp_number",
)
ALLOW_SUMMARY = _row(
    "policy.allow_summary", "Allow in the policy that the summary of an invoice differs from its items.",
    fact="policy", who=_ADMINISTRATOR,
)
FREE_STATUS = _row(
    "policy.free_status",
    'List "{erp_status}" in the policy as an ERP status with which an invoice may be sent.',
    fact="policy", who=_ADMINISTRATOR,
)

# The invoice.
APPROVE = _row(
    "invoice.approve", "Approve the invoice.", action=Action.CHANGE_STATUS, fact="invoice_status"
)
SET_BACK = _row(
    "invoice.set_back", "Set the invoice back to Draft or Revise & Resubmit.",
    action=Action.CHANGE_STATUS, fact="invoice_status",
)
SUBMIT = _row("invoice.submit", "Submit the invoice.", action=Action.SUBMIT, fact="invoice_status")
EDIT_AS_ADMIN = _row(
    "invoice.edit_as_admin", "Change the invoice as an administrator.",
    action=Action.EDIT, fact="actor", by_admin=True,
)
SUBMIT_AS_ADMIN = _row(
    "invoice.submit_as_admin", "Submit the invoice as an administrator.",
    action=Action.SUBMIT, fact="actor", by_admin=True,
)
DELETE_AS_ADMIN = _row(
    "invoice.delete_as_admin", "Delete the invoice as an administrator.",
    action=Action.DELETE, fact="actor", by_admin=True,
)
DELETE_LATER = _row(
    "invoice.delete_later", "Delete the later invoices of the commitment.", action=Action.DELETE,
    fact="is_latest",
)
CORRECT_BILLED = _row(
    "invoice.correct_amounts", "Correct the billed amounts of the invoice.",
    action=Action.EDIT, fact="gross", by_admin=True,
)
RENUMBER = _row(
    "invoice.renumber", "Change the number of this invoice.", action=Action.EDIT,
    fact="invoice_number", by_admin=True,
)
CORRECT_RELEASED = _row(
    "invoice.correct_released", "Correct the released retainage of the invoice.",
    action=Action.EDIT, fact="over_released", by_admin=True,
)
CORRECT_DATE = _row(
    "invoice.correct_date", "Correct the billing date {billing_date} of the invoice.",
    action=Action.EDIT, fact="billing_date", by_admin=True,
)
APPROVE_ITEMS = _row(
    "invoice.approve_items", "Approve the items {items} in the review of the invoice.",
    action=Action.REVIEW, fact="rejected_items",
)
TAKE_ITEMS_OUT = _row(
    "invoice.take_items_out", "Take the items {items} out of the invoice.", action=Action.EDIT,
    fact="rejected_items", by_admin=True,
)
RESTORE = _row(
    "invoice.restore", "Restore the invoice, if it was deleted by mistake.", fact="deleted_on",
    who=_PROJECT_ADMIN,
)
CORRECT_PAYMENT = _row(
    "invoice.correct_payment", "Correct the payment that is recorded for the invoice, if it was not made.",
    fact="is_paid", who=ACCOUNTING,
)
REMOVE_TAX = _row(
    "invoice.remove_tax", "Remove the tax from the invoice.",
    action=Action.EDIT, fact="taxed", by_admin=True,
)
GIVE_TAX_CODES = _row(
    "invoice.give_tax_codes", "Give the billed lines of the invoice their tax codes.",
    action=Action.EDIT, fact="tax_codes", by_admin=True,
)
CORRECT_TAX = _row(
    "invoice.correct_tax", "Correct the tax {field} of the invoice.",
    fallback="Correct the tax of the invoice.",
    action=Action.EDIT, fact="differences", by_admin=True,
)
CORRECT_FIELD = _row(
    "field.correct", 'Correct the field "{label}" of the invoice.',
    action=Action.EDIT, fact="fields", by_admin=True,
)
CORRECT_INVOICE = _row(
    "invoice.correct", "Correct the invoice.", action=Action.EDIT, by_admin=True
)
LEAVE_OUT = _row(
    "field.leave_out", 'Remove "{label}" from the invoice.',
    action=Action.EDIT, fact="fields", by_admin=True,
)
UNLINK_OTHER = _row(
    "invoice.unlink_other", "Unlink the other invoice that has this number.",
    action=Action.UNLINK, fact="slot_is_free",
)

# The records around the invoice.
SYNC_COMMITMENT = _row(
    "commitment.sync", "Send the commitment to the ERP tool.", fact="commitment_synced",
    who=_PROJECT_ADMIN,
)
SET_COMMITMENT_STATUS = _row(
    "commitment.set_status", "Set the commitment to one of these statuses: {statuses}.", fact="commitment_status",
    who=_PROJECT_ADMIN,
)
CORRECT_COMMITMENT = _row(
    "commitment.correct_status", 'Correct the status "{status}" of the commitment.',
    fact="commitment_status", who=_PROJECT_ADMIN,
)
CHANGE_ORDER = _row(
    "commitment.raise", "Raise the scheduled value by a change order.", fact="over_billed",
    who=_PROJECT_ADMIN,
)
LINK_VENDOR = _row(
    "vendor.link", "Link the contract company to a vendor in the ERP.", fact="vendor_synced", who=ACCOUNTING
)
SYNC_PROJECT = _row("job.sync", "Sync the project with a job in the ERP.", fact="job_synced", who=ACCOUNTING)
MAP_COST_CODES = _row(
    "cost_code.map", "Map the cost codes {cost_codes} to those of the ERP.",
    fallback="Map the cost codes of the billed lines to those of the ERP.",
    fact="cost_codes_synced", who=ACCOUNTING,
)
ADD_MAPPING = _row(
    "mapping.add", "Add {codes}, each with its id in the ERP, to the mapping of the connection.",
    fallback="Add the codes of the invoice, each with its id in the ERP, to the mapping of the connection.",
    fact="unmapped", who=ACCOUNTING,
)
MAP_TAX_CODES = _row(
    "tax_code.map", "Map the tax codes {tax_codes} to those of the ERP.",
    fallback="Map the tax codes of the lines to those of the ERP.",
    fact="mapped", who=ACCOUNTING,
)
SYNC_CHANGE_ORDERS = _row(
    "change_order.sync", "Send the change orders {change_orders} to the ERP tool.",
    fallback="Send the change orders of the billed lines to the ERP tool.",
    fact="change_orders_synced",
    who=_PROJECT_ADMIN,
)
RELEASE_HOLD = _row(
    "hold.release", "Release the hold {hold}.", fact="holds", who="{released_by}"
)

# Values that a person gives with the action.
GIVE_REASON = _row("reason.give", "Give a reason for the rejection.", fact="reason", who=_YOU)
GIVE_EVIDENCE = _row(
    "evidence.give", "State as evidence how you know what is in the ERP.", fact="evidence", who=_YOU
)
GIVE_FIELD = _row(
    "field.give", 'Accept the invoice with a valid value in the export field "{field}".',
    action=Action.ACCEPT, fact="export_fields",
)
GIVE_FIELD_AGAIN = _row(
    "field.give_again", 'Retry the export with a valid value in the export field "{field}".',
    action=Action.RETRY, fact="export_fields",
)
KEEP_FIELDS = _row(
    "field.keep", "Retry the export with the accepted export fields.",
    action=Action.RETRY, fact="export_fields",
)
LOOK_AGAIN = _row(
    "entry.look_again", "Look at the current version of the invoice.", fact="version_seen", who=_YOU
)
NAME_ERP_ID = _row("ruling.name_id", "Give the ERP id of the document of this invoice.", who=_YOU)
NAME_INVOICE = _row("invoice.name", "Name an invoice that exists.", who=_YOU)
RESOLVE_EACH = _row(
    "ruling.each_call", "State for each step with an unknown outcome whether the ERP carried it out.",
    fact="settles_all", who=_YOU,
)
KEEP_RECEIPT = _row(
    "ruling.keep_receipt", "State that the confirmed document exists in the ERP.",
    fact="denies_receipt", who=_YOU,
)
# fmt: on

#: An invoice can be sent again once it is unlinked; its documents are deleted before.
UNLINK_AFTER_DELETION = all_of(DELETE_THERE, UNLINK)

#: Every template, for the generated pages and the tests.
TEMPLATES: tuple[RemedyTemplate, ...] = (
    *(row for row in tuple(globals().values()) if isinstance(row, RemedyTemplate)),
    *ANOTHER_PERSON.values(),
)


@cache
def supply_fact(name: str) -> Alternatives:
    """Return the remedy of a denial for which a fact of the case is absent."""
    return one_of(attrs.evolve(SUPPLY_FACT, fact=name))


_CONSENT_AGAIN = (*all_of(LOOK_AGAIN, RETRY), *one_of(REJECT))

#: Remedies by the code of the denial.
REFUSALS: Mapping[str, Alternatives] = MappingProxyType(
    {
        "invoice.unknown": one_of(NAME_INVOICE),
        "export.erp_id_taken": one_of(NAME_ERP_ID),
        "export.changed": _CONSENT_AGAIN,
        "export.declaration_changed": _CONSENT_AGAIN,
        "export.new_loss": _CONSENT_AGAIN,
        "export.invoice_missing": one_of(REJECT),
        "export.ruled_absent": one_of(RETRY, REJECT),
        "export.draft_left": (*all_of(WITHDRAW, RETRY), *all_of(WITHDRAW, REJECT)),
        "export.number_taken": (
            *one_of(GIVE_NUMBER_AGAIN),
            *all_of(REJECT, RENUMBER, RESEND),
            *all_of(DELETE_OTHER_THERE, UNLINK_OTHER, RETRY),
        ),
        # A document that exists is removed or resolved to be this invoice's, and not booked again.
        "export.restored": (*all_of(LOOK_IN_ERP, RETRY), *one_of(RESOLVE)),
        "export.restored_differs": (*all_of(CORRECT_BY_HAND, RETRY), *one_of(RESOLVE)),
        "erp.differs": (
            *all_of(CORRECT_BY_HAND, RETRY),
            *all_of(WITHDRAW, RETRY),
            *one_of(RESOLVE),
        ),
        "erp.not_there": one_of(RESOLVE),
        "erp.already_there": (*all_of(REMOVE_FOUND, RETRY), *one_of(REJECT)),
        # The document found is that of another invoice, and stays.
        "erp.other_found": (*all_of(MEND_LOOK_UP, RETRY), *one_of(REJECT)),
    }
)


def with_remedies(verdict: Verdict, case: Case) -> Verdict:
    """Return the verdict, with remedies for those of its denials that have none."""
    denials = tuple(
        evolve(denial, {"remedies": fill(_list_possible(denial.code, case), case, denial.facts)})
        if denial.code in REFUSALS and not denial.remedies
        else denial
        for denial in verdict.denials
    )
    return Verdict(denials, verdict.notices)


def _list_possible(code: str, case: Case) -> Alternatives:
    """Return the remedies of a denial's code that the policy and the ERP allow."""
    ways = REFUSALS[code]
    return (
        ways if may_renumber(case) else tuple(way for way in ways if GIVE_NUMBER_AGAIN not in way)
    )
