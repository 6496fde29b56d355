"""
The ledger file, locked for one writer and written in complete entries.

The file may be missing only before its first entry. Later it may be on a disk that is not mounted,
and if it were read as an empty ledger, its documents would be booked again. The lock file therefore
gets a mark once the ledger has contents, and a missing or empty file is then an error.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ...values import Value
from .accounts import WholeLedger
from .bean_check import BeanCheck
from .contents import Contents, mark_write, read_stamp, share_contents
from .includes import Includes
from .recovery import find_sound_length
from .unavailable import Unavailable, describe_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .contents import Stamp


_HEADER = "; A ledger in Beancount's language. Entries between erp-invoice marks were written by\n"
_HEADER += (
    "; erp-invoice, each whole; write your own anywhere, and delete a transaction to undo it.\n"
)
_LOG = logging.getLogger(__name__)
_POLL = 0.01
_MARK = b"The ledger has contents. Without this file a missing ledger is begun anew.\n"


def _read_clock() -> datetime:
    return datetime.now(UTC)


def _identify_folder(path: Path) -> tuple[int, int]:
    """Return device and inode of a file's folder; they differ if another disk is mounted there."""
    found = path.parent.stat()
    return found.st_dev, found.st_ino


def _sync_folder(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@attrs.frozen(eq=False, repr=False)
class OpenLedger(Value):
    """The ledger while its lock is held, with its contents and the means to append to it."""

    path: Path
    seen: WholeLedger
    _contents: Contents
    _bean_check: BeanCheck | None = None

    def _encode_addition(self, text: str) -> bytes:
        """
        Return the bytes to write at the end of the file so that the text is appended.

        In a new file the header comes before the text. If the file does not end with a newline, one
        comes before the text.
        """
        start = "" if self._contents.ends_line else "\n"
        return ((start if self.path.exists() else _HEADER) + text).encode()

    def find_errors(self, text: str, seconds: float) -> str:
        """
        Return the errors that ``bean-check`` would find in the ledger with the text appended.

        An empty text if it finds no error, or if the settings do not name the program.

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
            before = read_stamp(file)
            try:
                file.write(data)
                file.flush()
                after = mark_write(file)
                os.fsync(file.fileno())
            except OSError as error:
                file.truncate(self._contents.length)
                os.fsync(file.fileno())
                raise describe_error(error) from error
        self._contents.note_write(before, after)
        if is_new:
            _sync_folder(self.path)


@attrs.define
class Ledger:
    """
    A ledger by its path: the session of one thread.

    Attributes:
        path: The file; the first entry creates it. Its lock is the file ``<path>.lock``, which
            also has the mark that the ledger has had contents.
        clock: Returns the time (UTC).
        lock_wait: The longest time to wait for the lock.
        bean_check: Finds errors before an entry is written, if the settings name the program.
    """

    path: Path = attrs.field(converter=Path)
    clock: Callable[[], datetime] = _read_clock
    lock_wait: timedelta = timedelta(seconds=10)
    bean_check: BeanCheck | None = None
    _contents: Contents = attrs.field(
        default=attrs.Factory(lambda self: share_contents(self.path), takes_self=True),
        init=False,
        repr=False,
    )
    _includes: Includes = attrs.Factory(Includes)

    @contextmanager
    def open(self, *, has_documents: bool = False) -> Iterator[OpenLedger]:
        """
        Lock the ledger, move an incomplete entry at its end to ``<path>.torn``, and yield it.

        Args:
            has_documents: True if the ledger is known to have a document, so that it is not new.

        Raises:
            Unavailable: The lock is not free in time, the file or its folder cannot be used, or the
                file is missing or empty although the ledger has had contents.
            Damaged: The file cannot be read as a ledger; it is unchanged.
        """
        is_there = self.path.exists() or self._find_lock().exists()
        if has_documents and not is_there and self.path.parent.is_dir():
            # Its disk is not mounted. A lock file there would look like that of a new ledger.
            raise Unavailable(self._describe_loss(has_documents=True), needs_person=True)
        with ExitStack() as stack:
            try:
                lock = stack.enter_context(self._lock())
                ledger = self._repair_and_read()
                is_marked = os.fstat(lock).st_size > 0
                folder = _identify_folder(self.path)
                if not (self._contents.length or is_marked or self._contents.is_at(folder)):
                    # The lock is lost as well, because the disk is not mounted any more.
                    is_marked = bool(os.write(lock, _MARK))
            except OSError as error:
                raise describe_error(error) from error
            if not self._contents.length and (has_documents or is_marked):
                raise Unavailable(
                    self._describe_loss(has_documents=has_documents), needs_person=True
                )
            yield ledger
            self._contents.folder = folder
            if not is_marked:
                self._mark(lock)

    def _describe_loss(self, *, has_documents: bool) -> str:
        why = f"The ledger {self.path} is missing or empty, although it has had documents."
        do = "Nothing was written. Mount or restore it."
        if has_documents:
            return f"{why} {do}"
        name = self.path.name
        return (
            f"{why} {do} To begin a new ledger, delete {name}.lock and create an empty file {name}."
        )

    def _mark(self, lock: int) -> None:
        """Mark in the lock file that the ledger has contents; if it fails, the next use does it."""
        try:
            if self.path.stat().st_size:
                os.write(lock, _MARK)
        except OSError as error:
            _LOG.warning(
                "%s.lock cannot be marked (%s). Make it writable; without the mark, a ledger that"
                " is lost later would be replaced by a new one.",
                self.path.name,
                error.strerror,
            )

    def _repair_and_read(self) -> OpenLedger:
        contents = self._contents
        try:
            with self.path.open("rb") as file:
                stamp = read_stamp(file)
                if contents.is_current(stamp):
                    file.seek(contents.length)
                    contents.add(file.read())
                else:
                    self._read_whole(file.read(), stamp)
        except FileNotFoundError:
            contents.clear()
        whole = WholeLedger(contents.seen, self._includes.read(self.path, contents.seen))
        return OpenLedger(self.path, whole, contents, self.bean_check)

    def _read_whole(self, data: bytes, stamp: Stamp) -> None:
        sound = find_sound_length(data)
        if sound < len(data):
            self._cut(data, sound)
        self._contents.replace(data[:sound], stamp if sound == len(data) else None)

    def _find_lock(self) -> Path:
        return self.path.with_name(f"{self.path.name}.lock")

    @contextmanager
    def _lock(self) -> Iterator[int]:
        lock = os.open(self._find_lock(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
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
            yield lock
        finally:
            os.close(lock)

    def _cut(self, data: bytes, sound: int) -> None:
        """Move all bytes of the ledger after the first ``sound`` ones to ``<path>.torn``."""
        kept = Path(f"{self.path}.torn")
        with kept.open("ab") as file:
            file.write(data[sound:] + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with self.path.open("r+b") as file:
            file.truncate(sound)
            os.fsync(file.fileno())
        _sync_folder(self.path)
