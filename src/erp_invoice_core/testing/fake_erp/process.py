"""The process of the fake ERP, as a test starts and queries it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Self

import attrs

from .http_adapter import ErpUrl
from .http_server import Chances, ReceivedRequest, RequestFault
from .ledger import ErpDocument
from .promises import Row
from .quirk_set import PLAIN, QuirkSet

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal
    from types import TracebackType

_MODULE = "erp_invoice_core.testing.fake_erp"


@attrs.frozen
class ErpReport:
    """A report of the fake: its bills, removed ones too, and its requests, oldest first."""

    bills: tuple[ErpDocument, ...]
    requests: tuple[ReceivedRequest, ...]

    @property
    def is_quiet(self) -> bool:
        """Return whether the fake is done with every request: it will carry out and answer none."""
        return not any(request.is_open for request in self.requests)

    @property
    def existing(self) -> list[ErpDocument]:
        """The bills that were not removed."""
        return [bill for bill in self.bills if bill.exists]

    def count(self, kind: str) -> int:
        """Return the number of requests of a kind."""
        return sum(request.kind == kind for request in self.requests)


class ErpProcess:
    """
    A fake ERP in its own process, which runs until it is closed, or its parent process has ended.

    Args:
        row: The row of the promise table by which it behaves.
        seed: The seed of its faults.
        latency: Seconds before a write is carried out, and as many before its answer.
        chances: The probabilities of its faults.
        quirks: Its quirks.
    """

    def __init__(
        self,
        row: Row = Row.BOUNDLESS,
        *,
        seed: int = 0,
        latency: float = 0.0,
        chances: Chances | None = None,
        quirks: QuirkSet = PLAIN,
    ) -> None:
        given = {"row": row.value, "seed": seed, "latency": latency}
        given |= attrs.asdict(chances or Chances())
        words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
        words += [word for text in quirks.list_texts() for word in ("--quirk", text)]
        self._process = subprocess.Popen(  # noqa: S603 - our own module, with figures
            [sys.executable, "-m", _MODULE, *words],
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

    def plan(self, on: str, fault: RequestFault) -> None:
        """Plan the fault of the next request of a kind (``create``, ``post``, ``withdraw``)."""
        ErpUrl(self.url).ask("plan", {"on": on, "do": fault.value})

    def release(self) -> None:
        """Release all held requests."""
        ErpUrl(self.url).ask("release_held", {})

    def calm(self) -> None:
        """Release all held requests, and inject no more faults."""
        ErpUrl(self.url).ask("calm", {})

    def pay(
        self,
        erp_id: str,
        amount: Decimal,
        day: date,
        *,
        reference: str | None = None,
        method: str = "check",
    ) -> str:
        """Pay a bill, as an accountant does in the ERP; return the id of the payment."""
        asked = {"id": erp_id, "amount": str(amount), "date": day.isoformat()}
        answer = ErpUrl(self.url).ask("pay", {**asked, "reference": reference, "method": method})
        return str(answer["payment"])

    def void_payment(self, erp_id: str, payment_id: str) -> None:
        """Void a payment of a bill."""
        ErpUrl(self.url).ask("void_payment", {"id": erp_id, "payment": payment_id})

    def void(self, erp_id: str) -> None:
        """Void a bill, as a person does in the ERP."""
        ErpUrl(self.url).ask("void", {"id": erp_id})

    def report(self) -> ErpReport:
        """Return the bills and the requests of the fake."""
        return fetch_report(self.url)


def count_requests(url: str) -> int:
    """Return the number of requests to the fake at a URL."""
    return int(ErpUrl(url).ask("count", {})["requests"])


def fetch_report(url: str) -> ErpReport:
    """Return the bills and the requests of the fake at a URL."""
    answer = ErpUrl(url).ask("report", {})
    return ErpReport(
        tuple(ErpDocument(**bill) for bill in answer["bills"].values()),
        tuple(ReceivedRequest(**request) for request in answer["requests"]),
    )
