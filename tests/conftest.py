"""What every run of the tests tells at its end: how much the searches have seen."""

from __future__ import annotations

import signal
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter

#: Counts that tests record, each by the name of what is counted.
_COUNTED = ("worlds", "moves")


def pytest_configure() -> None:
    """Listen to Ctrl-C: what a shell starts in the background, and its children, do not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the sums of what tests have counted, whichever process they ran in."""
    sums: Counter[str] = Counter()
    searches = 0
    for report in terminalreporter.getreports("passed"):
        counts = {name: number for name, number in report.user_properties if name in _COUNTED}
        sums.update({name: int(str(number)) for name, number in counts.items()})
        searches += bool(counts)
    if searches:
        told = ", ".join(f"{sums[name]:,} {name}" for name in _COUNTED)
        terminalreporter.write_line(f"{searches} searches over the moves: {told}")
