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
from tests.worker.harness import APPROVER, NOON, SENDER, Office, ok
from tests.worker.scripted_erp import Scripted
from tests.worker.test_withdraw import BILL, POST, left

ONCE = RetryPolicy(look_ups=[timedelta(seconds=40)], deferrals=1, lost_claims=1)


def impatient(office: Office) -> Worker:
    """Return a worker that asks a person at the first occasion."""
    return Worker(office.queue, retry_policy=ONCE, chance=lambda: 0.0, steady=office.clock.seconds)


def lost() -> tuple[Office, Scripted, Worker]:
    """Return a set-up whose export lost its answer, its ERP, and its worker."""
    plugin = Scripted()
    office = Office(plugin=plugin)
    office.accept("5000")
    plugin.answer("write", TimeoutError())
    worker = impatient(office)
    worker.run_once()
    return office, plugin, worker


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
    office = Office(plugin=Scripted())
    office.accept("5000")
    assert isinstance(office.plugin, Scripted)
    office.plugin.answer(kind, answer)
    office.queue.connections.drop("erp")
    impatient(office).run_once()

    assert (ExportStatus.FAILED, ["export.gave_up"]) == (office.status(), office.codes())


def test_one_lost_claim_is_enough() -> None:
    """The export is given up after one claim whose worker did not come back."""
    office = Office()
    office.accept("5000")
    with office.store.work() as transaction:
        entry = transaction.entries(["5000"])["5000"]
        lease = timedelta(seconds=60)
        transaction.save(claim(entry, at=office.clock(), holder="gone", lease=lease))
    office.clock.advance(61)
    impatient(office).run_once()

    assert (ExportStatus.FAILED, ["export.gave_up"]) == (office.status(), office.codes())


def test_one_lost_answer_is_enough() -> None:
    """After a look-up found the call absent, the export is not tried again."""
    office, _, worker = lost()
    assert office.clock() + timedelta(seconds=40) >= _due(office)
    office.clock.advance(7200)
    worker.run_once()

    assert (ExportStatus.FAILED, ["export.gave_up"]) == (office.status(), office.codes())


def test_one_look_up_is_enough() -> None:
    """After the only look-up, at its planned moment, a person is asked."""
    office, plugin, worker = lost()
    assert office.clock() + timedelta(seconds=40) >= _due(office)
    plugin.answer("find", TimeoutError())
    office.clock.advance(40)
    worker.run_once()

    assert ExportStatus.UNKNOWN is office.status()
    assert office.entry().due_at is None


def test_an_erp_out_of_reach_is_asked_once() -> None:
    """A look-up that could not connect counts as one, too."""
    office, plugin, worker = lost()
    plugin.answer("connect", TimeoutError())
    office.clock.advance(40)
    worker.run_once()

    assert (ExportStatus.UNKNOWN, None) == (office.status(), office.entry().due_at)


def test_a_lost_lease_is_looked_up_within_the_first_waiting_time() -> None:
    """The worker that frees an expired lease plans the look-up in the same way."""
    office = Office(plugin=TwoStepErp(settles_within=None))
    office.accept("5000")
    with office.store.work() as transaction:
        entry = transaction.entries(["5000"])["5000"]
        lease = timedelta(seconds=60)
        held = claim(entry, at=office.clock(), holder="gone", lease=lease)
        transaction.save(held)
        step = Step("create", "create", Role.BILL)
        begun = start(held.after, step, at=office.clock(), lease=lease, plan=[step])
        transaction.save(begun)
    office.clock.advance(61)
    soon = RetryPolicy(look_ups=[timedelta(seconds=2)])
    Worker(office.queue, retry_policy=soon, steady=office.clock.seconds).run_once(limit=1)

    assert office.clock() + timedelta(seconds=2) == _due(office)


def test_one_deferred_removal_is_enough() -> None:
    """After the only look-up, a person removes the leftover document."""
    desk, plugin = left(BILL, POST)
    plugin.answer("withdraw", *[erp.Deferred(None, "Locked.")] * 3)
    worker = impatient(desk)
    worker.run_once()
    assert desk.clock() + timedelta(seconds=40) == _due(desk)
    desk.clock.advance(40)
    worker.run_once()

    assert (False, None, ["export.gave_up"]) == (
        desk.entry().withdrawing,
        desk.entry().due_at,
        desk.codes(),
    )


def _due(office: Office) -> datetime:
    due = office.entry().due_at
    assert due is not None
    return due


def test_a_connection_has_its_own() -> None:
    """The retry policy of a connection takes precedence over that of the worker."""
    plugin = Scripted()
    office = Office(plugin=plugin)
    adapters = Adapters(plugin)
    (adapter,) = adapters
    lines = Connections(adapters, [Connection("erp", adapter.key, retry_policy=ONCE)])
    queue = ExportQueue(office.store, lines, office.host, Policy(), office.clock)
    office.have("5000")
    ok(queue.send(["5000"], SENDER, connection="erp"))
    ok(queue.accept(["5000"], APPROVER))
    plugin.answer("check", erp.Deferred(NOON, "Busy."))
    Worker(queue).run_once()

    assert ["export.gave_up"] == office.codes()
