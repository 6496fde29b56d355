"""The sender's verbs: ``send``, ``resend`` and ``retrieve``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.command_run import Erp, requisition, write_document


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
    """A person without Admin on Commitments cannot send."""
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
    erp("load", write_document(project))
    run = erp("send", "--as", "pm", "--json", "--", *ids.values())
    assert (0, list(ids.values())) == (run.status, list(run.results))


@pytest.mark.parametrize("verb", [["accept", "5001", "--as", "ap"], ["work"], ["list"]])
def test_unknown_connection_is_refused_by_every_verb(loaded: Erp, verb: list[str]) -> None:
    """A misspelt connection is named, and the verb does nothing in another one."""
    run = loaded(*verb, "--to", "nope", "--json")

    assert 2 == run.status
    assert "There is no connection 'nope'." in str(run.document)
