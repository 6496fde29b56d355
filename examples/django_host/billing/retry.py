"""Transactions are run again after a conflict."""

from __future__ import annotations

import random
import sqlite3
import time
from typing import TYPE_CHECKING, TypeVar

from django.db import OperationalError, connection

from erp_invoice_core import HostMustRetry

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_TRIES = 5
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY = 0xFF
#: serialization_failure, deadlock_detected, lock_not_available
_AGAIN = {"40001", "40P01", "55P03"}


def run_with_retry(work: Callable[[], T]) -> T:
    """
    Run a whole transaction, and run it again if the database asks for it.

    Raises:
        RuntimeError: A transaction is open already: its reads would not be repeated.
    """
    if connection.in_atomic_block:
        msg = "Call this outside of atomic(): only a whole transaction can be run again."
        raise RuntimeError(msg)
    for _ in range(_TRIES - 1):
        try:
            return work()
        except (HostMustRetry, OperationalError) as error:
            if not _is_to_be_retried(error):
                raise
        time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - so that two hosts do not meet again
    return work()


def _is_to_be_retried(error: HostMustRetry | OperationalError) -> bool:
    """Return whether the queue, or a statement of the host, had a conflict."""
    if isinstance(error, HostMustRetry):
        return True
    cause = error.__cause__  # the driver's own error
    code = getattr(cause, "sqlite_errorcode", 0)
    return getattr(cause, "sqlstate", None) in _AGAIN or code & _PRIMARY in _BUSY
