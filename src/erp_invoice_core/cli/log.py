"""The log of the command on standard error."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from .escape import escape

if TYPE_CHECKING:
    from collections.abc import Iterator


#: The levels of the option ``--log-level``, from the fewest messages to the most.
LEVELS: Final = ("critical", "error", "warning", "info", "debug")
_QUIET: Final = "error"
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Formatter(logging.Formatter):
    """Writes each record on a line, with control characters escaped."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(map(escape, super().format(record).splitlines()))


@contextmanager
def log_to_stderr(level: str | None) -> Iterator[None]:
    """Write log records of the level or above to standard error within the block."""
    name = level or _QUIET
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
