"""The verb ``rule``: a person resolves a call in doubt."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.testing import FakeLedger

if TYPE_CHECKING:
    from tests.cli.command_run import Erp


EVIDENCE = ("--evidence", "Seen on the screen.")


@pytest.fixture
def doubt(loaded: Erp, two_step: Path) -> Erp:
    """Return the command, with 5001 in doubt: the answer of its first call was lost."""
    two_step.write_text(json.dumps([{"on": "create", "do": "lose"}]), encoding="utf-8")
    loaded("send", "5001", "--as", "pm", "--to", "two_step_fake")
    loaded("accept", "5001", "--as", "ap")
    worked = loaded("work", "--lease", "1", "--json")
    assert (1, "unknown") == (worked.status, worked.results["5001"]["status"])
    return loaded


def version(erp: Erp) -> str:
    """Return the version of 5001."""
    return str(erp("show", "5001", "--json").document["version"])


def test_doubt_is_shown(doubt: Erp) -> None:
    """An invoice in doubt names the step, and waits for a worker while look-ups are due."""
    shown = doubt("show", "5001", "--json").document
    assert (["create"], "worker") == (shown["in_doubt"], shown["waits_for"])
    assert "In doubt: create" in doubt("show", "5001").out


def test_a_look_up_ends_the_doubt(doubt: Erp) -> None:
    """A worker finds the document by its key and finishes the export."""
    time.sleep(2.2)
    worked = doubt("work", "--json")
    assert (0, "synced") == (worked.status, worked.results["5001"]["status"])
    assert ["posted"] == [bill.state for bill in FakeLedger(Path("fake.json")).list_bills()]


def test_rule_happened(doubt: Erp) -> None:
    """A step that happened gets its receipt, and the export continues with the next step."""
    run = doubt(
        *("rule", "5001", "--happened", "create=BILL-1", "--as", "controller", *EVIDENCE),
        *("--expect", version(doubt), "--json"),
    )
    assert (0, "accepted") == (run.status, run.results["5001"]["status"])
    assert 0 == doubt("work").status
    bills = FakeLedger(Path("fake.json")).list_bills()
    assert {"BILL-1": "posted"} == {bill.id: bill.state for bill in bills}


@pytest.mark.parametrize("words", [("BILL-1",), ("bill=BILL-1",)])
def test_rule_synced(doubt: Erp, words: tuple[str, ...]) -> None:
    """A person who posted the draft by hand names the document."""
    run = doubt(
        *("rule", "5001", "--synced", *words, "--as", "controller", *EVIDENCE),
        *("--expect", version(doubt), "--json"),
    )
    assert (0, "synced") == (run.status, run.results["5001"]["status"])
    receipts = doubt("show", "5001", "--json").document["receipts"]
    assert {"BILL-1"} == {receipt["erp_id"] for receipt in receipts}


def test_rule_needs_the_version_and_evidence(doubt: Erp) -> None:
    """A resolution without the version seen, or without evidence, is denied."""
    seen = version(doubt)
    blind = doubt("rule", "5001", "--synced", "B-1", "--as", "controller", *EVIDENCE, "--json")
    assert (1, ["entry.changed"]) == (blind.status, blind.codes)
    bare = doubt(
        "rule", "5001", "--synced", "B-1", "--as", "controller", "--expect", seen, "--json"
    )
    assert (1, ["evidence.required"]) == (bare.status, bare.codes)


def test_rule_needs_an_administrator(doubt: Erp) -> None:
    """The approver alone cannot resolve."""
    run = doubt(
        *("rule", "5001", "--synced", "B-1", "--as", "ap", *EVIDENCE),
        *("--expect", version(doubt), "--json"),
    )
    assert (1, True) == (run.status, "permission.rule" in run.codes)


def test_absence_counts_after_the_settle_moment(doubt: Erp) -> None:
    """Absence counts only once a late request must be dead."""
    words = ("rule", "5001", "--absent", "--as", "controller", *EVIDENCE)
    early = doubt(*words, "--expect", version(doubt), "--json")
    assert (1, "unknown") == (early.status, early.results["5001"]["status"])
    time.sleep(2.2)
    run = doubt(*words, "--expect", version(doubt), "--json")
    assert (0, "failed") == (run.status, run.results["5001"]["status"])


def test_a_step_that_did_not_happen(doubt: Erp) -> None:
    """The option names a single step as absent."""
    time.sleep(2.2)
    run = doubt(
        *("rule", "5001", "--step-absent", "create", "--as", "controller", *EVIDENCE),
        *("--expect", version(doubt), "--json"),
    )
    assert (0, "failed") == (run.status, run.results["5001"]["status"])


def test_only_what_is_in_doubt_is_resolved(loaded: Erp) -> None:
    """An invoice that was never sent cannot be resolved."""
    run = loaded(
        *("rule", "5001", "--absent", "--as", "controller", *EVIDENCE),
        *("--expect", "0", "--json"),
    )
    assert (1, True) == (run.status, "status.rule" in run.codes)
