"""The command compares invoice numbers within a commitment, and across commitments."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.cli.command_run import Erp, requisition, write_document

_SENDER = ("--as", "pm")


def _load_with_second(
    erp: Erp, project: dict[str, Any], number: str, own: str, commitment: str
) -> None:
    """Load the project with a second invoice under that number."""
    document = copy.deepcopy(project)
    first = requisition(document, "5001")
    first["invoice_number"] = own
    if commitment == first["commitment_id"]:
        requisition(document, "5002")["invoice_number"] = number
    else:
        other = copy.deepcopy(
            next(c for c in document["commitments"] if c["id"] == first["commitment_id"])
        )
        lines = {line["id"]: f"9{line['id']}" for line in other["line_items"]}
        other |= {"id": commitment, "number": "SC-900", "origin_id": "C-900"}
        other["change_order_packages"] = []
        for line in other["line_items"]:
            line["id"] = lines[line["id"]]
        document["commitments"].append(other)
        bill = copy.deepcopy(first) | {
            "id": "6000",
            "number": 1,
            "previous_requisition_id": None,
            "commitment_id": commitment,
            "invoice_number": number,
        }
        bill["items"] = [
            item | {"line_item_id": lines[item["line_item_id"]]}
            for item in bill["items"]
            if item["line_item_id"] in lines
        ]
        bill.pop("summary", None)
        document["requisitions"].append(bill)
    run = erp("load", write_document(document), "--json")
    assert [] == run.document["problems"]


@pytest.mark.parametrize(
    ("own", "number"),
    [
        ("ACME-77", "ACME-77 "),
        ("Caf\u00e9-1", "Cafe\u0301-1"),
        ("ACME 77", "ACME\u00a077"),
        ("ACME-77", "ACME-77\u200b"),
        ("ACME-77", "\ufeffACME-77"),
        ("ACME-77", "ACME\u201177"),
    ],
)
def test_one_number_in_a_commitment_is_denied(
    erp: Erp, project: dict[str, Any], own: str, number: str
) -> None:
    """Numbers that a person reads as the same are the same."""
    commitment = requisition(project, "5001")["commitment_id"]
    _load_with_second(erp, project, number, own, commitment)
    run = erp("why-not", "5001", *_SENDER, "--json")
    (denial,) = (
        one for one in run.results["5001"]["denials"] if one["code"] == "invoice.number_taken"
    )
    assert "5002" == denial["facts"]["invoices"]


def test_numbers_that_differ_in_case_are_a_notice(erp: Erp, project: dict[str, Any]) -> None:
    """A difference in case alone is a notice."""
    commitment = requisition(project, "5001")["commitment_id"]
    _load_with_second(erp, project, "acme-77", "ACME-77", commitment)
    result = erp("why-not", "5001", *_SENDER, "--json").results["5001"]
    assert "invoice.number_taken" not in [one["code"] for one in result["denials"]]
    assert "invoice.number_alike" in [one["code"] for one in result["notices"]]


def test_one_number_on_two_commitments_is_a_notice(erp: Erp, project: dict[str, Any]) -> None:
    """The ledger keeps the commitments' numbers apart: sender and approver get a notice."""
    _load_with_second(erp, project, "ACME\u201177", "ACME-77", "900")
    (notice,) = (
        one
        for one in erp("why-not", "5001", *_SENDER, "--json").results["5001"]["notices"]
        if one["code"] == "invoice.number_shared"
    )
    assert ("6000", "900") == (notice["facts"]["invoices"], notice["facts"]["commitments"])


def test_typed_number_that_looks_like_another_is_a_notice(loaded: Erp) -> None:
    """It is compared with the numbers of every loaded invoice of the vendor."""
    assert 0 == loaded("send", "5001", "--as", "pm").status
    run = loaded("accept", "5001", "--as", "ap", "--number", "acme 1077", "--json")
    (notice,) = (
        one for one in run.results["5001"]["notices"] if one["code"] == "invoice.number_alike"
    )
    assert ("acme 1077", "5003") == (notice["facts"]["number"], notice["facts"]["invoices"])
