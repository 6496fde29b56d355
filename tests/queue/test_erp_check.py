"""The adapter's check is asked before a consent, outside of any transaction."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import Action, Actor, ExportStatus, MemoryStore, Policy, SqliteStore
from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters.callers import ThreadCaller, TookTooLong
from erp_invoice_core.adapters.limits import Limits
from erp_invoice_core.documents import Hold
from erp_invoice_core.queue import ErpConnections
from erp_invoice_core.queue.batch import Command
from erp_invoice_core.queue.client import ErpClients, Pacing
from erp_invoice_core.queue.erp_check import LONGEST, ErpInquiry, _Checks
from erp_invoice_core.testing import sample_request
from erp_invoice_core.vocabulary import Blocks
from tests.queue.test_accounting_periods import FIELD, NOVEMBER, OCTOBER
from tests.worker.harness import APPROVER, SENDER, Clock, WorkerHarness, check_allowed
from tests.worker.scripted_erp import ALLOWED, ScriptedErp, WriteOnlyErp, build_declaration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from erp_invoice_core.queue import Result
    from erp_invoice_core.stores import Store

NO_VENDOR = erp.Denial(
    "scripted.no_vendor", "Create V-ACME.", erp.Source.ADAPTER, {"vendor": "V-ACME"}
)
NO_JOB = erp.Denial("scripted.no_job", "Create job J-1.", erp.Source.ERP, {"job": "J-1"})
NO = erp.deny(NO_VENDOR, NO_JOB)


class CheckingErp(ScriptedErp):
    """A scripted ERP that keeps the requests of its checks and reads its periods."""

    def __init__(self, told: erp.Declaration | None = None) -> None:
        super().__init__(told)
        self.requests: list[erp.ExportRequest] = []

    @erp.hookimpl
    def erp_check(self, request: erp.ExportRequest) -> Any:  # type: ignore[override]  # noqa: ANN401 - a hook takes the arguments that it names
        """Keep the request, and answer as scripted."""
        self.requests.append(request)
        return self._pop_answer("check", ALLOWED)

    @erp.hookimpl
    def erp_periods(self) -> Any:  # noqa: ANN401 - the same
        """Return the periods."""
        return self._pop_answer("periods", (OCTOBER, NOVEMBER))


def _build(*ids: str, store: Store | None = None, **declared: Any) -> WorkerHarness:  # noqa: ANN401 - fields of the declaration
    """Return a harness with sent invoices."""
    plugin = CheckingErp(attrs.evolve(build_declaration(), **declared))
    harness = WorkerHarness(plugin=plugin, store=store or MemoryStore())
    harness.send(*(ids or ("5000",)))
    return harness


def _get_plugin(harness: WorkerHarness) -> CheckingErp:
    assert isinstance(harness.plugin, CheckingErp)
    return harness.plugin


def _list_codes(results: list[Result]) -> list[list[str]]:
    return [[denial.code for denial in result.verdict.denials] for result in results]


def _list_notices(results: list[Result]) -> list[list[str]]:
    return [[note.code for note in result.verdict.notices] for result in results]


def test_reasons_of_the_check_deny_the_acceptance() -> None:
    """All of them, each with its message and facts; the invoice waits and the event has them."""
    harness = _build()
    _get_plugin(harness).script("check", NO)

    (result,) = harness.queue.accept(["5000"], APPROVER)

    no_job = attrs.evolve(NO_JOB, source=erp.Source.ADAPTER)
    assert (NO_VENDOR, no_job) == result.verdict.denials
    assert ExportStatus.READY is harness.get_status()
    assert (NO_VENDOR, no_job) == harness.queue.history("5000")[-1].denials
    assert [] == _get_plugin(harness).writes
    check_allowed(harness.queue.accept(["5000"], APPROVER))
    harness.check_audit_log()


def test_request_is_that_of_the_export() -> None:
    """With the fields, the number and the attempt that the acceptance leads to."""
    extra = erp.ExportField(key="terms", label="Terms")
    harness = _build(extra_fields=(FIELD, extra))
    plugin = _get_plugin(harness)
    check_allowed(harness.queue.accept(["5000"], APPROVER, fields={"terms": "Net 30"}))
    plugin.script("write", erp.Refused(erp.deny(NO_JOB)))
    harness.worker.run_once()
    check_allowed(harness.queue.retry(["5000"], APPROVER, fields={"terms": "Net 45"}))
    harness.worker.run_once()

    asked = [attrs.evolve(each, deadline=harness.clock()) for each in plugin.requests]
    assert 4 == len(asked)
    assert asked[0] == asked[1]
    assert asked[2] == asked[3]
    assert [1, 2] == [asked[0].attempt, asked[2].attempt]
    assert ["Net 30", "Net 45"] == [asked[0].fields["terms"], asked[2].fields["terms"]]
    assert date(2026, 11, 1) == asked[0].accounting_date
    assert all(each.deadline > harness.clock() for each in plugin.requests)


def test_reasons_of_the_rules_are_given_too() -> None:
    """For those that the approver or the host removes without another document."""
    harness = _build(extra_fields=(erp.ExportField(key="terms", label="Terms", required=True),))
    _get_plugin(harness).script("check", NO)
    hold = Hold(code="waiver", message="Missing.", blocks=Blocks.ACCEPT, released_by="Accountant")
    harness.host.cases["5000"] = attrs.evolve(harness.host.cases["5000"], holds=(hold,))

    results = harness.queue.accept(["5000"], APPROVER)

    codes = ["hold.waiver", "field.terms.present", "scripted.no_vendor", "scripted.no_job"]
    assert [codes] == _list_codes(results)


def test_closed_date_is_no_reason_twice() -> None:
    """The request has the nearest open date, so that the check adds only other reasons."""
    harness = _build(extra_fields=(FIELD,))
    _get_plugin(harness).script("check", NO)

    results = harness.queue.accept(["5000"], APPROVER, fields={"accounting_date": "2026-10-30"})

    codes = ["field.accounting_date.closed", "scripted.no_vendor", "scripted.no_job"]
    assert [codes] == _list_codes(results)
    (request,) = _get_plugin(harness).requests
    assert date(2026, 11, 1) == request.accounting_date


def test_erp_is_not_asked_in_vain() -> None:
    """Not for a stranger, another status, another version, or an invoice to be corrected."""
    harness = _build(prerequisites=(erp.Prerequisite.VENDOR,))
    plugin = _get_plugin(harness)
    facts = harness.host.cases["5000"]
    assert [["permission.none"]] == _list_codes(harness.queue.accept(["5000"], Actor(id="x")))
    assert [["permission.accept"]] == _list_codes(harness.queue.accept(["5000"], SENDER))
    assert [["entry.changed"]] == _list_codes(harness.queue.accept(["5000"], APPROVER, expect=7))
    assert [["status.retry"]] == _list_codes(harness.queue.retry(["5000"], APPROVER))
    harness.host.cases["5000"] = attrs.evolve(facts, vendor_synced=False)
    assert [["vendor.not_synced"]] == _list_codes(harness.queue.accept(["5000"], APPROVER))
    harness.host.cases["5000"] = attrs.evolve(facts, holds=None)
    assert [["hold.unknown"]] == _list_codes(harness.queue.accept(["5000"], APPROVER))
    assert 1 == len(plugin.requests)  # of the hold, which is no reason to correct the invoice


def test_date_that_is_none_is_denied_by_the_rules() -> None:
    """No request can be built with it."""
    harness = _build(extra_fields=(FIELD,))

    results = harness.queue.accept(["5000"], APPROVER, fields={"accounting_date": "tomorrow"})

    assert [["field.accounting_date.date"]] == _list_codes(results)
    assert [] == _get_plugin(harness).requests


def test_facts_that_cannot_be_used_are_denied() -> None:
    """As without a check; the ERP is not asked."""
    harness = _build()
    broken: Any = "broken"
    harness.host.cases["5000"] = broken

    results = harness.queue.accept(["5000", "9999"], APPROVER)

    assert [["facts.unusable"], ["invoice.unknown"]] == _list_codes(results)
    assert [] == _get_plugin(harness).requests


@pytest.mark.parametrize(
    "answer",
    [
        RuntimeError("down"),
        "nonsense",
        erp.Deferred(None, "Busy."),
        erp.Deferred(None, "No.", True),
    ],
)
def test_check_that_fails_denies_nothing(answer: object, caplog: pytest.LogCaptureFixture) -> None:
    """The acceptance is as before, with a notice that names the connection and the reason."""
    harness = _build()
    _get_plugin(harness).script("check", answer)

    (result,) = harness.queue.accept(["5000"], APPROVER)

    assert result.verdict.allowed
    assert [["export.unchecked"]] == _list_notices([result])
    notice = result.verdict.notices[0]
    assert "erp" == notice.facts["connection"]
    assert notice.message.startswith(
        "This invoice could not be checked in Scripted (connection erp), so that Scripted may"
        " still refuse its export."
    )
    assert notice in harness.queue.history("5000")[-1].notices
    assert "The ERP of connection erp did not check 1 invoices" in caplog.text


def test_erp_that_cannot_be_reached_denies_nothing() -> None:
    """It is tried once for a command, however many invoices and questions there are."""
    harness = _build("5000", "5001", "5002", extra_fields=(FIELD,))
    plugin = _get_plugin(harness)
    plugin.script("connect", RuntimeError("unreachable"))

    results = harness.queue.accept(["5000", "5001", "5002"], APPROVER)

    assert [["export.periods_unread", "export.unchecked"]] * 3 == _list_notices(results)
    assert [("connect", None)] == [call for call in plugin.calls if call[0] != "steps"]


def test_batch_uses_one_session() -> None:
    """Also for the periods; each invoice has its own answer."""
    harness = _build("5000", "5001", "5002", extra_fields=(FIELD,))
    plugin = _get_plugin(harness)
    plugin.script("check", ALLOWED, erp.deny(NO_JOB), RuntimeError("odd"))

    results = harness.queue.accept(["5002", "5000", "5001"], APPROVER)

    by_id = {request.entry_id: place for place, request in enumerate(plugin.requests)}
    codes: list[list[str]] = [[], ["scripted.no_job"], []]
    assert [codes[by_id[result.id]] for result in results] == _list_codes(results)
    unchecked = [result.id for result in results if "export.unchecked" in str(result.verdict)]
    assert [plugin.requests[2].entry_id] == unchecked
    calls = [hook for hook, _ in plugin.calls]
    assert ["connect", "periods", "check", "check", "check"] == calls


def test_person_is_needed_once() -> None:
    """A key that was revoked is not tried again for each invoice."""
    harness = _build("5000", "5001")
    _get_plugin(harness).script("check", erp.Deferred(None, "Wrong key.", needs_person=True))

    results = harness.queue.accept(["5000", "5001"], APPROVER)

    assert [["export.unchecked"]] * 2 == _list_notices(results)
    assert 1 == len(_get_plugin(harness).requests)


def test_transaction_of_the_host_asks_no_erp(tmp_path: Path) -> None:
    """An ERP that does not answer would keep the transaction open."""
    path = tmp_path / "queue.db"
    with closing(SqliteStore(path)) as store, closing(sqlite3.connect(path)) as db:
        harness = _build(store=store)
        _get_plugin(harness).script("check", NO)
        requests = harness.host.requests
        db.execute("BEGIN IMMEDIATE")
        (result,) = harness.queue.accept(["5000"], APPROVER, on=db)
        db.commit()
        assert result.verdict.allowed
        assert [[]] == _list_notices([result])
        assert 1 == harness.host.requests - requests
        assert [] == _get_plugin(harness).calls


def test_adapter_without_a_check_costs_nothing() -> None:
    """The facts of the host are asked for once, as before."""
    harness = WorkerHarness(plugin=WriteOnlyErp())
    harness.send("5000")
    requests = harness.host.requests

    check_allowed(harness.queue.accept(["5000"], APPROVER))

    assert 1 == harness.host.requests - requests


def test_buttons_and_direct_export_do_not_ask() -> None:
    """A page of buttons asks no ERP, and a sending accepts inside of its transaction."""
    harness = _build()
    _get_plugin(harness).script("check", NO, NO)
    assert [[]] == _list_codes(harness.queue.why_not(["5000"], APPROVER, Action.ACCEPT))
    direct = WorkerHarness(plugin=CheckingErp(), policy=Policy(direct_export=True))
    _get_plugin(direct).script("check", NO)
    direct.send("5000")
    assert ExportStatus.ACCEPTED is direct.get_status()
    assert [] == [*_get_plugin(harness).requests, *_get_plugin(direct).requests]


def test_why_not_takes_the_facts_of_the_check() -> None:
    """A page about one invoice shows the reasons of the ERP before the acceptance."""
    harness = _build("5000", "5001", extra_fields=(FIELD,))
    _get_plugin(harness).script("check", NO)

    facts = harness.queue.consent_facts(["5000", "5001"], APPROVER)
    (denied,) = harness.queue.why_not(["5000"], APPROVER, Action.ACCEPT, **facts["5000"])
    (allowed,) = harness.queue.why_not(["5001"], APPROVER, Action.ACCEPT, **facts["5001"])

    assert [["scripted.no_vendor", "scripted.no_job"], []] == _list_codes([denied, allowed])
    assert [["export.other_date"]] * 2 == _list_notices([denied, allowed])
    assert {"5000": {}} == harness.queue.consent_facts(["5000"], APPROVER, Action.SEND)


def test_why_not_takes_the_facts_of_a_retry() -> None:
    """The request has the accepted fields, and those decide the answer of the rules."""
    harness = _build(extra_fields=(erp.ExportField(key="terms", label="Terms", required=True),))
    plugin = _get_plugin(harness)
    check_allowed(harness.queue.accept(["5000"], APPROVER, fields={"terms": "Net 30"}))
    plugin.script("write", erp.Refused(erp.deny(NO_JOB)))
    harness.worker.run_once()
    plugin.script("check", NO)

    facts = harness.queue.consent_facts(["5000"], APPROVER, Action.RETRY)
    (denied,) = harness.queue.why_not(["5000"], APPROVER, Action.RETRY, **facts["5000"])

    assert [["scripted.no_vendor", "scripted.no_job"]] == _list_codes([denied])
    assert "Net 30" == plugin.requests[-1].fields["terms"]


def test_export_that_goes_on_is_not_checked() -> None:
    """Once a document is in the ERP, a retry completes the export."""
    plugin = CheckingErp()
    plugin.steps = (erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post"))
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    done = erp.Done(erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL, number="ACME-5000"))
    plugin.script("write", done, erp.Refused(erp.deny(NO_JOB)))
    harness.worker.run_once()
    assert ExportStatus.FAILED is harness.get_status()
    before = len(plugin.requests)
    plugin.script("check", NO)

    check_allowed(harness.queue.retry(["5000"], APPROVER))

    assert before == len(plugin.requests)


@pytest.mark.parametrize(
    "answer",
    [
        RuntimeError("401 for key hunter2-key"),
        erp.Deferred(None, "The key hunter2-key is wrong."),
        erp.deny(
            erp.Denial("scripted.no", "No: hunter2-key.", erp.Source.ERP, {"key": "hunter2-key"})
        ),
    ],
)
def test_secrets_are_in_no_text(answer: object, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in the result nor in the event nor in the log."""
    setting = erp.Setting(name="token", kind=erp.SettingKind.SECRET)
    harness = _build(settings=(setting,))
    plugin = _get_plugin(harness)
    adapters = erp.Adapters(plugin)
    bound = erp.build_connection(
        "erp", {"adapter": "scripted", "token": "hunter2-key"}, {}, adapters
    )
    harness.queue.connections = ErpConnections(erp.Connections(adapters, [bound]))
    plugin.script("check", answer)

    results = harness.queue.accept(["5000"], APPROVER)

    event = harness.queue.history("5000")[-1]
    assert 1 == len(plugin.requests)
    assert "hunter2" not in f"{results} {event} {event.notices} {event.denials} {caplog.text}"


