"""The folder of attachments beside a ledger, each file under its digest."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO


_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80
_DIGITS = 16
_PIECE = 256 * 1024


def build_folder_path(ledger: Path) -> Path:
    """Return the folder of a ledger's attachments, such as ``books.beancount.files``."""
    return ledger.with_name(f"{ledger.name}.files")


def build_document_path(ledger: Path, digest: str, filename: str) -> Path:
    """
    Return the path at which the attachment of that digest and name is kept.

    The last part of the path is the start of the digest, a dash and the end of the name, in which
    characters with a special meaning in a file system or a program are replaced.
    """
    safe = _UNSAFE.sub("_", filename)[-_LONGEST:]
    return build_folder_path(ledger) / f"{digest[:_DIGITS]}-{safe}"


def keep_document(path: Path, digest: str, content: BinaryIO) -> None:
    """
    Write the content to the path completely or not at all.

    A file with the same digest is left as it is; a file with another digest is replaced.

    Raises:
        OSError: It could not be written.
    """
    if path.is_file() and _compute_digest(path) == digest:
        return
    path.parent.mkdir(exist_ok=True)
    copy = path.with_name(f".{path.name}.new")
    try:
        with copy.open("wb") as target:
            while piece := content.read(_PIECE):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        copy.replace(path)
    finally:
        copy.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _compute_digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
