"""The content-addressed files of attachments, each named by its SHA-256."""

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
#: How long content stays after nothing refers to it.
_KEPT_FOR = timedelta(days=7)
#: How often it is looked for what nothing refers to.
_CHECKED_EVERY = timedelta(days=1)


class FileTooLarge(Exception):
    """The content has more bytes than a file may have."""


class FileStoreBusy(Exception):
    """Another process has locked the store for too long."""


@attrs.frozen
class FileStore:
    """
    A folder of files, each under the SHA-256 of its content; it comes to be with the first one.

    A file is written under another name, forced to the disk and then renamed: what has its name is
    whole. Processes that add files hold the lock together; the one that removes files holds it
    alone.

    Attributes:
        folder: Where the files are.
        lock_wait: For how many seconds the lock is waited for.
    """

    folder: Path
    lock_wait: float = 30.0

    def _build_path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def has(self, digest: str | None) -> bool:
        """Return whether content of that digest is here."""
        return digest is not None and bool(
            _DIGEST.fullmatch(digest) and self._build_path(digest).is_file()
        )

    def open(self, attachment: Attachment) -> BinaryIO:
        """
        Open the content of an attachment, by its digest alone.

        Raises:
            OSError: It is not here.
        """
        if not self.has(attachment.digest):
            raise FileNotFoundError(attachment.digest)
        return self._build_path(str(attachment.digest)).open("rb")

    def put(self, source: Path) -> str:
        """
        Keep the content of a file, and return its digest.

        Raises:
            FileTooLarge: It is larger than a file may be.
            FileStoreBusy: The lock could not be had in time.
            OSError: It could not be read, or not be written.
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
        """Write the content under its digest, all of it or nothing."""
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
        Remove content that nothing has referred to for seven days; return the digests removed.

        Args:
            referenced: Returns the digests that are referred to; asked while the lock is held.
            now: The moment (UTC).
        """
        if not self._is_due(now):
            return []
        with self._lock(fcntl.LOCK_EX):
            if not self._is_due(now):
                return []
            for left in self.folder.glob(f"{_INCOMING}*"):  # of a process that was killed
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


def _remove_if_unreferenced(path: Path, now: datetime, referenced: bool) -> bool:  # noqa: FBT001 - of this module alone
    """Mark content that nothing refers to; remove it if the mark is seven days old."""
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
    """Return the moment that a mark holds; a mark that cannot be read holds none."""
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