# ── limits ──────────────────────────────────────────────────────────────────────────────────────


@attrs.define
class _Calls:
    """Callers whose calls take seconds of a clock that is set by hand."""

    clock: Clock
    seconds: float
    limits: list[float] = attrs.Factory(list)

    def __call__(self) -> ThreadCaller:
        """Return a caller."""
        return _Slow(self)


class _Slow(ThreadCaller):
    """A caller whose calls take a time, or are abandoned at their limit."""

    def __init__(self, calls: _Calls) -> None:
        super().__init__()
        self.calls = calls

    def call(self, act: Any, *, seconds: float, **_more: object) -> Any:  # noqa: ANN401 - any call
        """Make the call if its time is within the limit."""
        self.calls.limits.append(seconds)
        self.calls.clock.advance(min(self.calls.seconds, seconds))
        if self.calls.seconds > seconds:
            raise TookTooLong
        return act()


def _ask(harness: WorkerHarness, seconds: float) -> tuple[Mapping[str, Any], list[float]]:
    """Return the facts of the checks of all entries, and the limits of the calls."""
    queue, calls = harness.queue, _Calls(harness.clock, seconds)
    inquiry = ErpInquiry(
        store=queue.store,
        facts=queue.facts,
        connections=queue.connections,
        policy=queue.policy,
        clock=queue.clock,
        wall=queue.clock,
        content=None,
        pacing=Pacing(
            steady=harness.clock.seconds,
            sleep=harness.clock.advance,
            chance=lambda: 0.0,
            calls=calls,
        ),
    )
    given: dict[str, Any] = {"export_fields": {}, "erp_number": None}
    command = Command(Action.ACCEPT, APPROVER, _fail, given=lambda _entry: given)
    ids = [entry.id for entry in queue.entries()]
    stated = inquiry.ask(command, ids)
    facts = {entry.id: stated.find(entry) for entry in queue.entries()}
    return facts, calls.limits


