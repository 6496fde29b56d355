"""File locks, by which one process or thread writes at a time."""

from __future__ import annotations

import errno
import logging
import os
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from ..errors import StoreBusy, StoreFault

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self


with suppress(ImportError):  # on other systems than POSIX, where `require_file_locks` raises
    import fcntl

_LOG = logging.getLogger(__name__)


def require_file_locks() -> None:
    """
    Raise on a system without the file locks of POSIX.

    Raises:
        StoreFault: The module ``fcntl`` is missing.
    """
    if "fcntl" not in globals():
        msg = (
            f"SqliteStore needs the file locks of a POSIX system, and {sys.platform} has none: "
            "use PostgresStore, or MemoryStore for a trial."
        )
        raise StoreFault(msg)


class SideLock:
    """
    The lock of the file ``<database>.lock``; each thread uses an object of its own.

    While a process waits, it holds a second lock (``<path>.next``), so that the process that has
    just released the lock does not take it again first. Both files stay open.
    """

    def __init__(self, path: Path) -> None:
        """Store the path of the lock file, which the first use creates if it is missing."""
        self._path = path
        self._pid = 0
        self._files: tuple[int, ...] = ()

    def hold(self, wait: float) -> Self:
        """
        Take the lock and return it, for a ``with`` block that releases it.

        It is also released when the process ends.

        Args:
            wait: The longest time to wait, in seconds.

        Raises:
            StoreBusy: Other processes held the lock during that time.
            StoreFault: The lock file cannot be opened.
        """
        until = time.monotonic() + wait
        lock, turnstile = self._open()
        try:
            _take(turnstile, self._path, until)
            _take(lock, self._path, until)
        except BaseException:
            # A waiter that was left behind shares the open files, and will unlock them.
            _release(turnstile)
            self.close()
            raise
        _release(turnstile)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Release the lock."""
        _release(self._files[0])

    def _open(self) -> tuple[int, ...]:
        # After a fork both processes would share the locks of the open files.
        if not self._files or self._pid != os.getpid():
            self.close()
            lock = _open(self._path, "")
            try:
                self._files = (lock, _open(self._path, ".next"))
            except BaseException:
                os.close(lock)
                raise
            self._pid = os.getpid()
        return self._files

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        files, self._files = self._files, ()
        for file in files:
            os.close(file)

    def __del__(self) -> None:
        self.close()


def _open(path: Path, suffix: str) -> int:
    try:
        return os.open(f"{path}{suffix}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR}:
            msg = f"{path.parent} is not a folder. Name a database in an existing folder."
        else:
            msg = f"{path}{suffix} cannot be written ({error.strerror}). Make it writable."
        raise StoreFault(msg) from error


def _take(handle: int, path: Path, until: float) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if not LockWaiter(handle).acquire_within(until - time.monotonic()):
            extra = {"event": "store_busy", "lock": path.name}
            _LOG.warning("Other writers locked %s for too long.", path.name, extra=extra)
            msg = f"Other writers locked {path.name} for too long. Try again."
            raise StoreBusy(msg) from None


def _release(handle: int) -> None:
    # Unlocked and not only closed, because a forked process would keep the lock.
    fcntl.flock(handle, fcntl.LOCK_UN)


class LockWaiter:
    """
    A request for the lock of an open file, with a time limit.

    The kernel wakes a waiting thread as soon as the lock is free, while polling would make the
    order random. ``flock`` has no time limit, and a signal could reach any thread, so a thread of
    its own waits. After the time limit the thread is left, and releases the lock once it gets it.
    """

    def __init__(self, handle: int) -> None:
        self._handle = os.dup(handle)  # the owner may close its own descriptor at the same time
        self._guard = threading.Lock()
        self._came = threading.Event()
        self._left = False
        self._error: OSError | None = None
        threading.Thread(target=self._wait, daemon=True).start()

    def _wait(self) -> None:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except OSError as error:
            self._error = error
        with self._guard:
            if self._left:
                fcntl.flock(self._handle, fcntl.LOCK_UN)
            os.close(self._handle)
            self._came.set()

    def acquire_within(self, seconds: float) -> bool:
        """
        Wait for the lock; return whether it was free in time.

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
