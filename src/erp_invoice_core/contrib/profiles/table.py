"""
Table of the facts about each ERP.

A fact that no page states, or that is only inferred, is absent; the declaration then has the
cautious value. The facts are about the integration of Procore with the ERP, as its pages describe
it. The first column of a row is empty if a declaration has no field for the fact.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from ...adapters import (
    AttachmentForm,
    ExportField,
    Fidelity,
    FieldRule,
    Handling,
    LandingState,
    RetainageForm,
    Support,
    TaxForm,
    UnlinkForm,
    Validator,
)
from . import sources as src
from .fact import Confidence, Fact, FactValue

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Field of the declaration, value, confidence, source, note.
_Row: TypeAlias = "tuple[str, FactValue, Confidence, str, str]"

_H, _M = Confidence.HIGH, Confidence.MEDIUM
_FULL, _MISSING = Support.FULL, Support.MISSING


def _limit(field: str, limit: int, *, truncates: bool = False) -> FieldRule:
    return FieldRule(field=field, validator=Validator.MAX_LENGTH, limit=limit, truncates=truncates)


def _require(field: str) -> FieldRule:
    return FieldRule(field=field, validator=Validator.PRESENT)


_ACCOUNTING_DATE = ExportField(key="accounting_date", label="Accounting date", is_date=True)
_ERP_NUMBER = ExportField(key="erp_invoice_number", label="ERP invoice id")
_COMPLIANCE_GROUP = ExportField(key="compliance_group", label="Compliance group", required=True)

_AMOUNTS = "An exported invoice has an amount for each line."
_CHANGES = "Change orders are exported; items of an invoice that bill them are read as included."
_POSTED_CHANGES = (
    "A change order has to be posted. Change orders are exported; items of an invoice that bill them"
    " are read as included."
)
_SYNCED = "The page requires that the subcontract is synced first."
_DELETED = "The document in the ERP is deleted or reversed first."
_NATIVE = "Retainage is exported; as no line or document of its own is named, the form is read as a field."
_SENDABLE = (
    "A subcontract is sent to the ERP as Approved or Complete, a purchase order as Approved."
)
_UNLINK_ORDER = "The invoice is deleted in the ERP, then unlinked, then deleted in Procore."

# fmt: off
_SAGE_300_CRE: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes an AP invoice."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.purchase_orders", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _H, src.SAGE_300_PAGES, "The amount of such a line is exported."),
    ("features.unit_based", _FULL, _H, src.SAGE_300_PAGES, "The quantity of such a line is exported."),
    ("features.change_orders", _FULL, _M, src.DIGEST, _CHANGES),
    ("features.stored_materials", _FULL, _H, src.SAGE_300_FIELDS,
     "Newly stored materials are added to the amount of the line."),
    ("features.retainage", _FULL, _H, src.SAGE_300_FIELDS, ""),
    ("retainage", RetainageForm.NATIVE, _H, src.SAGE_300_FIELDS, "Header and lines have a field Retainage."),
    ("features.retainage_release", _FULL, _H, src.SAGE_300_FIELDS,
     "Released retainage is included in the retainage of the line."),
    ("tax", TaxForm.IMPOSSIBLE, _H, src.SAGE_300_SET_UP,
     "Tax is not exported; with imported tax groups no invoice can be exported."),
    ("prerequisites.commitment", True, _H, src.EXPORT, _SYNCED),
    ("unlink", UnlinkForm.DELETE_FIRST, _H, src.SAGE_300_PAGES, _DELETED),
    ("field_rules.invoice_number", _limit("invoice_number", 15), _M, src.SAGE_300_IMPORT,
     "The field Invoice of the import file has 15 characters."),
    ("field_rules.commitment_number", _limit("commitment_number", 12), _H, src.COMMITMENT_NUMBERS, ""),
    ("field_rules.commitment_title", _limit("commitment_title", 30), _H, src.COMMITMENT_TITLES, ""),
    ("field_rules.vendor_name", _limit("vendor_name", 30), _H, src.COMPANY_NAMES, ""),
    ("extra_fields.accounting_date", _ACCOUNTING_DATE, _M, src.DIGEST, "It is not stated that the date is required."),
    ("extra_fields.erp_invoice_number", _ERP_NUMBER, _M, src.DIGEST,
     "The approver may change the id before the export."),
    ("", None, _H, src.SAGE_300_THINGS, "Direct export can require a workflow in place of the approver."),
    ("", None, _H, src.COST_CODES, "Cost codes have sections."),
    ("", None, _M, src.SEND_COMMITMENT, _SENDABLE),
)
_SAGE_100_CONTRACTOR: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes an AP invoice."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.purchase_orders", _FULL, _M, src.DIGEST, ""),
    ("features.unit_based", _FULL, _M, src.DIGEST, "Purchase orders have to be billed by unit."),
    ("features.change_orders", _FULL, _M, src.DIGEST, _CHANGES),
    ("features.retainage_release", _MISSING, _M, src.DIGEST,
     "Released retainage does not sync; a person releases it in the ERP."),
    ("unlink", UnlinkForm.DELETE_FIRST, _H, src.UNLINK, _UNLINK_ORDER),
    ("field_rules.commitment_number", _limit("commitment_number", 12, truncates=True), _H, src.COMMITMENT_NUMBERS,
     "A longer number is cut."),
    ("field_rules.commitment_title", _limit("commitment_title", 30, truncates=True), _H, src.COMMITMENT_TITLES,
     "A longer title is cut."),
    ("field_rules.vendor_name", _limit("vendor_name", 30), _H, src.COMPANY_NAMES, ""),
    ("", None, _M, src.DIGEST, "A purchase order by amount is exported as 0, so that amount_based stays undeclared."),
    ("", None, _M, src.DIGEST, "Retainage held is treated differently than in Procore, so that it stays undeclared."),
    ("", None, _M, src.DIGEST, "Stored materials are in calculated fields, so that they stay undeclared."),
    ("", None, _M, src.DIGEST,
     "The vendor needs invoice defaults and a ledger account without sub-account; job ids are numbers."),
)
_VISTA: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _H, src.VISTA_EXPORT, "An invoice becomes an AP entry or an unapproved AP invoice."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.change_orders", _FULL, _M, src.DIGEST, _CHANGES),
    ("zero", Handling.REFUSED, _H, src.VISTA_EXPORT, "An invoice over zero is not exported."),
    ("features.stored_materials", _FULL, _H, src.VISTA_EXPORT, "The invoice is exported without its stored materials."),
    ("fidelity.stored_materials", Fidelity.DROPPED, _H, src.VISTA_EXPORT, "Stored materials are ignored."),
    ("features.retainage", _FULL, _M, src.DIGEST, ""),
    ("retainage", RetainageForm.NATIVE, _M, src.VISTA_BATCH, "A line of an AP invoice has a field for retainage."),
    ("features.retainage_release", _FULL, _H, src.VISTA_EXPORT, ""),
    ("fidelity.retainage_release", Fidelity.DERIVED, _H, src.VISTA_EXPORT, "The release is automatic."),
    ("attachments", AttachmentForm.LINK, _H, src.VISTA_MAPPING, "A link to the files in Procore is exported."),
    ("prerequisites.commitment", True, _H, src.EXPORT, _SYNCED),
    ("extra_fields.compliance_group", _COMPLIANCE_GROUP, _H, src.DIRECT_EXPORT,
     "The page has it as the example of an entry that the integration needs."),
    ("field_rules.commitment_number", _limit("commitment_number", 30), _H, src.COMMITMENT_NUMBERS,
     "It also has no slashes, for which there is no rule."),
    ("field_rules.commitment_title", _limit("commitment_title", 60), _H, src.COMMITMENT_TITLES, ""),
    ("field_rules.vendor_name", _limit("vendor_name", 60), _H, src.COMPANY_NAMES, ""),
    ("", None, _H, src.VISTA_MAPPING,
     "The target is AP Transaction Entry or AP Unapproved Invoices, so that the state is undeclared."),
    ("", None, _H, src.VISTA_MAPPING, "Compliance documents are read from Vista every four hours."),
    ("", None, _M, src.SEND_COMMITMENT, _SENDABLE),
)
_SPECTRUM: tuple[_Row, ...] = (
    ("features.purchase_orders", _MISSING, _M, src.DIGEST, "The module for purchase orders is not supported."),
    ("field_rules.commitment_number", _limit("commitment_number", 10), _H, src.COMMITMENT_NUMBERS, ""),
    ("field_rules.commitment_title", _limit("commitment_title", 255), _H, src.COMMITMENT_TITLES, ""),
    ("field_rules.vendor_name", _limit("vendor_name", 30), _H, src.COMPANY_NAMES, ""),
    ("", None, _M, src.DIGEST, "The pages do not list subcontractor invoices among what is exported."),
    ("", None, _M, src.DIGEST, "Each commitment has one cost type, and one company file is connected."),
)
_QUICKBOOKS_DESKTOP: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes a vendor bill."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.purchase_orders", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.unit_based", _FULL, _M, src.DIGEST, "Quantity and unit price are exported."),
    ("features.change_orders", _FULL, _M, src.DIGEST,
     "Lines are appended to the purchase order, one change order at a time."),
    ("features.retainage", _FULL, _H, src.QUICKBOOKS_SET_UP, ""),
    ("retainage", RetainageForm.LINE, _H, src.QUICKBOOKS_SET_UP,
     "A line on a service item Retainage, which has to exist."),
    ("prerequisites.commitment", True, _M, src.DIGEST, "The commitment has to be synced."),
    ("unlink", UnlinkForm.DELETE_FIRST, _H, src.QUICKBOOKS_DESKTOP_PAGES, _DELETED),
    ("field_rules.invoice_number", _limit("invoice_number", 20), _M, src.QBXML, "RefNumber has 20 characters."),
    ("field_rules.commitment_number", _limit("commitment_number", 11, truncates=True), _H, src.COMMITMENT_NUMBERS,
     "A longer number is cut."),
    ("field_rules.commitment_title", _limit("commitment_title", 255), _H, src.COMMITMENT_TITLES, ""),
    ("field_rules.vendor_name", _limit("vendor_name", 41), _H, src.COMPANY_NAMES, ""),
    ("", None, _M, src.DIGEST, "The preference for inventory and purchase orders has to be on."),
)
_QUICKBOOKS_ONLINE: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes a bill."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.purchase_orders", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.unit_based", _FULL, _M, src.DIGEST, ""),
    ("negative", Handling.REFUSED, _M, src.DIGEST, "An invoice below zero is not exported."),
    ("features.retainage", _FULL, _M, src.DIGEST, ""),
    ("retainage", RetainageForm.LINE, _M, src.DIGEST, "A line on a service item for retainage."),
    ("prerequisites.commitment", False, _M, src.DIGEST, "Commitments do not sync, and invoices do."),
    ("privileges.can_export", True, _H, src.QUICKBOOKS_ONLINE_PAGES, "For subcontract invoices."),
    ("unlink", UnlinkForm.DELETE_FIRST, _H, src.QUICKBOOKS_ONLINE_PAGES, _DELETED),
    ("field_rules.invoice_number", _limit("invoice_number", 21), _M, src.DIGEST, ""),
    ("", None, _M, src.DIGEST, "Vendors have the home currency; the code depends on the company."),
    ("", None, _M, src.DIGEST, "Tax outside of the US is set up apart, so that it stays undeclared."),
    ("", None, _M, src.DIGEST, "Cost codes have two tiers or more."),
)
_INTACCT: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes an AP bill or a contract bill."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.purchase_orders", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.change_orders", _FULL, _M, src.DIGEST, _CHANGES),
    ("zero", Handling.REFUSED, _H, src.INTACCT_PAGES, "An invoice over zero is not exported."),
    ("features.stored_materials", _FULL, _H, src.INTACCT_PAGES,
     "The invoice is exported without its stored materials."),
    ("fidelity.stored_materials", Fidelity.DROPPED, _H, src.INTACCT_PAGES, "Stored materials are ignored."),
    ("features.retainage", _FULL, _M, src.DIGEST, "The amount is exported."),
    ("retainage", RetainageForm.NATIVE, _M, src.INTACCT_API, "A bill has a group of fields for retainage."),
    ("prerequisites.commitment", True, _H, src.EXPORT, _SYNCED),
    ("unlink", UnlinkForm.DELETE_FIRST, _H, src.INTACCT_PAGES, _DELETED),
    ("field_rules.commitment_title", _limit("commitment_title", 35), _M, src.DIGEST, ""),
    ("", None, _M, src.DIGEST, "Attachments can be edited after the sending; their form in the ERP is not stated."),
    ("", None, _H, src.COST_CODES, "Cost codes have sections with at least one delimiter."),
)
_NETSUITE: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes a vendor bill."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.purchase_orders", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.unit_based", _FULL, _M, src.DIGEST, "The value of the period is exported."),
    ("fidelity.unit_based", Fidelity.DROPPED, _M, src.DIGEST,
     "Only the value is named, so that quantity and unit price are read as dropped."),
    ("features.retainage", _FULL, _H, src.NETSUITE_MAPPING, ""),
    ("retainage", RetainageForm.LINE, _H, src.NETSUITE_MAPPING, "Retainage has a line of its own."),
    ("prerequisites.commitment", False, _M, src.DIGEST, "The commitment need not be exported."),
    ("commitment_statuses", frozenset({"Approved"}), _M, src.DIGEST, "The commitment has to be approved."),
    ("prerequisites.vendor", True, _M, src.DIGEST, ""),
    ("privileges.can_export", True, _H, src.NETSUITE_PAGES, "For subcontract invoices."),
    ("unlink", UnlinkForm.DELETE_FIRST, _H, src.NETSUITE_PAGES, _DELETED),
    ("", None, _M, src.DIGEST, "Cost codes have two tiers or more, and one subsidiary is connected."),
    ("", None, _M, src.DIGEST, "An item that NetSuite does not have is created at the export."),
)
_XERO: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes a bill."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.purchase_orders", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.unit_based", _FULL, _M, src.DIGEST, ""),
    ("features.change_orders", _FULL, _M, src.DIGEST, "Lines are appended to the purchase order."),
    ("negative", Handling.REFUSED, _H, src.XERO_MAPPING, "An invoice below zero is not exported."),
    ("prerequisites.vendor", True, _M, src.DIGEST, "The vendor has to be linked."),
    ("field_rules.invoice_number", _limit("invoice_number", 255), _M, src.DIGEST, ""),
    ("field_rules.billing_date", _require("billing_date"), _M, src.DIGEST, ""),
    ("field_rules.period_start", _require("period_start"), _M, src.DIGEST, ""),
    ("field_rules.period_end", _require("period_end"), _M, src.DIGEST, ""),
    ("", None, _H, src.XERO_MAPPING, "Payments that are read back exclude tax; tax of the bill itself is not stated."),
    ("", None, _M, src.DIGEST, "An item code has 30 characters, and there are at most 4,000 codes."),
)
_MRI: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes an AP invoice."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.change_orders", _FULL, _M, src.DIGEST, _CHANGES),
    ("features.retainage_release", _MISSING, _M, src.DIGEST, "A release is ignored; a person enters it in MRI."),
    ("prerequisites.commitment", True, _H, src.EXPORT, _SYNCED),
    ("landing", LandingState.POSTED, _M, src.DIGEST, "The invoice is posted at once."),
    ("", None, _M, src.DIGEST, "A company id has at most 12 characters, and there is one list of cost codes."),
    ("", None, _M, src.DIGEST, "Commitments have no tax; tax of an invoice is not stated."),
)
_YARDI: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, ""),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.purchase_orders", _MISSING, _M, src.DIGEST, "Invoices of purchase orders are not exported."),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.change_orders", _FULL, _M, src.DIGEST, _CHANGES),
    ("zero", Handling.REFUSED, _M, src.DIGEST, "An invoice over zero is not exported."),
    ("features.stored_materials", _FULL, _M, src.DIGEST, "The invoice is exported without its stored materials."),
    ("fidelity.stored_materials", Fidelity.DROPPED, _M, src.DIGEST, "Stored materials are ignored."),
    ("features.retainage", _FULL, _M, src.DIGEST, ""),
    ("retainage", RetainageForm.NATIVE, _M, src.DIGEST, _NATIVE),
    ("attachments", AttachmentForm.LINK, _M, src.DIGEST, "A link is exported in place of files."),
    ("prerequisites.commitment", True, _H, src.EXPORT, _SYNCED),
    ("field_rules.commitment_number", _limit("commitment_number", 15), _M, src.DIGEST, ""),
    ("field_rules.commitment_title", _limit("commitment_title", 30, truncates=True), _M, src.DIGEST,
     "A longer title is cut."),
    ("", None, _M, src.DIGEST, "Invoices can be exported directly, without the approver."),
    ("", None, _M, src.DIGEST, "A job id has at most 16 characters; cost codes have a hyphen as delimiter."),
    ("", None, _M, src.DIGEST, "Commitments have no tax; tax of an invoice is not stated."),
)
_ACUMATICA: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes an AP bill."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.change_orders", _FULL, _M, src.DIGEST, _CHANGES),
    ("zero", Handling.REFUSED, _H, src.ACUMATICA_PAGES, "An invoice over zero is not exported."),
    ("features.stored_materials", _FULL, _H, src.ACUMATICA_PAGES,
     "The invoice is exported without its stored materials."),
    ("fidelity.stored_materials", Fidelity.DROPPED, _H, src.ACUMATICA_PAGES, "Stored materials are ignored."),
    ("features.retainage", _FULL, _M, src.DIGEST, ""),
    ("retainage", RetainageForm.NATIVE, _M, src.DIGEST, _NATIVE),
    ("features.retainage_release", _FULL, _H, src.ACUMATICA_PAGES, "The invoice is exported without its release."),
    ("fidelity.retainage_release", Fidelity.DROPPED, _H, src.ACUMATICA_PAGES, "Retainage is not released."),
    ("release_only", Handling.REFUSED, _H, src.ACUMATICA_PAGES, "An invoice that only releases retainage is not sent."),
    ("attachments", AttachmentForm.LINK, _H, src.ACUMATICA_PAGES, "A link to Procore is exported."),
    ("prerequisites.commitment", True, _H, src.EXPORT, _SYNCED),
    ("landing", LandingState.ON_HOLD, _M, src.DIGEST, "The bill is on hold."),
    ("unlink", UnlinkForm.DELETE_FIRST, _H, src.ACUMATICA_PAGES, _DELETED),
    ("field_rules.commitment_title", _limit("commitment_title", 60), _M, src.DIGEST, ""),
    ("extra_fields.accounting_date", _ACCOUNTING_DATE, _M, src.DIGEST,
     "The edition Vision has it; it is not stated that the date is required."),
    ("", None, _H, src.ACUMATICA_PAGES, "A change order is reversed in the ERP before it is unlinked."),
    ("", None, _M, src.DIGEST,
     "The edition Edge takes invoices of subcontracts only; purchase orders stay undeclared."),
    ("", None, _M, src.DIGEST, "Vendors need default accounts and a location; the ERP numbers change orders."),
)
_MYOB: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes an AP bill."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.change_orders", _FULL, _M, src.DIGEST, _CHANGES),
    ("zero", Handling.REFUSED, _M, src.DIGEST, "An invoice over zero is not exported."),
    ("features.stored_materials", _FULL, _M, src.DIGEST, "The invoice is exported without its stored materials."),
    ("fidelity.stored_materials", Fidelity.DROPPED, _M, src.DIGEST, "Stored materials are ignored."),
    ("features.retainage", _FULL, _M, src.DIGEST, ""),
    ("retainage", RetainageForm.NATIVE, _M, src.DIGEST, _NATIVE),
    ("features.retainage_release", _FULL, _H, src.MYOB_PAGES, "The invoice is exported without its release."),
    ("fidelity.retainage_release", Fidelity.DROPPED, _H, src.MYOB_PAGES, "Retainage is not released."),
    ("release_only", Handling.REFUSED, _H, src.MYOB_PAGES, "An invoice that only releases retainage is not sent."),
    ("attachments", AttachmentForm.LINK, _M, src.DIGEST, "A link to Procore is exported."),
    ("prerequisites.commitment", True, _H, src.EXPORT, _SYNCED),
    ("landing", LandingState.ON_HOLD, _M, src.DIGEST, "The bill is on hold."),
    ("unlink", UnlinkForm.DELETE_FIRST, _H, src.MYOB_PAGES, _DELETED),
    ("field_rules.commitment_title", _limit("commitment_title", 60), _M, src.DIGEST, ""),
    ("", None, _M, src.DIGEST, "Vendors need default accounts and a location; the ERP numbers change orders."),
)
_CMIC: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes a request for payment or an AP invoice."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.unit_based", _FULL, _M, src.DIGEST, ""),
    ("features.change_orders", _FULL, _M, src.DIGEST, _POSTED_CHANGES),
    ("zero", Handling.REFUSED, _M, src.DIGEST, "An invoice over zero is not exported."),
    ("features.retainage", _FULL, _M, src.DIGEST, ""),
    ("retainage", RetainageForm.DOCUMENT, _M, src.DIGEST, "A second request for payment, whose number ends with R."),
    ("features.retainage_release", _FULL, _M, src.DIGEST, ""),
    ("release_only", Handling.EXPORTED, _M, src.DIGEST, "Invoices that release retainage can be exported."),
    ("prerequisites.commitment", True, _H, src.EXPORT, _SYNCED),
    ("", None, _M, src.DIGEST, "Purchase orders depend on the set-up, so that they stay undeclared."),
    ("", None, _M, src.DIGEST, "Commitments have to be posted; cost codes have a hyphen as delimiter."),
)
_WORKDAY: tuple[_Row, ...] = (
    ("features.invoices", _FULL, _M, src.DIGEST, "An invoice becomes a supplier invoice."),
    ("features.subcontracts", _FULL, _M, src.DIGEST, ""),
    ("features.purchase_orders", _FULL, _M, src.DIGEST, ""),
    ("features.amount_based", _FULL, _M, src.DIGEST, _AMOUNTS),
    ("features.unit_based", _FULL, _M, src.DIGEST, "Quantity and unit price are exported."),
    ("features.change_orders", _FULL, _M, src.DIGEST, "They are exported as amendments."),
    ("features.retainage", _FULL, _M, src.DIGEST, ""),
    ("retainage", RetainageForm.LINE, _M, src.DIGEST, "A line on a designated item."),
    ("prerequisites.commitment", True, _H, src.EXPORT, _SYNCED),
    ("", None, _M, src.DIGEST, "The contract date is required, and vendors can only be imported."),
    ("", None, _M, src.DIGEST, "A line has its work breakdown code only if it is budgeted."),
)
_TABLE: Final[Mapping[str, tuple[str, tuple[_Row, ...]]]] = MappingProxyType({
    "profile_sage_300_cre":        ("Sage 300 CRE", _SAGE_300_CRE),
    "profile_sage_100_contractor": ("Sage 100 Contractor", _SAGE_100_CONTRACTOR),
    "profile_vista":               ("Vista", _VISTA),
    "profile_spectrum":            ("Spectrum", _SPECTRUM),
    "profile_quickbooks_desktop":  ("QuickBooks Desktop", _QUICKBOOKS_DESKTOP),
    "profile_quickbooks_online":   ("QuickBooks Online", _QUICKBOOKS_ONLINE),
    "profile_intacct":             ("Sage Intacct", _INTACCT),
    "profile_netsuite":            ("NetSuite", _NETSUITE),
    "profile_xero":                ("Xero", _XERO),
    "profile_mri":                 ("MRI Platform X", _MRI),
    "profile_yardi":               ("Yardi Voyager", _YARDI),
    "profile_acumatica":           ("Acumatica", _ACUMATICA),
    "profile_myob":                ("MYOB", _MYOB),
    "profile_cmic":                ("CMiC", _CMIC),
    "profile_workday":             ("Workday", _WORKDAY),
})
# fmt: on

#: The name of each ERP, by the key of its profile.
NAMES: Final[Mapping[str, str]] = MappingProxyType({key: name for key, (name, _) in _TABLE.items()})


def list_rows(key: str) -> tuple[Fact, ...]:
    """Return the facts of a profile, in the order of the table."""
    return tuple(
        Fact(profile=key, field=field, value=value, source=source, confidence=confidence, note=note)
        for field, value, confidence, source, note in _TABLE[key][1]
    )
