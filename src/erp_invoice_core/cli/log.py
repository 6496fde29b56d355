"""The log of the command on standard error."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from .output import bad_input
from .text import escape

if TYPE_CHECKING:
    from collections.abc import Iterator


#: The levels that can be asked for, the quietest first.
LEVELS: Final = ("critical", "error", "warning", "info", "debug")
_QUIET: Final = "error"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Formatter(logging.Formatter):
    """Writes records line by line, everything that a terminal would obey as an escape."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(map(escape, super().format(record).splitlines()))


@contextmanager
def log_to_stderr(level: str | None) -> Iterator[None]:
    """
    Write the log of the library to standard error as long as this lasts.

    Raises:
        BadInput: There is no such level.
    """
    name = (level or _QUIET).lower()
    if name not in LEVELS:
        raise bad_input("--log-level", "usage.invalid", f"Name a level: {', '.join(LEVELS)}.")
    logger = logging.getLogger("erp_invoice_core")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(_FORMAT))
    handler.setLevel(name.upper())
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(name.upper())
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
