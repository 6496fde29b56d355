"""The verb ``summary`` shows the G702 and the G703 of an invoice."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.cli.command_run import Erp, requisition, write_document

INPUT_FORMAT = Path(__file__).parents[2] / "fixtures" / "harbor_point.json"
ITEM = [
    "id",
    "description_of_work",
    "scheduled_value",
    "work_completed_from_previous_application",
    "work_completed_this_period",
    "materials_presently_stored",
    "total_completed_and_stored_to_date",
    "percent_complete",
    "balance_to_finish",
    "retainage",
]


def test_the_third_invoice_of_a_sequence(loaded: Erp) -> None:
    """Change orders, a negative line, moved materials and a release are exact to the cent."""
    document = loaded("summary", "5003", "--json").document
    items = document.pop("items")
    expected = {
        "original_contract_sum": "720000.00",
        "net_change_by_change_orders": "41500.00",
        "contract_sum_to_date": "761500.00",
        "total_completed_and_stored_to_date": "563500.00",
        "completed_work_retainage_amount": "42350.00",
        "stored_materials_retainage_amount": "0.00",
        "total_retainage": "42350.00",
        "total_earned_less_retainage": "521150.00",
        "less_previous_certificates_for_payment": "333000.00",
        "current_payment_due": "188150.00",
        "balance_to_finish_including_retainage": "240350.00",
        "percent_complete": "74.00",
        "period": {
            "gross": "193500.00",
            "retained": "19350.00",
            "released": "14000.00",
            "due": "188150.00",
        },
        "currency": "USD",
        "less_previous_source": "previous_invoice",
        "notices": [],
    }
    assert expected == document
    assert all(ITEM == list(item) for item in items)
    frames = ("500000.00", "290000.00", "90000.00", "0.00", "380000.00", "76.00", "120000.00")
    assert frames == tuple(list(items[0].values())[2:9])
    assert "24000.00" == items[0]["retainage"]


def test_a_first_invoice(loaded: Erp) -> None:
    """The first invoice has no previous certificates."""
    document = loaded("summary", "5001", "--json").document
    assert ("0.00", "first_invoice", "135000.00") == (
        document["less_previous_certificates_for_payment"],
        document["less_previous_source"],
        document["current_payment_due"],
    )


def test_a_release_of_retainage(loaded: Erp) -> None:
    """An invoice that only releases retainage is due what it releases."""
    document = loaded("summary", "5014", "--json").document
    assert ("0.00", "9600.00", "9600.00") == (
        document["period"]["gross"],
        document["period"]["released"],
        document["current_payment_due"],
    )


def test_unknown_certificates(erp: Erp, project: dict[str, Any]) -> None:
    """If the certified amount is unknown, lines 7 and 8 are null, with a notice."""
    bent = requisition(project, "5002")
    bent["previous_requisition_id"] = None
    del bent["items"][0]["materials_stored_retainage_new_materials"]
    project["requisitions"] = [bent]
    erp("load", write_document(project))
    run = erp("summary", "5002", "--json")
    document = run.document
    assert (0, None, None, "unknown") == (
        run.status,
        document["less_previous_certificates_for_payment"],
        document["current_payment_due"],
        document["less_previous_source"],
    )
    assert (None, None) == (document["period"]["retained"], document["period"]["due"])
    assert ["billing.previous_unknown"] == [note["code"] for note in document["notices"]]
    assert all(["code", "message"] == list(note) for note in document["notices"])
    assert "billing.previous_unknown" in erp("summary", "5002").out


def test_certificates_that_differ(erp: Erp, project: dict[str, Any]) -> None:
    """If the columns do not follow from the previous invoice, there is a notice."""
    item = requisition(project, "5014")["items"][0]
    item["work_completed_from_previous_application"] = "95000.00"
    item["total_completed_and_stored_to_date"] = "95000.00"
    erp("load", write_document(project))
    notices = erp("summary", "5014", "--json").document["notices"]
    assert ["billing.previous_differs"] == [note["code"] for note in notices]


def test_a_currency_without_cents(erp: Erp, project: dict[str, Any]) -> None:
    """Amounts have the digits of their currency."""
    project["company"]["currency"] = "JPY"
    text = re.sub(r'"(-?[0-9]+)\.00"', r'"\1"', json.dumps(project))
    text = text.replace("14687.50", "14687").replace("22330.88", "22331")
    text = text.replace("37018.38", "37018")
    Path("yen.json").write_text(text, encoding="utf-8")
    assert 0 == erp("load", "yen.json").status
    document = erp("summary", "5003", "--json").document
    assert ("JPY", "521150") == (document["currency"], document["total_earned_less_retainage"])


def test_what_a_person_reads(loaded: Erp) -> None:
    """Both sheets are tables of at most 80 columns, with separated thousands."""
    out = loaded("summary", "5003").out
    assert re.search(r"^8 +Current payment due +188,150\.00$", out, re.MULTILINE)
    assert re.search(
        r"^5 +Mezzanine rail +-8,500\.00 +0\.00 +-8,500\.00 +0\.00$", out, re.MULTILINE
    )
    assert all(len(line) <= 80 for line in out.splitlines())
