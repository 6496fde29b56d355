"""The reasons for which the adapter or Tryton refuses an invoice."""

from __future__ import annotations

from typing import Final

from ...message_template import MessageTemplate
from ...verdict import Source
from .declaration import KEY


def _reason(name: str, text: str, source: Source = Source.ADAPTER) -> MessageTemplate:
    return MessageTemplate(f"{KEY}.{name}", text, source=source)


VENDOR_UNKNOWN: Final = _reason(
    "vendor_unknown",
    "Tryton has no active party with the code {vendor}. Create it, or correct the vendor's ERP id.",
)
VENDOR_AMBIGUOUS: Final = _reason(
    "vendor_ambiguous",
    "Tryton has several parties with the code {vendor}. Give each a code of its own.",
)
ADDRESS_MISSING: Final = _reason(
    "address_missing",
    "The party {vendor} has no address in Tryton, and a bill needs one. Add an address.",
)
PAYABLE_MISSING: Final = _reason(
    "payable_missing",
    "Tryton has no payable account for the party {vendor}. Give the party one, or set"
    " payable_account of the connection.",
)
CURRENCY_UNKNOWN: Final = _reason(
    "currency_unknown", "Tryton has no active currency {currency}. Add it with a rate."
)
JOB_UNKNOWN: Final = _reason(
    "job_unknown",
    "Tryton has no analytic account {job} below the root {root}. Create it, or correct the job's"
    " ERP id.",
)
COST_CODE_UNKNOWN: Final = _reason(
    "cost_code_unknown",
    "Tryton has no analytic accounts {codes} below the root {root}. Create them, or correct the ERP"
    " ids of the cost codes.",
)
EXPENSE_UNKNOWN: Final = _reason(
    "expense_account_unknown",
    "Tryton has no account {code}, which expense_accounts of the connection names for the cost type"
    " {cost_type}. Create the account, or correct expense_accounts.",
)
TAX_UNKNOWN: Final = _reason(
    "tax_unknown",
    "Tryton has no tax with the name {tax}, to which the tax code {code} is mapped. Create it, or"
    " correct the mapping of the connection, then try again.",
)
#: Of the same code, for a name that only a part of another tax has.
TAX_OF_PARENT: Final = _reason(
    "tax_unknown",
    "The tax {tax}, to which the tax code {code} is mapped, is only a part of {parent} in Tryton."
    " Map the code to {parent}, or create a separate tax with another name and map the code to that"
    " tax, then try again.",
)
TAX_TOO_SMALL: Final = _reason(
    "tax_too_small",
    "Tryton would never finish posting the tax {tax}, to which the tax code {code} is mapped, on so small"
    " an amount: {lines}. Each part of the tax rounds to zero there, and their sum does not. Have the"
    " vendor bill the amount within a larger line of the same tax, or map the code to a tax of one part"
    " and try again; otherwise enter the bill in Tryton with a tax of one part.",
)
TAX_OF_SALES: Final = _reason(
    "tax_of_sales",
    "The tax {tax}, to which the tax code {code} is mapped, is of a group for sales in Tryton. Map the"
    " code to a tax for purchases, then try again.",
)
TAX_INACTIVE: Final = _reason(
    "tax_inactive",
    "The tax {tax}, to which the tax code {code} is mapped, is inactive in Tryton. Activate it, or map"
    " the code to another one, then try again.",
)
TAX_NOT_IN_FORCE: Final = _reason(
    "tax_not_in_force",
    "The tax {tax}, to which the tax code {code} is mapped, is not in force on {date} in Tryton. Correct"
    " its dates, or give another accounting date.",
)
TAX_AMBIGUOUS: Final = _reason(
    "tax_ambiguous",
    "Tryton has several taxes for purchases with the name {tax}, to which the tax code {code} is mapped."
    " Give each a name of its own.",
)
TAX_UNSUPPORTED: Final = _reason(
    "tax_unsupported",
    "The amount of the tax code {code} cannot be written with the tax {tax} of Tryton. Give this tax an"
    " account and a rate, or active parts that have them, or map the code to another one, then try"
    " again.",
)
TAX_EXPENSED: Final = _reason(
    "tax_expensed",
    "The company books the tax on purchases as an expense in Tryton, which then computes the tax itself;"
    " this invoice states the tax codes {codes}. Enter this bill in Tryton, or have the company book"
    " the tax on accounts of its own.",
)
TAX_CHANGED: Final = _reason(
    "tax_changed",
    "The draft {bill} has other taxes in Tryton ({in_erp}) than the invoice ({sent}). Check the taxes of"
    " the company in Tryton, then retry the export.",
    Source.ERP,
)
TERMS_UNKNOWN: Final = _reason(
    "terms_unknown",
    "Tryton has no active payment terms with the name {name}, and the invoice has the terms {terms}."
    " Create them, add {terms} to payment_terms of the connection, or give other terms or a due date"
    " alone.",
)
TERMS_AMBIGUOUS: Final = _reason(
    "terms_ambiguous",
    "Tryton has several payment terms with the name {name}, and the invoice has the terms {terms}. Give"
    " each a name of its own.",
)
TERMS_AND_DUE_DATE: Final = _reason(
    "terms_and_due_date",
    "Tryton computes the due date from the terms {terms}, which are not a number of days, so that it"
    " cannot be {date}. Give the due date alone, or the terms alone.",
)
DATE_MISSING: Final = _reason(
    "date_missing",
    "The invoice has neither a billing date nor an accounting date. Give it one of them.",
)
NOT_LINKED: Final = _reason(
    "not_linked",
    "These records of the invoice have no id in Tryton: {records}. Link them in the host"
    " application, or add them to the mapping of the connection.",
)
PERIOD_CLOSED: Final = _reason(
    "period_closed",
    "Tryton has no open period for {date}. Open one, or give another accounting date.",
)
NUMBER_TAKEN: Final = _reason(
    "number_taken",
    "Tryton already has the number {number} of {vendor}, on the bills with these ids: {bills}. Compare"
    " each with this invoice. If one is this invoice, reject the invoice, so that it is not booked twice."
    " Otherwise delete the drafts and cancel the posted bills in Tryton, and retry the export.",
    Source.ERP,
)
REFUSED: Final = _reason("refused", "Tryton refuses the bill: {why}", Source.ERP)
GONE: Final = _reason(
    "bill_gone",
    "The bill {bill} is not in Tryton any more. Withdraw the document of this invoice, then retry"
    " the export.",
    Source.ERP,
)
NOT_DRAFT: Final = _reason(
    "not_draft",
    "The bill {bill} is {state} in Tryton, and only a draft can be deleted. Cancel it in Tryton.",
    Source.ERP,
)
NOT_DELETED: Final = _reason(
    "not_deleted", "Tryton does not delete the bill {bill}: {why}", Source.ERP
)
FILE_MISSING: Final = _reason(
    "file_missing",
    "The attachment {attachment} was not given to the adapter of Tryton for this export. Retry the"
    " export.",
)
