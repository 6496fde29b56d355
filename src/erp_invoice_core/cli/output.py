"""Standard output belongs to the answer: what plug-ins print goes to standard error."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["output_reserved", "reserve_descriptor"]

_OUTPUT, _ERRORS = 1, 2


@contextmanager
def output_reserved() -> Iterator[None]:
    """Send to standard error what is printed as long as this lasts: it is not the answer."""
    before = sys.stdout
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            sys.stderr.flush()
        sys.stdout = before


def reserve_descriptor() -> None:
    """
    Keep a descriptor of our own for standard output, and send the common one to standard error.

    For a process of ours alone: programs and libraries that a plug-in starts write to it.
    """
    out = sys.stdout
    if out is None or sys.stderr is None:
        return
    try:
        if out.fileno() != _OUTPUT:
            return
        own = os.dup(_OUTPUT)
        os.dup2(_ERRORS, _OUTPUT)
    except (OSError, ValueError):
        return
    sys.stdout = open(  # noqa: SIM115, PTH123 - it lives as long as the process
        own, "w", encoding=out.encoding, errors=out.errors, buffering=1 if os.isatty(own) else -1
    )
