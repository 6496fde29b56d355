"""A world of one entry: what we know, what the ERP has, what is on its way, who is at work."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import attrs

from erp_invoice_core.declaration import LookUp, Replay
from erp_invoice_core.documents import ExportDocument, QueueEntry
from erp_invoice_core.documents.call import Key
from erp_invoice_core.vocabulary import ExportStatus

from ..flow.samples import CREATE, DOCUMENT, POST, after, declared

if TYPE_CHECKING:
    from collections.abc import Hashable

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.documents import Step

__all__ = ["NOW", "Doc", "Flying", "Terms", "Worker", "World", "document"]

NOW = after(0)
LEASE = timedelta(seconds=60)
#: The only moments that there are: a lease that lives, one that is over, one that is settled.
LIVE, OVER, SETTLED = NOW + LEASE, NOW - timedelta(seconds=1), NOW - timedelta(days=9)
#: When a look-up asked of which the answer is used only now.
LONG_AGO = NOW - timedelta(days=90)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class _Document(ExportDocument):
    """A document whose digest is told, not computed: it is asked for a hundred thousand times."""

    @property
    def digest(self) -> str:
        """The digest of this content."""
        return f"content {self.number}"


def document(content: int) -> ExportDocument:
    """Return the invoice with that content."""
    return _Document(**{**attrs.asdict(DOCUMENT, recurse=False), "number": content})


DOCUMENTS = {content: document(content) for content in (1, 2)}


@attrs.frozen
class Terms:
    """A row of the table of promises: what the ERP does, and what it declares."""

    name: str
    settles: bool = True
    one_per_key: bool = False
    enforces: bool = False
    finds: bool = True
    steps: int = 1

    @property
    def plan(self) -> tuple[Step, ...]:
        """The plan of so many steps."""
        return (CREATE, POST)[: self.steps]


@cache
def declared_by(terms: Terms) -> Declaration:
    """Return what the ERP of that row declares."""
    return declared(
        settles=30 if terms.settles else None,
        look_up=LookUp.KEY if terms.finds else LookUp.NONE,
        replay=Replay.EVERYTHING if terms.one_per_key else Replay.NONE,
        enforces_key=terms.enforces,
    )


@attrs.frozen(order=True)
class Doc:
    """A document over there."""

    id: str
    generation: int
    attempt: int
    step: str
    content: str
    posted: bool


@attrs.frozen
class Flying:
    """A request that was handed over: whether it was carried out, and who waits for the answer."""

    place: int
    done: bool
    listener: int | None  # a worker, -1: whoever hears of it, None: nobody
    erp_id: str = ""


@attrs.frozen
class Worker:
    """What a worker is about to do; ``holds``: its claim is the entry's."""

    phase: str = "idle"
    holds: bool = False
    place: int = -1
    news: tuple[object, ...] = ()


Counts: TypeAlias = "tuple[int, int]"


@attrs.frozen(kw_only=True, eq=False)
class World:
    """
    Everything; ``key`` is what makes two worlds one.

    Attributes:
        content: What the invoice bills now, 1 or 2.
        faults: How many more things may go wrong.
        deleted: Ids of documents that people removed over there.
        excused: A person ruled absence where no settle time is declared.
        alarmed: An alarm was raised.
    """

    entry: QueueEntry
    docs: tuple[Doc, ...] = ()
    made: int = 0
    flying: tuple[Flying, ...] = ()
    workers: tuple[Worker, ...] = (Worker(),)
    content: int = 1
    faults: int = 0
    adapter: bool = True
    deleted: frozenset[str] = frozenset()
    excused: bool = False
    alarmed: bool = False
    #: What an ERP that makes one document per key made under which key, there or not.
    under: tuple[tuple[Key, str], ...] = ()

    @property
    def key(self) -> Hashable:
        """What makes two worlds one."""
        entry = self.entry
        return (
            entry.status,
            entry.generation,
            entry.attempt,
            entry.digest,
            entry.acceptance and entry.acceptance.digest,
            tuple(step.name for step in entry.plan),
            tuple(
                (call.key, call.kind, call.digest, call.erp_id, call.answer, call.lease_until)
                for call in entry.calls
            ),
            tuple(
                (h.key, h.receipt.step, h.receipt.erp_id, h.receipt.digest, h.gone)
                for h in entry.holdings
            ),
            entry.lease and entry.lease.until,
            entry.due_at,
            entry.lookups,
            entry.lost_claims,
            entry.withdrawing,
            self.docs,
            self.made,
            self.flying,
            self.workers,
            self.content,
            self.faults,
            self.adapter,
            self.deleted,
            self.excused,
            self.alarmed,
            self.under,
        )

    def doc(self, erp_id: str | None) -> Doc | None:
        """Return the document of that id, if it is there."""
        return next((doc for doc in self.docs if doc.id == erp_id), None)


FINAL = frozenset({ExportStatus.SYNCED})
OPEN = frozenset({ExportStatus.NOT_SENT, ExportStatus.RETRIEVED, ExportStatus.REJECTED})
