"""The heartbeat of a claim: its lease is renewed as long as a call is waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..flow import renew
from ..stores import StoreError
from .calling import TookTooLong
from .committing import holds

if TYPE_CHECKING:
    from .means import Means
    from .stopping import Stopping

__all__ = ["Heart"]


@attrs.define
class Heart:
    """
    Beats for one claim of an entry.

    Attributes:
        fencing: The claim's number: what another claim holds is not renewed.
    """

    means: Means
    entry_id: str
    fencing: int
    stopping: Stopping
    _renewed: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.renewed()

    def renewed(self) -> None:
        """Note that the lease holds anew, from now on."""
        self._renewed = self.means.steady()

    def beat(self) -> None:
        """
        Say that a call is still waited for: the lease is renewed when a third of it is over.

        Raises:
            TookTooLong: A stop was asked for, and its time of grace is over.
        """
        if self.stopping.is_over:
            raise TookTooLong
        if self.means.steady() - self._renewed >= self.means.cadence:
            self._renew()

    def _renew(self) -> None:
        self.renewed()
        queue = self.means.queue
        try:
            with queue.store.work() as transaction:
                entry = transaction.entries([self.entry_id])[self.entry_id]
                if not holds(entry, self.fencing):
                    return
                change = renew(entry, at=queue.clock(), lease=self.means.lease)
                transaction.save(change)
        except StoreError:  # the next beat tries again; what is lost meanwhile is looked up
            return
        queue.observe(change.event)
