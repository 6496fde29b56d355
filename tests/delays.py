"""
Random waits between lines of the shell, each for the thread that runs the line.

A plug-in of pytest: ``pytest -p tests.delays --delays SEED tests/worker``. It finds code that
needs one line to follow another within a moment, which is not so on a slow machine.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import erp_invoice_core

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["Delays", "pytest_addoption", "pytest_runtest_call"]

_HERE = Path(erp_invoice_core.__file__).parent
_SLOWED = tuple(str(_HERE / name) for name in ("cli", "queue", "stores", "testing", "worker"))
_LINES = 500
_SECONDS = (0.002, 0.06, 0.12, 0.3)
_MOST = 60


@attrs.define
class Delays:
    """
    Delays for one test.

    Attributes:
        chance: One line in 500 waits, up to 0.3 s.
        left: The number of waits that are left.
    """

    chance: random.Random
    left: int = _MOST

    def trace_call(self, frame: FrameType, _event: str, _arg: object) -> Any:  # noqa: ANN401 - a trace function or none
        """Trace the lines of the slowed modules only."""
        return self.trace_line if frame.f_code.co_filename.startswith(_SLOWED) else None

    def trace_line(self, _frame: FrameType, event: str, _arg: object) -> Any:  # noqa: ANN401 - itself
        """Wait, at random."""
        if event == "line" and self.left > 0 and self.chance.randrange(_LINES) == 0:
            self.left -= 1
            time.sleep(self.chance.choice(_SECONDS) * self.chance.random())
        return self.trace_line


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the seed."""
    parser.addoption("--delays", metavar="SEED", default="1", help="seed of the random delays")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Slow the thread of the test, and the threads that it starts."""
    delays = Delays(random.Random(f"{item.config.getoption('--delays')} {item.nodeid}"))
    threading.settrace(delays.trace_call)
    sys.settrace(delays.trace_call)
    try:
        return (yield)
    finally:
        sys.settrace(None)
        threading.settrace(None)
