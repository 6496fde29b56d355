"""All that one history is made of: time, fake ERPs, the host, a store, and who acts on them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from erp_invoice_core.adapters import Connection, Connections
from erp_invoice_core.queue import ExportQueue

from .decisions import Decisions, menu
from .erp_plugin import LoadedAdapters, loaded
from .erp_traits import Row, Traits, drawn
from .host import POLICIES, Office
from .network import Network
from .process import START
from .recorder import Witness
from .scheduler import Scheduler
from .simulated_store import SimulatedStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.stores import Store

    from .backups import Opener
    from .faults import Fault
    from .paper import Paper
    from .process import Process

__all__ = ["World"]

_CONNECTIONS = menu((4, 1), (1, 2))
_POLICY = menu((4, 0), (1, 1), (2, 2))
_POISON = menu((14, None), (1, "1"))
#: By then requests are carried out, and can be found (seconds).
_SETTLED = 700.0
_NAMES = ("simulated_a", "simulated_b")


class World:
    """
    One history's world.

    Attributes:
        counts: How often each kind of fault happened.
        networks: The way to each fake ERP, by connection.
        twice: Documents that were made while another of the same role lived: the older's id, the
            younger.
        ruled: Entries of which a person ruled absence where no bound was declared, or before it was
            over after a restore.
        renumbered: Entries whose document was renumbered over there while it was in doubt.
        gone: Connections whose adapter was uninstalled.
        less: Connections whose adapter declares less than the ERP keeps.
        peek: The store as the history's own hand reads it.
        witness: What was seen of requests, answers and documents.
        edited: Edits of an invoice of which a document lived over there: invoice, document.
        forgotten: Commands that were done, and denied when they were repeated: invoice, command.
        crashed: Errors of ours that nobody foresaw, as texts.
        holders: The process of each worker, by the worker's name.
        restored_at: When the database was restored last (UTC).
        settled_at: When every request from before that is over where a bound is declared (UTC).
        damaged: Entries whose row could not be read for a while.
        set_back: Entries that a restore took back to an earlier state, or out of the database.
    """

    def __init__(
        self, decisions: Decisions, store: Opener, *, limit: int, traits: Traits | None
    ) -> None:
        """Draw what the history is made of; ``store`` opens the store for a process."""
        self.decisions = decisions
        self.counts: Counter[Fault] = Counter()
        self.scheduler = Scheduler(decisions, self.counts, limit)
        self.networks: dict[str, Network] = {}
        self.twice: list[tuple[Paper, Paper]] = []
        self.ruled: set[str] = set()
        self.renumbered: set[str] = set()
        self.gone: set[str] = set()
        self.less: set[str] = set()
        self.edited: list[tuple[str, str]] = []
        self.forgotten: list[tuple[str, str]] = []
        self.crashed: list[str] = []
        self.holders: dict[str, Process] = {}
        self.restored_at = START
        self.settled_at = START
        self.damaged: set[str] = set()
        self.set_back: set[str] = set()
        self._connections: dict[tuple[frozenset[str], ...], Connections] = {}
        self._open = store
        self.peek = self.store()
        self.witness = Witness(self.peek)
        for name in _NAMES[: decisions.choose(_CONNECTIONS)]:
            self.networks[name] = Network(
                name, self.scheduler, traits or drawn(decisions), self._note, self.witness
            )
            self.networks[name].poisoned = decisions.choose(_POISON)
        self.office = Office(self.scheduler)
        self.office.policy = POLICIES[decisions.choose(_POLICY)]

    def _note(self, paper: Paper) -> None:
        """Note a document beside which another of its entry, generation and role lives."""
        for other in self.papers_of(paper.entry_id):
            if (
                other is not paper
                and other.lives
                and (other.generation, other.role) == (paper.generation, paper.role)
            ):
                self.twice.append((other, paper))
        for network in self.networks.values():
            papers = network.books.papers
            if papers.get(paper.id) is paper:
                scope = network.books.traits.per_commitment
                self.witness.makes(paper, papers.values(), per_commitment=scope)

    @property
    def rows(self) -> set[Row]:
        """The rows of the promise table that this history is about."""
        return {network.books.traits.row for network in self.networks.values()}

    def connections(self) -> Connections:
        """Return the company's connections as they are now: adapters may be gone, or swapped."""
        state = (frozenset(self.gone), frozenset(self.less))
        if state not in self._connections:
            self._connections[state] = self._connected()
        return self._connections[state]

    def _connected(self) -> Connections:
        there = []
        for name, network in self.networks.items():
            if name not in self.gone:
                there.append(loaded(name, network, less=name in self.less))
        return Connections(
            LoadedAdapters(*there), [Connection(name, name) for name in self.networks]
        )

    def queue(self) -> ExportQueue:
        """Return the queue as a new process has it, with a store of its own."""
        store = SimulatedStore(self.store(), self.scheduler, lambda: self.restored_at)
        return ExportQueue(
            store, self.connections(), self.office.facts, self.office.policy, store.clock
        )

    def backup(self) -> Callable[[], None]:
        """Make a backup of the database, and return what puts it back."""
        return self._open.backup()

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Make the row of an entry unreadable, and return what puts its bytes back."""
        return self._open.damage(entry_id)

    def restore(self, back: Callable[[], None], *, amounts: dict[str, int] | None) -> None:
        """
        Stop everybody, put a backup back, and have it noticed, or say it.

        Args:
            back: Puts the backup back.
            amounts: What the host's own database had; ``None``: it is another one, and stays.
        """
        ids = self.office.ids
        former = self.peek.entries(ids)
        self.scheduler.stop_all()
        back()
        known = self.peek.restore()
        store = self.store()
        noticed = store.restore()
        if (noticed.number if noticed else 0) == (known.number if known else 0):
            store.record_restore("The backup was put in the place of the database.")
        self.restored_at = self.scheduler.now
        self.settled_at = self.scheduler.after(_SETTLED)
        if amounts is not None:
            self.office.amounts.update(amounts)
        entries = self.peek.entries(ids)
        self.set_back |= {
            entry.id for entry, there in zip(entries, former, strict=True) if entry != there
        }
        for paper in (paper for key in self.set_back for paper in self.papers_of(key)):
            if paper.request is not None and paper.number != paper.request.number:
                self.renumbered.add(paper.request.document.invoice_id)
        self.witness.forget(call.key.text for entry in entries for call in entry.calls)

    def store(self) -> Store:
        """Open the store for a new process."""
        return self._open()

    def connection_of(self, invoice_id: str) -> str:
        """Return where an invoice is sent: the second one to the second connection, if any."""
        names = list(self.networks)
        return names[-1] if invoice_id == "2" else names[0]

    def papers_for(self, entry: QueueEntry) -> list[Paper]:
        """Return every document that was made for an invoice, or is on record as its own."""
        network = self.networks.get(entry.connection or "")
        known = {held.receipt.erp_id for held in entry.holdings}
        adopted = [
            paper
            for paper in (network.books.papers.values() if network else ())
            if paper.request is None and paper.id in known
        ]
        return [*self.papers_of(entry.id), *adopted]

    def papers_of(self, invoice_id: str | None) -> list[Paper]:
        """Return every document that was ever made for an invoice."""
        return [
            paper
            for network in self.networks.values()
            for paper in network.books.papers.values()
            if paper.entry_id == invoice_id
        ]
