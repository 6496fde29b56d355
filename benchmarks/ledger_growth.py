"""Line 4j: an append to the Beancount ledger, as the ledger becomes longer."""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from erp_invoice_core.adapters.beancount.ledger import Ledger

from .cost import CPU, time_work
from .ratio import at_most, contest

if TYPE_CHECKING:
    from .cost import Cost
    from .effort import Effort
    from .ratio import LineResult

APPENDS = 10
#: Longer than the time for which the adapter does not trust a new file.
_SETTLES = 2.5
_ENTRY = """\
2026-10-31 * "Acme Steel" "Invoice ACME-{number}"
  number: "ACME-{number}"
  Expenses:JOB-9:C05-120      1000.00 USD
  Liabilities:RetainagePayable:V-ACME      -100.00 USD
  Liabilities:AccountsPayable:V-ACME      -900.00 USD

"""


def _open(folder: Path, megabytes: float) -> Ledger:
    """Return a ledger of that length, read once, as a new process reads it."""
    path = folder / f"{megabytes:g}.beancount"
    entries = round(megabytes * 1_000_000 / len(_ENTRY))
    with path.open("w") as file:
        file.writelines(_ENTRY.format(number=number) for number in range(entries))
    # A file that was written in the last two seconds may be written again with the same time, so
    # that its contents are not kept. The ledger of a company is older.
    time.sleep(_SETTLES)
    ledger = Ledger(path)
    with ledger.open():
        pass
    return ledger


def _append(ledger: Ledger) -> Cost:
    def work() -> None:
        for number in range(APPENDS):
            with ledger.open() as opened:
                opened.append(_ENTRY.format(number=f"new-{number}"))

    return time_work(work, APPENDS)


def measure(effort: Effort) -> list[LineResult]:
    """Compare appends to a long ledger with those to an empty one, within one process."""
    megabytes = effort.choose(40, 8)
    with tempfile.TemporaryDirectory() as name:
        long, empty = (_open(Path(name), length) for length in (megabytes, 0))
        return contest(
            "4j",
            f"append to a ledger of {megabytes} MB",
            partial(_append, long),
            {"an empty ledger": (partial(_append, empty), at_most(1.3))},
            rounds=effort.rounds(11),
            judged=(CPU,),
        )


LINES = {"4j": measure}
