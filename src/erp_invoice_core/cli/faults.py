"""
The message to a person about an unexpected exception of a run.

It is a module of its own, as it imports the stores, which would slow the start of the command.
"""

from __future__ import annotations

import sqlite3

from ..documents import Problem
from ..stores import CommitUnknown, HostMustRetry, StoreBusy, StoreError
from .output import build_problem


def explain_fault(fault: Exception) -> Problem:
    """Return the problem for a fault of the disk, the database or the program."""
    if isinstance(fault, CommitUnknown):
        return build_problem(
            "--db",
            "database.commit_unknown",
            "The database did not confirm the commit and may have stored the change. List the "
            "invoices before you repeat anything.",
        )
    if isinstance(fault, StoreBusy | HostMustRetry):
        return Problem("--db", "database.busy", str(fault))
    if isinstance(fault, StoreError):
        return Problem("--db", "database.failed", str(fault))
    if isinstance(fault, sqlite3.Error):
        return build_problem(
            "--db",
            "database.failed",
            "SQLite reports: {fault}. Check that the file is a database of this command.",
            fault=fault,
        )
    if isinstance(fault, OSError):
        return build_problem(
            str(fault.filename or ""),
            "system.failed",
            "The operating system reports: {fault}.",
            fault=fault.strerror or fault,
        )
    return build_problem(
        "",
        "command.failed",
        "The command failed ({kind}). Set ERP_DEBUG=1 and run it again to see the traceback.",
        kind=type(fault).__name__,
    )
