"""The sender's verbs: ``why-not``, ``send``, ``resend`` and ``retrieve``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from erp_invoice_core.vocabulary import Action
from tests.cli.command_run import Erp, requisition, written


def test_why_not_allows(loaded: Erp) -> None:
    """An allowed invoice has no denials, and status 0."""
    run = loaded("why-not", "5001", "--as", "pm", "--json")
    result = run.results["5001"]
    assert 0 == run.status
    assert ["id", "allowed", "status", "version", "denials", "notices"] == list(result)
    assert ("5001", True, "not_sent", 0, []) == (
        result["id"],
        result["allowed"],
        result["status"],
        result["version"],
        result["denials"],
    )


_REMEDY = ["code", "action", "fact", "who", "message", "facts"]


@pytest.mark.parametrize(
    ("id_", "codes"),
    [
        ("5000", ["status.send"]),
        ("5005", ["invoice.not_sendable"]),
        ("5009", ["invoice.not_sendable", "field.invoice_number.present"]),
        ("5010", ["vendor.not_synced"]),
        ("5011", ["hold.lien_waiver"]),
        ("5012", ["invoice.not_sendable"]),
    ],
)
def test_why_not_denies(loaded: Erp, id_: str, codes: list[str]) -> None:
    """Every reason has its code, source, facts and remedies; status 1."""
    run = loaded("why-not", id_, "--as", "pm", "--json")
    assert (1, codes) == (run.status, run.codes)
    for denial in run.results[id_]["denials"]:
        assert ["code", "message", "source", "facts", "remedies"] == list(denial)
        for together in denial["remedies"]:
            assert all(_REMEDY == list(remedy) for remedy in together)


def test_why_not_answers_in_order(loaded: Erp) -> None:
    """Several invoices are answered in the given order, repeated ones too."""
    run = loaded("why-not", "5010", "5001", "5000", "5001", "--as", "pm", "--json")
    assert ["5010", "5001", "5000", "5001"] == [each["id"] for each in run.document["results"]]


def test_why_not_records_nothing(loaded: Erp) -> None:
    """A query leaves no event."""
    loaded("why-not", "5010", "--as", "pm")
    assert [] == loaded("history", "5010", "--json").document["events"]


def test_why_not_gives_a_stranger_one_reason(loaded: Erp) -> None:
    """A person without any level gets one reason, which shows nothing of the invoice."""
    run = loaded("why-not", "5010", "--as", "guest", "--json")
    assert (1, ["permission.none"]) == (run.status, run.codes)
    assert [] == run.results["5010"]["notices"]


@pytest.mark.parametrize("action", list(Action))
def test_why_not_of_any_action(loaded: Erp, action: Action) -> None:
    """The name of every action is accepted in lower case with hyphens."""
    word = action.value.replace("_", "-")
    assert loaded("why-not", "5001", "--as", "pm", "--action", word, "--json").status in {0, 1}


def test_why_not_shows_a_person_everything(loaded: Erp) -> None:
    """The text has every code, the remedies and who can do them; notices too."""
    out = loaded("why-not", "5009", "5003", "--as", "pm").out
    assert "invoice.not_sendable (condition)" in out
    assert "field.invoice_number.present (condition)" in out
    assert "To do: Approve the invoice." in out
    assert "Who: Admin on the Commitments tool" in out
    assert "5003: allowed to send (not_sent, version 0)" in out
    assert "invoice.earlier_unsynced (notice)" in out


def test_send(loaded: Erp) -> None:
    """A sent invoice is ready, in version 1, on the default connection."""
    run = loaded("send", "5001", "--as", "pm", "--json")
    result = run.results["5001"]
    assert (0, True, "ready", 1) == (
        run.status,
        result["allowed"],
        result["status"],
        result["version"],
    )
    assert "beancount" == loaded("show", "5001", "--json").document["connection"]


def test_send_some(loaded: Erp) -> None:
    """Of several invoices the refused ones do not affect the others; status 1."""
    run = loaded("send", "5001", "5010", "5004", "--as", "pm", "--json")
    statuses = [(each["id"], each["status"]) for each in run.document["results"]]
    assert 1 == run.status
    assert [("5001", "ready"), ("5010", "not_sent"), ("5004", "ready")] == statuses


@pytest.mark.parametrize("person", ["super", "owner", "ap"])
def test_only_an_administrator_sends(loaded: Erp, person: str) -> None:
    """A person without Admin on the Commitments tool cannot send."""
    run = loaded("send", "5001", "--as", person, "--json")
    assert (1, ["permission.send"]) == (run.status, run.codes)


def test_send_to_a_connection_of_the_settings(loaded: Erp) -> None:
    """An invoice is sent to the named connection, with the settings of that connection."""
    Path("erp.toml").write_text(
        '[connections.books]\nadapter = "beancount"\npath = "books.beancount"\n', encoding="utf-8"
    )
    there = ("--settings", "erp.toml")
    assert 0 == loaded("send", "5001", "--as", "pm", "--to", "books", *there).status
    assert 0 == loaded("accept", "5001", "--as", "ap", *there).status
    assert 0 == loaded("work", *there).status
    assert "BILL" not in Path("books.beancount").read_text(encoding="utf-8")
    assert 'requisition_id: "5001"' in Path("books.beancount").read_text(encoding="utf-8")


def test_retrieve_and_send_again(loaded: Erp) -> None:
    """A retrieved invoice can be edited and sent again."""
    loaded("send", "5001", "--as", "pm")
    assert (
        "retrieved" == loaded("retrieve", "5001", "--as", "pm", "--json").results["5001"]["status"]
    )
    assert "ready" == loaded("send", "5001", "--as", "pm", "--json").results["5001"]["status"]


def test_resend_only_after_a_rejection(loaded: Erp) -> None:
    """An invoice that was not rejected cannot be sent again."""
    run = loaded("resend", "5001", "--as", "pm", "--json")
    assert (1, True) == (run.status, "status.resend" in run.codes)


def test_the_version_seen(loaded: Erp) -> None:
    """A person who saw another version is denied."""
    loaded("send", "5001", "--as", "pm")
    run = loaded("retrieve", "5001", "--as", "pm", "--expect", "5", "--json")
    assert (1, ["entry.changed"]) == (run.status, run.codes)
    assert 0 == loaded("retrieve", "5001", "--as", "pm", "--expect", "1").status


def test_big_ids(erp: Erp, project: dict[str, Any]) -> None:
    """Ids of many digits, and of other characters, are accepted."""
    ids = {"5001": "9" * 60, "5002": "INV 7/2 é", "5003": "-1"}
    for old, new in ids.items():
        requisition(project, old)["id"] = new
    for each in project["requisitions"]:
        each["previous_requisition_id"] = ids.get(
            each["previous_requisition_id"], each["previous_requisition_id"]
        )
    erp("load", written(project))
    run = erp("send", "--as", "pm", "--json", "--", *ids.values())
    assert (0, list(ids.values())) == (run.status, list(run.results))
