"""The digests of attachments, from a directory in which they lie by file name."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import attrs

from ..documents import Problem
from ..wire.procore import Loaded, dump_requisition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..documents import Attachment, Invoice

__all__ = ["with_digests"]


def with_digests(
    given: Sequence[Loaded[Invoice]], files: Path, warnings: list[Problem]
) -> tuple[Loaded[Invoice], ...]:
    """
    Return the invoices with the SHA-256 of each attachment that lies in the directory.

    Args:
        given: As they were read, in the order of the file.
        files: The directory; nothing outside of it is opened.
        warnings: Gets one for each attachment that is not there.
    """
    root = files.resolve()
    found = []
    for place, each in enumerate(given):
        attachments = tuple(
            _digested(file, root, f"requisitions[{place}].attachments[{number}].filename", warnings)
            for number, file in enumerate(each.value.attachments)
        )
        invoice = attrs.evolve(each.value, attachments=attachments)
        found.append(Loaded(each.id, invoice, dump_requisition(invoice)))
    return tuple(found)


def _digested(file: Attachment, root: Path, path: str, warnings: list[Problem]) -> Attachment:
    content = _inside(file.filename, root)
    if content is None:
        sentence = f"Put a file named {file.filename} into the directory of the attachments."
        warnings.append(Problem(path, "attachment.missing", sentence))
        return file
    with content.open("rb") as opened:
        return attrs.evolve(file, digest=hashlib.file_digest(opened, "sha256").hexdigest())


def _inside(name: str, root: Path) -> Path | None:
    """Return the regular file of that plain name in the directory, links followed only within."""
    if "\0" in name or name in {".", ".."}:
        return None
    if PurePosixPath(name).name != name or PureWindowsPath(name).name != name:
        return None
    try:
        target = (root / name).resolve()
        return target if target.is_relative_to(root) and target.is_file() else None
    except OSError:
        return None
