"""Synced invoices are compared with the ERP: nothing there changes, and what is new is recorded."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import (
    Action,
    Actor,
    Connection,
    Connections,
    ExportStatus,
    Level,
    MemoryStore,
    Presence,
    Reconciliation,
    SqliteStore,
    tie_out,
)
from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters.callers import TookTooLong
from erp_invoice_core.flow.reconcile import UNKNOWN_TO_HOST
from erp_invoice_core.queue import payments, reconcile
from erp_invoice_core.queue.client import Pacing
from erp_invoice_core.queue.connections import ErpConnections
from erp_invoice_core.queue.reconcile import Reconciler
from erp_invoice_core.stores import PostgresStore, UnreadableEntry
from erp_invoice_core.testing import TwoStepErp
from tests.postgres import fresh_schema
from tests.worker.harness import EVERYTHING, SENDER, Clock, WorkerHarness, check_allowed
from tests.worker.scripted_erp import ScriptedErp, build_contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from erp_invoice_core import QueueEntry
    from erp_invoice_core.stores import Store

READER = Actor(id="clerk", erp_integrations=Level.READ_ONLY)
STRANGER = Actor(id="stranger")
DAY = date(2026, 11, 20)
OPEN, PART, PAID = erp.PaymentState.OPEN, erp.PaymentState.PART_PAID, erp.PaymentState.PAID
#: The kinds of requests that change nothing in the fake ERP.
READS = {"connect", "read", "payments"}


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Return an empty store of each kind."""
    with ExitStack() as stack:
        if request.param == "memory":
            yield MemoryStore()
        elif request.param == "sqlite":
            yield stack.enter_context(closing(SqliteStore(tmp_path / "erp.db")))
        else:
            dsn = stack.enter_context(fresh_schema())
            yield stack.enter_context(closing(PostgresStore(dsn)))


def build_synced(*ids: str, **more: Any) -> WorkerHarness:  # noqa: ANN401 - its fields
    """Return a set-up with synced invoices."""
    harness = WorkerHarness(**more)
    harness.accept(*ids)
    harness.worker.run_until_idle()
    assert {ExportStatus.SYNCED} == {harness.get_status(each) for each in ids}
    return harness


def find_erp_id(harness: WorkerHarness, id_: str = "5000") -> str:
    """Return the id of an invoice's bill."""
    return harness.get_entry(id_).living[0].receipt.erp_id


def run(harness: WorkerHarness, actor: Actor = READER, **more: Any) -> list[Reconciliation]:  # noqa: ANN401 - its arguments
    """Reconcile every synced invoice."""
    return list(harness.queue.reconcile(None, actor, **more))


def build_reconciler(
    harness: WorkerHarness,
    connections: Connections | None = None,
    pacing: Pacing | None = None,
) -> Reconciler:
    """Return a run with a pacing of the test."""
    queue = harness.queue
    return Reconciler(
        store=queue.store,
        facts=queue.facts,
        connections=ErpConnections(connections) if connections else queue.connections,
        policy=queue.policy,
        clock=queue.clock,
        observe=queue.observe,
        actor=READER,
        pacing=pacing or Pacing(),
    )


def count_events(harness: WorkerHarness) -> int:
    """Return the number of all events."""
    return sum(len(harness.queue.history(entry.id)) for entry in harness.queue.entries())


def test_invoice_that_is_named_twice_is_one_row() -> None:
    """Totals would count its amounts twice."""
    harness = build_synced("5000", "5001")

    rows = list(harness.queue.reconcile(["5001", "5000", "5001"], READER))

    assert ["5001", "5000"] == [row.id for row in rows]


