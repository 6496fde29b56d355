"""The fields of a requisition's record are judged, and shown before the acceptance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_run import Erp, Run, write_document

ANSWER = Path(__file__).parent.parent / "fixtures" / "procore" / "extended.json"
ID = "1280646"


@pytest.fixture
def answer() -> dict[str, Any]:
    """A document with one requisition as Procore returns it, which the test then changes."""
    found: dict[str, Any] = json.loads(ANSWER.read_text(encoding="utf-8"))
    return found


def write_changed(answer: dict[str, Any], **fields: object) -> str:
    """Write the answer with other fields of its requisition, and return the file's name."""
    answer["requisitions"][0] |= fields
    return write_document(answer)


def list_denials(
    erp: Erp, action: str = "send", who: str = "pm"
) -> list[tuple[str, dict[str, str]]]:
    """Return code and facts of each denial."""
    run = erp("why-not", ID, "--action", action, "--as", who, "--json")
    return [(each["code"], each["facts"]) for each in run.results[ID]["denials"]]


def list_notices(run: Run) -> list[str]:
    """Return the codes of the notices, without those of attachments."""
    found = [each["code"] for each in run.results[ID]["notices"]]
    return [code for code in found if not code.startswith("attachments.")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"erp_status": "exporting"}, ("invoice.in_another_integration", "exporting")),
        ({"erp_status": "synced"}, ("invoice.in_another_integration", "synced")),
        ({"payment_date": "2026-11-03"}, ("invoice.paid", "2026-11-03")),
        (
            {"payment_summary": {"invoice_paid_in_full": True, "invoiced_amount_due": "0.00"}},
            ("invoice.paid", ""),
        ),
        ({"deleted_at": "2026-11-03T10:00:00Z"}, ("invoice.deleted", "2026-11-03")),
        ({"billing_date": "0001-01-01"}, ("field.billing_date.range", "0001-01-01")),
        ({"billing_date": "2199-01-01"}, ("field.billing_date.range", "2199-01-01")),
    ],
)
def test_record_that_speaks_against_it_denies_the_sending(
    erp: Erp, answer: dict[str, Any], fields: dict[str, Any], expected: tuple[str, str]
) -> None:
    """Another integration's status, a payment, a deletion or a placeholder date denies sending."""
    erp("load", write_changed(answer, **fields))
    ((code, facts),) = list_denials(erp)

    assert expected == (code, next((value for value in facts.values() if value in expected), ""))
    assert 1 == erp("send", ID, "--as", "pm").status


@pytest.mark.parametrize("fields", [{}, {"erp_status": ""}, {"erp_status": "not_synced"}])
def test_record_that_says_nothing_denies_nothing(
    erp: Erp, answer: dict[str, Any], fields: dict[str, Any]
) -> None:
    """Null, a blank status and an unknown status are no objection."""
    erp("load", write_changed(answer, **fields))

    assert [] == list_denials(erp)


@pytest.mark.parametrize("status", ["Void", "Terminated"])
def test_status_of_the_commitment_denies_the_sending(
    erp: Erp, answer: dict[str, Any], status: str
) -> None:
    """An invoice of a void or terminated commitment is not sent."""
    answer["commitments"][0]["status"] = status
    erp("load", write_document(answer))

    assert [("commitment.not_active", {"status": status})] == list_denials(erp)


def test_deleted_commitment_denies_the_sending(erp: Erp, answer: dict[str, Any]) -> None:
    """An invoice of a deleted commitment is not sent, whatever its status."""
    answer["commitments"][0]["deleted_at"] = "2026-11-02T08:00:00Z"
    erp("load", write_document(answer))

    assert [
        ("commitment.not_active", {"status": "deleted", "deleted_on": "2026-11-02"})
    ] == list_denials(erp)


def test_closed_purchase_order_is_refused_by_policy_alone(erp: Erp, answer: dict[str, Any]) -> None:
    """A purchase order has statuses of its own: a company may refuse any of them."""
    answer["commitments"][0] |= {"type": "PurchaseOrderContract", "status": "Closed"}
    answer["requisitions"][0]["commitment_type"] = "PurchaseOrderContract"
    erp("load", write_document(answer))
    Path("erp.toml").write_text('[policy]\nrefused_commitment_statuses = ["Closed"]\n')

    assert [] == list_denials(erp)
    run = erp("why-not", ID, "--as", "pm", "--settings", "erp.toml", "--json")
    assert ["commitment.not_active"] == run.codes


def test_rejected_item_denies_the_sending(erp: Erp, answer: dict[str, Any]) -> None:
    """The denial names the rejected item of an approved invoice."""
    answer["requisitions"][0]["items"][0]["status"] = "rejected"
    erp("load", write_document(answer))

    assert [("invoice.item_rejected", {"items": "17918097 (Frames)"})] == list_denials(erp)


