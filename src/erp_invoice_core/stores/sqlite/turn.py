"""Waiting for a file's lock in the kernel's own line, and no longer than one wants to."""

from __future__ import annotations

import os
import threading
from contextlib import suppress

with suppress(ImportError):  # on other systems than POSIX, where no store gets this far
    import fcntl

__all__ = ["Turn"]


class Turn:
    """
    A place in the line for the lock of an open file.

    The kernel wakes whoever waits as soon as the lock is free, while asking again and again would
    leave it to chance who comes next. It knows no limit of time, and a signal would reach any
    thread; therefore a thread of its own stands in the line, and is left behind where it takes too
    long: then it gives the lock back as soon as it has it.
    """

    def __init__(self, handle: int) -> None:
        self._handle = os.dup(handle)  # the owner may close its own meanwhile
        self._guard = threading.Lock()
        self._came = threading.Event()
        self._left = False
        self._error: OSError | None = None
        threading.Thread(target=self._stand, daemon=True).start()

    def _stand(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except OSError as error:
            self._error = error
        with self._guard:
            if self._left:
                fcntl.flock(self._handle, fcntl.LOCK_UN)
            os.close(self._handle)
            self._came.set()

    def comes_within(self, seconds: float) -> bool:
        """
        Wait for the lock; whether it came in time.

        Raises:
            OSError: The file cannot be locked.
        """
        try:
            self._came.wait(max(seconds, 0))
        finally:
            with self._guard:
                self._left = not self._came.is_set()
        if self._error is not None:
            raise self._error
        return not self._left
