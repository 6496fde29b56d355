"""Log records of a worker, with the same facts for every entry."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ..adapters.containment import format_traceback, read_class_name

if TYPE_CHECKING:
    from ..adapters.redaction import Redaction
    from ..documents import QueueEntry
    from ..exchange import Outcome

#: The logger of workers.
LOG = logging.getLogger("erp_invoice_core.worker")


def collect_facts(entry: QueueEntry, **more: object) -> dict[str, Any]:
    """Return the facts that every record about an entry has besides its text."""
    return {
        "entry": entry.id,
        "connection": entry.connection,
        "generation": entry.generation,
        "attempt": entry.attempt,
        **more,
    }


def log_claim(entry: QueueEntry) -> None:
    """Log that the worker claimed an entry; the text says if it was tried before."""
    tries = entry.deferrals + entry.lost_claims + entry.lookups
    text = "Claimed invoice %s (%s)." if not tries else "Claimed invoice %s (%s) again."
    extra = collect_facts(entry, fencing=entry.fencing, deferrals=entry.deferrals)
    LOG.info(text, entry.id, entry.status.value, extra=extra)


def log_lost(entry: QueueEntry, fencing: int, error: Exception) -> None:
    """Log that a job ended before its work was recorded."""
    LOG.warning(
        "Lost invoice %s (%s): its lease runs out, then it is looked up.",
        entry.id,
        read_class_name(error),
        extra=collect_facts(entry, fencing=fencing),
    )


def log_late(entry: QueueEntry, outcome: Outcome, error: Exception) -> None:
    """Log that the store did not take an outcome, so that it is stored later as late evidence."""
    LOG.warning(
        "The store did not take what the ERP answered for invoice %s (%s); it is tried again.",
        entry.id,
        read_class_name(error),
        extra=collect_facts(entry, outcome=type(outcome).__name__),
    )


def log_no_evidence(entry: QueueEntry) -> None:
    """Log that a late answer proves nothing, so that it is not stored."""
    LOG.info("Late evidence of invoice %s proves nothing.", entry.id, extra=collect_facts(entry))


def log_not_stored(entry: QueueEntry, error: Exception, redaction: Redaction) -> None:
    """Log that late evidence was not stored, and that it is not tried again."""
    text = format_traceback(error, redaction)
    extra = collect_facts(entry, event="evidence_not_stored", entry_id=entry.id)
    LOG.error("Late evidence of entry %s is not stored.\n%s", entry.id, text, extra=extra)


def log_prefetch(entry: QueueEntry, error: Exception, redaction: Redaction) -> None:
    """Log that the entry after this one could not be claimed in the same transaction."""
    text = format_traceback(error, redaction)
    LOG.error("The entry after invoice %s was not claimed.\n%s", entry.id, text)
