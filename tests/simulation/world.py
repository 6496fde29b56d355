"""The parts of one run: time, fake ERPs, the host, a store, and the processes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from erp_invoice_core.adapters import Connection, Connections
from erp_invoice_core.queue import ExportQueue

from .decisions import Decisions, menu
from .erp_plugin import LoadedAdapters, load_adapter
from .erp_traits import Row, Traits, draw_traits
from .host import POLICIES, Host
from .network import Network
from .process import START
from .recorder import Recorder
from .scheduler import Scheduler
from .simulated_store import SimulatedStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.stores import Store
    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument

    from .faults import Fault
    from .process import Process
    from .stores import Opener

_CONNECTIONS = menu((4, 1), (1, 2))
_POLICY = menu((4, 0), (1, 1), (2, 2))
_POISON = menu((14, None), (1, "1"))
#: The time after which requests are carried out and can be found (seconds).
_SETTLED = 700.0
_NAMES = ("simulated_a", "simulated_b")


class World:
    """
    The state of one run.

    Attributes:
        counts: Number of faults of each kind.
        networks: The network to each fake ERP, by connection.
        twice: Pairs of an older and a younger document with the same role.
        ruled: Entries of which a person resolved absence without a declared bound, or before it
            was over after a restore.
        renumbered: Entries whose document was renumbered in the ERP while it was in doubt.
        gone: Connections whose adapter was uninstalled.
        less: Connections whose adapter declares less than the ERP does.
        peek: The store, read outside of any process.
        recorder: The record of requests, answers and documents.
        edited: Edits of an invoice that had a document in the ERP: invoice, document.
        forgotten: Commands that had their effect and were denied when repeated: invoice, command.
        crashed: Unexpected errors of our code, as texts.
        holders: The process of each worker, by the worker's name.
        restored_at: When the database was restored last (UTC).
        settled_at: When every request from before that is over, if a bound is declared (UTC).
        damaged: Entries whose row could not be read for a while.
        set_back: Entries that a restore took back to an earlier state, or out of the database.
    """

    def __init__(
        self, decisions: Decisions, store: Opener, *, limit: int, traits: Traits | None
    ) -> None:
        """Draw the parts of the run; ``store`` opens the store for a process."""
        self.decisions = decisions
        self.counts: Counter[Fault] = Counter()
        self.scheduler = Scheduler(decisions, self.counts, limit)
        self.networks: dict[str, Network] = {}
        self.twice: list[tuple[ErpDocument, ErpDocument]] = []
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
        self.recorder = Recorder(self.peek)
        for name in _NAMES[: decisions.choose(_CONNECTIONS)]:
            self.networks[name] = Network(
                name, self.scheduler, traits or draw_traits(decisions), self._note, self.recorder
            )
            self.networks[name].poisoned = decisions.choose(_POISON)
        self.host = Host(self.scheduler)
        self.host.policy = POLICIES[decisions.choose(_POLICY)]

    def _note(self, erp_document: ErpDocument) -> None:
        """Note a document if another of its entry, generation and role exists."""
        for other in self.documents_of(erp_document.invoice_id):
            if (
                other is not erp_document
                and other.exists
                and (other.generation, other.role) == (erp_document.generation, erp_document.role)
            ):
                self.twice.append((other, erp_document))
        for network in self.networks.values():
            documents = network.ledger.documents
            if documents.get(erp_document.id) is erp_document:
                scope = network.traits.per_commitment
                self.recorder.makes(erp_document, documents.values(), per_commitment=scope)

    @property
    def rows(self) -> set[Row]:
        """The rows of the promise table that the ERPs of this run have."""
        return {network.traits.row for network in self.networks.values()}

    def connections(self) -> Connections:
        """Return the company's current connections: adapters may be gone, or swapped."""
        state = (frozenset(self.gone), frozenset(self.less))
        if state not in self._connections:
            self._connections[state] = self._connect()
        return self._connections[state]

    def _connect(self) -> Connections:
        there = []
        for name, network in self.networks.items():
            if name not in self.gone:
                there.append(load_adapter(name, network, less=name in self.less))
        return Connections(
            LoadedAdapters(*there), [Connection(name, name) for name in self.networks]
        )

    def queue(self) -> ExportQueue:
        """Return a queue for a new process, with a store of its own."""
        store = SimulatedStore(self.store(), self.scheduler, lambda: self.restored_at)
        return ExportQueue(
            store, self.connections(), self.host.facts, self.host.policy, store.clock
        )

    def backup(self) -> Callable[[], None]:
        """Make a backup of the database, and return a function that restores it."""
        return self._open.backup()

    def damage(self, entry_id: str) -> Callable[[], None]:
        """Make the row of an entry unreadable, and return a function that puts it back."""
        return self._open.damage(entry_id)

    def restore(self, back: Callable[[], None], *, amounts: dict[str, int] | None) -> None:
        """
        Stop every process, restore a backup, and record the restore.

        Args:
            back: Restores the backup.
            amounts: The amounts in the host's backup; ``None``: its database is not restored.
        """
        ids = self.host.ids
        former = self.peek.entries(ids)
        self.scheduler.stop_all()
        back()
        known = self.peek.restore()
        store = self.store()
        find_bug = store.restore()
        if (find_bug.number if find_bug else 0) == (known.number if known else 0):
            store.record_restore("The backup was put in the place of the database.")
        self.restored_at = self.scheduler.now
        self.settled_at = self.scheduler.after(_SETTLED)
        if amounts is not None:
            self.host.amounts.update(amounts)
        entries = self.peek.entries(ids)
        self.set_back |= {
            entry.id for entry, there in zip(entries, former, strict=True) if entry != there
        }
        for erp_document in (
            erp_document for key in self.set_back for erp_document in self.documents_of(key)
        ):
            if erp_document.invoice_id and erp_document.number != erp_document.first_number:
                self.renumbered.add(erp_document.invoice_id)
        self.recorder.forget(call.key.text for entry in entries for call in entry.calls)

    def store(self) -> Store:
        """Open the store for a new process."""
        return self._open()

    def connection_of(self, invoice_id: str) -> str:
        """Return the connection of an invoice: the second one has the second connection, if any."""
        names = list(self.networks)
        return names[-1] if invoice_id == "2" else names[0]

    def documents_for(self, entry: QueueEntry) -> list[ErpDocument]:
        """Return every document that was made for an invoice, or that its entry knows."""
        network = self.networks.get(entry.connection or "")
        known = {held.receipt.erp_id for held in entry.holdings}
        adopted = [
            erp_document
            for erp_document in (network.ledger.documents.values() if network else ())
            if erp_document.key is None and erp_document.id in known
        ]
        return [*self.documents_of(entry.id), *adopted]

    def documents_of(self, invoice_id: str | None) -> list[ErpDocument]:
        """Return every document that was ever made for an invoice."""
        return [
            erp_document
            for network in self.networks.values()
            for erp_document in network.ledger.documents.values()
            if erp_document.invoice_id == invoice_id
        ]
