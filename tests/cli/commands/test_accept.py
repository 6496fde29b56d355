"""The verbs of the accounting approver, from ``accept`` to ``unlink``."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.testing import FakeLedger, Quirk, QuirkSet
from erp_invoice_core.testing.fake_erp import in_process

if TYPE_CHECKING:
    from tests.cli.command_run import Erp, Run


@pytest.fixture
def ready(loaded: Erp) -> Erp:
    """Return the command, with 5001 and 5004 sent to the ledger."""
    assert 0 == loaded("send", "5001", "5004", "--as", "pm").status
    return loaded


@pytest.fixture
def synced(ready: Erp) -> Erp:
    """Return the command, with 5001 and 5004 in the ledger."""
    assert 0 == ready("accept", "5001", "5004", "--as", "ap").status
    assert 0 == ready("work").status
    return ready


def test_accept(ready: Erp) -> None:
    """An accepted invoice waits for a worker."""
    run = ready("accept", "5001", "--as", "ap", "--json")
    assert (0, "accepted", 2) == (
        run.status,
        run.results["5001"]["status"],
        run.results["5001"]["version"],
    )
    assert "worker" == ready("show", "5001", "--json").document["waits_for"]


def test_accept_needs_an_approver(ready: Erp) -> None:
    """The sender is not an approver."""
    run = ready("accept", "5001", "--as", "pm", "--json")
    assert (1, ["permission.accept"]) == (run.status, run.codes)


def test_accept_with_a_field(ready: Erp) -> None:
    """An extra export field is written to the ledger."""
    accepted = ready("accept", "5001", "--as", "ap", "--field", "accounting_date=2026-09-05")
    assert (0, 0) == (accepted.status, ready("work").status)
    assert "\n2026-09-05 * " in Path("erp.beancount").read_text(encoding="utf-8")


@pytest.fixture
def dated(loaded: Erp, two_step: Path, monkeypatch: pytest.MonkeyPatch) -> Erp:
    """Return the command, with 5002 sent to a fake ERP that has closed September 2026."""
    del two_step
    figures = {Quirk.SHOWS_PERIODS: 0, Quirk.CLOSED_UNTIL: 2026_09_30}
    monkeypatch.setattr(in_process.PLUGIN, "quirks", QuirkSet(figures))
    assert 0 == loaded("send", "5002", "--to", "two_step_fake", "--as", "pm").status
    return loaded


def test_accept_in_an_open_period(dated: Erp) -> None:
    """The next open day is checked and taken, and is the date of the bill; show asks no ERP."""
    assert {} == dated("show", "5002", "--json").document["proposed"]
    asked = dated("why-not", "5002", "--action", "accept", "--as", "ap", "--json")
    assert (0, 1) == (asked.status, _list_notices(asked).count("export.other_date"))
    accepted = dated("accept", "5002", "--as", "ap", "--json")
    assert (0, 1) == (accepted.status, _list_notices(accepted).count("export.other_date"))
    shown = dated("show", "5002", "--json").document
    assert ({}, {"accounting_date": "2026-10-01"}) == (shown["proposed"], shown["accepted"])
    assert "accepted accounting date" in dated("show", "5002").out
    assert 0 == dated("work").status
    (bill,) = FakeLedger(Path("fake.json")).list_bills()
    assert "2026-10-01" == bill.day


def _list_notices(run: Run) -> list[str]:
    return [each["code"] for result in run.results.values() for each in result["notices"]]


def test_accept_with_a_closed_date(dated: Erp) -> None:
    """A typed date in a closed period is denied with the nearest open one; another one is taken."""
    closed = dated("accept", "5002", "--as", "ap", "--accounting-date", "2026-09-30")
    assert 1 == closed.status
    assert "closed in Two-step fake ERP" in closed.out
    assert "The nearest open date is 2026-10-01." in " ".join(closed.out.split())
    taken = dated("accept", "5002", "--as", "ap", "--accounting-date", "2026-10-09")
    assert 0 == taken.status


def test_show_of_an_invoice_without_facts_proposes_nothing(dated: Erp) -> None:
    """Its record can be read, and that of its commitment cannot."""
    with sqlite3.connect("erp.db") as db:
        assert db.execute("DELETE FROM erp_records WHERE kind = 'commitment'").rowcount
    assert {} == dated("show", "5002", "--json").document["proposed"]


def test_reject_needs_a_reason(ready: Erp) -> None:
    """A rejection without a reason is denied, unless the policy relaxes it."""
    run = ready("reject", "5001", "--as", "ap", "--json")
    assert (1, ["reason.required"]) == (run.status, run.codes)
    Path("erp.toml").write_text("[policy]\nreason_required = false\n", encoding="utf-8")
    assert 0 == ready("reject", "5001", "--as", "ap", "--settings", "erp.toml").status


def test_reject_and_resend(ready: Erp) -> None:
    """A rejected invoice waits for its sender, shows the reason, and can be sent again."""
    assert 0 == ready("reject", "5001", "--reason", "Wrong period.", "--as", "ap").status
    shown = ready("show", "5001", "--json").document
    assert ("rejected", "sender") == (shown["status"], shown["waits_for"])
    assert ["Wrong period."] == [reason["message"] for reason in shown["refusal"]]
    assert "Wrong period." in ready("show", "5001").out
    assert 0 == ready("resend", "5001", "--as", "pm").status


def test_retry_only_after_a_failure(ready: Erp) -> None:
    """Only an export that failed can be retried."""
    run = ready("retry", "5001", "--as", "ap", "--json")
    assert (1, True) == (run.status, "status.retry" in run.codes)


def test_unlink_only_what_is_gone(synced: Erp) -> None:
    """A synced invoice can be unlinked once its transaction was deleted from the ledger."""
    run = synced("unlink", "5001", "--as", "controller", "--json")
    assert (1, "synced") == (run.status, run.results["5001"]["status"])
    ledger = Path("erp.beancount")
    erp_id = synced("show", "5001", "--json").document["receipts"][0]["erp_id"]
    before, _, rest = ledger.read_text(encoding="utf-8").partition(
        f"; erp-invoice begin {erp_id}\n"
    )
    _, _, after = rest.partition(f"; erp-invoice end {erp_id}\n")
    ledger.write_text(before + after, encoding="utf-8")
    run = synced("unlink", "5001", "--as", "controller", "--json")
    assert (0, "not_sent") == (run.status, run.results["5001"]["status"])
    assert 0 == synced("send", "5001", "--as", "pm").status


def test_unlink_needs_three_things(synced: Erp) -> None:
    """The approver alone, or the sender alone, cannot unlink."""
    for person in ("ap", "pm"):
        run = synced("unlink", "5001", "--as", person, "--json")
        assert (1, True) == (run.status, "permission.unlink" in run.codes)


def test_a_policy_separates_duties(ready: Erp) -> None:
    """If duties are separated, the sender cannot accept."""
    Path("erp.toml").write_text("[policy]\nseparation_of_duties = true\n", encoding="utf-8")
    ready("send", "5006", "--as", "controller")
    run = ready("accept", "5006", "--as", "controller", "--settings", "erp.toml", "--json")
    assert (1, ["permission.separation_of_duties"]) == (run.status, run.codes)
    assert 0 == ready("accept", "5006", "--as", "ap", "--settings", "erp.toml").status


def test_a_policy_exports_directly(loaded: Erp) -> None:
    """With direct export a sent invoice is accepted by the policy itself."""
    Path("erp.toml").write_text("[policy]\ndirect_export = true\n", encoding="utf-8")
    run = loaded("send", "5001", "--as", "pm", "--settings", "erp.toml", "--json")
    assert (0, "accepted") == (run.status, run.results["5001"]["status"])
    actors = [each["actor"] for each in loaded("history", "5001", "--json").document["events"]]
    assert ["pm", "system:policy"] == actors


def test_a_draft_that_was_left_is_withdrawn(loaded: Erp, two_step: Path) -> None:
    """A refused second step leaves the draft: no resend until a worker has withdrawn it."""
    two_step.write_text(json.dumps([{"on": "post", "do": "refuse"}]), encoding="utf-8")
    loaded("send", "5001", "--as", "pm", "--to", "two_step_fake")
    loaded("accept", "5001", "--as", "ap")
    worked = loaded("work", "--json")
    assert (1, "failed") == (worked.status, worked.results["5001"]["status"])
    assert ["two_step_fake.period_closed"] == worked.codes
    rejected = loaded("reject", "5001", "--reason", "Closed.", "--as", "ap", "--json")
    assert (1, ["export.draft_left"]) == (rejected.status, rejected.codes)
    assert 0 == loaded("withdraw", "5001", "--as", "ap").status
    assert "worker" == loaded("show", "5001", "--json").document["waits_for"]
    worked = loaded("work", "--json")
    (receipt,) = loaded("show", "5001", "--json").document["receipts"]
    assert ("failed", True) == (worked.results["5001"]["status"], receipt["gone"])
    assert [] == FakeLedger(Path("fake.json")).list_bills()
    assert 0 == loaded("reject", "5001", "--reason", "Closed.", "--as", "ap").status
    assert 0 == loaded("resend", "5001", "--as", "pm").status


@pytest.mark.parametrize("option", ["--due-date", "--accounting-date"])
def test_text_that_is_not_a_day_is_bad_usage(ready: Erp, option: str) -> None:
    """It is, also if the ERP does not ask for the day; a blank text is taken, as no day."""
    for text in ("soon", "31.10.2026", "2026-02-30"):
        run = ready("accept", "5001", "--as", "ap", option, text, "--json")
        assert (2, ["usage.invalid"]) == (run.status, run.codes)
        message = run.document["problems"][0]["message"]
        assert f"{text} is not a day. Write it as 2026-11-30." == message
    assert 0 == ready("accept", "5001", "--as", "ap", option, "").status


def test_due_date_and_terms_are_export_fields(ready: Erp) -> None:
    """The ledger has neither, and says so; each is given once."""
    run = ready(
        "accept", "5001", "--as", "ap", "--due-date", "2026-11-30", "--terms", "Net 30", "--json"
    )
    notices = {each["code"]: each for each in run.results["5001"]["notices"]}
    assert (0, "due_date, terms") == (
        run.status,
        notices["export.field_unknown"]["facts"]["fields"],
    )
    events = ready("history", "5001", "--json").document["events"]
    assert "accept" == events[-1]["action"]
    twice = ready("accept", "5004", "--as", "ap", "--terms", "a", "--field", "terms=b", "--json")
    assert (2, ["usage.invalid"]) == (twice.status, twice.codes)


def test_another_number_needs_policy_and_erp(ready: Erp) -> None:
    """The ledger takes none; a number is that of one invoice, and is given once."""
    run = ready("accept", "5001", "--as", "ap", "--number", "R-1", "--json")
    assert (1, ["number.not_allowed", "number.unsupported"]) == (run.status, run.codes)
    for given in (
        ("5001", "5004", "--number", "R-1"),
        ("5001", "--number", " "),
        ("5001", "--number", "R-1", "--field", "erp_invoice_number=R-2"),
        ("5001", "--number", "R\x1b-1"),
        ("5001", "--terms", "Net\x1b 30"),
        ("5001", "--number", "R" * 256),
    ):
        wrong = ready("accept", "--as", "ap", "--json", *given)
        assert (2, ["usage.invalid"]) == (wrong.status, wrong.codes)
    assert 2 == ready("retry", "5001", "5004", "--as", "ap", "--number", "R-1").status


def test_accept_gives_the_reasons_of_the_ledger(loaded: Erp) -> None:
    """The adapter's check denies the acceptance, and the invoice waits for its approver."""
    loaded("send", "5001", "--as", "pm")
    early = ("--as", "ap", "--accounting-date", "1899-12-31")

    run = loaded("accept", "5001", *early, "--json")

    assert (1, ["beancount.date_early"]) == (run.status, run.codes)
    assert ("ready", "adapter") == (
        run.results["5001"]["status"],
        run.results["5001"]["denials"][0]["source"],
    )
    assert 0 == loaded("accept", "5001", "--as", "ap").status
