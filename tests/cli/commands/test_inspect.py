"""The verbs that only read: ``list``, ``show`` and ``history``."""

from __future__ import annotations

from typing import Any

import pytest

from erp_invoice_core.adapters import Adapters, Connection, Connections
from erp_invoice_core.cli.waits import find_next_actor
from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.vocabulary import ExportStatus, InvoiceStatus
from tests.cli.command_run import Erp, requisition, write_document

FIELDS = [
    "id",
    "number",
    "invoice_number",
    "project_id",
    "commitment_id",
    "vendor",
    "invoice_status",
    "status",
    "connection",
    "version",
    "due",
    "currency",
    "waits_for",
    "waits",
]
NASTY = "Evil\x1b[31m\r\n\u202eLtd [bold]\x9b"


def test_list_has_every_invoice(loaded: Erp) -> None:
    """All loaded invoices are listed by id, also those never sent."""
    entries = loaded("list", "--json").document["entries"]
    assert [str(number) for number in range(5000, 5015)] == [each["id"] for each in entries]
    assert all(FIELDS == list(each) for each in entries)


def test_list_of_one(loaded: Erp) -> None:
    """An invoice never sent is not_sent, in version 0, without connection."""
    entry = loaded("list", "--json").document["entries"][7]
    expected = {
        "id": "5007",
        "number": 2,
        "invoice_number": "DMS-70102",
        "project_id": "10",
        "commitment_id": "300",
        "vendor": "Dockside Marine Supply",
        "invoice_status": "approved",
        "status": "not_sent",
        "connection": None,
        "version": 0,
        "due": "46500.00",
        "currency": "USD",
        "waits_for": "sender",
        "waits": {
            "for": "person",
            "code": "wait.send",
            "message": "The invoice is not in the queue until the project team sends it.",
            "until": None,
        },
    }
    assert expected == entry


def test_list_of_nothing(erp: Erp, project: dict[str, Any]) -> None:
    """A company without invoices has an empty list."""
    erp("load", write_document({"company": project["company"]}))
    assert {"entries": []} == erp("list", "--json").document
    assert (0, True) == (erp("list").status, "0 invoices" in erp("list").out)


def test_numbers_come_by_size(erp: Erp, project: dict[str, Any]) -> None:
    """Numeric ids are in the order of the numbers, other ids follow."""
    for old, new in {"5013": "90", "5004": "1000", "5006": "A-1"}.items():
        requisition(project, old)["id"] = new
        for each in project["requisitions"]:
            if each["previous_requisition_id"] == old:
                each["previous_requisition_id"] = new
    erp("load", write_document(project))
    ids = [each["id"] for each in erp("list", "--json").document["entries"]]
    assert ("90", "1000", "5000", "A-1") == (ids[0], ids[1], ids[2], ids[-1])


def test_an_unknown_amount_is_null(erp: Erp, project: dict[str, Any]) -> None:
    """The amount due is null if the retained amount is unknown."""
    del requisition(project, "5002")["items"][0]["materials_stored_retainage_new_materials"]
    erp("load", write_document(project))
    entry = next(e for e in erp("list", "--json").document["entries"] if e["id"] == "5002")
    assert entry["due"] is None


@pytest.mark.parametrize("verb", [("list",), ("show", "5010"), ("summary", "5010")])
def test_control_characters_are_escaped(
    erp: Erp, project: dict[str, Any], verb: tuple[str, ...]
) -> None:
    """Control characters of a name are written as escapes; a terminal receives none of them."""
    project["vendors"][4]["name"] = NASTY
    bent = requisition(project, "5010")
    bent["items"][0]["description_of_work"] = bent["invoice_number"] = NASTY
    erp("load", write_document(project))
    out = erp(*verb).out
    assert not set("\x1b\r\u202e\x9b") & set(out)
    assert "[bold]" in out.replace("\n", "").replace(" ", "")
    assert all(len(line) <= 80 for line in out.splitlines())


def test_show_is_an_entry_with_its_document(loaded: Erp) -> None:
    """One invoice is shown as in the list, with its document."""
    shown = loaded("show", "5004", "--json").document
    assert FIELDS == list(shown)[: len(FIELDS)]
    assert ("5004", "pile-log.pdf") == (
        shown["document"]["id"],
        shown["document"]["attachments"][0]["filename"],
    )
    assert ([], [], []) == (shown["receipts"], shown["in_doubt"], shown["refusal"])


def test_show_has_the_tax_and_the_amount_with_it(erp: Erp, project: dict[str, Any]) -> None:
    """The amount due has no tax in it; one that is not known makes no sum."""
    tax = {"tax_summary": {"tax_code_name": "HST", "applied_amount": "130.00"}}
    requisition(project, "5001").update(tax)
    requisition(project, "5002").update(tax)
    del requisition(project, "5002")["items"][0]["materials_stored_retainage_new_materials"]
    requisition(project, "5004")["items"][0]["taxes"] = [
        {"tax_code_name": "HST", "tax_code_rate": "13"}
    ]
    erp("load", write_document(project))
    found = [
        [erp("show", id_, "--json").document[name] for name in ("due", "tax", "due_with_tax")]
        for id_ in ("5001", "5002", "5004")
    ]
    assert ["135000.00", "130.00", "135130.00"] == found[0]
    assert [None, "130.00", None] == found[1]
    assert [None, None] == found[2][1:]
    out = " ".join(erp("show", "5001").out.split())
    assert ("due with tax" in out, "135130.00" in out) == (True, True)
    assert {} == erp("show", "5001", "--json").document["accepted"]