def test_month_end(store: Store) -> None:
    """An open, a part paid, a changed and a voided invoice are each what they are, once."""
    harness = build_synced("5000", "5001", "5002", "5003", store=store)
    ledger = harness.fake.ledger
    ledger.pay(find_erp_id(harness, "5001"), Decimal(25), DAY, reference="CHK-1")
    ledger.change(find_erp_id(harness, "5002"), amount="19000.00")
    ledger.void(find_erp_id(harness, "5003"))
    before, requests = count_events(harness), harness.count_requests()
    harness.seen.clear()

    rows = run(harness)

    assert ["5000", "5001", "5002", "5003"] == [row.id for row in rows]
    assert [Presence.THERE] * 3 + [Presence.GONE] == [row.presence for row in rows]
    assert [OPEN, PART, OPEN, OPEN] == [row.paid for row in rows]
    assert [False, False, True, True] == [row.differs for row in rows]
    assert [[], ["erp.payment"], ["erp.drift"], ["erp.gone"]] == [
        [note.code for note in row.verdict.notices] for row in rows
    ]
    assert READS >= {
        kind for kind, number in harness.count_requests().items() if number > requests[kind]
    }
    assert before + 3 == count_events(harness)
    assert ["5001", "5002", "5003"] == [event.entry_id for event in harness.seen]
    assert {Action.RECONCILE} == {event.action for event in harness.seen}
    assert Action.RECONCILE is harness.list_actions("5001")[-1]

    assert rows == run(harness)
    assert before + 3 == count_events(harness)
    harness.check_audit_log()


def test_totals_are_ours_against_those_of_the_erp() -> None:
    """The tie-out has both sides of the commitment, with the payments that the host knows."""
    harness = build_synced("5000", "5001")
    case = harness.host.cases["5000"]
    harness.host.cases["5000"] = attrs.evolve(case, amount_paid=Decimal(30))
    harness.host.cases["5001"] = attrs.evolve(harness.host.cases["5001"], amount_paid=Decimal(0))
    harness.fake.ledger.pay(find_erp_id(harness), Decimal(25), DAY)
    harness.fake.ledger.change(find_erp_id(harness, "5001"), amount="20000.45", gross="22225.50")

    (row,) = tie_out(harness.queue.reconcile(None, READER))

    assert ("erp", "SC-001", 2, 1, 0) == (
        row.connection,
        row.commitment_number,
        row.invoices,
        row.differing,
        row.unread,
    )
    assert [
        (Decimal("44501.00"), Decimal("44476.00"), Decimal("-25.00")),
        (Decimal("4450.10"), Decimal("4450.10"), Decimal(0)),
        (Decimal(0), Decimal(0), Decimal(0)),
        (Decimal("40050.90"), Decimal("40025.90"), Decimal("-25.00")),
        (Decimal(30), Decimal(25), Decimal(-5)),
        (Decimal("4450.10"), Decimal("4450.10"), Decimal(0)),
    ] == [
        tuple(getattr(side, name) for side in (row.ours, row.in_erp, row.difference))
        for name in ("billed", "retained", "released", "due", "paid", "open_retainage")
    ]


def test_unread_document_does_not_end_the_run() -> None:
    """It is reported with the reason and makes no event; the others are compared."""
    harness = build_synced("5000", "5001")
    harness.fake.ledger.inject("read", "refuse")
    harness.fake.ledger.pay(find_erp_id(harness, "5001"), Decimal(1), DAY)
    before = count_events(harness)

    first, second = run(harness)

    assert Presence.UNREAD is first.presence
    assert "Two-step fake ERP, erp_read: ConnectionRefusedError: two_step_fake" == first.unread
    assert (PART, None) == (second.paid, second.unread)
    assert before + 1 == count_events(harness)


def test_unread_payments_make_no_event() -> None:
    """The document is compared, and the payments are read again the next time."""
    harness = build_synced("5000")
    harness.fake.ledger.pay(find_erp_id(harness), Decimal(1), DAY)
    harness.fake.ledger.inject("payments", "refuse")

    (first,) = run(harness)

    assert (Presence.THERE, None) == (first.presence, first.payments)
    assert "Two-step fake ERP, erp_payments: ConnectionRefusedError: two_step_fake" == first.unread
    assert Action.RECONCILE not in harness.list_actions()
    assert [PART] == [row.paid for row in run(harness)]
    assert Action.RECONCILE is harness.list_actions()[-1]


