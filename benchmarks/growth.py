"""Lines 4i and 4k: the cost of a claim and of a page as records become more and larger."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from .contestant import Actor, Kind
from .cost import CPU, STEPS, Cost
from .counting_records import PAGE
from .ratio import LineResult, at_most, contest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .effort import Effort

KIND = Kind(entry="counting_records:CountingRecords")
JOBS = 10
JUDGED = (STEPS, CPU)


@attrs.frozen(kw_only=True)
class Size:
    """
    The size of a database of loaded invoices.

    Attributes:
        invoices: The number of invoices.
        lines: The lines of each.
        siblings: The invoices of each commitment.
    """

    invoices: int
    lines: int = 5
    siblings: int = 1


@attrs.define
class Site:
    """A folder with a database of that size, and the processes that work on it."""

    folder: Path
    sender: Actor
    worker: Actor
    ready: int = 0

    def make_ready(self, count: int) -> None:
        """Send and accept that number of further invoices."""
        for call in ("send", "accept"):
            self.sender.do(call, first=self.ready, count=count, batch=count)
        self.ready += count

    def export(self) -> Cost:
        """Export a few, and a few more whose steps are counted; return the cost of each."""
        self.make_ready(2 * JOBS)
        counted = self.worker.do("count_export", jobs=JOBS)
        timed = self.worker.do("export", jobs=JOBS).per(JOBS)
        return Cost(timed.figures | {STEPS: counted.figures[STEPS]})


@contextmanager
def open_site(size: Size) -> Iterator[Site]:
    """Load a database, and start a sender and a worker."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        sender, worker = Actor(KIND, name), Actor(KIND, name)
        stack.callback(sender.close)
        stack.callback(worker.close)
        given = {"lines": size.lines, "siblings": size.siblings}
        sender.do("load", first=0, count=size.invoices, **given)
        yield Site(Path(name), sender, worker)


def measure_claims(effort: Effort) -> Iterator[LineResult]:
    """Line 4i."""
    rounds = effort.rounds(6)
    few = 2 * JOBS * (rounds + 1)
    # The last commitment is complete, so that each invoice has as many siblings.
    crowded = -(-few // 60) * 60
    pairs = [
        (
            Size(invoices=effort.choose(10_000, 2_000)),
            Size(invoices=max(100, few)),
            "invoices",
        ),
        (
            Size(invoices=crowded, siblings=60),
            Size(invoices=crowded),
            "siblings",
        ),
        (
            Size(invoices=few, lines=effort.choose(500, 100)),
            Size(invoices=few, lines=1),
            "lines",
        ),
    ]
    for large, small, what in pairs:
        with open_site(large) as heavy, open_site(small) as light:
            yield from contest(
                "4i",
                f"claim and record, {getattr(large, what):,} {what}",
                heavy.export,
                {f"{getattr(small, what):,} {what}": (light.export, at_most(1.3))},
                rounds=rounds,
                judged=JUDGED,
            )


def _read_cold(site: Site, call: str, **given: Any) -> Callable[[], Cost]:  # noqa: ANN401 - the arguments of the call
    """Return what reads a page in a new process, which has read nothing before."""

    def measure() -> Cost:
        figures: dict[str, float] = {}
        for asked in (f"count_{call}", f"{call}_page"):
            actor = Actor(KIND, str(site.folder))
            cost = actor.do(asked, **given)
            actor.close()
            timed = cost if asked.endswith("_page") else Cost({STEPS: cost.figures[STEPS]})
            figures |= timed.figures
        return Cost(figures)

    return measure


def measure_pages(effort: Effort) -> Iterator[LineResult]:
    """Line 4k: half of the page is sent and half of it is not."""
    pages = {}
    with ExitStack() as stack:
        for lines in (50, 1):
            site = stack.enter_context(open_site(Size(invoices=2 * PAGE, lines=lines)))
            site.make_ready(PAGE)
            pages[lines] = site
        works: dict[str, tuple[str, dict[str, int]]] = {
            "list": ("list", {}),
            "why_not": ("explain", {"first": PAGE // 2}),
        }
        for name, (call, given) in works.items():
            yield from contest(
                "4k",
                f"page of {PAGE}, {name}, 50 lines",
                _read_cold(pages[50], call, **given),
                {"1 line": (_read_cold(pages[1], call, **given), at_most(1.3))},
                rounds=effort.rounds(8),
                judged=JUDGED,
            )


LINES = {"4i": measure_claims, "4k": measure_pages}
