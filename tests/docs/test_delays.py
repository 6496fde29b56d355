"""The random waits that slow single lines: which lines wait, and how often."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING

from erp_invoice_core.worker.shutdown import ShutdownSignal
from tests.delays import Delays

if TYPE_CHECKING:
    from types import FrameType

    import pytest

HERE = sys._getframe()


def shells() -> FrameType:
    """Return a frame of the shell: a worker's wait."""
    frames: list[FrameType] = []
    ShutdownSignal(None, None, lambda: 0.0, lambda _seconds: frames.append(sys._getframe(1))).wait(
        0.1
    )
    return frames[0]


def test_only_the_shell_is_slowed() -> None:
    """Lines of a worker are traced, those of a test are not."""
    delays = Delays(random.Random(1))

    assert delays.trace_line == delays.trace_call(shells(), "call", None)
    assert delays.trace_call(HERE, "call", None) is None


def test_lines_wait_at_random(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line in 500 waits, for less than 0.3 s, up to a number of waits; no return does."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    delays, frame = Delays(random.Random(1), left=40), shells()

    for _ in range(10_000):
        delays.trace_line(frame, "return", None)
    assert [] == waited
    for _ in range(10_000):
        delays.trace_line(frame, "line", None)
    assert 10 <= len(waited) <= 30
    assert max(waited) < 0.3
    for _ in range(90_000):
        delays.trace_line(frame, "line", None)
    assert 40 == len(waited)
