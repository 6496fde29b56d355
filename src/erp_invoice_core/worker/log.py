"""What a worker logs of its entries: one logger, the same facts with every record."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ..adapters.containment import name_of, traceback_of
from .lost import Lost

if TYPE_CHECKING:
    from ..documents import QueueEntry
    from ..exchange import Outcome
    from .job import Job

__all__ = [
    "LOG",
    "facts_of",
    "log_claim",
    "log_late",
    "log_lost",
    "log_not_stored",
    "log_prefetch",
]

#: The logger of workers.
LOG = logging.getLogger("erp_invoice_core.worker")


def facts_of(entry: QueueEntry, **more: object) -> dict[str, Any]:
    """Return what every record about an entry has besides its text."""
    return {
        "entry": entry.id,
        "connection": entry.connection,
        "generation": entry.generation,
        "attempt": entry.attempt,
        **more,
    }


def log_claim(job: Job) -> None:
    """Log that the worker took an entry; that it was tried before is said."""
    entry = job.entry
    tries = entry.deferrals + entry.lost_claims + entry.lookups
    text = "Claimed invoice %s (%s)." if not tries else "Claimed invoice %s (%s) again."
    extra = facts_of(entry, fencing=entry.fencing, deferrals=entry.deferrals)
    LOG.info(text, entry.id, entry.status.value, extra=extra)


def log_lost(job: Job, error: Exception) -> None:
    """Log that an entry is out of the worker's hands before its work was recorded."""
    LOG.warning(
        "Lost invoice %s (%s): its lease runs out, then it is looked up.",
        job.id,
        name_of(error),
        extra=facts_of(job.entry, fencing=job.fencing),
    )


def log_late(job: Job, outcome: Outcome, error: Exception) -> None:
    """Log that the store did not take an outcome: it is stored later, as late evidence."""
    LOG.warning(
        "The store did not take what the ERP answered for invoice %s (%s); it is tried again.",
        job.id,
        name_of(error),
        extra=facts_of(job.entry, outcome=type(outcome).__name__),
    )


def log_not_stored(job: Job, error: Exception) -> None:
    """Log that late evidence was not stored: no call waits for it, and no other try is made."""
    if isinstance(error, Lost):
        LOG.info("Late evidence of invoice %s proves nothing.", job.id, extra=facts_of(job.entry))
        return
    text = traceback_of(error, job.queue.lines.redaction)
    extra = facts_of(job.entry, event="evidence_not_stored", entry_id=job.id)
    LOG.error("Late evidence of entry %s is not stored.\n%s", job.id, text, extra=extra)


def log_prefetch(job: Job, error: Exception) -> None:
    """Log that the entry after this one could not be claimed in the same transaction."""
    text = traceback_of(error, job.queue.lines.redaction)
    LOG.error("The entry after invoice %s was not claimed.\n%s", job.id, text)