def test_line_8_that_differs_denies_unless_the_company_takes_it(
    erp: Erp, answer: dict[str, Any]
) -> None:
    """Both amounts are facts; by policy the difference is only a notice."""
    answer["requisitions"][0]["summary"]["current_payment_due"] = "18850.00"
    erp("load", write_document(answer))
    ((code, facts),) = list_denials(erp)
    Path("erp.toml").write_text('[policy]\nsummary_difference = "notice"\n')
    run = erp("why-not", ID, "--as", "pm", "--settings", "erp.toml", "--json")

    assert ("billing.summary_differs", "18900.00 USD", "18850.00 USD") == (
        code,
        facts["computed"],
        facts["stated"],
    )
    assert (0, ["billing.summary_differs"]) == (run.status, list_notices(run))


def test_approver_sees_every_difference_before_accepting(erp: Erp, answer: dict[str, Any]) -> None:
    """Contradictions of the file are notices of ``send``, ``why-not`` and ``accept``."""
    requisition = answer["requisitions"][0]
    requisition["summary"]["contract_sum_to_date"] = "54000.00"
    requisition["items"][0]["total_completed_and_stored_to_date"] = "20000.00"
    requisition["period_id"] = None
    erp("load", write_document(answer))
    expected = ["invoice.no_period", "billing.summary_differs", "billing.total_differs"]
    sent = erp("send", ID, "--as", "pm", "--json")
    asked = erp("why-not", ID, "--action", "accept", "--as", "ap", "--json")
    accepted = erp("accept", ID, "--as", "ap", "--json")

    assert [expected] * 3 == [list_notices(run) for run in (sent, asked, accepted)]
    assert "accepted" == accepted.results[ID]["status"]
    summary = erp("summary", ID, "--json").document["notices"]
    assert expected[1:] == [each["code"] for each in summary]


def test_what_another_integration_does_after_the_sending_is_a_notice(
    erp: Erp, answer: dict[str, Any]
) -> None:
    """The status may result from our own export: it is shown to the approver and denies nothing."""
    erp("load", write_changed(answer))
    erp("send", ID, "--as", "pm")
    erp("load", write_changed(answer, erp_status="synced"))
    accepted = erp("accept", ID, "--as", "ap", "--json")

    assert ["invoice.in_another_integration"] == list_notices(accepted)
    assert (0, "accepted") == (accepted.status, accepted.results[ID]["status"])


def test_payment_after_the_acceptance_is_found_before_the_first_write(
    erp: Erp, answer: dict[str, Any]
) -> None:
    """An invoice that was paid elsewhere meanwhile is not booked: the export is refused."""
    erp("load", write_changed(answer))
    erp("send", ID, "--as", "pm")
    erp("accept", ID, "--as", "ap")
    erp("load", write_changed(answer, payment_date="2026-11-03"))
    erp("work", "--until-idle")

    assert "failed" == erp("show", ID, "--json").document["status"]
    assert not Path("erp.beancount").exists() or "ACME-77" not in Path("erp.beancount").read_text()


def test_simplified_invoice_has_no_g702(erp: Erp, answer: dict[str, Any]) -> None:
    """The summary says so, and has no line of it; the items are there."""
    erp("load", write_changed(answer, contract_invoicing_method="simplified"))
    document = erp("summary", ID, "--json").document
    shown = erp("summary", ID).out

    assert (None, None, None) == (
        document["current_payment_due"],
        document["percent_complete"],
        document["less_previous_source"],
    )
    assert (["billing.simplified"], "18900.00", 2) == (
        [each["code"] for each in document["notices"]],
        document["period"]["due"],
        len(document["items"]),
    )
    assert f"No G702 of invoice {ID}" in shown
    assert "Contract sum to date" not in shown


def test_cost_code_that_the_erp_does_not_know_is_to_be_mapped(
    erp: Erp, answer: dict[str, Any]
) -> None:
    """The segments of a work breakdown are the cost code: the message says which one to map."""
    for line in answer["commitments"][0]["line_items"]:
        line["cost_code"] = None
        line["wbs_code"] = {"id": 1000, "flat_code": "05-120.S", "description": "Steel"}
    erp("load", write_document(answer))
    run = erp("why-not", ID, "--as", "pm", "--json")
    (denial,) = run.results[ID]["denials"]

    assert ("cost_code.not_synced", "05-120.S", "17918097") == (
        denial["code"],
        denial["facts"]["cost_codes"],
        denial["facts"]["items"],
    )
    assert "05-120.S (items 17918097). Map each" in denial["message"]
