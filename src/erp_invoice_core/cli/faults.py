"""Faults of disk, database and program, each as a sentence that says what to do."""

from __future__ import annotations

import sqlite3

from ..documents import Problem
from ..stores import CommitUnknown, HostMustRetry, StoreBusy, StoreError

__all__ = ["problem_of"]

_UNKNOWN = "Look before you do anything again: the database gave no answer, and may have stored it."


def problem_of(fault: Exception) -> Problem:
    """Return the problem that a person is told when something broke."""
    if isinstance(fault, StoreError):
        return _of_store(fault)
    if isinstance(fault, sqlite3.Error):
        sentence = f"Check that the file is a database of this command: {fault}."
        return Problem("--db", "database.failed", sentence)
    if isinstance(fault, OSError):
        name = str(fault.filename or "")
        return Problem(name, "system.failed", f"The system said: {fault.strerror or fault}.")
    sentence = f"Run it again with ERP_DEBUG=1 to see where it failed ({type(fault).__name__})."
    return Problem("", "command.failed", sentence)


def _of_store(fault: StoreError) -> Problem:
    if isinstance(fault, CommitUnknown):
        return Problem("--db", "database.commit_unknown", _UNKNOWN)
    if isinstance(fault, StoreBusy | HostMustRetry):
        return Problem("--db", "database.busy", str(fault))
    return Problem("--db", "database.failed", str(fault))