def test_adapter_without_payments_reads_documents_alone() -> None:
    """Payments that the adapter cannot say are not known, and are no failure."""
    harness = build_synced("5000", plugin=ScriptedErp())

    (row,) = run(harness)

    assert (None, None, None) == (row.paid, row.payments, row.unread)
    assert [] == [note.code for note in row.verdict.notices]


class ReadsNothing(TwoStepErp):
    """The fake without hooks that read."""

    def __dir__(self) -> list[str]:
        """Return the names in which pluggy looks for hooks."""
        return [name for name in super().__dir__() if name not in {"erp_read", "erp_payments"}]

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return a declaration that needs no reading."""
        return attrs.evolve(super().erp_declaration(), unlink=erp.UnlinkForm.FREE)


def test_adapter_that_reads_nothing_is_reported() -> None:
    """Nothing is compared, and the row says why."""
    harness = build_synced("5000", plugin=ReadsNothing())

    assert ["Two-step fake ERP cannot read documents."] == [row.unread for row in run(harness)]


def test_missing_adapter_and_missing_document_are_reported() -> None:
    """Without the adapter, or without an id in the ERP, nothing can be asked."""
    harness = build_synced("5000")
    harness.queue.connections = type(harness.queue.connections)(erp.Adapters())

    assert [
        (
            "Connection erp is not configured here, or its adapter is not installed. Configure or"
            " install it, then reconcile again."
        )
    ] == [row.unread for row in run(harness)]

    class Bare(MemoryStore):
        def entries(self, *_: object, after: str | None = None, **__: object) -> Any:  # noqa: ANN401 - as a store's
            """Return the entry of the other store, without its documents."""
            bare = attrs.evolve(harness.get_entry(), holdings=())
            return () if after else (bare,)

    alone = build_reconciler(build_synced("5001"))
    alone.store = Bare()
    assert ["The invoice has no document with an id in the ERP."] == [
        row.unread for row in alone.run_all(None)
    ]


def test_circuit_breaker_ends_the_calls_to_one_erp() -> None:
    """After failures in a row no call is made until a pause has passed; then one is tried."""
    harness = build_synced("5000", "5001", "5002", "5003")
    ticking = Clock()
    (adapter,) = erp.Adapters(harness.fake)
    limits = erp.Limits(failures=2, pause=60.0, longest_pause=60.0)
    connections = Connections(
        erp.Adapters(harness.fake), [Connection("erp", adapter.key, limits=limits)]
    )
    harness.fake.ledger.inject("read", "refuse", times=2)
    rows = build_reconciler(
        harness,
        connections,
        Pacing(steady=ticking.seconds, sleep=ticking.advance, chance=lambda: 0.0),
    ).run_all(None)

    first = [next(rows).unread for _ in range(3)]
    ticking.advance(61)
    last = next(rows)

    refused = "Two-step fake ERP, erp_read: ConnectionRefusedError: two_step_fake"
    waiting = "The last calls to Two-step fake ERP had no answer. Reconcile again later."
    assert [refused, refused, waiting] == first
    assert (None, OPEN) == (last.unread, last.paid)
    assert 3 == harness.count_requests()["read"]
    assert [] == list(rows)


def test_rate_of_the_connection_is_kept() -> None:
    """Each call waits until the rate allows it."""
    harness = build_synced("5000", "5001")
    ticking, slept = Clock(), list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        ticking.advance(seconds)

    (adapter,) = erp.Adapters(harness.fake)
    limits = erp.Limits(calls_per_minute=60)
    connections = Connections(
        erp.Adapters(harness.fake), [Connection("erp", adapter.key, limits=limits)]
    )
    rows = build_reconciler(harness, connections, Pacing(steady=ticking.seconds, sleep=sleep))

    assert 2 == len(list(rows.run_all(None)))
    # The session and four reads: the first read follows the session at once.
    assert [0.0, 2.0, 1.0, 1.0] == slept


class HangingCaller:
    """Makes calls that exceed their limit, except the first ones."""

    def __init__(self, answered: int) -> None:
        self.answered = answered

    def call(self, act: Callable[[], Any], **_: object) -> Any:  # noqa: ANN401 - whatever the call returns
        """Make the call, or abandon it."""
        self.answered -= 1
        if self.answered < 0:
            raise TookTooLong
        return act()

    def close(self) -> None:
        """Do nothing."""


def test_call_that_hangs_is_reported() -> None:
    """A call beyond its time limit is left, and the next invoice gets a new channel."""
    harness = build_synced("5000", "5001")
    callers = iter([HangingCaller(1), HangingCaller(9)])
    pacing = Pacing(calls=lambda: next(callers))

    rows = list(build_reconciler(harness, pacing=pacing).run_all(None))

    assert ["Two-step fake ERP gave no answer in time.", None] == [row.unread for row in rows]


def test_strangers_learn_nothing() -> None:
    """Over all invoices a stranger gets no row, and for an id the one answer for strangers."""
    harness = build_synced("5000")
    requests = harness.count_requests()

    assert [] == run(harness, STRANGER)
    rows = list(harness.queue.reconcile(["5000", "nothing", "x" * 10_000], STRANGER))

    assert [["permission.none"]] * 3 == [
        [denial.code for denial in row.verdict.denials] for row in rows
    ]
    assert requests == harness.count_requests()


def test_denied_invoices_are_rows_without_events() -> None:
    """A missing permission, another status and an unknown id are denied; nothing is recorded."""
    harness = build_synced("5000")
    harness.send("5001")
    before = count_events(harness)

    rows = [
        *harness.queue.reconcile(["5001", "nothing", "", "5000"], READER),
        *harness.queue.reconcile(None, SENDER),
    ]

    assert [
        ["status.reconcile"],
        ["invoice.unknown"],
        ["invoice.id_malformed"],
        [],
        ["permission.reconcile"],
    ] == [[denial.code for denial in row.verdict.denials] for row in rows]
    assert before == count_events(harness)
    assert () == tie_out(rows[:3])


def test_imported_invoice_is_found_by_its_id() -> None:
    """An invoice that another system exported has no document of ours, and is there or not."""
    harness = build_synced("5000")
    erp_id = find_erp_id(harness)
    harness.fake.ledger.void(erp_id)
    harness.add_invoices("5001")
    check_allowed(harness.queue.import_synced({"5001": "BILL-77"}, connection="erp"))

    (row,) = harness.queue.reconcile(["5001"], READER)

    assert (Presence.GONE, ("BILL-77",), "100") == (row.presence, row.erp_ids, row.commitment_id)
    assert ["erp.gone"] == [note.code for note in row.verdict.notices]


def test_unreadable_entry_is_reported() -> None:
    """A row of the store that cannot be read is denied with its reason, for those who may know."""
    harness = build_synced("5000")

    class Damaged(MemoryStore):
        def entries(self, ids: object = None, *, after: str | None = None, **_: object) -> Any:  # noqa: ANN401 - as a store's
            """Return one entry that cannot be read."""
            return () if after else (UnreadableEntry(id="5000", why="Damaged."),)

    damaged, requests = build_reconciler(harness), harness.host.requests
    damaged.store = Damaged()
    assert [["entry.unreadable"]] == [
        [denial.code for denial in row.verdict.denials] for row in damaged.run_all(None)
    ]
    assert requests == harness.host.requests
    damaged.actor = STRANGER
    assert [] == list(damaged.run_all("erp"))


def test_entries_are_read_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the queue: a page is read once the former one is reported."""
    harness = build_synced(*(str(number) for number in range(5000, 5005)))
    monkeypatch.setattr(reconcile, "PAGE", 2)
    pages: list[int] = []
    read = harness.store.entries

    def entries(*args: Any, **more: Any) -> Sequence[QueueEntry]:  # noqa: ANN401 - as a store's
        found = read(*args, **more)
        pages.append(len(found))
        return found

    monkeypatch.setattr(harness.store, "entries", entries)
    rows = harness.queue.reconcile(None, READER)
    next(rows)

    assert [2] == pages
    assert 4 == len(list(rows))
    assert [2, 2, 1, 0] == pages
    assert 3 == len(list(harness.queue.reconcile(["5004", "5000", "5002"], READER)))


