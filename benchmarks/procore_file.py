"""
A file of invoices in the input format, as large as a benchmark wants it.

Run it with ``python -m benchmarks.procore_file INVOICES LINES SIBLINGS > FILE``.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Any

VENDORS = 40


def _share(line: int) -> Decimal:
    """Return the work on a line in each period; the tenth part of it is retained."""
    return Decimal(100_000 + 370 * (line % 50)) / 100


def _build_item(commitment: int, line: int, place: int, periods: int) -> dict[str, Any]:
    work = _share(line)
    return {
        "id": str(line + 1),
        "item_type": "contract_item",
        "line_item_id": f"{commitment}-{line}",
        "accounting_method": "amount",
        "description_of_work": f"Structural steel, level {line}",
        "scheduled_value": str(work * periods),
        "work_completed_from_previous_application": str(work * place),
        "work_completed_this_period": str(work),
        "materials_presently_stored": "0.00",
        "materials_presently_stored_from_previous_progress": "0.00",
        "work_completed_retainage_from_previous_application": str(work * place / 10),
        "work_completed_retainage_retained_this_period": str(work / 10),
        "work_completed_retainage_released_this_period": "0.00",
        "materials_stored_retainage_currently_retained": "0.00",
        "materials_stored_retainage_released_this_period": "0.00",
    }


def build_requisition(number: int, lines: int, siblings: int) -> dict[str, Any]:
    """Return the invoice of that number; each commitment has that many, one after the other."""
    commitment, place = divmod(number, siblings)
    return {
        "id": str(number),
        "number": place + 1,
        "previous_requisition_id": str(number - 1) if place else None,
        "project_id": "10",
        "commitment_id": f"C{commitment}",
        "commitment_type": "WorkOrderContract",
        "period_id": "3",
        "requisition_start": "2026-10-01",
        "requisition_end": "2026-10-31",
        "billing_date": "2026-10-31",
        "invoice_number": f"ACME-{number}",
        "status": "approved",
        "final": False,
        "origin_id": None,
        "attachments": [],
        "items": [_build_item(commitment, line, place, siblings) for line in range(lines)],
    }


def build_commitment(number: int, lines: int, siblings: int) -> dict[str, Any]:
    """Return the commitment of that number, all of it linked to the ERP."""
    return {
        "id": f"C{number}",
        "type": "WorkOrderContract",
        "project_id": "10",
        "number": f"SC-{number}",
        "title": "Structural steel",
        "status": "Approved",
        "vendor_id": str(number % VENDORS),
        "accounting_method": "amount",
        "retainage_percent": "10.0",
        "origin_id": f"ERP-C{number}",
        "line_items": [
            {
                "id": f"{number}-{line}",
                "amount": str(_share(line) * siblings),
                "description": f"Structural steel, level {line}",
                "cost_code": {"full_code": f"05-{line}", "origin_id": f"05-{line}"},
                "line_item_type": {"code": "S", "origin_id": "SUB"},
                "quantity": None,
                "unit_cost": None,
                "uom": None,
                "tax_code_id": None,
                "origin_id": f"L-{line}",
            }
            for line in range(lines)
        ],
        "change_order_packages": [],
    }


def build_file(invoices: range, *, lines: int, siblings: int = 1) -> dict[str, Any]:
    """Return the document of these invoices, with the records that they refer to."""
    commitments = sorted({number // siblings for number in invoices})
    return {
        "company": {"id": "1", "name": "Harbor Point Builders", "currency": "USD"},
        "projects": [{"id": "10", "name": "Pier 9", "origin_id": "JOB-9"}],
        "vendors": [
            {"id": str(vendor), "name": f"Steel {vendor}", "origin_id": f"V-{vendor}"}
            for vendor in range(VENDORS)
        ],
        "users": [
            {
                "id": "pm",
                "name": "Project manager",
                "permissions": {"commitments": {"10": "admin"}, "erp_integrations": "none"},
                "privileges": [],
            },
            {
                "id": "ap",
                "name": "Accounting approver",
                "permissions": {"commitments": {}, "erp_integrations": "standard"},
                "privileges": ["can_push_to_accounting"],
            },
        ],
        "commitments": [build_commitment(number, lines, siblings) for number in commitments],
        "requisitions": [build_requisition(number, lines, siblings) for number in invoices],
    }


if __name__ == "__main__":
    _invoices, _lines, _siblings = map(int, sys.argv[1:])
    json.dump(build_file(range(_invoices), lines=_lines, siblings=_siblings), sys.stdout)
