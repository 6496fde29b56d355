"""The accounting periods of the ERP are read before an acceptance, outside of any transaction."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core import Action, MemoryStore, SqliteStore
from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters.callers import ThreadCaller, TookTooLong
from erp_invoice_core.flow import build_request
from erp_invoice_core.queue.accounting_periods import read_period_facts
from erp_invoice_core.queue.client import Pacing
from tests.worker.harness import APPROVER, SENDER, WorkerHarness, check_allowed
from tests.worker.scripted_erp import ScriptedErp, build_declaration

if TYPE_CHECKING:
    from pathlib import Path

    from erp_invoice_core.queue import Result
    from erp_invoice_core.stores import Store

FIELD = erp.ExportField(key="accounting_date", label="Accounting date", is_date=True)
OCTOBER = erp.AccountingPeriod(
    name="2026-10", first_day=date(2026, 10, 1), last_day=date(2026, 10, 31), is_open=False
)
NOVEMBER = erp.AccountingPeriod(
    name="2026-11", first_day=date(2026, 11, 1), last_day=date(2026, 11, 30), is_open=True
)


class DatedErp(ScriptedErp):
    """A scripted ERP that can say its periods; October is closed."""

    @erp.hookimpl
    def erp_periods(self) -> Any:  # noqa: ANN401 - any scripted value
        """Return the periods."""
        return self._pop_answer("periods", (OCTOBER, NOVEMBER))


def _build(
    kind: type[ScriptedErp] = DatedErp, *fields: erp.ExportField, store: Store | None = None
) -> WorkerHarness:
    """Return a harness with a sent invoice of 2026-10-31."""
    declared = build_declaration(extra_fields=fields or (FIELD,))
    harness = WorkerHarness(plugin=kind(declared), store=store or MemoryStore())
    harness.add_invoices("5000")
    check_allowed(harness.queue.send(["5000"], SENDER, connection="erp"))
    return harness


def _count(harness: WorkerHarness) -> int:
    assert isinstance(harness.plugin, ScriptedErp)
    return harness.plugin.count_calls("periods")


def _read_date(harness: WorkerHarness) -> date | None:
    declared = harness.queue.connections.find_declaration("erp")
    assert declared is not None
    return build_request(harness.get_entry(), declared, harness.clock()).accounting_date


def _list_codes(results: list[Result]) -> list[str]:
    return [denial.code for result in results for denial in result.verdict.denials]


def test_next_open_day_is_taken_with_a_notice() -> None:
    """For an invoice in a closed period; the event has the date and the notice."""
    harness = _build()
    (result,) = harness.queue.accept(["5000"], APPROVER)
    assert result.verdict.allowed
    assert ["export.other_date"] == [note.code for note in result.verdict.notices]
    assert date(2026, 11, 1) == _read_date(harness)
    event = harness.queue.history("5000")[-1]
    assert "2026-11-01" == event.facts["field.accounting_date"]
    assert ["export.other_date"] == [note.code for note in event.notices]


def test_closed_date_is_denied() -> None:
    """It may be typed, or left to be that of the invoice by a blank field."""
    harness = _build()
    for text in ("2026-10-30", ""):
        results = harness.queue.accept(["5000"], APPROVER, fields={"accounting_date": text})
        assert ["field.accounting_date.closed"] == _list_codes(results)
    check_allowed(
        harness.queue.accept(["5000"], APPROVER, fields={"accounting_date": "2026-11-09"})
    )
    assert date(2026, 11, 9) == _read_date(harness)


def test_retry_asks_again() -> None:
    """A period may have been closed since the acceptance."""
    harness = _build()
    assert isinstance(harness.plugin, ScriptedErp)
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    refusal = erp.Denial("scripted.no", "Correct it.", erp.Source.ADAPTER)
    harness.plugin.script("write", erp.Refused(erp.deny(refusal)))
    harness.worker.run_once()
    closed = erp.AccountingPeriod(
        name="2026-11", first_day=date(2026, 11, 1), last_day=date(2026, 11, 30), is_open=False
    )
    december = erp.AccountingPeriod(
        name="2026-12", first_day=date(2026, 12, 1), last_day=None, is_open=True
    )
    harness.plugin.script("periods", (closed, december), (closed, december))
    assert ["field.accounting_date.closed"] == _list_codes(harness.queue.retry(["5000"], APPROVER))
    fields = {"accounting_date": "2026-12-01"}
    check_allowed(harness.queue.retry(["5000"], APPROVER, fields=fields))
    assert date(2026, 12, 1) == _read_date(harness)


@pytest.mark.parametrize("answer", [RuntimeError("down"), ("2026-10",)])
def test_unread_periods_deny_nothing(answer: object, caplog: pytest.LogCaptureFixture) -> None:
    """The log and a notice have the reason, and the date stays that of the invoice."""
    harness = _build()
    assert isinstance(harness.plugin, ScriptedErp)
    harness.plugin.script("periods", answer)
    (result,) = harness.queue.accept(["5000"], APPROVER)
    assert result.verdict.allowed
    assert ["export.periods_unread"] == [note.code for note in result.verdict.notices]
    assert "the periods could not be read: Scripted" in result.verdict.notices[0].message
    assert date(2026, 10, 31) == _read_date(harness)
    assert "The accounting periods of connection erp are not known: Scripted" in caplog.text
    assert "Traceback" not in caplog.text


def test_erp_that_cannot_be_reached_denies_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The export itself waits for it."""
    harness = _build()
    assert isinstance(harness.plugin, ScriptedErp)
    failure = RuntimeError("unreachable")
    harness.plugin.script("connect", failure, failure)
    facts = harness.queue.period_facts("erp")
    (asked,) = harness.queue.why_not(["5000"], APPROVER, Action.ACCEPT, **facts)
    assert ["export.periods_unread"] == [note.code for note in asked.verdict.notices]
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    assert "The accounting periods of connection erp are not known" in caplog.text


