"""Stores of the queue: their protocol, and the implementations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .audit_chain import Finding, Verification, verify
from .errors import (
    CommitUnknown,
    EntryChanged,
    EntryUnreadable,
    ErpIdTaken,
    HostMustRetry,
    NoTransaction,
    SlotTaken,
    StaleEntry,
    StoreBusy,
    StoreError,
    StoreFault,
)
from .memory import MemoryStore
from .protocol import PeopleTransaction, Store, Stored, WorkTransaction
from .sqlite import SqliteStore
from .unreadable_rows import UnreadableEntry

if TYPE_CHECKING:
    from .postgres import PostgresStore

__all__ = [
    "CommitUnknown",
    "EntryChanged",
    "EntryUnreadable",
    "ErpIdTaken",
    "Finding",
    "HostMustRetry",
    "MemoryStore",
    "NoTransaction",
    "PeopleTransaction",
    "PostgresStore",
    "SlotTaken",
    "SqliteStore",
    "StaleEntry",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreFault",
    "Stored",
    "UnreadableEntry",
    "Verification",
    "WorkTransaction",
    "verify",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - an attribute of any type
    """
    Return the store that needs an extra, imported at its first use.

    Raises:
        ImportError: The extra ``postgres`` is not installed.
    """
    if name != "PostgresStore":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from .postgres import PostgresStore  # noqa: PLC0415 - psycopg is an extra

    return PostgresStore
