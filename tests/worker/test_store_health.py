"""A store that stays unavailable is logged, shown, and ends the worker after a limit."""

from __future__ import annotations

import logging
from threading import Event
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import ExportStatus, MemoryStore, StoreBusy
from tests.worker.harness import WorkerHarness
from tests.worker.scripted_erp import ScriptedErp

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from erp_invoice_core.documents import QueueEntry


class UnavailableStore(MemoryStore):
    """A store that is unavailable for a number of looks of workers."""

    def __init__(self) -> None:
        super().__init__()
        self.away = 0

    def find_due_entries(
        self, at: datetime, connections: Collection[str], limit: int
    ) -> Sequence[QueueEntry]:
        """Return the due entries, or fail."""
        if self.away:
            self.away -= 1
            raise StoreBusy("Others hold it.")
        return super().find_due_entries(at, connections, limit)


def test_a_store_that_stays_away_is_logged_every_minute(caplog: pytest.LogCaptureFixture) -> None:
    """The first failure and one a minute are errors; the log also says when it is back."""
    store = UnavailableStore()
    harness, stop = WorkerHarness(plugin=ScriptedErp(), store=store), Event()
    harness.accept("5000")
    store.away = 300
    seen: list[float | None] = []

    def sleep(seconds: float) -> None:
        harness.clock.advance(seconds)
        seen.append(harness.worker.store_unavailable_for)
        if harness.get_status() is ExportStatus.SYNCED:
            stop.set()

    object.__setattr__(harness.worker._context, "sleep", sleep)
    with caplog.at_level(logging.INFO, "erp_invoice_core.worker"):
        harness.worker.run(stop)

    errors = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    # 300 pauses of half a second to a second at random; here a second each.
    assert (
        "The store has been unavailable for 0 seconds (StoreBusy). The worker tries again."
        == errors[0]
    )
    assert 5 == len(errors)
    assert any("available again after" in one.getMessage() for one in caplog.records)
    assert max(one for one in seen if one is not None) > 200
    assert None is harness.worker.store_unavailable_for


def test_a_limit_ends_the_worker_with_what_the_store_raised() -> None:
    """After a minute without its store the worker raises the error of the store."""
    store = UnavailableStore()
    harness = WorkerHarness(plugin=ScriptedErp(), store=store)
    store.away = 10_000
    with pytest.raises(StoreBusy):
        harness.worker.run(Event(), store_limit=60.0)
    assert 60 <= (harness.worker.store_unavailable_for or 0) < 62
