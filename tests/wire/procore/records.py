"""Records as Procore's API returns them, each with the fields that it needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from erp_invoice_core.wire.procore import Reading, Records, Source, read_files

if TYPE_CHECKING:
    from collections.abc import Mapping

PEOPLE = {"company": {"id": 1, "name": "Harbor Point", "currency": "USD"}}
PROJECT = {"id": 10, "name": "Pier 9", "project_number": "9"}
VENDOR = {"id": 7, "name": "Acme Steel", "is_active": True}


def contract(**fields: object) -> dict[str, Any]:
    """Return a subcontract as it is listed, without lines and change orders."""
    plain = {"id": 100, "type": "WorkOrderContract", "project_id": 10, "vendor_id": 7}
    return {**plain, "number": "SC-1", "status": "Approved", "executed": True, **fields}


def line(id_: int = 1001, **fields: object) -> dict[str, Any]:
    """Return a line of 50000.00 that names no contract."""
    return {"id": id_, "amount": "50000.00", "cost_code": {"full_code": "05-120"}, **fields}


def package(id_: int = 900, **fields: object) -> dict[str, Any]:
    """Return an approved change order of the contract."""
    plain = {"id": id_, "contract_id": 100, "number": f"CO-{id_}", "status": "approved"}
    return {**plain, **fields}


def item(**fields: object) -> dict[str, Any]:
    """Return an item that bills nothing of the line yet."""
    plain = {"id": 1, "item_type": "contract_item", "line_item_id": 1001}
    return {**plain, "scheduled_value": "50000.00", **fields}


def requisition(*items: Mapping[str, Any], **fields: object) -> dict[str, Any]:
    """Return the first requisition of the contract."""
    plain = {"id": 5000, "number": 1, "project_id": 10, "commitment_id": 100, "period_id": 3}
    return {**plain, "status": "approved", "items": list(items), **fields}


def load(known: Records | None = None, /, **contents: object) -> Reading:
    """Return the reading of one file per name, beside those of company, project and vendor."""
    whole = {"people": PEOPLE, "projects": [PROJECT], "vendors": [VENDOR], **contents}
    sources = [
        Source(data=json.dumps(content).encode(), name=f"{name}.json")
        for name, content in whole.items()
    ]
    return read_files(sources, known=known or Records())


def build_records(**contents: object) -> Records:
    """Return the records of files, as loaded before."""
    reading = load(**contents)
    assert () == reading.problems
    assert reading.company
    return Records(
        company=reading.company.value,
        projects={each.id: each.value for each in reading.projects},
        vendors={each.id: each.value for each in reading.vendors},
        commitments={each.id: each.value for each in reading.commitments},
        requisitions={each.id: each.value for each in reading.requisitions},
    )


def problems(reading: Reading) -> list[tuple[str, str]]:
    """Return path and code of each problem."""
    return [(problem.path, problem.code) for problem in reading.problems]


def warnings(reading: Reading) -> list[tuple[str, str]]:
    """Return path and code of each warning of the loaded files."""
    assert () == reading.problems
    return [(warning.path, warning.code) for warning in reading.warnings]