def test_erp_is_not_asked_without_need(caplog: pytest.LogCaptureFixture) -> None:
    """An adapter without the hook, or an ERP without an accounting date, is as before."""
    other = erp.ExportField(key="branch", label="Branch")
    undated = _build(DatedErp, other)
    check_allowed(undated.queue.accept(["5000"], APPROVER))
    assert 0 == _count(undated)
    assert undated.queue.accounting_periods("erp") is None
    caplog.set_level("DEBUG")
    mute = _build(ScriptedErp)
    check_allowed(mute.queue.accept(["5000"], APPROVER))
    assert mute.queue.accounting_periods("erp") is None
    assert "The adapter of Scripted cannot read accounting periods." in caplog.text
    assert mute.queue.accounting_periods("another") is None


def test_transaction_of_the_host_asks_no_erp(tmp_path: Path) -> None:
    """An ERP that does not answer would keep the transaction open."""
    path = tmp_path / "queue.db"
    with closing(SqliteStore(path)) as store, closing(sqlite3.connect(path)) as db:
        harness = _build(DatedErp, store=store)
        db.execute("BEGIN IMMEDIATE")
        check_allowed(harness.queue.accept(["5000"], APPROVER, on=db))
        db.commit()
        assert 0 == _count(harness)
        assert date(2026, 10, 31) == _read_date(harness)


def test_why_not_takes_the_periods() -> None:
    """It asks no ERP itself: a page of invoices reads the periods of their connection once."""
    harness = _build()
    periods = harness.queue.accounting_periods("erp")
    assert (OCTOBER, NOVEMBER) == periods
    (result,) = harness.queue.why_not(["5000"], APPROVER, Action.ACCEPT, accounting_periods=periods)
    assert result.verdict.allowed
    assert ["export.other_date"] == [note.code for note in result.verdict.notices]
    typed = {"accounting_date": "2026-10-30"}
    denied = harness.queue.why_not(
        ["5000"], APPROVER, Action.ACCEPT, accounting_periods=periods, export_fields=typed
    )
    assert ["field.accounting_date.closed"] == _list_codes(denied)
    (silent,) = harness.queue.why_not(["5000"], APPROVER, Action.ACCEPT)
    assert () == silent.verdict.notices
    assert 1 == _count(harness)


def test_slow_erp_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """Reading has a time limit that is no longer than 10 seconds, as a person waits."""
    harness = _build()
    slow = _Slow()
    facts = read_period_facts(harness.queue.connections, "erp", Pacing(calls=lambda: slow))
    assert facts["accounting_periods"] is None
    assert facts["periods_unread"] == "Scripted opened no session in time."
    assert "opened no session in time" in caplog.text
    assert [10.0] == slow.seconds


class _Slow(ThreadCaller):
    """A caller whose calls take too long."""

    def __init__(self) -> None:
        """Set up without a call."""
        super().__init__()
        self.seconds: list[float] = []

    def call(self, *_act: object, seconds: float, **_more: object) -> Any:  # noqa: ANN401 - it returns nothing
        """Give up."""
        self.seconds.append(seconds)
        raise TookTooLong
