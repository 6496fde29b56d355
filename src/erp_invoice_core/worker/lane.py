"""One lane of a worker: takes what is due, one entry after the other, and sees to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..exchange import Deferred
from ..flow import hand_back, is_resting, postpone
from ..stores import CommitUnknown, EntryUnreadable, StoreBusy, StoreError
from ..vocabulary import ExportStatus
from .calling import nothing
from .connecting import connected
from .exporting import export
from .fusing import Fusing
from .job import Job, Lost
from .line import Line
from .log import log_claim, log_lost
from .looking import look_up
from .set_aside import OF_ONE_ENTRY, set_aside
from .taking import take
from .turns import Turns
from .watching import look_for_late
from .withdrawing import withdraw

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..documents import QueueEntry
    from ..events import Change
    from .means import Means
    from .onward import Taken
    from .stopping import Stopping

__all__ = ["Lane"]


@attrs.define
class Lane:
    """
    One thing at a time, for some connections in turns; its lines are its own.

    Attributes:
        stopping: Whether to begin anything new.
        taken: How many entries it has taken.
        turns: Of its connections.
        spread: Among how many of the first it chooses the next one: more, where others are faster.
    """

    means: Means
    stopping: Stopping
    taken: int = 0
    spread: int = 1
    turns: Turns = attrs.Factory(lambda self: Turns(self.means), takes_self=True)
    _lines: dict[str, Line] = attrs.Factory(dict)
    _scouts: dict[str, Line] = attrs.Factory(dict)

    def line(self, name: str) -> Line:
        """Return the line to a connection's ERP."""
        return self._lines.setdefault(name, Line(self.means.calls))

    def scout(self, name: str) -> Line:
        """Return a second line to a connection's adapter, for what it answers without the ERP."""
        return self._scouts.setdefault(name, Line(self.means.calls))

    def close(self) -> None:
        """Let every line go."""
        for line in (*self._lines.values(), *self._scouts.values()):
            line.close()

    def drain(
        self,
        names: Collection[str],
        goes_on: Callable[[], bool],
        touched: Callable[[QueueEntry], None],
    ) -> None:
        """
        Work until nothing is due, or nothing more may be claimed now.

        Args:
            names: The connections, each in its turn.
            goes_on: Whether to take another entry.
            touched: Told each entry that was taken and not only watched.
        """
        fusing = Fusing(lane=self, names=names, goes_on=goes_on)
        while True:
            taken = fusing.next() or (self._next(names) if goes_on() else None)
            if taken is None:
                return
            self.turns.served(taken.entry.connection)
            self.taken += 1
            if not is_resting(taken.entry):
                touched(taken.entry)
            self._work(taken, fusing)

    def held(self) -> float | None:
        """
        Return for how many seconds rates keep it from something that is due.

        ``None``: nothing that is was passed over by its last look, or it was asked to stop.

        Raises:
            StoreBusy: Others held the store for too long.
        """
        return None if self.stopping.is_asked else self.turns.held()

    def _next(self, names: Collection[str]) -> Taken | None:
        tried = [name for name in names if self.means.gate(name).tries()]
        reached = [name for name in tried if self._reaches(name)]
        taken = None
        try:
            taken = take(self.means, [*self.turns.of(names), *reached])
        finally:
            for name in tried:
                if taken is None or taken.entry.connection != name:
                    self.means.gate(name).untried()
        return taken

    def _reaches(self, name: str) -> bool:
        """Whether an ERP that did not answer lets us in again: no entry is at stake."""
        adapter = self.means.queue.lines.adapter(name)
        if adapter is None:
            return False
        line, every = self.line(name), self.means.cadence
        line.drop()
        opened = connected(self.means, line, name, adapter, every=every, beat=nothing)
        return not isinstance(opened, Deferred)

    def _work(self, taken: Taken, fusing: Fusing) -> None:
        entry, name = taken.entry, taken.entry.connection
        plugin = self.means.queue.lines.adapter(name)
        if plugin is None or name is None or not (taken.is_ours or is_resting(entry)):
            return
        job = Job(
            means=self.means,
            entry=entry,
            fencing=entry.fencing,
            plugin=plugin,
            line=self.line(name),
            stopping=self.stopping,
            is_started=taken.is_started,
        )
        log_claim(job)
        try:
            self._do(job, fusing)
        except EntryUnreadable:  # it is set aside until its row is restored
            return
        except (
            Lost,
            CommitUnknown,
            StoreBusy,
        ) as error:  # its lease runs out, then it is looked up
            log_lost(job, error)
        except StoreError as error:
            if not isinstance(error, OF_ONE_ENTRY):
                raise
            set_aside(job, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, other entries go on
            set_aside(job, error)
        finally:
            self.means.gate(name).untried()

    def _do(self, job: Job, fusing: Fusing) -> None:
        if job.may_return and not is_resting(job.entry):
            job.give_back()
            return
        if is_resting(job.entry):
            look_for_late(job)
            return
        session = job.session
        if isinstance(session, Deferred) and not job.is_started:
            _unreachable(job, session)
        elif job.entry.status is ExportStatus.EXPORTING:
            export(self.means.queue, job, fusing)
        elif job.entry.status is ExportStatus.UNKNOWN:
            look_up(job)
        else:
            withdraw(job)


def _unreachable(job: Job, why: Deferred) -> None:
    """Nothing was sent: later again."""
    facts, chance = {"why": why.why}, job.chance()

    def make(entry: QueueEntry) -> Change:
        at = job.now()
        if entry.status is ExportStatus.EXPORTING:
            return hand_back(
                entry,
                at=at,
                erp=job.erp,
                until=why.until,
                needs_person=why.needs_person,
                facts=facts,
                chance=chance,
                patience=job.patience,
            )
        return postpone(
            entry, at=at, facts=facts, needs_person=why.needs_person, patience=job.patience
        )

    job.commit(make)
