"""The verb ``why-not``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.vocabulary import Action

if TYPE_CHECKING:
    from tests.cli.command_run import Erp


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
    assert "Who: Commitments (Admin)" in out
    assert "5003: allowed to send (not_sent, version 0)" in out
    assert "invoice.earlier_unsynced (notice)" in out


def test_why_not_unlink_asks_the_erp(loaded: Erp) -> None:
    """An invoice whose bill is in the ERP is not shown as one that can be unlinked."""
    loaded("send", "5001", "--as", "pm")
    loaded("accept", "5001", "--as", "ap")
    loaded("work")
    run = loaded("why-not", "5001", "--action", "unlink", "--as", "controller", "--json")

    assert (1, ["export.not_gone"]) == (run.status, run.codes)
    assert run.codes == loaded("unlink", "5001", "--as", "controller", "--json").codes
