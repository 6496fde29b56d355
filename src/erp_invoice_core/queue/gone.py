"""Whether documents are gone from the ERP: each is read by its id, outside any transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exchange import Deferred, Gone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..documents import QueueEntry, Receipt
    from ..flow import Resolution
    from .sessions import Lines

__all__ = ["is_gone", "shown_gone"]


def _all_gone(
    lines: Lines, connection: str | None, receipts: Iterable[Receipt], evidence: str | None
) -> bool:
    adapter = lines.adapter(connection)
    if adapter is None or connection is None or not adapter.has_read:
        return bool(evidence and evidence.strip())
    session = lines.session(connection)
    if isinstance(session, Deferred):
        return False
    documents = {receipt.erp_id: receipt for receipt in receipts}
    return all(isinstance(adapter.read(session, receipt), Gone) for receipt in documents.values())


def is_gone(lines: Lines, entry: QueueEntry, evidence: str | None) -> bool:
    """Return whether every living document is gone; where nobody can read it: the evidence."""
    receipts = [holding.receipt for holding in entry.living if holding.receipt.role]
    return _all_gone(lines, entry.connection, receipts, evidence)


def shown_gone(
    lines: Lines, entry: QueueEntry, ruling: Resolution, evidence: str | None
) -> Collection[str]:
    """Return the ERP ids that a ruling denies and that are shown gone: all of them or none."""
    denied = ruling.denied(entry)
    if denied and _all_gone(lines, entry.connection, denied, evidence):
        return {receipt.erp_id for receipt in denied}
    return ()