def test_show_has_the_erp_id(loaded: Erp) -> None:
    """The ERP id of a synced invoice is shown."""
    out = loaded("show", "5000").out
    assert ("BILL-20417" in out, "imported" in out) == (True, True)


def test_history(loaded: Erp) -> None:
    """Every action is an event, refused ones too, oldest first."""
    loaded("send", "5001", "--as", "super")
    loaded("send", "5001", "--as", "pm")
    events = loaded("history", "5001", "--json").document["events"]
    assert all(
        ["seq", "at", "actor", "action", "before", "after", "denials"] == list(each)
        for each in events
    )
    expected = [
        (1, "super", "send", "not_sent", "not_sent", ["permission.send"]),
        (2, "pm", "send", "not_sent", "ready", []),
    ]
    assert expected == [
        (
            each["seq"],
            each["actor"],
            each["action"],
            each["before"],
            each["after"],
            [denial["code"] for denial in each["denials"]],
        )
        for each in events
    ]
    assert all(each["at"].endswith("+00:00") for each in events)
    out = loaded("history", "5001").out
    assert ("refused, stays not_sent" in out, "not_sent -> ready" in out) == (True, True)


def test_history_of_an_invoice_never_sent(loaded: Erp) -> None:
    """An invoice that was never sent has no events."""
    run = loaded("history", "5004", "--json")
    assert (0, {"events": []}) == (run.status, run.document)


@pytest.mark.parametrize(
    ("status", "invoice", "expected"),
    [
        (ExportStatus.NOT_SENT, InvoiceStatus.APPROVED, "sender"),
        (ExportStatus.NOT_SENT, InvoiceStatus.DRAFT, None),
        (ExportStatus.READY, InvoiceStatus.APPROVED, "accounting approver"),
        (ExportStatus.RETRIEVED, InvoiceStatus.APPROVED, "sender"),
        (ExportStatus.REJECTED, InvoiceStatus.APPROVED, "sender"),
        (ExportStatus.ACCEPTED, InvoiceStatus.APPROVED, "worker"),
        (ExportStatus.EXPORTING, InvoiceStatus.APPROVED, "worker"),
        (ExportStatus.FAILED, InvoiceStatus.APPROVED, "accounting approver"),
        (ExportStatus.UNKNOWN, InvoiceStatus.APPROVED, "person"),
        (ExportStatus.SYNCED, InvoiceStatus.APPROVED, None),
    ],
)
def test_what_each_waits_for(
    status: ExportStatus, invoice: InvoiceStatus, expected: str | None
) -> None:
    """Each status waits for the person or program that can change it."""
    adapters = Adapters.installed()
    connections = Connections(adapters, [Connection("beancount", "beancount", {"path": "x"})])
    entry = QueueEntry(id="1", connection="beancount", status=status)
    assert expected == find_next_actor(entry, invoice, connections)


def test_what_waits_for_an_adapter() -> None:
    """An entry whose connection is missing waits for the adapter if a worker would change it."""
    entry = QueueEntry(id="1", connection="gone", status=ExportStatus.ACCEPTED)
    connections = Connections(Adapters())
    assert "adapter" == find_next_actor(entry, InvoiceStatus.APPROVED, connections)


def test_a_long_unknown_id_is_cut(loaded: Erp) -> None:
    """An unknown id of 100,000 characters is shown with its beginning only."""
    run = loaded("show", "x" * 100_000, "--json")
    assert (2, ["invoice.unknown"]) == (run.status, run.codes)
    assert "… (cut: 100,000 characters in all)" in run.document["problems"][0]["message"]
    assert 1_000 > len(run.out)


def test_history_is_shown_page_by_page(loaded: Erp) -> None:
    """A page names the command for the next one, and the last page names none."""
    loaded("send", "5001", "--as", "pm")
    for _ in range(3):
        loaded("accept", "5001", "--as", "pm")

    def read(*options: str) -> tuple[list[int], int | None]:
        page = loaded("history", "5001", *options, "--json").document
        return [each["seq"] for each in page["events"]], page.get("next_after")

    assert ([1, 2, 3, 4], None) == read()
    assert ([1, 2, 3], 3) == read("--limit", "3")
    assert ([4], None) == read("--after", "3", "--limit", "3")
    assert ([3, 4], None) == read("--after", "2")
    assert "history 5001 --after 3 --limit 3" in loaded("history", "5001", "--limit", "3").out
    assert "--after" not in loaded("history", "5001").out


@pytest.mark.parametrize(("option", "smallest", "shown"), [("--after", 0, []), ("--limit", 1, [1])])
def test_numbers_that_no_database_stores_are_usage_errors(
    loaded: Erp, option: str, smallest: int, shown: list[int]
) -> None:
    """A number above 2^63 - 1 is refused with the range; the largest number is accepted."""
    run = loaded("history", "5000", option, "9223372036854775808", "--json")
    (problem,) = run.document["problems"]
    assert (2, option, "usage.invalid") == (run.status, problem["path"], problem["code"])
    assert (
        f"Invalid value for '{option}': 9223372036854775808 is not in the range "
        f"{smallest}<=x<=9223372036854775807. See erp-invoice --help."
    ) == problem["message"]

    largest = loaded("history", "5000", option, "9223372036854775807", "--json")
    assert (0, ["events"]) == (largest.status, list(largest.document))
    assert shown == [each["seq"] for each in largest.document["events"]]
