"""The included files of a ledger, read again only if they change."""

from __future__ import annotations

import glob
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import attrs

from .parser import Damaged, Scan, scan

if TYPE_CHECKING:
    from collections.abc import Iterator


_Stamp: TypeAlias = tuple[int, int, int]
#: The largest number of included files, and their largest total size in bytes.
_MOST_FILES = 10_000
_MOST_BYTES = 256 * 1024 * 1024
#: Within these seconds a file may change again without a new modification time.
_SETTLES = 2.0


@attrs.define
class Includes:
    """The contents of the included files of one ledger, from the last reading."""

    _known: dict[Path, tuple[_Stamp, Scan]] = attrs.Factory(dict)

    def read(self, ledger: Path, main: Scan) -> tuple[Scan, ...]:
        """
        Return the contents of every file that is included, directly or by another; each once.

        Raises:
            Damaged: A file is missing or cannot be read, or the files are too many or too large.
        """
        if not main.includes:
            self._known = {}
            return ()
        known: dict[Path, tuple[_Stamp, Scan]] = {}
        found: dict[Path, Scan] = {}
        waiting = list(_find_included(ledger, main))
        size = 0
        while waiting:
            path = waiting.pop(0)
            if path in found or path == _resolve(ledger):
                continue
            stamp, found[path] = self._read_file(path, os.path.relpath(path, ledger.parent))
            size += stamp[1]
            if len(found) > _MOST_FILES or size > _MOST_BYTES:
                msg = (
                    f"The ledger includes more than {_MOST_FILES} files or {_MOST_BYTES} bytes. "
                    "Include fewer files."
                )
                raise Damaged(msg)
            known[path] = (stamp, found[path])
            waiting += _find_included(path, found[path])
        self._known = known
        return tuple(found.values())

    def _read_file(self, path: Path, name: str) -> tuple[_Stamp, Scan]:
        """
        Return the stamp (modification time, size and inode) and the contents of an included file.

        The file is not read again if its stamp is that of the last reading. ``name`` is the path of
        the file relative to the ledger, for errors.
        """
        try:
            state = path.stat()
            stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
            known = self._known.get(path)
            if known is not None and known[0] == stamp:
                return known
            if not path.is_file():
                raise Damaged(
                    f"The ledger includes {name}, which is not a file. Repair the ledger by hand."
                )
            if stamp[1] > _MOST_BYTES:
                raise Damaged(
                    f"The ledger includes {name}, which is too large to be read. Split the file."
                )
            read = _scan(path.read_bytes(), name)
        except OSError as error:
            msg = (
                f"The ledger includes {name}, which cannot be read: {error.strerror}. "
                "Repair it by hand."
            )
            raise Damaged(msg) from error
        # A file that was written just now may be written again within the same clock tick.
        is_settled = time.time() - state.st_mtime > _SETTLES
        return (stamp if is_settled else (0, stamp[1], 0)), read


def _scan(data: bytes, name: str) -> Scan:
    try:
        return scan(data.decode(), Scan(file=name))
    except UnicodeDecodeError as error:
        msg = f"The ledger includes {name}, which is not UTF-8 text. Replace it by a sound copy."
        raise Damaged(msg) from error
    except Damaged as error:
        raise Damaged(f"In {name}, which the ledger includes: {error}") from error


def _resolve(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are named, as Beancount does


def _find_included(path: Path, read: Scan) -> Iterator[Path]:
    """
    Yield the paths that a file includes, in order.

    Raises:
        Damaged: A pattern matches no file.
    """
    for pattern, line in read.includes:
        wanted = os.path.normpath(_resolve(path).parent / pattern)
        matched = sorted(glob.glob(wanted, recursive=True))  # noqa: PTH207 - patterns may be absolute
        if not matched:
            msg = (
                f"The ledger cannot be read: {read.file or 'it'} includes {pattern!r} at line "
                f"{line}, and there is no such file. Repair it by hand."
            )
            raise Damaged(msg)
        yield from map(Path, matched)
