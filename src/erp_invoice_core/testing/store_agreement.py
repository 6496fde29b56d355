"""A state machine that compares several stores under the same random actions."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ..adapters import Adapters
from ..documents import Actor, Answer, Receipt, Step
from ..events import replay
from ..flow import Resolution, claim, record_denial, record_late_answer, start
from ..queue import ExportQueue
from ..rules import Case
from ..stores import MemoryStore, SqliteStore, StoreError, verify
from ..verdict import Denial, Source, Verdict
from ..vocabulary import Action, ExportStatus, InvoiceStatus, Role
from ..worker import Worker
from .fake_erp.in_process import KEY, TwoStepErp
from .samples import ADMIN, APPROVER, SENDER, one_line_document, sample_case
from .store_wrappers import Loss, LossyStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..documents import QueueEntry
    from ..events import AuditEvent, Change
    from ..stores import Store

#: The sender, the approver, and a person with every permission.
PEOPLE = (SENDER, APPROVER, ADMIN)
#: Invoices "1" and "2" have the same number; there is no invoice "4".
IDS = ("1", "2", "3", "4")
_NUMBERS = {"1": "A-1", "2": "A-1", "3": "A-3"}
RESOLUTIONS = (
    Resolution(absent=True),
    Resolution(synced={"bill": "BILL-1"}),
    Resolution(synced={"": "BILL-77"}),
    Resolution(happened={"create": "BILL-2", "post": "BILL-2"}),
    Resolution(happened={"create": "BILL-3"}, steps_absent=("post",)),
)
_EVIDENCE = "Seen on the screen."
#: From each status, the verbs that lead on, with their arguments besides the version seen.
NEXT: Mapping[ExportStatus, tuple[tuple[str, dict[str, Any]], ...]] = {
    ExportStatus.NOT_SENT: (("send", {"connection": KEY}),),
    ExportStatus.RETRIEVED: (("send", {"connection": KEY}),),
    ExportStatus.REJECTED: (("resend", {}),),
    ExportStatus.READY: (("accept", {}), ("accept", {}), ("retrieve", {})),
    ExportStatus.FAILED: (("retry", {}), ("withdraw", {}), ("reject", {"reason": "Wrong job."})),
    ExportStatus.UNKNOWN: tuple(
        ("rule", {"resolution": resolution, "evidence": _EVIDENCE})
        for resolution in (RESOLUTIONS[0], RESOLUTIONS[3])
    ),
    ExportStatus.SYNCED: (("unlink", {"evidence": _EVIDENCE}),),
}
_EVERY = 10_000
_CLAIMED = {ExportStatus.ACCEPTED, ExportStatus.UNKNOWN}
_REFUSED = Verdict((Denial("entry.changed", "Look at it again.", Source.CONDITION),))
_SOME = st.lists(st.sampled_from(IDS), min_size=1, max_size=3)
_ONE = st.sampled_from(IDS[:3])
_WHO = st.sampled_from(PEOPLE) | st.just(PEOPLE[-1])
_SEEN = st.sampled_from(["unsaid", "unsaid", "now", "never"])
_COMMANDS = st.sampled_from([None, None, None, "c1", "c2"])
_STATUSES = st.sampled_from(
    [InvoiceStatus.APPROVED, InvoiceStatus.APPROVED_AS_NOTED, InvoiceStatus.DRAFT]
)
_PLAIN = ("resend", "retrieve", "accept", "retry", "withdraw", "unlink")
_FAULTS = (
    ("create", "refuse"),
    ("create", "drop"),
    ("create", "lose"),
    ("create", "late"),
    ("post", "refuse"),
    ("post", "lose"),
    ("post", "late"),
    ("find", "unreachable"),
    ("withdraw", "lose"),
    ("withdraw", "refuse"),
    ("connect", "unreachable"),
)


def _sample(invoice_id: str, amount: int = 100) -> Case:
    document = one_line_document(invoice_id, Decimal(amount), invoice_number=_NUMBERS[invoice_id])
    return sample_case(document)


@attrs.define
class Host:
    """The host that all stores share: its invoices and the time (UTC)."""

    now: datetime = datetime(2026, 10, 31, 12, tzinfo=UTC)
    cases: dict[str, Case] = attrs.Factory(lambda: {key: _sample(key) for key in _NUMBERS})

    def clock(self) -> datetime:
        """Return the current time of the test (UTC)."""
        return self.now

    def wait(self, seconds: int) -> None:
        """Let that number of seconds pass on the clock of the test."""
        self.now += timedelta(seconds=seconds)

    def facts(self, ids: Sequence[str], /) -> Mapping[str, Case]:
        """Return the facts of the known invoices by id, as the queue asks a host for them."""
        return {key: self.cases[key] for key in ids if key in self.cases}

    def edit(self, invoice_id: str, amount: int, status: InvoiceStatus) -> None:
        """Give an invoice another amount and status, even if the rules would not allow it."""
        self.cases[invoice_id] = attrs.evolve(_sample(invoice_id, amount), invoice_status=status)


class StoreWorld:
    """
    A store with the queue, the worker and the ERP that use it.

    Attributes:
        observed: Every event that the queue sent to its observer.
        slots: Every number slot that an entry has held so far.
    """

    def __init__(self, name: str, store: Store, host: Host) -> None:
        """Set up the queue, its worker and a fake ERP on the host's clock."""
        self.name = name
        self.host = host
        self.store = LossyStore(store)
        self.erp = TwoStepErp(clock=host.clock)
        self.observed: list[AuditEvent] = []
        self.slots: set[str] = set()
        self.queue = ExportQueue(
            self.store,
            Adapters(self.erp),
            host.facts,
            clock=host.clock,
            observe=self.observed.append,
        )
        # Without jitter, because every store must get the same requests.
        self.worker = Worker(
            self.queue, holder="worker", chance=lambda: 0.0, sleep=lambda _seconds: None
        )

    def run(self, act: Callable[[StoreWorld], Any]) -> object:
        """Return the result of an act; if the store raises an error, its type and text."""
        try:
            return act(self)
        except StoreError as error:
            return (type(error), str(error))

    def claim_and_vanish(self, *, started: bool) -> tuple[str, ...]:
        """
        Let a worker claim a due entry, begin its next step if ``started``, and disappear.

        Return the id of the entry in a tuple, which is empty if no entry could be claimed.
        """
        at = self.host.clock()
        with self.store.work() as transaction:
            due = [
                entry
                for entry in transaction.find_due_entries(at, [KEY], 1)
                if entry.status in _CLAIMED
            ]
            for entry in due:
                change = claim(entry, at=at, holder="ghost", lease=self.worker.lease)
                transaction.save(change)
                claimed = change.after
                if started and claimed.status is ExportStatus.EXPORTING and not claimed.calls:
                    transaction.save(self._start(claimed))
        return tuple(entry.id for entry in due)

    def _start(self, entry: QueueEntry) -> Change:
        step = Step("create", "create", Role.BILL)
        at, lease, plan = self.host.clock(), self.worker.lease, (step, Step("post", "post"))
        return start(entry, step, at=at, lease=lease, plan=plan)

    def record_late_answer(
        self, entry_id: str, answer: Answer, erp_id: str
    ) -> tuple[QueueEntry, ...]:
        """
        Let the worker of an entry's last call record the answer, even if its lease was lost.

        Return the changed entry in a tuple, which is empty if the entry has no call.
        """
        with self.store.work() as transaction:
            entry = transaction.entries([entry_id])[entry_id]
            if not entry.calls:
                return ()
            receipt = Receipt(step="create", erp_id=erp_id, role=Role.BILL)
            change = record_late_answer(
                entry,
                len(entry.calls) - 1,
                answer,
                receipt if answer is Answer.RECEIPT else None,
                at=self.host.clock(),
                erp=self.queue.connections.find_declaration(KEY),
            )
            transaction.save(change)
        return (change.after,)

    def write_stale(self, entry: QueueEntry) -> None:
        """Save a change that was made from this entry, which may be older than the stored one."""
        with self.store.people() as transaction:
            at = self.host.clock()
            transaction.save(record_denial(Action.SEND, entry, _REFUSED, at=at, actor="late"))

    def snapshot(self) -> dict[str, object]:
        """Return all observable data of the store, and of its ERP."""
        entries = list(self.store.entries())
        self.slots |= {entry.slot for entry in entries if entry.slot}
        with self.store.work() as transaction:
            due = [
                entry.id for entry in transaction.find_due_entries(self.host.clock(), [KEY], _EVERY)
            ]
        return {
            "entries": entries,
            "events": {entry.id: list(self.store.events(entry.id)) for entry in entries},
            "feed": [stored.event for stored in self.store.feed(limit=_EVERY)],
            "slots": dict(self.store.find_slot_holders(self.slots)),
            "due": due,
            "lease ends": self.store.find_lease_end([KEY]),
            "observed": list(self.observed),
            "in the ERP": self.erp.ledger.list_bills(self.host.clock()),
        }

    def check(self) -> None:
        """Check that each entry's events lead to its status, and verify every hash chain."""
        for entry in self.store.entries():
            assert replay(self.store.events(entry.id)) is entry.status
        assert verify(self.store.chains()).problems == ()


