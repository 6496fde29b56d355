"""A moment of the host's clock that no store can keep is refused at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from erp_invoice_core import Adapters, ExportQueue, MemoryStore
from tests.worker.harness import NOON, SENDER, Host, build_document

EAST = timezone(timedelta(hours=14))


def queue(moment: object) -> ExportQueue:
    """Return a queue whose clock returns this value."""
    host = Host()
    host.add(build_document())
    clock: Any = lambda: moment  # noqa: E731 - a host may give anything
    return ExportQueue(MemoryStore(), Adapters(), host, clock=clock)


@pytest.mark.parametrize(
    ("moment", "error"),
    [
        (None, TypeError),
        (1.5, TypeError),
        (datetime(2026, 11, 2, 12), TypeError),  # noqa: DTZ001 - on purpose
        (datetime.min.replace(tzinfo=EAST), ValueError),
        (datetime.max.replace(tzinfo=UTC), ValueError),
    ],
)
def test_a_clock_without_a_moment_is_refused(moment: object, error: type[Exception]) -> None:
    """A moment without an offset, in a year out of range, or another type: nothing is stored."""
    asked = queue(moment)
    with pytest.raises(error, match="The queue's clock"):
        asked.send(["5000"], SENDER, connection="erp")
    assert [] == list(asked.entries())


def test_a_clock_with_a_moment_is_used() -> None:
    """The queue uses a moment with an offset."""
    assert NOON == queue(NOON).clock()


@pytest.mark.parametrize(("year", "is_taken"), [(1970, False), (1971, True), (2199, True)])
def test_a_clock_returns_a_year_in_range(year: int, is_taken: bool) -> None:
    """From 1971 to 2199: an offset moves no moment of these years out of a store's range."""
    asked = queue(datetime(year, 7, 1, tzinfo=UTC))
    if is_taken:
        assert year == asked.clock().year
        return
    with pytest.raises(ValueError, match="Set it to the current time"):
        asked.clock()