def _fail(*_args: object, **_more: object) -> Any:  # noqa: ANN401 - it returns nothing
    raise AssertionError


def test_checks_of_a_command_have_a_time_limit() -> None:
    """The invoices that are left are not asked about, and their notice says why."""
    ids = [str(each) for each in range(5000, 5020)]
    harness = _build(*ids)

    facts, limits = _ask(harness, seconds=4.0)

    # The session takes 4 seconds; the checks begin after 4, 8, 12 … 28 seconds of 30.
    checked = [each for each in facts.values() if "erp_verdict" in each]
    assert 30.0 == LONGEST
    assert 6 == len(checked)
    assert [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 6.0, 2.0] == [round(each, 3) for each in limits]
    left = {each["erp_unchecked"] for each in facts.values() if "erp_unchecked" in each}
    assert {
        "All checks of one command may take 30 seconds, and they have passed.",
        "Scripted gave no answer in time.",
    } == left


def test_no_session_opens_once_the_time_has_passed() -> None:
    """A command that asks many ERPs ends in time, as a session may take ten seconds itself."""
    harness = _build()
    pacing = Pacing(steady=harness.clock.seconds, calls=_fail)
    clients = ErpClients(harness.queue.connections, pacing)
    checks = _Checks(clients, ends=harness.clock.seconds())
    (entry,) = harness.queue.entries()
    assert entry.connection is not None

    checks.ask(entry, attrs.evolve(sample_request(), connection=entry.connection))

    _, facts = checks.found[entry.id]
    late = "All checks of one command may take 30 seconds, and they have passed."
    assert late == facts["erp_unchecked"]