def test_only_one_connection_is_asked() -> None:
    """With a connection only its invoices are reconciled."""
    harness = build_synced("5000")

    assert ([], ["5000"]) == (
        [row.id for row in run(harness, connection="other")],
        [row.id for row in run(harness, connection="erp")],
    )


def test_arguments_are_checked_at_once() -> None:
    """Wrong arguments raise before the first invoice is asked for."""
    harness = build_synced("5000")

    with pytest.raises(ValueError, match="ids of invoices or a connection, not both"):
        harness.queue.reconcile(["5000"], READER, connection="erp")
    with pytest.raises(TypeError):
        harness.queue.reconcile("5000", READER)
    with pytest.raises(TypeError):
        harness.queue.reconcile(None, "sue")  # type: ignore[arg-type]  # on purpose


def test_host_that_fails_leaves_its_payments_unknown() -> None:
    """The facts of the host add the payments that it knows; without them the ERP is compared."""
    harness = build_synced("5000")

    def fail(_ids: Sequence[str]) -> Any:  # noqa: ANN401 - it returns nothing
        raise LookupError

    harness.queue.facts = fail
    (row,) = run(harness)
    assert (None, Presence.THERE) == (row.ours.paid, row.presence)

    @attrs.frozen(kw_only=True, eq=False, repr=False)
    class Odd:
        """A case whose amount cannot be read."""

        @property
        def amount_paid(self) -> Decimal:
            raise LookupError

    reconciler = build_reconciler(harness)
    assert UNKNOWN_TO_HOST is reconciler._find_known("5000", Odd())  # type: ignore[arg-type]  # on purpose


