"""A world: the entries, the ERP's documents, calls in flight, workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.flow import Resolution


class Page:
    """
    An entry, one object for all that are equal: two pages are equal only if they are the same.

    Attributes:
        memo: Answers about the entry, by question; they hold in every world.
    """

    __slots__ = ("entry", "memo", "side")

    def __init__(self, side: int, entry: QueueEntry) -> None:
        self.side, self.entry = side, entry
        self.memo: dict[Hashable, Any] = {}


class Doc(NamedTuple):
    """
    A document in the ERP.

    Attributes:
        side: Its invoice; -1: a person typed it by hand.
        step: The step that made it.
        content: Digest of what was sent.
        done: The steps that were carried out on it.
        unseen: Those of them that a look-up does not show yet, each with the place of its call.
        edited: A person changed its amount in the ERP.
    """

    id: str
    side: int
    generation: int
    attempt: int
    step: str
    content: str
    done: frozenset[str]
    unseen: frozenset[tuple[str, int]] = frozenset()
    edited: bool = False

    def shows(self, digest: str) -> bool:
        """Compare the content; a document typed by hand names no invoice of ours."""
        if self.side < 0:
            return self.content[-1] == digest[-1]
        return self.content == digest


class Flying(NamedTuple):
    """
    A request that was handed over: whether it was carried out, and who waits for the answer.

    Attributes:
        target: The document that it acts on.
        listener: A worker, -1: any worker, -2: none.
    """

    side: int
    place: int
    target: str
    done: bool
    listener: int
    erp_id: str = ""


class Worker(NamedTuple):
    """
    The next phase of a worker, and its entry.

    Attributes:
        holds: Its claim is the entry's.
        place: Of its call.
        news: The answer or the look-up.
    """

    phase: str = "idle"
    side: int = -1
    holds: bool = False
    place: int = -1
    news: tuple[Any, ...] = ()


class Opinion(NamedTuple):
    """A person's conclusion on an entry, and whether its version is still current."""

    of: str
    resolution: Resolution | None
    is_fresh: bool = True


class Side(NamedTuple):
    """
    The part of a world that belongs to one invoice.

    Attributes:
        content: The current amount of the invoice, 1 or 2.
        excused: A person resolved absence while nothing bounds what may still be carried out.
        alarmed: An alarm was raised.
        opinion: The action that a person plans.
    """

    page: Page
    content: int = 1
    excused: bool = False
    alarmed: bool = False
    opinion: Opinion | None = None


class World(NamedTuple):
    """
    Everything.

    Attributes:
        made: How many documents were ever made.
        faults: How many more things may go wrong.
        deleted: Ids of documents that people removed, or took a step back on, in the ERP.
        under: Documents by key, or number, of an ERP that makes one for each.
    """

    sides: tuple[Side, ...]
    workers: tuple[Worker, ...]
    faults: int
    docs: tuple[Doc, ...] = ()
    made: int = 0
    flying: tuple[Flying, ...] = ()
    adapter: bool = True
    deleted: frozenset[str] = frozenset()
    under: tuple[tuple[Hashable, str], ...] = ()

    def entry(self, side: int) -> QueueEntry:
        """Return the current entry."""
        return self.sides[side].page.entry

    def doc(self, erp_id: str | None) -> Doc | None:
        """Return the document of that id, if it is there."""
        return next((doc for doc in self.docs if doc.id == erp_id), None)

    def with_side(self, number: int, **changes: Any) -> World:  # noqa: ANN401 - the side's own fields
        """Return the world with something of that invoice changed."""
        sides = list(self.sides)
        sides[number] = sides[number]._replace(**changes)
        return self._replace(sides=tuple(sides))

    def with_worker(self, number: int, worker: Worker) -> World:
        """Return the world with that worker doing this now."""
        workers = list(self.workers)
        workers[number] = worker
        return self._replace(workers=tuple(workers))


def documents_of(world: World, side: int) -> list[Doc]:
    """Return the documents of an invoice, and such as it has taken for its own."""
    entry = world.entry(side)
    taken = {held.receipt.erp_id for held in entry.living}
    return [
        doc
        for doc in world.docs
        if (doc.side, doc.generation) == (side, entry.generation)
        or (doc.side < 0 and doc.id in taken)
    ]
