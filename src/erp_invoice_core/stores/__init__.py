"""The stores of the queue: in memory, in SQLite and in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy_names import import_later
from .audit_chain import Verification, verify
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
from .finding_rows import Finding
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


# psycopg is an extra, and without it the import raises ImportError.
__getattr__ = import_later(__name__, {"postgres": ("PostgresStore",)})
