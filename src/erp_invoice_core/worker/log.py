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
    """Return the structured fields of every log record about an entry."""
    return {
        "entry": entry.id,
        "connection": entry.connection,
        "generation": entry.generation,
        "attempt": entry.attempt,
        **more,
    }


def log_claim(entry: QueueEntry) -> None:
    """Log that the worker claimed an entry; the text says whether it was claimed before."""
    if not LOG.isEnabledFor(logging.INFO):  # as usual, and asked for each export
        return
    tries = entry.deferrals + entry.lost_claims + entry.lookups
    text = "Claimed invoice %s (%s)." if not tries else "Claimed invoice %s (%s) again."
    extra = collect_facts(entry, fencing=entry.fencing, deferrals=entry.deferrals)
    LOG.info(text, entry.id, entry.status.value, extra=extra)


def log_lost(entry: QueueEntry, fencing: int, error: Exception) -> None:
    """Log that a job lost its lease before its result was recorded."""
    LOG.warning(
        "Stopped the work on invoice %s (%s). After its lease expires, a worker looks it up.",
        entry.id,
        read_class_name(error),
        extra=collect_facts(entry, fencing=fencing),
    )


def log_late(entry: QueueEntry, outcome: Outcome, error: Exception) -> None:
    """Log that the store refused an outcome, which is stored later as late evidence."""
    LOG.warning(
        "The store refused the ERP's answer for invoice %s (%s). The worker tries again.",
        entry.id,
        read_class_name(error),
        extra=collect_facts(entry, outcome=type(outcome).__name__),
    )


def log_no_evidence(entry: QueueEntry) -> None:
    """Log that a late answer proves nothing and is therefore not stored."""
    LOG.info("Late evidence of invoice %s proves nothing.", entry.id, extra=collect_facts(entry))


def log_not_stored(entry: QueueEntry, error: Exception, redaction: Redaction) -> None:
    """Log that late evidence could not be stored and is not tried again."""
    text = format_traceback(error, redaction)
    extra = collect_facts(entry, event="evidence_not_stored", entry_id=entry.id)
    LOG.error("Late evidence of entry %s is not stored.\n%s", entry.id, text, extra=extra)


def log_prefetch(entry: QueueEntry, error: Exception, redaction: Redaction) -> None:
    """Log that the next entry could not be claimed in the same transaction."""
    text = format_traceback(error, redaction)
    LOG.error("The entry after invoice %s was not claimed.\n%s", entry.id, text)
