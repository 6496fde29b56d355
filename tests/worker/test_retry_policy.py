"""The retry policy of a connection, or of the worker, decides when a person is asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from erp_invoice_core import (
    Adapters,
    Connection,
    Connections,
    ExportQueue,
    ExportStatus,
    Policy,
    RetryPolicy,
    Role,
    Worker,
)
from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import Step
from erp_invoice_core.flow import claim, start
from erp_invoice_core.testing import TwoStepErp
from tests.worker.harness import APPROVER, NOON, SENDER, WorkerHarness, check_allowed
from tests.worker.scripted_erp import ScriptedErp
from tests.worker.test_withdraw import BILL, POST, build_withdrawal

ONCE = RetryPolicy(look_ups=[timedelta(seconds=40)], deferrals=1, lost_claims=1)


def build_impatient_worker(harness: WorkerHarness) -> Worker:
    """Return a worker that asks a person at the first occasion."""
    return Worker(
        harness.queue, retry_policy=ONCE, chance=lambda: 0.0, steady=harness.clock.seconds
    )


def build_lost_answer() -> tuple[WorkerHarness, ScriptedErp, Worker]:
    """Return a set-up whose export lost its answer, its ERP, and its worker."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    harness.accept("5000")
    plugin.script("write", TimeoutError())
    worker = build_impatient_worker(harness)
    worker.run_once()
    return harness, plugin, worker


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("connect", TimeoutError()),
        ("check", erp.Deferred(NOON, "Busy.")),
        ("write", erp.Deferred(None, "Locked.")),
    ],
)
def test_one_deferral_is_enough(kind: str, answer: object) -> None:
    """If nothing was sent, the export is given up at the first deferral."""
    harness = WorkerHarness(plugin=ScriptedErp())
    harness.accept("5000")
    assert isinstance(harness.plugin, ScriptedErp)
    harness.plugin.script(kind, answer)
    harness.queue.connections.drop("erp")
    build_impatient_worker(harness).run_once()

    assert (ExportStatus.FAILED, ["export.gave_up"]) == (
        harness.get_status(),
        harness.list_refusal_codes(),
    )


def test_one_lost_claim_is_enough() -> None:
    """The export is given up after one claim whose worker did not come back."""
    harness = WorkerHarness()
    harness.accept("5000")
    with harness.store.work() as transaction:
        entry = transaction.entries(["5000"])["5000"]
        lease = timedelta(seconds=60)
        transaction.save(claim(entry, at=harness.clock(), holder="gone", lease=lease))
    harness.clock.advance(61)
    build_impatient_worker(harness).run_once()

    assert (ExportStatus.FAILED, ["export.gave_up"]) == (
        harness.get_status(),
        harness.list_refusal_codes(),
    )


def test_one_lost_answer_is_enough() -> None:
    """After a look-up found the call absent, the export is not tried again."""
    harness, _, worker = build_lost_answer()
    assert harness.clock() + timedelta(seconds=40) >= _get_due_time(harness)
    harness.clock.advance(7200)
    worker.run_once()

    assert (ExportStatus.FAILED, ["export.gave_up"]) == (
        harness.get_status(),
        harness.list_refusal_codes(),
    )


def test_one_look_up_is_enough() -> None:
    """After the only look-up, at its planned moment, a person is asked."""
    harness, plugin, worker = build_lost_answer()
    assert harness.clock() + timedelta(seconds=40) >= _get_due_time(harness)
    plugin.script("find", TimeoutError())
    harness.clock.advance(40)
    worker.run_once()

    assert ExportStatus.UNKNOWN is harness.get_status()
    assert harness.get_entry().due_at is None


def test_an_erp_out_of_reach_is_asked_once() -> None:
    """A look-up that could not connect counts as one, too."""
    harness, plugin, worker = build_lost_answer()
    plugin.script("connect", TimeoutError())
    harness.clock.advance(40)
    worker.run_once()

    assert (ExportStatus.UNKNOWN, None) == (harness.get_status(), harness.get_entry().due_at)


def test_a_lost_lease_is_looked_up_within_the_first_waiting_time() -> None:
    """The worker that frees an expired lease plans the look-up in the same way."""
    harness = WorkerHarness(plugin=TwoStepErp(settles_within=None))
    harness.accept("5000")
    with harness.store.work() as transaction:
        entry = transaction.entries(["5000"])["5000"]
        lease = timedelta(seconds=60)
        held = claim(entry, at=harness.clock(), holder="gone", lease=lease)
        transaction.save(held)
        step = Step("create", "create", Role.BILL)
        begun = start(held.after, step, at=harness.clock(), lease=lease, plan=[step])
        transaction.save(begun)
    harness.clock.advance(61)
    soon = RetryPolicy(look_ups=[timedelta(seconds=2)])
    Worker(harness.queue, retry_policy=soon, steady=harness.clock.seconds).run_once(limit=1)

    assert harness.clock() + timedelta(seconds=2) == _get_due_time(harness)


def test_one_deferred_removal_is_enough() -> None:
    """After the only look-up, a person removes the leftover document."""
    harness, plugin = build_withdrawal(BILL, POST)
    plugin.script("withdraw", *[erp.Deferred(None, "Locked.")] * 3)
    worker = build_impatient_worker(harness)
    worker.run_once()
    assert harness.clock() + timedelta(seconds=40) == _get_due_time(harness)
    harness.clock.advance(40)
    worker.run_once()

    assert (False, None, ["export.gave_up"]) == (
        harness.get_entry().withdrawing,
        harness.get_entry().due_at,
        harness.list_refusal_codes(),
    )


def _get_due_time(harness: WorkerHarness) -> datetime:
    due = harness.get_entry().due_at
    assert due is not None
    return due


def test_a_connection_has_its_own() -> None:
    """The retry policy of a connection takes precedence over that of the worker."""
    plugin = ScriptedErp()
    harness = WorkerHarness(plugin=plugin)
    adapters = Adapters(plugin)
    (adapter,) = adapters
    lines = Connections(adapters, [Connection("erp", adapter.key, retry_policy=ONCE)])
    queue = ExportQueue(harness.store, lines, harness.host, Policy(), harness.clock)
    harness.add_invoices("5000")
    check_allowed(queue.send(["5000"], SENDER, connection="erp"))
    check_allowed(queue.accept(["5000"], APPROVER))
    plugin.script("check", erp.Deferred(NOON, "Busy."))
    Worker(queue).run_once()

    assert ["export.gave_up"] == harness.list_refusal_codes()
