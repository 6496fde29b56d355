"""An odd answer or error of one hook for one invoice affects no other; none is exported twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from erp_invoice_core import (
    Adapters,
    Case,
    Connection,
    Connections,
    ExportQueue,
    ExportStatus,
    Worker,
)
from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import Limits
from erp_invoice_core.events import AuditEvent
from erp_invoice_core.wire.converter import pack, unpack
from tests.worker.harness import (
    APPROVER,
    NOON,
    WorkerHarness,
    build_case,
    build_document,
    check_allowed,
)
from tests.worker.odd_values import ANSWERS, ERRORS, SECRET
from tests.worker.scripted_erp import build_declaration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

GOOD = [f"good-{place}" for place in range(12)]
ODD = {
    **{f"answer-{place}": answer for place, answer in enumerate(ANSWERS)},
    **{f"error-{place}": error for place, error in enumerate(ERRORS)},
}
#: The possible final statuses: booked, refused, or waiting for a person or a moment.
ENDS = frozenset({"synced", "failed", "unknown", "accepted"})
HOOKS = ("steps", "connect", "check", "write", "find_before", "find_after", "read", "withdraw")


class OddErp:
    """
    An ERP with its own ledger, one of whose hooks is odd for some invoices, once for each.

    A hook that is odd while writing has booked the invoice: its answer is lost.
    """

    def __init__(self, hook: str) -> None:
        self.hook = hook
        self.books: dict[str, erp.Contents] = {}
        self.booked: Counter[str] = Counter()
        self.fuzzed: list[str] = []
        self.clock: Any = lambda: NOON

    def _answer(self, hook: str, invoice: str, usual: Callable[[], Any]) -> Any:  # noqa: ANN401 - anything
        if hook != self.hook or invoice not in ODD or invoice in self.fuzzed:
            return usual()
        self.fuzzed.append(invoice)
        made = ODD[invoice]()
        if invoice.startswith("error"):
            raise made  # type: ignore[misc]  # it is one
        return made

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Support everything, with look-ups by key and half a minute to settle."""
        return build_declaration(settings=(erp.Setting(name="token", kind=erp.SettingKind.SECRET),))

    @erp.hookimpl
    def erp_steps(self, request: erp.ExportRequest) -> Any:  # noqa: ANN401 - any odd value
        """Plan a bill and its posting."""
        plan = (erp.Step("bill", "bill", erp.Role.BILL), erp.Step("post", "post"))
        return self._answer("steps", request.document.invoice_id, lambda: plan)

    @erp.hookimpl
    def erp_connect(self) -> Any:  # noqa: ANN401 - the same
        """Open nothing; a session belongs to no invoice, so each odd value comes in turn."""
        waiting = [invoice for invoice in ODD if invoice not in self.fuzzed]
        return self._answer("connect", waiting[0] if waiting else "", object)

    @erp.hookimpl
    def erp_check(self, request: erp.ExportRequest) -> Any:  # noqa: ANN401 - the same
        """Object to nothing."""
        return self._answer("check", request.document.invoice_id, lambda: erp.ALLOWED)

    @erp.hookimpl
    def erp_write(self, request: erp.ExportRequest, step: erp.Step) -> Any:  # noqa: ANN401 - the same
        """Book the bill under its key; refuse to post an invoice that is to be withdrawn."""
        invoice, key = request.document.invoice_id, request.key(step).text
        if step.name == "post":
            return self._post(invoice, step)
        if key not in self.books:
            self.booked[invoice] += 1
            self.books[key] = erp.Contents(
                vendor=request.document.vendor_origin_id,
                number=request.number,
                amount=request.document.due,
                date=request.accounting_date,
                key=key,
            )
        lost = self.hook == "find_after" and invoice in ODD
        done = erp.Done(self._build_receipt(key, step))
        return self._answer("write", invoice, lambda: erp.Unknown("lost") if lost else done)

    def _post(self, invoice: str, step: erp.Step) -> erp.Outcome:
        if self.hook in {"read", "withdraw"} and invoice in ODD:
            return erp.Refused(erp.deny(erp.Denial("scripted.no", "Open it.", erp.Source.ERP)))
        return erp.Done(erp.Receipt(step="post", erp_id=f"P-{invoice}"))

    def _build_receipt(self, key: str, step: erp.Step) -> erp.Receipt:
        return erp.Receipt(step=step.name, erp_id=f"B-{key}", role=step.role, state="posted")

    @erp.hookimpl
    def erp_find(self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - the same
        """Find a bill by its keys."""
        invoice = request.document.invoice_id
        key = next((one for one in keys if one in self.books), None)
        usual = (
            erp.Absent(self.clock())
            if key is None
            else erp.Found(self._build_receipt(key, step), self.books[key])
        )
        when = "find_after" if self.booked[invoice] else "find_before"
        return self._answer(when, invoice, lambda: usual)

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> Any:  # noqa: ANN401 - the same
        """Read a bill by its id."""
        key = receipt.erp_id.removeprefix("B-")
        usual = self.books.get(key) or erp.Gone(self.clock())
        return self._answer("read", key.split("/")[0], lambda: usual)

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> Any:  # noqa: ANN401 - the same
        """Remove a bill; if reading it is odd, the answer of the removal is lost."""
        key = receipt.erp_id.removeprefix("B-")
        invoice = key.split("/")[0]
        self.books.pop(key, None)
        lost = self.hook == "read" and invoice in ODD
        done = erp.Done(receipt)
        return self._answer("withdraw", invoice, lambda: erp.Unknown("lost") if lost else done)


def build_harness(
    plugin: OddErp, observe: Callable[[AuditEvent], None] | None = None
) -> WorkerHarness:
    """Return a set-up whose connection to that ERP has a secret."""
    harness = WorkerHarness(plugin=plugin)
    adapters = Adapters(plugin)
    bound = Connection("erp", "scripted", {"token": erp.Secret(SECRET)})
    harness.queue = ExportQueue(
        harness.store,
        Connections(adapters, [bound]),
        harness.host,
        clock=harness.clock,
        observe=observe,
    )
    plugin.clock = harness.clock
    return harness


def build_worker(harness: WorkerHarness) -> Worker:
    """Return a worker that continues after any number of failures."""
    return Worker(
        harness.queue,
        sleep=harness.clock.advance,
        steady=harness.clock.seconds,
        chance=lambda: 0.0,
        limits=Limits(failures=1_000_000),
    )


def work_for_days(harness: WorkerHarness, rounds: int = 8) -> None:
    """Let a worker do all due work, repeatedly for some days."""
    worker = build_worker(harness)
    for _ in range(rounds):
        worker.run_once()
        harness.clock.advance(timedelta(hours=9).total_seconds())


def check_histories(harness: WorkerHarness, ids: Sequence[str]) -> None:
    """Assert that every history can be read and verifies, and contains no secret."""
    harness.check_audit_log()
    for id_ in ids:
        for event in harness.queue.history(id_):
            data = pack(event)
            assert event == unpack(data, AuditEvent)
            data.decode()
            assert SECRET not in repr(event)
            assert 100_000 > len(data)
    assert {entry.status.value for entry in harness.queue.entries(ids)} <= ENDS


@pytest.mark.parametrize("hook", HOOKS)
def test_odd_answers_of_a_hook_concern_one_invoice(
    hook: str, caplog: pytest.LogCaptureFixture, record_property: Callable[[str, object], None]
) -> None:
    """Each invoice gets another odd value: the others are booked, and none of all twice."""
    plugin = OddErp(hook)
    harness = build_harness(plugin)
    ids = [*GOOD[:6], *ODD, *GOOD[6:]]
    harness.accept(*ids)

    work_for_days(harness)
    for number in range(len(ODD) if hook == "connect" else 0):
        harness.accept(f"more-{number}")
        build_worker(harness).run_once()
        harness.clock.advance(60)
    if hook in {"read", "withdraw"}:
        check_allowed(harness.queue.withdraw(list(ODD), APPROVER))
        work_for_days(harness)

    assert {ExportStatus.SYNCED} == {harness.get_status(id_) for id_ in GOOD}
    assert [] == [invoice for invoice, times in plugin.booked.items() if times > 1]
    assert len(ODD) == len(plugin.fuzzed)
    check_histories(harness, ids)
    assert SECRET not in caplog.text
    assert [] == [record for record in caplog.records if record.exc_info]
    record_property("fuzzed", len(plugin.fuzzed))


def test_odd_facts_concern_one_invoice(caplog: pytest.LogCaptureFixture) -> None:
    """If the host's facts are odd for one invoice at export, only that invoice waits."""
    harness = build_harness(OddErp("none"))
    ids = [*GOOD[:6], *ODD, *GOOD[6:]]
    harness.accept(*ids)

    def facts(asked: Sequence[str]) -> Mapping[str, Case]:
        answers: dict[str, Any] = {}
        for id_ in asked:
            answers[id_] = ODD[id_]() if id_ in ODD else build_case(build_document(id_))
            if id_.startswith("error"):
                raise answers[id_]
        return answers

    harness.queue.facts = facts
    work_for_days(harness, rounds=2)

    assert {ExportStatus.SYNCED} == {harness.get_status(id_) for id_ in GOOD}
    assert {ExportStatus.ACCEPTED} == {harness.get_status(id_) for id_ in ODD}
    for id_ in ODD:
        assert "The host's facts cannot be used" in harness.queue.history(id_)[-1].facts["why"]
    check_histories(harness, ids)
    assert [] == [record for record in caplog.records if record.exc_info]


def test_odd_facts_as_a_whole_raise_nothing() -> None:
    """If the facts return something else than a mapping, the worker goes on and the entry waits."""
    harness = build_harness(OddErp("none"))
    harness.accept(*ODD)
    answers = iter([*ANSWERS, *ERRORS])

    def facts(_asked: Sequence[str]) -> Any:  # noqa: ANN401 - any odd value
        made = next(answers)()
        if isinstance(made, BaseException) and not isinstance(made, ValueError):
            raise made
        return made

    harness.queue.facts = facts
    build_worker(harness).run_once()

    # A mapping without the invoice means that the invoice no longer exists: it is refused.
    assert {"accepted", "failed"} == {harness.get_status(id_).value for id_ in ODD}
    assert 3 == sum(harness.get_status(id_) is ExportStatus.FAILED for id_ in ODD)
    harness.check_audit_log()


def test_odd_observers_change_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Errors of an observer keep no invoice from being booked."""
    errors = iter(ERRORS * 20)

    def observe(_event: AuditEvent) -> None:
        raise next(errors)()  # noqa: RSE102 - the error is made by what is called

    harness = build_harness(OddErp("none"), observe)
    harness.accept(*GOOD)
    work_for_days(harness, rounds=1)

    assert {ExportStatus.SYNCED} == {harness.get_status(id_) for id_ in GOOD}
    assert len([one for one in caplog.records if "observer" in one.getMessage()]) >= len(ERRORS)
    harness.check_audit_log()
