"""A store that stays unavailable is logged, shown, and ends the worker after a limit."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import ExportStatus, MemoryStore, StoreBusy
from tests.worker.harness import Office
from tests.worker.scripted_erp import Scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.stores import WorkTransaction


class AwayStore(MemoryStore):
    """A store that is unavailable for a number of transactions of workers."""

    def __init__(self) -> None:
        super().__init__()
        self.away = 0

    @contextmanager
    def work(self) -> Iterator[WorkTransaction]:
        """Open the worker's port, or fail."""
        if self.away:
            self.away -= 1
            raise StoreBusy("Others hold it.")
        with super().work() as transaction:
            yield transaction


def test_a_store_that_stays_away_is_logged_every_minute(caplog: pytest.LogCaptureFixture) -> None:
    """The first failure and one a minute are errors; the log also says when it is back."""
    store = AwayStore()
    office, stop = Office(plugin=Scripted(), store=store), Event()
    office.accept("5000")
    store.away = 300
    seen: list[float | None] = []

    def sleep(seconds: float) -> None:
        office.clock.advance(seconds)
        seen.append(office.worker.store_unavailable_for)
        if office.status() is ExportStatus.SYNCED:
            stop.set()

    object.__setattr__(office.worker._context, "sleep", sleep)
    with caplog.at_level(logging.INFO, "erp_invoice_core.worker"):
        office.worker.run(stop)

    errors = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
    # 300 pauses of half a second to a second at random; here a second each.
    assert (
        "The store has been unavailable for 0 seconds (StoreBusy); it is tried again." == errors[0]
    )
    assert 5 == len(errors)
    assert any("available again after" in one.getMessage() for one in caplog.records)
    assert max(one for one in seen if one is not None) > 200
    assert None is office.worker.store_unavailable_for


def test_a_limit_ends_the_worker_with_what_the_store_raised() -> None:
    """After a minute without its store the worker raises the error of the store."""
    store = AwayStore()
    office = Office(plugin=Scripted(), store=store)
    store.away = 10_000
    with pytest.raises(StoreBusy):
        office.worker.run(Event(), store_limit=60.0)
    assert 60 <= (office.worker.store_unavailable_for or 0) < 62
