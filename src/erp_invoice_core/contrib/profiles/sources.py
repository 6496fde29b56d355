"""Sources of the facts, by publisher and title."""

from __future__ import annotations

from typing import Final

# Procore Support, pages for every ERP.
EXPORT: Final = "Procore Support: Export Subcontractor Invoices from Procore to ERP"
COMMITMENT_NUMBERS: Final = (
    "Procore Support, FAQ: the maximum length of a commitment's Number, by ERP"
)
COMMITMENT_TITLES: Final = (
    "Procore Support, FAQ: the maximum length of a commitment's Title, by ERP"
)
COMPANY_NAMES: Final = "Procore Support: limits of company names, by ERP"
COST_CODES: Final = "Procore Support, FAQ: the format of cost codes, by ERP"
DIRECT_EXPORT: Final = "Procore Support: Enable or Disable ERP Direct Exports"
SEND_COMMITMENT: Final = "Procore Support: Send a Commitment to ERP Integrations"
UNLINK: Final = "Procore Support: Unlink Subcontractor Invoices Synced with ERP"

# Procore Support, pages of one ERP.
SAGE_300_FIELDS: Final = (
    "Procore Support, FAQ: Which fields in a Procore subcontractor invoice sync with Sage 300 CRE?"
)
SAGE_300_SET_UP: Final = (
    "Procore Support: Set Up the Subcontractor Invoices Feature for Sage 300 CRE"
)
SAGE_300_PAGES: Final = "Procore Support, Sage 300 CRE: pages on subcontractor invoices"
SAGE_300_THINGS: Final = "Procore Support: Things to Know About Sage 300 CRE"
VISTA_EXPORT: Final = (
    "Procore Support, Integration by Ryvit: Export Subcontractor Invoices from Procore"
)
VISTA_MAPPING: Final = "Procore Support: Viewpoint Vista, Detailed Data Mapping"
QUICKBOOKS_SET_UP: Final = "Procore Support, FAQ: setting up retainage in QuickBooks"
QUICKBOOKS_DESKTOP_PAGES: Final = (
    "Procore Support, QuickBooks Desktop: pages on subcontractor invoices"
)
QUICKBOOKS_ONLINE_PAGES: Final = (
    "Procore Support, QuickBooks Online: pages on subcontractor invoices"
)
INTACCT_PAGES: Final = "Procore Support, Sage Intacct: pages on subcontractor invoices"
NETSUITE_PAGES: Final = "Procore Support, NetSuite: pages on subcontractor invoices"
NETSUITE_MAPPING: Final = "Procore Support: NetSuite, Detailed Data Mapping"
XERO_MAPPING: Final = "Procore Support: Xero, Detailed Data Mapping"
ACUMATICA_PAGES: Final = "Procore Support, Acumatica: pages on subcontractor invoices"
MYOB_PAGES: Final = "Procore Support, MYOB: pages on subcontractor invoices"

# A digest of the pages of Procore Support, by a third party.
DIGEST: Final = (
    "procore-erp-map: digest of Procore's pages on this ERP (Things to Know, Data Mapping, FAQ)"
)

# Documents of other vendors.
SAGE_300_IMPORT: Final = "Sage Knowledgebase: AP import file layout, fixed format, Sage 300 CRE"
VISTA_BATCH: Final = (
    "Trimble Help: Vista, AP Invoice Line (APLB), form information and sample text files"
)
QBXML: Final = "Intuit: qbXML 14 operations, BillAdd"
INTACCT_API: Final = "Sage: Intacct REST API, OpenAPI of accounts payable, bill"
