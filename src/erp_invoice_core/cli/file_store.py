"""The file store of attachments, addressed by the SHA-256 of the content."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import attrs

from ..queue.attachments import MAX_FILE_SIZE
from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from ..documents import Attachment


_DIGEST = re.compile(r"[0-9a-f]{64}")
_LOCK = "lock"
_CHECKED = "checked"
_INCOMING = "incoming-"
_MARK = ".unreferenced"
_PIECE = 256 * 1024
_POLL = 0.02
#: How long content is kept after its last reference.
_KEPT_FOR = timedelta(days=7)
#: How often content without a reference is searched.
_CHECKED_EVERY = timedelta(days=1)


class FileTooLarge(Exception):
    """The content is larger than the limit."""


class FileStoreBusy(Exception):
    """Another process has held the lock of the store for too long."""


@attrs.frozen(eq=False, repr=False)
class FileStore(Value):
    """
    A directory of files, each named by the SHA-256 of its content.

    The directory is created with the first file. A file is written under another name, flushed to
    the disk and then renamed, so a file with its final name is complete. Processes that add files
    share the lock; the process that removes files holds it alone.

    Attributes:
        folder: The directory.
        lock_wait: The longest time to wait for the lock, in seconds.
    """

    folder: Path
    lock_wait: float = 30.0

    def _build_path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def has(self, digest: str | None) -> bool:
        """Return whether content with that digest is stored."""
        return digest is not None and bool(
            _DIGEST.fullmatch(digest) and self._build_path(digest).is_file()
        )

    def open(self, attachment: Attachment) -> BinaryIO:
        """
        Open the content of an attachment by its digest.

        Raises:
            OSError: It is not stored.
        """
        if not self.has(attachment.digest):
            raise FileNotFoundError(attachment.digest)
        return self._build_path(str(attachment.digest)).open("rb")

    def put(self, source: Path) -> str:
        """
        Store the content of a file, and return its digest.

        Raises:
            FileTooLarge: The content is larger than the limit.
            FileStoreBusy: The lock was not free in time.
            OSError: The content could not be read or written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as content, self._lock(fcntl.LOCK_SH):
            digest = _copy(content, None)
            if not self.has(digest):
                content.seek(0)
                digest = self._add(content)
            target = self._build_path(digest)
            target.with_name(digest + _MARK).unlink(missing_ok=True)
        return digest

    def _add(self, content: BinaryIO) -> str:
        """Write the content under its digest, completely or not at all."""
        copy = self.folder / f"{_INCOMING}{secrets.token_hex(8)}"
        try:
            with copy.open("xb") as target:
                digest = _copy(content, target)
                target.flush()
                os.fsync(target.fileno())
            path = self._build_path(digest)
            path.parent.mkdir(exist_ok=True)
            copy.replace(path)
        finally:
            copy.unlink(missing_ok=True)
        _sync(path.parent)
        _sync(self.folder)
        return digest

    @contextmanager
    def _lock(self, how: int) -> Iterator[None]:
        lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        ends = time.monotonic() + self.lock_wait
        try:
            while True:
                try:
                    fcntl.flock(lock, how | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= ends:
                        raise FileStoreBusy from None
                    time.sleep(_POLL)
            yield
        finally:
            os.close(lock)

    def remove_unreferenced(
        self, referenced: Callable[[], Collection[str]], now: datetime
    ) -> list[str]:
        """
        Remove content without a reference for seven days; return the removed digests.

        If the last search was less than a day ago, nothing is done.

        Args:
            referenced: Returns the digests with a reference; called while the lock is held.
            now: The current time (UTC).
        """
        if not self._is_due(now):
            return []
        with self._lock(fcntl.LOCK_EX):
            if not self._is_due(now):
                return []
            for left in self.folder.glob(f"{_INCOMING}*"):  # left by a killed process
                left.unlink(missing_ok=True)
            wanted = referenced()
            removed = [
                path.name
                for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/*"))
                if _DIGEST.fullmatch(path.name)
                and _remove_if_unreferenced(path, now, path.name in wanted)
            ]
            _write_stamp(self.folder / _CHECKED, now)
        return removed

    def _is_due(self, now: datetime) -> bool:
        checked = _read_stamp(self.folder / _CHECKED)
        return self.folder.is_dir() and (checked is None or now - checked >= _CHECKED_EVERY)


def _copy(content: BinaryIO, target: BinaryIO | None) -> str:
    """Write the content to the target, if there is one, and return its digest."""
    digest, size = hashlib.sha256(), 0
    while piece := content.read(_PIECE):
        size += len(piece)
        if size > MAX_FILE_SIZE:
            raise FileTooLarge
        digest.update(piece)
        if target is not None:
            target.write(piece)
    return digest.hexdigest()


def _remove_if_unreferenced(path: Path, now: datetime, referenced: bool) -> bool:  # noqa: FBT001 - called in this module only
    """
    Remove content that has had no reference for seven days; return whether it was removed.

    A file beside the content records when the content was first seen without a reference. It is
    deleted once the content has a reference again.
    """
    mark = path.with_name(path.name + _MARK)
    if referenced:
        mark.unlink(missing_ok=True)
        return False
    since = _read_stamp(mark)
    if since is None:
        _write_stamp(mark, now)
        return False
    if now - since < _KEPT_FOR:
        return False
    path.unlink(missing_ok=True)
    mark.unlink(missing_ok=True)
    return True


def _write_stamp(path: Path, now: datetime) -> None:
    path.write_text(now.isoformat(), encoding="ascii")


def _read_stamp(path: Path) -> datetime | None:
    """Return the time that a file of this store records; ``None`` if it is missing or damaged."""
    with suppress(OSError, ValueError):
        moment = datetime.fromisoformat(path.read_text(encoding="ascii"))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _sync(folder: Path) -> None:
    open_context = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(open_context)
    finally:
        os.close(open_context)
