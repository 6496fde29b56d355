"""Errors of stores: a class for each kind, so that a host can react."""

from __future__ import annotations


class StoreError(Exception):
    """The store failed; each kind of failure has a class of its own, and a sentence."""


class StaleEntry(StoreError):
    """The entry has moved since it was read: read it again, decide again."""


class SlotTaken(StoreError):
    """
    Another entry holds the slot: the same number for the same vendor on the same connection.

    Attributes:
        holder: The id of that entry, if the store returns it.
    """

    def __init__(self, message: str = "", holder: str | None = None) -> None:
        """Keep who holds it."""
        super().__init__(message)
        self.holder = holder


class ErpIdTaken(StoreError):
    """Another entry, or a former generation, owns that id of the ERP."""


class EntryUnreadable(StoreError):
    """The entry's stored row cannot be read: it is set aside until the row is restored."""


class StoreBusy(StoreError):
    """Others held the store for too long: try again."""


class StoreFault(StoreError):
    """The database could not do it (disk full, file damaged): nothing was stored."""


class CommitUnknown(StoreError):
    """The answer of the commit was lost: read again before anything else."""


class NoTransaction(StoreError):
    """The host's connection has no open transaction: begin one, then call again."""


class HostMustRetry(StoreError):
    """The database was busy, or could not serialize: roll back and run the transaction again."""
