"""One store in the office, with a queue, a worker and a fake ERP of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..adapters import Adapters
from ..documents import Answer, Receipt, Step
from ..events import replay
from ..flow import claim, record_denial, record_late_answer, start
from ..queue import ExportQueue
from ..stores import StoreError, verify
from ..verdict import Denial, Source, Verdict
from ..vocabulary import Action, ExportStatus, Role
from ..worker import Worker
from .lossy_store import LossyStore
from .two_step_erp import KEY, TwoStepErp

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..documents import QueueEntry
    from ..events import AuditEvent, Change
    from ..stores import Store
    from .machine_office import Office

__all__ = ["World"]

_EVERY = 10_000
_CLAIMED = {ExportStatus.ACCEPTED, ExportStatus.UNKNOWN}
_REFUSED = Verdict((Denial("entry.changed", "Look at it again.", Source.CONDITION),))


class World:
    """
    A store and all that acts on it.

    Attributes:
        observed: Every event that the queue told its observer.
        slots: Every slot that was ever held.
    """

    def __init__(self, name: str, store: Store, office: Office) -> None:
        """Set up the queue, its worker and a fake ERP on the office's clock."""
        self.name = name
        self.office = office
        self.store = LossyStore(store)
        self.erp = TwoStepErp(clock=office.clock)
        self.observed: list[AuditEvent] = []
        self.slots: set[str] = set()
        self.queue = ExportQueue(
            self.store,
            Adapters(self.erp),
            office.facts,
            clock=office.clock,
            observe=self.observed.append,
        )
        # Without chance, as every store must be asked the same.
        self.worker = Worker(
            self.queue, holder="worker", chance=lambda: 0.0, sleep=lambda _seconds: None
        )

    def outcome(self, act: Callable[[World], Any]) -> object:
        """Return what an act answers, or the store's error."""
        try:
            return act(self)
        except StoreError as error:
            return (type(error), str(error))

    def vanish(self, *, started: bool) -> tuple[str, ...]:
        """Have a worker claim what is due, perhaps begin its next step, and never be seen again."""
        at = self.office.clock()
        with self.store.work() as transaction:
            due = [entry for entry in transaction.due(at, [KEY], 1) if entry.status in _CLAIMED]
            for entry in due:
                change = claim(entry, at=at, holder="ghost", lease=self.worker.lease)
                transaction.save(change)
                claimed = change.after
                if started and claimed.status is ExportStatus.EXPORTING and not claimed.calls:
                    transaction.save(self._started(claimed))
        return tuple(entry.id for entry in due)

    def _started(self, entry: QueueEntry) -> Change:
        step = Step("create", "create", Role.BILL)
        at, lease, plan = self.office.clock(), self.worker.lease, (step, Step("post", "post"))
        return start(entry, step, at=at, lease=lease, plan=plan)

    def testify(self, entry_id: str, answer: Answer, erp_id: str) -> tuple[QueueEntry, ...]:
        """Have the worker of an entry's last call answer, whatever became of its lease."""
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
                at=self.office.clock(),
                erp=self.queue.lines.declaration(KEY),
            )
            transaction.save(change)
        return (change.after,)

    def write_stale(self, entry: QueueEntry) -> None:
        """Save a change of the entry as it once stood."""
        with self.store.people() as transaction:
            at = self.office.clock()
            transaction.save(record_denial(Action.SEND, entry, _REFUSED, at=at, actor="late"))

    def snapshot(self) -> dict[str, object]:
        """Return all that can be seen of the store, and of the ERP behind it."""
        entries = list(self.store.entries())
        self.slots |= {entry.slot for entry in entries if entry.slot}
        with self.store.work() as transaction:
            due = [entry.id for entry in transaction.due(self.office.clock(), [KEY], _EVERY)]
        return {
            "entries": entries,
            "events": {entry.id: list(self.store.events(entry.id)) for entry in entries},
            "feed": [stored.event for stored in self.store.feed(limit=_EVERY)],
            "slots": dict(self.store.slot_holders(self.slots)),
            "due": due,
            "lease ends": self.store.lease_ends([KEY]),
            "observed": list(self.observed),
            "in the ERP": self.erp.shelf.living(self.office.clock()),
        }

    def check(self) -> None:
        """Check that the events lead to each entry's status, and that every chain holds."""
        for entry in self.store.entries():
            assert replay(self.store.events(entry.id)) is entry.status
        assert verify(self.store.chains()).problems == ()
