"""The ledger file, locked for one writer and written in complete entries."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from .accounts import WholeLedger
from .bean_check import BeanCheck
from .includes import Includes
from .parser import Damaged, Scan, scan
from .recovery import find_sound_length
from .unavailable import Unavailable, describe_error

if TYPE_CHECKING:
    from collections.abc import Iterator


_HEADER = "; A ledger in Beancount's language. Entries between erp-invoice marks were written by\n"
_HEADER += (
    "; erp-invoice, each whole; write your own anywhere, and delete a transaction to undo it.\n"
)
_POLL = 0.01


def _read_clock() -> datetime:
    return datetime.now(UTC)


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@attrs.frozen
class OpenLedger:
    """The ledger while its lock is held, with its contents and the means to append to it."""

    path: Path
    seen: WholeLedger
    _length: int
    _ends_line: bool
    _bean_check: BeanCheck | None = None

    def _encode_addition(self, text: str) -> bytes:
        """Return the bytes to append to the file for a text."""
        start = "" if self._ends_line else "\n"
        return ((start if self.path.exists() else _HEADER) + text).encode()

    def find_errors(self, text: str, seconds: float) -> str:
        """
        Return the errors of the ledger with the text appended; empty without ``bean-check``.

        Raises:
            Unavailable: The ledger has errors already, or the check does not end in time.
        """
        if self._bean_check is None:
            return ""
        data = self.path.read_bytes() if self.path.exists() else b""
        trial = self.path.with_name(f".{self.path.name}.check")
        try:
            trial.write_bytes(data + self._encode_addition(text))
            errors = self._bean_check.find_errors(trial, seconds)
            if errors:
                trial.write_bytes(data)
                before = self._bean_check.find_errors(trial, seconds)
                if before:
                    msg = (
                        "The ledger has errors already. Nothing was written. "
                        f"Repair it by hand: {before}"
                    )
                    raise Unavailable(msg, needs_person=True)
            return errors
        finally:
            trial.unlink(missing_ok=True)

    def append(self, text: str) -> None:
        """
        Append the text, and return once it is on the disk.

        Raises:
            Unavailable: The text could not be written, and a part that was written is removed.
            OSError: A part of the text could not be removed, so it may be in the ledger.
        """
        is_new = not self.path.exists()
        data = self._encode_addition(text)
        with self.path.open("ab") as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError as error:
                file.truncate(self._length)
                os.fsync(file.fileno())
                raise describe_error(error) from error
        if is_new:
            _sync_folder(self.path)


@attrs.define
class Ledger:
    """
    A ledger by its path: the session of one thread.

    Attributes:
        path: The file; the first entry creates it. Its lock is the file ``<path>.lock``.
        clock: Returns the time (UTC).
        lock_wait: The longest time to wait for the lock.
        bean_check: Finds errors before an entry is written, if the settings name the program.
    """

    path: Path = attrs.field(converter=Path)
    clock: Callable[[], datetime] = _read_clock
    lock_wait: timedelta = timedelta(seconds=10)
    bean_check: BeanCheck | None = None
    _digest: str = ""
    _length: int = 0
    _seen: Scan = attrs.Factory(Scan)
    _includes: Includes = attrs.Factory(Includes)

    @contextmanager
    def open(self) -> Iterator[OpenLedger]:
        """
        Hold the lock, repair an incomplete entry at the end, and read new contents.

        Raises:
            Unavailable: The lock is not free in time, or the file or its folder cannot be used.
            Damaged: The file cannot be read as a ledger; it is unchanged.
        """
        with ExitStack() as stack:
            try:
                stack.enter_context(self._lock())
                ledger = self._repair_and_read()
            except OSError as error:
                raise describe_error(error) from error
            yield ledger

    def _repair_and_read(self) -> OpenLedger:
        data = self.path.read_bytes() if self.path.exists() else b""
        sound = find_sound_length(data)
        if sound < len(data):
            self._cut(data, sound)
            data = data[:sound]
        main = self._read(data)
        whole = WholeLedger(main, self._includes.read(self.path, main))
        ends_line = data[-1:] in {b"", b"\n"}
        return OpenLedger(self.path, whole, len(data), ends_line, self.bean_check)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            until = time.monotonic() + self.lock_wait.total_seconds()
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= until:
                        msg = f"Another process has locked the ledger {self.path.name}. Try again."
                        raise Unavailable(msg) from None
                    time.sleep(_POLL)
            yield
        finally:
            os.close(lock)

    def _cut(self, data: bytes, sound: int) -> None:
        """Remove the incomplete entry at the end, and keep it in ``<path>.torn``."""
        kept = Path(f"{self.path}.torn")
        with kept.open("ab") as file:
            file.write(data[sound:] + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with self.path.open("r+b") as file:
            file.truncate(sound)
            os.fsync(file.fileno())
        _sync_folder(self.path)

    def _read(self, data: bytes) -> Scan:
        """Return the contents of the data; only data after the last reading is read."""
        known, tail = self._seen, data[self._length :]
        digest = hashlib.sha256(data[: self._length])
        is_same = digest.hexdigest() == self._digest and data[: self._length].endswith(b"\n")
        digest.update(tail)
        # An indented first line would belong to the last entry of the former reading.
        if not is_same or tail.lstrip(b"\r\n")[:1] in {b" ", b"\t"}:
            known, tail = Scan(), data
        self._seen, self._length, self._digest = Scan(), 0, ""
        try:
            seen = scan(tail.decode(), known)
        except UnicodeDecodeError as error:
            msg = "The ledger is not UTF-8 text. Replace it by a sound copy."
            raise Damaged(msg) from error
        self._seen, self._length = seen, len(data)
        self._digest = digest.hexdigest()
        return seen
