"""The verb ``work`` answers with the entries that it changed, and why it ended."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.command_run import Erp


@pytest.fixture
def accepted(loaded: Erp) -> Erp:
    """Return the command, with 5001, 5004 and 5006 accepted."""
    loaded("send", "5001", "5004", "5006", "--as", "pm")
    assert 0 == loaded("accept", "5001", "5004", "5006", "--as", "ap").status
    return loaded


def test_nothing_to_do(loaded: Erp) -> None:
    """If nothing is due, the answer has no items."""
    run = loaded("work", "--json")
    assert (0, {"results": []}, "") == (run.status, run.document, run.err)
    assert "Nothing is due.\n" == loaded("work").out


@pytest.mark.parametrize("words", [("work",), ("work", "--until-idle"), ("work", "--lease", "30")])
def test_all_is_exported(accepted: Erp, words: tuple[str, ...]) -> None:
    """All due entries are exported, with an item for each entry."""
    run = accepted(*words, "--json")
    assert (0, {"5001": "synced", "5004": "synced", "5006": "synced"}) == (
        run.status,
        {id_: each["status"] for id_, each in run.results.items()},
    )
    assert {"results": []} == accepted("work", "--json").document


def test_a_limit(accepted: Erp) -> None:
    """A limit bounds the number of claimed entries."""
    assert [1, 2] == [
        len(accepted("work", "--limit", limit, "--json").document["results"]) for limit in "12"
    ]


def test_a_refusal_of_the_erp(loaded: Erp, two_step: Path) -> None:
    """A failed entry makes status 1, and the answer has the ERP's reason."""
    two_step.write_text(json.dumps([{"on": "create", "do": "refuse"}]), encoding="utf-8")
    loaded("send", "5001", "--as", "pm", "--to", "two_step_fake")
    loaded("accept", "5001", "--as", "ap")
    run = loaded("work", "--json")
    result = run.results["5001"]
    assert (1, False, "failed") == (run.status, result["allowed"], result["status"])
    assert [("two_step_fake.period_closed", "erp")] == [
        (denial["code"], denial["source"]) for denial in result["denials"]
    ]
    assert "accounting approver" == loaded("show", "5001", "--json").document["waits_for"]
    assert 0 == loaded("retry", "5001", "--as", "ap").status
    assert "synced" == loaded("work", "--json").results["5001"]["status"]


def test_an_erp_that_is_down(loaded: Erp, two_step: Path) -> None:
    """If the ERP cannot be reached, the entry waits for a worker; nothing is refused."""
    two_step.write_text(json.dumps([{"on": "create", "do": "unreachable"}]), encoding="utf-8")
    loaded("send", "5001", "--as", "pm", "--to", "two_step_fake")
    loaded("accept", "5001", "--as", "ap")
    run = loaded("work", "--limit", "1", "--json")
    result = run.results["5001"]
    assert (0, "accepted") == (run.status, result["status"])
    assert ("time", "wait.deferred") == (result["waits"]["for"], result["waits"]["code"])
    assert "worker" == loaded("show", "5001", "--json").document["waits_for"]


def test_what_was_put_off_is_still_explained(loaded: Erp, two_step: Path) -> None:
    """The next ``work``, ``list`` and ``show`` show the reason and the next try."""
    two_step.write_text(json.dumps([{"on": "create", "do": "unreachable"}]), encoding="utf-8")
    loaded("send", "5001", "--as", "pm", "--to", "two_step_fake")
    loaded("accept", "5001", "--as", "ap")
    first = loaded("work", "--limit", "1", "--json").results["5001"]["waits"]
    why = "The fake cannot be reached; nothing was sent."
    assert why in first["message"]
    waiting = loaded("work", "--json").document.get("waiting", [])
    assert [{"id": "5001", "waits": first}] == waiting
    assert first == loaded("show", "5001", "--json").document["waits"]
    printed = [loaded("work").out, loaded("list").out, loaded("show", "5001").out]
    for each in printed:
        words = " ".join(each.split())
        assert why in words
        assert f"Next: {first['until'][:19].replace('T', ' ')} UTC" in words


def test_what_only_a_person_can_repair(loaded: Erp) -> None:
    """A ledger that cannot be read makes status 1, with a remedy for a person."""
    Path("erp.beancount").write_bytes(b"\xff\xfe broken")
    loaded("send", "5001", "--as", "pm")
    loaded("accept", "5001", "--as", "ap")
    run = loaded("work", "--json")
    waits = run.results["5001"]["waits"]
    assert (1, "accepted", "person", "wait.repair") == (
        run.status,
        run.results["5001"]["status"],
        waits["for"],
        waits["code"],
    )
    assert "UTF-8" in waits["message"]
    listed = {each["id"]: each for each in loaded("list", "--json").document["entries"]}
    assert (0, waits) == (loaded("list").status, listed["5001"]["waits"])
    assert "person" == listed["5001"]["waits_for"]
    Path("erp.beancount").unlink()
    assert "wait.repair" == loaded("show", "5001", "--json").document["waits"]["code"]


def test_a_ledger_that_cannot_be_opened_is_named(loaded: Erp) -> None:
    """The message has the path of the ledger."""
    Path("erp.beancount").mkdir()
    loaded("send", "5001", "--as", "pm")
    loaded("accept", "5001", "--as", "ap")
    message = loaded("work", "--json").results["5001"]["waits"]["message"]
    assert "Is a directory" in message
    assert "erp.beancount" in message


def test_an_adapter_that_is_gone(loaded: Erp, two_step: Path) -> None:
    """An entry that was accepted for a missing adapter waits for the adapter."""
    loaded("send", "5001", "--as", "pm", "--to", "two_step_fake")
    loaded("accept", "5001", "--as", "ap")
    Path("erp.toml").write_text('[connections.two_step_fake]\nadapter = "beancount"\npath = "x"\n')
    for name in [name for name in os.environ if name.startswith("ERP_TWO_STEP_FAKE")]:
        del os.environ[name]
    assert "worker" == loaded("show", "5001", "--json").document["waits_for"]