def _build_scripted(*reads: object) -> tuple[WorkerHarness, ScriptedErp]:
    plugin = ScriptedErp(None, erp.Step("bill", "bill", erp.Role.BILL))
    harness = build_synced("5000", plugin=plugin)
    plugin.script("read", *reads)
    return harness, plugin


def test_invoice_that_was_unlinked_meanwhile_is_left() -> None:
    """The former document, which was read, makes no event of the invoice any more."""
    harness, plugin = _build_scripted()

    def unlink() -> erp.Contents:
        plugin.script("read", erp.Gone(harness.clock()))
        check_allowed(harness.queue.unlink(["5000"], EVERYTHING))
        return build_contents(amount=Decimal(1))

    plugin.script("read", unlink)
    (row,) = run(harness)

    assert row.differs
    assert ExportStatus.NOT_SENT is harness.get_status()
    assert Action.RECONCILE not in harness.list_actions()


def test_two_runs_at_once_record_once() -> None:
    """The run that comes second sees what the first has recorded."""
    harness, plugin = _build_scripted()

    def run_another() -> erp.Contents:
        plugin.script("read", build_contents(amount=Decimal(1)))
        run(harness)
        return build_contents(amount=Decimal(1))

    plugin.script("read", run_another)
    run(harness)

    assert 1 == harness.list_actions().count(Action.RECONCILE)


def test_last_event_is_found_behind_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events are read from the newest back, in pages, until one says what was seen last."""
    monkeypatch.setattr(payments, "_EVENTS", 1)
    drift = build_contents(amount=Decimal(1))
    harness, _ = _build_scripted(drift, drift, drift)
    run(harness)
    (result,) = harness.queue.unlink(["5000"], SENDER)
    assert not result.verdict.allowed

    run(harness)

    assert [Action.RECONCILE, Action.UNLINK] == harness.list_actions()[-2:]
    unknown = attrs.evolve(harness.get_entry(), id="none", seq=3)
    assert payments.find_last_seen(harness.store, unknown) is None
