"""A claimed entry: whose it is, what is known of its ERP, changes that only its holder makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import QueueEntry
from ..flow import release, request_of
from ..vocabulary import ExportStatus
from .committing import commit, holds
from .lost import Lost
from .taken import taken_by_others

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from ..adapters import Adapter
    from ..declaration import Declaration
    from ..events import Change
    from ..exchange import ExportRequest, Found
    from ..flow import Patience
    from ..queue import ExportQueue
    from .line import Line
    from .means import Means
    from .pace import Gate
    from .stopping import Stopping

__all__ = ["Held"]


@attrs.define(kw_only=True)
class Held:
    """
    An entry in a worker's hands.

    Attributes:
        entry: As it stood after the last commit.
        fencing: The number of this claim.
        plugin: The adapter itself.
        line: The way to its ERP.
    """

    means: Means
    entry: QueueEntry
    fencing: int
    plugin: Adapter
    line: Line
    stopping: Stopping

    @property
    def id(self) -> str:
        """The invoice's id."""
        return self.entry.id

    @property
    def connection(self) -> str:
        """The name of its connection."""
        return self.entry.connection or ""

    @property
    def queue(self) -> ExportQueue:
        """The queue that it is in."""
        return self.means.queue

    @property
    def lease(self) -> timedelta:
        """For how long a claim, and each start, holds."""
        return self.means.lease

    @property
    def erp(self) -> Declaration:
        """What the ERP declares."""
        return self.plugin.declaration

    @property
    def gate(self) -> Gate:
        """What is known of the ERP's health."""
        return self.means.gate(self.connection)

    @property
    def may_return(self) -> bool:
        """Whether a stop was asked for, and the entry can be given back as it is."""
        repeats = self.entry.status is ExportStatus.EXPORTING and bool(self.entry.in_doubt)
        return self.stopping.is_asked and not repeats

    @property
    def patience(self) -> Patience:
        """For how long it is tried before a person is asked."""
        return self.means.patience_of(self.connection)

    def now(self) -> datetime:
        """Return the moment (UTC)."""
        return self.queue.clock()

    def chance(self) -> float:
        """Return a number from 0 to 1."""
        return self.means.chance()

    def request(self, deadline: datetime) -> ExportRequest:
        """Return what the adapter is asked, to be handed over before the deadline (UTC)."""
        here = self.means.wall() + (deadline - self.now())
        return request_of(self.entry, self.erp, here, self.queue.content)

    def taken(self, found: Sequence[Found]) -> set[str]:
        """Return the ERP ids of those that are, or may be, of others."""
        if not found:
            return set()
        with self.queue.store.work() as transaction:
            return taken_by_others(transaction, self.entry, self.erp, found)

    def reconnect(self) -> None:
        """Have the next call on this line open a session anew: this one may be broken."""
        self.line.drop()

    def commit(self, make: Callable[[QueueEntry], Change]) -> None:
        """
        Commit a change of the entry as it stands.

        Raises:
            Lost: The lease is another's by now; nothing was changed.
        """

        def fenced(entry: QueueEntry) -> Change:
            if not holds(entry, self.fencing):
                raise Lost
            return make(entry)

        self.entry = commit(self.queue.store, self.entry.id, fenced, self.queue.observe)

    def give_back(self) -> None:
        """
        Commit that the entry is handed back as it is.

        Raises:
            Lost: The lease is another's by now.
        """
        why = "The worker was asked to stop."
        self.commit(lambda entry: release(entry, at=self.now(), why=why))
