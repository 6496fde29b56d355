"""
The contents of the ledger file, kept in memory between uses.

To parse a large ledger again for each entry would be slow. The parsed contents are therefore kept,
with the SHA-256 of their bytes and a stamp of the file: device, inode, size and times. If the stamp
is the same, only bytes that this process has appended are parsed. If it differs, the whole file is
read. If the digest then shows that the file still begins with the parsed bytes, only the bytes
after them are parsed. After a write of its own, this process sets a modification time that no other
write can have, so that the stamp shows every later write.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from typing import IO, TYPE_CHECKING, TypeAlias
from weakref import WeakValueDictionary

import attrs

from .parser import Damaged, Scan, scan

if TYPE_CHECKING:
    from pathlib import Path


#: The device, the inode, the size, and the times of modification and of change of a file.
Stamp: TypeAlias = tuple[int, int, int, int, int]
#: Within these seconds a file may be written again with the same modification time.
_SETTLES = 2.0


def read_stamp(file: IO[bytes]) -> Stamp:
    """Return the stamp of an open file."""
    state = os.fstat(file.fileno())
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def mark_write(file: IO[bytes]) -> Stamp | None:
    """
    Give a file a modification time that no other write has, and return its stamp.

    The kernel's clock for files advances only some hundred times a second, so two writes within one
    tick would have the same time. ``None`` if the time cannot be set, or not to the nanosecond.
    """
    moment = time.time_ns() | 1
    try:
        os.utime(file.fileno(), ns=(moment, moment))
    except OSError:  # only the owner of a file sets its time
        return None
    stamp = read_stamp(file)
    return stamp if stamp[3] == moment else None


@attrs.define(eq=False)
class Contents:
    """
    The parsed contents of a ledger, for all sessions of this process.

    Only a session that holds the lock of the ledger uses them.

    Attributes:
        seen: The parsed contents.
        length: The number of bytes that were parsed.
        ends_line: True if the last parsed byte ends a line, or if the ledger is empty.
        folder: The device and the inode of the folder in which the ledger was used last; ``None``
            if this process has not used it yet.
    """

    seen: Scan = attrs.Factory(Scan)
    length: int = 0
    ends_line: bool = True
    folder: tuple[int, int] | None = None
    _hash: hashlib._Hash = attrs.Factory(hashlib.sha256)
    _stamp: Stamp | None = None
    _changed_at: float = 0.0
    _is_settled: bool = True

    def clear(self) -> None:
        """Forget everything, as for a file that does not exist."""
        self.seen, self.length, self.ends_line = Scan(), 0, True
        self._hash = hashlib.sha256()
        self._stamp, self._changed_at, self._is_settled = None, 0.0, True

    def is_at(self, folder: tuple[int, int]) -> bool:
        """
        Return whether the ledger was last used in this folder, or was not used yet.

        If false, another disk is mounted now, so a missing ledger may not be begun anew.
        """
        return self.folder in {None, folder}

    def is_current(self, stamp: Stamp) -> bool:
        """Return whether the stamp proves that no other program wrote after the last reading."""
        return self._is_settled and stamp == self._stamp

    def add(self, tail: bytes) -> None:
        """
        Parse the bytes of the file that follow the parsed ones, and add their contents.

        Raises:
            Damaged: The bytes cannot be read; everything is forgotten.
        """
        if not tail:
            return
        known, length, digest = self.seen, self.length, self._hash
        stamp, changed_at, is_settled = self._stamp, self._changed_at, self._is_settled
        self.clear()  # a parser that fails leaves a part of the text behind
        try:
            seen = scan(tail.decode(), known)
        except UnicodeDecodeError as error:
            msg = "The ledger is not UTF-8 text. Replace it by a sound copy."
            raise Damaged(msg) from error
        digest.update(tail)
        self.seen, self.length, self._hash = seen, length + len(tail), digest
        self.ends_line = tail.endswith(b"\n")
        self._stamp, self._changed_at, self._is_settled = stamp, changed_at, is_settled

    def replace(self, data: bytes, stamp: Stamp | None) -> None:
        """
        Take the bytes of the whole file, and parse those that are new.

        If the file does not begin with the bytes that were parsed before, all of it is parsed.

        Args:
            data: The bytes of the file, without an incomplete entry at its end.
            stamp: The stamp of the file before it was read; ``None`` after a repair.

        Raises:
            Damaged: The file cannot be read; everything is forgotten.
        """
        now = time.time()
        if stamp is None or stamp != self._stamp:
            self._changed_at = now if stamp is None else min(now, max(stamp[3:]) / 1e9)
        changed_at = self._changed_at
        is_same = hashlib.sha256(memoryview(data)[: self.length]).digest() == self._hash.digest()
        tail = data[self.length :]
        # An indented first line would belong to the last entry of the former reading.
        if not is_same or not self.ends_line or tail.lstrip(b"\r\n")[:1] in {b" ", b"\t"}:
            self.clear()
            tail = data
        self.add(tail)
        self._stamp, self._changed_at = stamp, changed_at
        self._is_settled = now - changed_at > _SETTLES

    def note_write(self, before: Stamp, after: Stamp | None) -> None:
        """
        Record a write of this process, so that the next use parses only the bytes that it appended.

        Args:
            before: The stamp of the file just before the write.
            after: Its stamp after the write, if that is known to differ from all later ones.
        """
        is_new = self._stamp is None and self.length == 0 and before[2] == 0
        if self.ends_line and (is_new or before == self._stamp):
            self._stamp = after
        else:
            self._stamp = None


_SHARED: WeakValueDictionary[str, Contents] = WeakValueDictionary()
_SHARING = threading.Lock()


def share_contents(path: Path) -> Contents:
    """Return the contents of the ledger at a path, which all sessions of the path share."""
    with _SHARING:
        return _SHARED.setdefault(os.path.abspath(path), Contents())  # noqa: PTH100 - a link is another ledger
