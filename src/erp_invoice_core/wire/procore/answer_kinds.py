"""
Kinds of Procore's answers, recognised by the fields of their records.

An answer is the JSON that an endpoint of Procore's API returns. It does not name the endpoint. The
kind of an answer in a file is therefore recognised by the fields of its records, unless a person
names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


DOCUMENT = "document"
#: The type of the contracts of each endpoint, which their records do not have.
CONTRACT_TYPES = {
    "work_order_contracts": "WorkOrderContract",
    "purchase_order_contracts": "PurchaseOrderContract",
}
DOCUMENT_ARRAYS = ("projects", "vendors", "users", "commitments", "requisitions")
#: The kinds of KIND=FILE.
KINDS = (
    DOCUMENT,
    "requisitions",
    "commitments",
    "work_order_contracts",
    "purchase_order_contracts",
    "change_order_packages",
    "line_items",
    "vendors",
    "projects",
    "cost_codes",
    "tax_codes",
    "contract_payments",
)

#: The kinds whose records need only an id, so that every record fits them.
LISTS = frozenset({"vendors", "projects", "cost_codes", "tax_codes"})

# The fields that only records of one kind have.
_REQUISITION = frozenset({
    "billing_date", "commitment_type", "final", "invoice_number", "items", "percent_complete",
    "period_id", "previous_requisition_id", "requisition_end", "requisition_start",
})  # fmt: skip
_PAYMENT = frozenset({
    "check_number", "date_payment_initiated", "date_payment_settled", "draw_request_number",
    "payment_method", "payment_number",
})  # fmt: skip
_LINE_CODE = frozenset({"cost_code", "cost_code_id", "line_item_type", "wbs_code", "wbs_code_id"})
_LINE_AMOUNT = frozenset({"amount", "extended_amount", "quantity", "total_amount", "unit_cost"})
_CONTRACT = frozenset({
    "accounting_method", "approved_change_orders", "change_order_packages", "contract_date",
    "executed", "grand_total", "payments_issued", "requisitions_are_enabled", "retainage_percent",
    "revised_contract",
})  # fmt: skip
_SUBCONTRACT = frozenset({
    "actual_completion_date", "contract_estimated_completion_date", "contract_start_date",
    "exclusions", "inclusions",
})  # fmt: skip
_PURCHASE_ORDER = frozenset({
    "assignee", "bill_to_address", "delivery_date", "payment_terms", "ship_to_address", "ship_via",
})  # fmt: skip
_PROJECT = frozenset({
    "accounting_project_number", "active", "actual_start_date", "completion_date", "county",
    "delivery_method", "departments", "display_name", "erp_integrated", "estimated_value",
    "inbound_email_address", "is_demo", "latitude", "longitude", "office", "owners_project_id",
    "project_bid_type", "project_number", "project_owner_type", "project_region", "project_stage",
    "project_template", "project_type", "projected_finish_date", "public_notes", "sector",
    "square_feet", "stage", "start_date", "store_number", "time_zone", "total_value",
    "warranty_end_date", "warranty_start_date", "work_scope",
})  # fmt: skip
_VENDOR = frozenset({
    "abbreviated_name", "affirmative_action", "authorized_bidder", "bidding", "business_phone",
    "business_register", "children_count", "company_vendor", "contact_count", "duns_number",
    "email_address", "entity_type", "fax_number", "is_active", "labor_union", "legal_name",
    "license_number", "minority_business_enterprise", "mobile_phone", "non_union_prevailing_wage",
    "prequalified", "primary_contact", "primary_contact_id", "project_ids", "small_business",
    "standard_cost_codes", "tax_number", "trade_name", "union_member", "vendor_group", "website",
})  # fmt: skip
_RATE = frozenset({"rate", "rate1", "rate2", "rates", "tax_rate"})


#: A kind of answer, and a test for an object of it; the first kind that fits is taken.
_ROWS: tuple[tuple[str, Callable[[Mapping[str, Any]], object]], ...] = (
    ("requisitions", lambda record: "commitment_id" in record and _REQUISITION & record.keys()
        and "amount" not in record),
    ("line_items", lambda record: _LINE_CODE & record.keys() and _LINE_AMOUNT & record.keys()
        and "scheduled_value" not in record),
    ("contract_payments", lambda record: "amount" in record and _PAYMENT & record.keys()),
    ("change_order_packages", lambda record: {"contract", "contract_id"} & record.keys()
        and "status" in record and {"number", "title"} & record.keys()),
    ("commitments", lambda record: {"vendor", "vendor_id"} & record.keys()
        and _CONTRACT & record.keys()),
    ("cost_codes", lambda record: "full_code" in record
        or ("code" in record and "sortable_code" in record)),
    ("tax_codes", lambda record: _RATE & record.keys()),
    ("projects", lambda record: isinstance(record.get("name"), str)),
)  # fmt: skip


def find_kinds(record: Mapping[str, Any]) -> frozenset[str]:
    """Return the kinds of answers that a JSON object fits, such as ``requisitions``."""
    if "id" not in record:
        return frozenset({DOCUMENT}) if _is_document(record) else frozenset()
    for kind, fits in _ROWS:
        if fits(record):
            narrow = _NARROWER.get(kind)
            return narrow(record) if narrow else frozenset({kind})
    return frozenset()


def find_common_kinds(records: Iterable[object]) -> frozenset[str]:
    """Return the kinds of answers that each of the records fits."""
    found = frozenset(KINDS) - {DOCUMENT}
    for record in records:
        found &= find_kinds(record) if isinstance(record, dict) else frozenset()
    return found


def _is_document(record: Mapping[str, Any]) -> bool:
    return isinstance(record.get("company"), dict) or any(
        name in record for name in DOCUMENT_ARRAYS
    )


def _find_contract_kinds(record: Mapping[str, Any]) -> frozenset[str]:
    if record.get("type") is not None:
        return frozenset({"commitments"})
    is_subcontract = bool(_SUBCONTRACT & record.keys())
    if is_subcontract != bool(_PURCHASE_ORDER & record.keys()):
        return frozenset({"work_order_contracts" if is_subcontract else "purchase_order_contracts"})
    return frozenset({"commitments", *CONTRACT_TYPES})


def _find_party_kinds(record: Mapping[str, Any]) -> frozenset[str]:
    is_project = bool(_PROJECT & record.keys()) or isinstance(record.get("company"), dict)
    if is_project != bool(_VENDOR & record.keys()):
        return frozenset({"projects" if is_project else "vendors"})
    return frozenset({"projects", "vendors"})


#: How to distinguish kinds whose records have the same fields.
_NARROWER: Mapping[str, Callable[[Mapping[str, Any]], frozenset[str]]] = {
    "commitments": _find_contract_kinds,
    "projects": _find_party_kinds,
}
