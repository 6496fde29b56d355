"""Several ERPs at once, each with its own behaviour, and a company that sends to all of them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import ExportQueue, ExportStatus, MemoryStore
from erp_invoice_core import adapters as erp
from tests.worker.harness import APPROVER, SENDER, Host, build_document, check_allowed
from tests.worker.scripted_erp import TERMS, build_declaration, build_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from erp_invoice_core.stores import Store

__all__ = ["PacedErp", "SeveralErpsHarness"]


@attrs.define(eq=False)
class PacedErp:
    """
    An ERP that makes a bill of every write; its connection is named after its key.

    Attributes:
        seconds: How long each write takes.
        hangs: Writes wait until this is set; once one has begun, ``begun`` is set.
        together: Writes wait until this number of them run at once.
        is_down: Nothing can connect to it.
        poison: Other answers for some invoices, by id.
        most: The largest number of writes that ran at once.
    """

    key: str
    seconds: float = 0.0
    hangs: threading.Event | None = None
    together: threading.Barrier | None = None
    is_down: bool = False
    terms: erp.StepTerms = TERMS
    poison: Mapping[str, Callable[[], object]] = attrs.Factory(dict)
    begun: threading.Event = attrs.Factory(threading.Event)
    written: list[str] = attrs.Factory(list)
    connects: int = 0
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = attrs.Factory(threading.Lock)

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration."""
        made = build_declaration(
            self.terms, withdraw=erp.WithdrawForm.IMPOSSIBLE, unlink=erp.UnlinkForm.FREE
        )
        return attrs.evolve(made, key=self.key, name=self.key.title())

    @erp.hookimpl
    def erp_connect(self) -> object:
        """Connect, or raise an error if the ERP is down."""
        self.connects += 1
        if self.is_down:
            raise ConnectionRefusedError(self.key)
        return object()

    @erp.hookimpl
    def erp_find(self, request: erp.ExportRequest) -> erp.Sighting:
        """Find nothing."""
        return erp.Absent(request.deadline)

    @erp.hookimpl
    def erp_write(self, request: erp.ExportRequest, step: erp.Step) -> object:
        """Make a bill, after the configured time."""
        if request.document.invoice_id in self.poison:
            return self.poison[request.document.invoice_id]()
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.written.append(request.document.invoice_id)
            number = len(self.written)
        self.begun.set()
        time.sleep(self.seconds)
        if self.hangs is not None:
            self.hangs.wait(30)
        if self.together is not None:
            self.together.wait(30)
        with self._lock:
            self._now -= 1
        return erp.Done(build_receipt(f"{self.key}-{number}", step.name, step.role))


class SeveralErpsHarness:
    """A queue to several ERPs."""

    def __init__(self, *erps: PacedErp, store: Store | None = None) -> None:
        self.host = Host()
        self.store = store or MemoryStore()
        adapters = erp.Adapters(*erps)
        assert () == adapters.problems
        self.adapters = adapters
        self.queue = ExportQueue(self.store, adapters, self.host)

    def accept(self, key: str, count: int) -> list[str]:
        """Have a number of invoices accepted for an ERP; return their ids."""
        ids = [f"{key}-{number:03}" for number in range(count)]
        self.host.add(*map(build_document, ids))
        check_allowed(self.queue.send(ids, SENDER, connection=key))
        check_allowed(self.queue.accept(ids, APPROVER))
        return ids

    def read_statuses(self, ids: Sequence[str]) -> set[ExportStatus]:
        """Return the statuses of these invoices."""
        return {entry.status for entry in self.queue.entries(ids)}

    def wait_for_status(self, ids: Sequence[str], status: ExportStatus, within: float) -> None:
        """Wait until all of these have a status."""
        begun = time.monotonic()
        while self.read_statuses(ids) != {status}:
            assert time.monotonic() - begun < within, self.read_statuses(ids)
            time.sleep(0.005)

    def wait_until_synced(self, ids: Sequence[str], within: float) -> None:
        """Wait until all of these are synced."""
        self.wait_for_status(ids, ExportStatus.SYNCED, within)
