"""Heartbeat of a claim: renews the lease during a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..adapters.callers import TookTooLong
from ..flow import renew
from ..stores import StoreError
from .commits import has_lease

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from ..events import AuditEvent
    from ..stores import Store
    from .shutdown import ShutdownSignal


@attrs.define(kw_only=True)
class Heartbeat:
    """
    Renews the lease of one claim.

    Attributes:
        store: The store of the entry.
        clock: Returns the current time (UTC).
        observe: Called with the event of each renewal.
        steady: Returns monotonic seconds.
        lease: The duration of a renewed lease.
        cadence: The interval of renewals, in seconds.
        entry_id: The entry.
        fencing: The fencing token of the claim, so that no other claim's lease is renewed.
        shutdown: The shutdown request; after its grace period the worker abandons the call.
    """

    store: Store
    clock: Callable[[], datetime]
    observe: Callable[[AuditEvent], None]
    steady: Callable[[], float]
    lease: timedelta
    cadence: float
    entry_id: str
    fencing: int
    shutdown: ShutdownSignal
    _renewed_at: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.note_renewal()

    def note_renewal(self) -> None:
        """Record that the lease was renewed now."""
        self._renewed_at = self.steady()

    def beat(self) -> None:
        """
        Renew the lease if ``cadence`` seconds have passed since its last renewal.

        Raises:
            TookTooLong: A shutdown was requested, and its grace period is over.
        """
        if self.shutdown.check_grace():
            raise TookTooLong
        if self.steady() - self._renewed_at >= self.cadence:
            self._renew()

    def _renew(self) -> None:
        self.note_renewal()
        try:
            with self.store.work() as transaction:
                entry = transaction.entries([self.entry_id])[self.entry_id]
                if not has_lease(entry, self.fencing):
                    return
                change = renew(entry, at=self.clock(), lease=self.lease)
                transaction.save(change)
        except (
            StoreError
        ):  # the next beat tries again; after an expired lease the entry is looked up
            return
        self.observe(change.event)
