"""The process of the fake ERP, as a test starts and queries it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Self

import attrs

from .http_adapter import Line
from .http_server import Bill, Chances, Fate, Request

if TYPE_CHECKING:
    from types import TracebackType

    from .promises import Row

_MODULE = "erp_invoice_core.testing.fake_erp"


@attrs.frozen
class ErpReport:
    """What the fake knows: its bills, removed ones too, and each request, oldest first."""

    bills: tuple[Bill, ...]
    requests: tuple[Request, ...]

    @property
    def is_quiet(self) -> bool:
        """Return whether no request can still be carried out."""
        return not any(request.is_open for request in self.requests)

    @property
    def living(self) -> list[Bill]:
        """The bills that were not removed."""
        return [bill for bill in self.bills if bill.state != "removed"]

    def count(self, kind: str) -> int:
        """Return how many requests of a kind were heard."""
        return sum(request.kind == kind for request in self.requests)


class ErpProcess:
    """
    A fake ERP that runs until this is closed, or the process that made it has ended.

    Args:
        row: The row of the promise table that it keeps to.
        seed: Of its chance.
        latency: Seconds before a write is carried out, and as many before its answer.
        chances: How often it is late, loses an answer or drops a request.
    """

    def __init__(
        self, row: Row, *, seed: int = 0, latency: float = 0.0, chances: Chances | None = None
    ) -> None:
        given = {"row": row.value, "seed": seed, "latency": latency}
        given |= attrs.asdict(chances or Chances())
        said = [word for name, value in given.items() for word in (f"--{name}", str(value))]
        self._process = subprocess.Popen(  # noqa: S603 - our own module, with figures
            [sys.executable, "-m", _MODULE, *said],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def plan(self, on: str, fate: Fate) -> None:
        """Have the next request of a kind (``create``, ``post``, ``withdraw``) meet a fate."""
        Line(self.url).ask("plan", {"on": on, "do": fate.value})

    def release(self) -> None:
        """Let go all that is held."""
        Line(self.url).ask("release", {})

    def calm(self) -> None:
        """Let go all that is held, and have no more faults."""
        Line(self.url).ask("calm", {})

    def heard(self) -> ErpReport:
        """Return all that the fake knows."""
        return fetch_report(self.url)


def count_requests(url: str) -> int:
    """Return how many requests the fake at a URL has heard."""
    return int(Line(url).ask("count", {})["requests"])


def fetch_report(url: str) -> ErpReport:
    """Return all that the fake at a URL knows."""
    answer = Line(url).ask("told", {})
    return ErpReport(
        tuple(Bill(**bill) for bill in answer["bills"].values()),
        tuple(Request(**request) for request in answer["requests"]),
    )