class StoresAgree(RuleBasedStateMachine):
    """
    Stores that get the same requests must give the same answers.

    The same random verbs, worker's steps, faults of the ERP, stale writes and lost commits go to
    every store, through a real queue and a real worker. Add your store beside a model, the store
    with which the others are compared, and let pytest collect the ``TestCase``:

    .. code-block:: python

        class MineAgrees(StoresAgree):
            makers = {"model": lambda _: MemoryStore(), "mine": lambda folder: MyStore(folder)}


        TestMineAgrees = MineAgrees.TestCase

    Attributes:
        makers: By name, a function that makes an empty store in a folder of its own; the first one
            makes the model.
    """

    makers: ClassVar[Mapping[str, Callable[[Path], Store]]] = {
        "memory": lambda _folder: MemoryStore(),
        "sqlite": lambda folder: SqliteStore(folder / "queue.db"),
    }

    def __init__(self) -> None:
        """Make an empty store of each kind."""
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="stores-agree-")
        self.host = Host()
        self.worlds = []
        for name, make in self.makers.items():
            folder = Path(self._folder.name, name)
            folder.mkdir()
            self.worlds.append(StoreWorld(name, make(folder), self.host))
        self.old: list[QueueEntry] = []

    def teardown(self) -> None:
        """Close the stores, and remove their files."""
        for world in self.worlds:
            world.store.close()
        self._folder.cleanup()

    def run_everywhere(self, act: Callable[[StoreWorld], Any]) -> None:
        """Run the act in every store, and compare each result with that of the first store."""
        self.old += [entry for entry in self.worlds[0].store.entries() if entry not in self.old]
        answers = [world.run(act) for world in self.worlds]
        for world, answer in zip(self.worlds, answers, strict=True):
            assert answers[0] == answer, f"{world.name} answers otherwise"

    def build_options(self, ids: list[str], seen: str, command: str | None) -> dict[str, Any]:
        """
        Return the options of a verb: a command id, and the version that the person saw.

        *seen* is ``unsaid`` for no version, ``now`` for the current one, ``never`` for a wrong one.
        """
        versions = {entry.id: entry.version for entry in self.worlds[0].store.entries(ids)}
        expect = {"unsaid": None, "now": versions, "never": 99}[seen]
        return {"expect": expect, "command": command}

    def run_verb(self, name: str, invoice: str, said: dict[str, Any]) -> None:
        """Call a verb of the queue, such as ``accept``, for one invoice in every store."""
        self.run_everywhere(lambda world: getattr(world.queue, name)([invoice], PEOPLE[-1], **said))

    @invariant()
    def check_agreement(self) -> None:
        """The observable data of each store is that of the model."""
        lost = [world.store.loss for world in self.worlds]
        for world in self.worlds:
            world.store.loss = None
            world.check()
        model = self.worlds[0].snapshot()
        for world in self.worlds[1:]:
            seen = world.snapshot()
            assert [name for name in model if model[name] != seen[name]] == [], world.name
        for world, loss in zip(self.worlds, lost, strict=True):
            world.store.loss = loss

    @rule(ids=_SOME, pick=st.integers(0, 2))
    def go_on(self, ids: list[str], pick: int) -> None:
        """A person with every permission does an action that leads on from each entry's status."""
        for entry in self.worlds[0].store.entries(list(dict.fromkeys(ids))):
            verbs = NEXT.get(entry.status, ())
            if verbs:
                name, said = verbs[pick % len(verbs)]
                self.run_verb(name, entry.id, {"expect": entry.version, **said})

    @rule(
        invoice=_ONE,
        fault=st.sampled_from(_FAULTS),
        seconds=st.sampled_from([0, 0, 70, 400]),
        started=st.none() | st.booleans(),
    )
    def export(
        self, invoice: str, fault: tuple[str, str], seconds: int, *, started: bool | None
    ) -> None:
        """An invoice is sent, accepted and exported, while the ERP fails or a worker disappears."""
        for verb, said in (("send", {"connection": KEY}), ("accept", {})):
            self.run_verb(verb, invoice, said)
        if started is None:
            self.break_erp(fault, 100)
        else:
            self.claim_and_vanish(started=started)
        self.work(2)
        self.host.wait(seconds)
        self.work(2)

    @rule(ids=_SOME, actor=_WHO, seen=_SEEN, command=_COMMANDS)
    def send(self, ids: list[str], actor: Actor, seen: str, command: str | None) -> None:
        """A person sends invoices."""
        said = self.build_options(ids, seen, command)
        self.run_everywhere(lambda world: world.queue.send(ids, actor, connection=KEY, **said))

    @rule(
        verb=st.sampled_from(_PLAIN) | st.just("accept"),
        ids=_SOME,
        actor=_WHO,
        seen=_SEEN,
        command=_COMMANDS,
    )
    def act(self, verb: str, ids: list[str], actor: Actor, seen: str, command: str | None) -> None:
        """A person does an action that needs no arguments."""
        said = self.build_options(ids, seen, command)
        self.run_everywhere(lambda world: getattr(world.queue, verb)(ids, actor, **said))

    @rule(ids=_SOME, actor=_WHO, reason=st.sampled_from(["Wrong job.", " "]), seen=_SEEN)
    def reject(self, ids: list[str], actor: Actor, reason: str, seen: str) -> None:
        """A person rejects invoices."""
        said = self.build_options(ids, seen, None)
        self.run_everywhere(lambda world: world.queue.reject(ids, actor, reason=reason, **said))

    @rule(ids=_SOME, actor=_WHO, resolution=st.sampled_from(RESOLUTIONS), seen=_SEEN)
    def rule_on(self, ids: list[str], actor: Actor, resolution: Resolution, seen: str) -> None:
        """A person resolves an entry, truthfully or not."""
        said = self.build_options(ids, seen, None)
        self.run_everywhere(
            lambda world: world.queue.rule(
                ids, actor, resolution=resolution, evidence="Seen.", **said
            )
        )

    @rule(erp_id=st.sampled_from(["OLD-1", "BILL-1"]))
    def import_synced(self, erp_id: str) -> None:
        """The host imports an invoice with an ERP id, perhaps one that another invoice has."""
        erp_ids = {IDS[-1]: erp_id}
        self.run_everywhere(lambda world: world.queue.import_synced(erp_ids, connection=KEY))

    @rule(invoice=_ONE, amount=st.integers(1, 3), status=_STATUSES)
    def edit(self, invoice: str, amount: int, status: InvoiceStatus) -> None:
        """The host changes the invoice outside of the queue."""
        self.host.edit(invoice, amount * 100, status)

    @rule(seconds=st.sampled_from([1, 10, 70, 400, 4_000, 90_000]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.host.wait(seconds)

    @rule(limit=st.integers(1, 3))
    def work(self, limit: int) -> None:
        """A worker processes at most *limit* due entries."""
        self.run_everywhere(lambda world: world.worker.run_once(limit=limit))

    @rule(started=st.booleans())
    def claim_and_vanish(self, *, started: bool) -> None:
        """A worker claims an entry and disappears."""
        self.run_everywhere(lambda world: world.claim_and_vanish(started=started))

    @rule(invoice=_ONE, answer=st.sampled_from(Answer), number=st.integers(1, 9))
    def record_late_answer(self, invoice: str, answer: Answer, number: int) -> None:
        """The worker of an entry's last call records an answer, perhaps after its lease."""
        self.run_everywhere(
            lambda world: world.record_late_answer(invoice, answer, f"GHOST-{number}")
        )

    @rule(fault=st.sampled_from(_FAULTS), seconds=st.sampled_from([1, 100]))
    def break_erp(self, fault: tuple[str, str], seconds: int) -> None:
        """The next request to the ERP fails."""
        on, do = fault
        self.run_everywhere(lambda world: world.erp.ledger.inject(on, do, seconds=seconds))

    @rule(loss=st.sampled_from(Loss))
    def lose_commit(self, loss: Loss) -> None:
        """The next commit's answer is lost."""
        for world in self.worlds:
            world.store.loss = loss

    @precondition(lambda self: self.old)
    @rule(data=st.data())
    def write_stale(self, data: st.DataObject) -> None:
        """A process writes from an entry that it read some time ago."""
        entry = data.draw(st.sampled_from(self.old))
        self.run_everywhere(lambda world: world.write_stale(entry))

    @rule(ids=_SOME)
    def lock(self, ids: list[str]) -> None:
        """A host locks entries."""
        self.run_everywhere(lambda world: world.queue.guard(ids, on=None))
