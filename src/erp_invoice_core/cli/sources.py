"""The files of ``load``: their kind, and their content within a limit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ..documents import Problem
from ..wire.procore import KINDS, Source
from .answer import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["sources_of"]

_PIECE = 1024 * 1024
_INPUT = "-"


def sources_of(arguments: Sequence[str], max_size: int) -> list[Source]:
    """
    Return the content of the files that the arguments name, ``[KIND=]FILE`` each.

    Of all together one byte more than allowed is read at most.

    Raises:
        BadInput: Some cannot be read; a problem for each.
    """
    found = []
    problems = []
    left = max_size + 1
    for argument in arguments:
        kind, name = _split(argument)
        try:
            data = _content(name, left)
        except (OSError, ValueError) as fault:
            reason = getattr(fault, "strerror", None) or fault
            sentence = f"Name a file that can be read: {reason}."
            if kind is None and "=" in name:
                sentence += f" Before = stands one of {', '.join(KINDS)}."
            where = "FILE" if len(arguments) == 1 else name
            problems.append(Problem(where, "file.unreadable", sentence))
            continue
        left -= len(data)
        found.append(Source(data=data, name=name, kind=kind))
        if left <= 0:
            break  # too large together: nothing is read of the rest
    if problems:
        raise BadInput(problems)
    return found


def _split(argument: str) -> tuple[str | None, str]:
    """Return the kind, ``None`` where the text before the first ``=`` is none, and the path."""
    kind, equals, path = argument.partition("=")
    return (kind, path) if equals and kind in KINDS else (None, argument)


def _content(name: str, size: int) -> bytes:
    if name == _INPUT:
        return _up_to(size, sys.stdin.buffer)
    with Path(name).open("rb") as content:
        return _up_to(size, content)


def _up_to(size: int, content: BinaryIO) -> bytes:
    """Return so many bytes at most; a read of a huge size would reserve it all."""
    found = bytearray()
    while len(found) < size:
        piece = content.read(min(size - len(found), _PIECE))
        if not piece:
            break
        found += piece
    return bytes(found)
