"""Graceful shutdown at the first Ctrl-C, immediate at the second."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ENDING = b"Stopping after the current calls; press Ctrl-C again to end now.\n"


@attrs.define
class ShutdownRequest:
    """
    A request to stop, made by a signal of a person or a process manager.

    Attributes:
        event: Set by the first signal.
        status: The exit status, 128 and the number of the signal; ``None`` without a request.
    """

    event: threading.Event = attrs.Factory(threading.Event)
    status: int | None = None

    def ask(self, number: int, _frame: FrameType | None) -> None:
        """Request the stop; a second signal ends the process, and its leases expire."""
        if self.status is not None:
            os._exit(128 + number)
        self.status = 128 + number
        self.event.set()
        with suppress(OSError):  # not through sys.stderr, which may be in the middle of a write
            os.write(2, _ENDING)


@contextmanager
def handle_signals() -> Iterator[ShutdownRequest]:
    """Let signals request a stop within the block; without effect outside of the main thread."""
    stop = ShutdownRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.ask) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
