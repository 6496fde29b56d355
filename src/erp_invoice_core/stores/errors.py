"""Errors of stores, with a class for each kind."""

from __future__ import annotations


class StoreError(Exception):
    """The store failed; each kind of failure has its own subclass."""


class StaleEntry(StoreError):
    """The change to save is based on an outdated state of the entry; read it and decide again."""


class SlotTaken(StoreError):
    """
    Another entry holds the slot: the same number for the same vendor on the same connection.

    Attributes:
        holder: The id of that entry, if the store returns it.
    """

    def __init__(self, message: str = "", holder: str | None = None) -> None:
        """Store the id of the holder."""
        super().__init__(message)
        self.holder = holder


class ErpIdTaken(StoreError):
    """Another entry, or a former generation of this one, owns the document with that ERP id."""


class EntryUnreadable(StoreError):
    """The entry's stored row cannot be read; the entry is left until the row is restored."""


class StoreBusy(StoreError):
    """Other processes locked the store for too long; try again."""


class EntryChanged(StoreBusy):
    """
    An entry has changed, or a number slot is held, against the expectation of the transaction.

    Nothing was stored. Read the entry, and run the transaction again.
    """


class StoreFault(StoreError):
    """The database failed, as with a full disk or a damaged file; nothing was stored."""


class CommitUnknown(StoreError):
    """The answer of the commit was lost; read the entry again first."""


class NoTransaction(StoreError):
    """The host's connection has no open transaction; begin one, then call again."""


class HostMustRetry(StoreError):
    """The database was busy or could not serialize; roll back and run the transaction again."""
