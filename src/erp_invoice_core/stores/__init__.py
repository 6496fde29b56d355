"""Where the queue is kept: the ports, and the stores that ship."""

from .chain import Finding, Verification, verify
from .memory import MemoryStore
from .ports import (
    CommitUnknown,
    ErpIdTaken,
    HostMustRetry,
    NoTransaction,
    PeopleTransaction,
    SlotTaken,
    StaleEntry,
    Store,
    StoreBusy,
    Stored,
    StoreError,
    StoreFault,
    WorkTransaction,
)
from .sqlite import SqliteStore

__all__ = [
    "CommitUnknown",
    "ErpIdTaken",
    "Finding",
    "HostMustRetry",
    "MemoryStore",
    "NoTransaction",
    "PeopleTransaction",
    "SlotTaken",
    "SqliteStore",
    "StaleEntry",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoreFault",
    "Stored",
    "Verification",
    "WorkTransaction",
    "verify",
]