def test_check_waits_for_the_rate_of_the_connection() -> None:
    """A declared rate is kept, and what does not fit into the time is left."""
    ids = [str(each) for each in range(5000, 5020)]
    harness = _build(*ids)
    _limit(harness, Limits(calls_per_minute=30))

    facts, limits = _ask(harness, seconds=0.0)

    # A call every 2 seconds from the session at 0 on: the checks are at 2, 4 … 28 seconds.
    assert 14 == sum("erp_verdict" in each for each in facts.values())
    assert 15 == len(limits)
    assert 28.0 == harness.clock.seconds()


def test_erp_that_stays_silent_is_given_up() -> None:
    """After as many failures in a row as open the circuit breaker."""
    ids = [str(each) for each in range(5000, 5010)]
    harness = _build(*ids)
    _limit(harness, Limits(failures=3))
    failures = [RuntimeError("down")] * 10
    _get_plugin(harness).script("check", *failures)

    facts, _ = _ask(harness, seconds=0.0)

    assert 3 == len(_get_plugin(harness).requests)
    assert {"The last calls to Scripted had no answer."} == {
        facts[each]["erp_unchecked"] for each in ids[3:]
    }


def _limit(harness: WorkerHarness, limits: Limits) -> None:
    plugin = _get_plugin(harness)
    adapters = erp.Adapters(plugin)
    bound = erp.Connection("erp", "scripted", limits=limits)
    harness.queue.connections = ErpConnections(erp.Connections(adapters, [bound]))


def test_entry_that_changed_meanwhile_has_no_facts_of_the_check() -> None:
    """The answer is about what was there before."""
    harness = _build()
    _get_plugin(harness).script("check", NO)
    original = harness.host.cases["5000"]

    def change() -> erp.Verdict:
        check_allowed(harness.queue.reject(["5000"], APPROVER, reason="Wrong."))
        harness.host.cases["5000"] = original
        check_allowed(harness.queue.resend(["5000"], SENDER))
        return NO

    _get_plugin(harness).answers["check"] = [change]

    check_allowed(harness.queue.accept(["5000"], APPROVER))


def test_time_limit_of_the_hook_holds() -> None:
    """The declared one, where it is shorter than the patience of a person."""
    terms = {"check": erp.StepTerms(time_limit=timedelta(seconds=3))}
    harness = _build(terms={**build_declaration().terms, **terms})

    _, limits = _ask(harness, seconds=0.0)

    assert [10.0, 3.0] == limits
