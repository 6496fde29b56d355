"""The verb verify: a history that was tampered with is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.running import Erp


@pytest.fixture
def sent(loaded: Erp) -> Erp:
    """Return the command, with two invoices sent and one retrieved."""
    loaded("send", "5001", "5004", "--as", "pm")
    loaded("retrieve", "5001", "--as", "pm")
    return loaded


def tampered(statement: str) -> None:
    """Change the database behind the command's back."""
    with closing(sqlite3.connect("erp.db")) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def test_a_whole_history(sent: Erp) -> None:
    """What nobody touched is whole."""
    run = sent("verify", "--json")
    assert ["ok", "entries", "events", "problems"] == list(run.document)
    # The invoice that was imported has an event too.
    assert (0, True, 3, 4, []) == (run.status, *run.document.values())
    assert "whole" in sent("verify").out


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE erp_events SET body = replace(CAST(body AS TEXT), '\"pm\"', '\"xx\"')",
        "DELETE FROM erp_events WHERE entry_id = '5001' AND seq = 1",
        "DELETE FROM erp_events WHERE entry_id = '5001' AND seq = 2",
        "UPDATE erp_events SET seq = 3 - seq + 10 WHERE entry_id = '5001'",
        "DELETE FROM erp_entries WHERE id = '5001'",
    ],
)
def test_a_tampered_history(sent: Erp, statement: str) -> None:
    """An event that was edited, removed or swapped is found; status 1."""
    tampered(statement)
    run = sent("verify", "--json")
    assert (1, False) == (run.status, run.document["ok"])
    assert all({"path", "code", "message"} == set(each) for each in run.document["problems"])
    assert "not whole" in sent("verify").out


def test_the_seal_changes_with_the_history(sent: Erp) -> None:
    """The seal is the same until something happens."""
    first, again = (sent("verify", "--seal", "--json").document["seal"] for _ in range(2))
    sent("retrieve", "5004", "--as", "pm")
    assert first == again != sent("verify", "--seal", "--json").document["seal"]
    assert "Seal: " in sent("verify", "--seal").out
