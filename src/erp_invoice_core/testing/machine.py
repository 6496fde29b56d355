"""The random life of a queue, told to several stores alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ..documents import Answer
from ..vocabulary import InvoiceStatus
from .lossy_store import Loss
from .machine_ground import ComparedStores
from .machine_office import IDS, NEXT, PEOPLE, RULINGS
from .two_step_erp import KEY

if TYPE_CHECKING:
    from ..documents import Actor
    from ..flow import Resolution

__all__ = ["StoresAgree"]

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


class StoresAgree(ComparedStores):
    """
    Stores that are told the same must say the same.

    The same random verbs, worker's steps, faults of the ERP, stale writes and lost commits go to
    every store, through a real queue and a real worker. Name your store beside the model's and
    have its ``TestCase`` collected:

    .. code-block:: python

        class MineAgrees(StoresAgree):
            makers = {"model": lambda _: MemoryStore(), "mine": lambda folder: MyStore(folder)}


        TestMineAgrees = MineAgrees.TestCase

    Attributes:
        makers: By name, what makes an empty store in a folder of its own; the first is the model.
    """

    @rule(ids=_SOME, pick=st.integers(0, 2))
    def go_on(self, ids: list[str], pick: int) -> None:
        """Somebody who may do everything does what comes next on the way into the ERP."""
        for entry in self.worlds[0].store.entries(list(dict.fromkeys(ids))):
            verbs = NEXT.get(entry.status, ())
            if verbs:
                name, said = verbs[pick % len(verbs)]
                self.verb(name, entry.id, {"expect": entry.version, **said})

    @rule(
        invoice=_ONE,
        fault=st.sampled_from(_FAULTS),
        seconds=st.sampled_from([0, 0, 70, 400]),
        started=st.none() | st.booleans(),
    )
    def export(
        self, invoice: str, fault: tuple[str, str], seconds: int, *, started: bool | None
    ) -> None:
        """An invoice is sent, accepted and exported, and on the way something breaks."""
        for verb, said in (("send", {"connection": KEY}), ("accept", {})):
            self.verb(verb, invoice, said)
        if started is None:
            self.break_erp(fault, 100)
        else:
            self.vanish(started=started)
        self.work(2)
        self.office.wait(seconds)
        self.work(2)

    @rule(ids=_SOME, actor=_WHO, seen=_SEEN, command=_COMMANDS)
    def send(self, ids: list[str], actor: Actor, seen: str, command: str | None) -> None:
        """Somebody sends invoices."""
        said = self.said(ids, seen, command)
        self.everywhere(lambda world: world.queue.send(ids, actor, connection=KEY, **said))

    @rule(
        verb=st.sampled_from(_PLAIN) | st.just("accept"),
        ids=_SOME,
        actor=_WHO,
        seen=_SEEN,
        command=_COMMANDS,
    )
    def act(self, verb: str, ids: list[str], actor: Actor, seen: str, command: str | None) -> None:
        """Somebody does something that needs no more words."""
        said = self.said(ids, seen, command)
        self.everywhere(lambda world: getattr(world.queue, verb)(ids, actor, **said))

    @rule(ids=_SOME, actor=_WHO, reason=st.sampled_from(["Wrong job.", " "]), seen=_SEEN)
    def reject(self, ids: list[str], actor: Actor, reason: str, seen: str) -> None:
        """Somebody rejects."""
        said = self.said(ids, seen, None)
        self.everywhere(lambda world: world.queue.reject(ids, actor, reason=reason, **said))

    @rule(ids=_SOME, actor=_WHO, ruling=st.sampled_from(RULINGS), seen=_SEEN)
    def rule_on(self, ids: list[str], actor: Actor, ruling: Resolution, seen: str) -> None:
        """Somebody says what happened over there, right or wrong."""
        said = self.said(ids, seen, None)
        self.everywhere(
            lambda world: world.queue.rule(ids, actor, ruling=ruling, evidence="Seen.", **said)
        )

    @rule(erp_id=st.sampled_from(["OLD-1", "BILL-1"]))
    def come_synced(self, erp_id: str) -> None:
        """An invoice comes with an ERP id from elsewhere, perhaps one that is taken."""
        erp_ids = {IDS[-1]: erp_id}
        self.everywhere(lambda world: world.queue.import_synced(erp_ids, connection=KEY))

    @rule(invoice=_ONE, amount=st.integers(1, 3), status=_STATUSES)
    def edit(self, invoice: str, amount: int, status: InvoiceStatus) -> None:
        """The invoice changes under the queue's feet."""
        self.office.edit(invoice, amount * 100, status)

    @rule(seconds=st.sampled_from([1, 10, 70, 400, 4_000, 90_000]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.office.wait(seconds)

    @rule(limit=st.integers(1, 3))
    def work(self, limit: int) -> None:
        """A worker works."""
        self.everywhere(lambda world: world.worker.run_once(limit=limit))

    @rule(started=st.booleans())
    def vanish(self, *, started: bool) -> None:
        """A worker claims something and is never seen again."""
        self.everywhere(lambda world: world.vanish(started=started))

    @rule(invoice=_ONE, answer=st.sampled_from(Answer), number=st.integers(1, 9))
    def testify(self, invoice: str, answer: Answer, number: int) -> None:
        """A worker thought lost answers."""
        self.everywhere(lambda world: world.testify(invoice, answer, f"GHOST-{number}"))

    @rule(fault=st.sampled_from(_FAULTS), seconds=st.sampled_from([1, 100]))
    def break_erp(self, fault: tuple[str, str], seconds: int) -> None:
        """The ERP's next request goes wrong."""
        on, do = fault
        self.everywhere(lambda world: world.erp.shelf.inject(on, do, seconds=seconds))

    @rule(loss=st.sampled_from(Loss))
    def lose_commit(self, loss: Loss) -> None:
        """The next commit's answer is lost."""
        for world in self.worlds:
            world.store.loss = loss

    @precondition(lambda self: self.old)
    @rule(data=st.data())
    def write_stale(self, data: st.DataObject) -> None:
        """Somebody writes from what they read a while ago."""
        entry = data.draw(st.sampled_from(self.old))
        self.everywhere(lambda world: world.write_stale(entry))

    @rule(ids=_SOME)
    def lock(self, ids: list[str]) -> None:
        """A host locks entries."""
        self.everywhere(lambda world: world.queue.guard(None, ids))
