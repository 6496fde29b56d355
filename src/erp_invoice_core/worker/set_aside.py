"""Set-aside: defers an entry after an unexpected error in its work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..adapters.containment import describe_exception, format_traceback, read_class_name
from ..flow import defer, postpone
from ..stores import ErpIdTaken, SlotTaken, StaleEntry
from ..vocabulary import ExportStatus
from .commits import LeaseLost
from .log import LOG, collect_facts

if TYPE_CHECKING:
    from ..documents import QueueEntry
    from ..events import Change
    from .job import Job

#: Errors of a store that concern one entry, and do not mean that it is unavailable.
OF_ONE_ENTRY: Final = (ErpIdTaken, SlotTaken, StaleEntry)


def set_aside(job: Job, error: Exception) -> None:
    """
    Log the error, defer the entry and record the reason in its audit log.

    If that also fails, the lease expires. Then a worker claims the entry again, or looks it up if a
    call is in doubt.
    """
    redaction = job.context.queue.connections.redaction
    extra = collect_facts(job.entry, fencing=job.fencing)
    text = format_traceback(error, redaction)
    LOG.error("Deferred invoice %s after an unexpected error.\n%s", job.entry.id, text, extra=extra)
    why = f"Its export failed unexpectedly: {describe_exception(error, redaction)}"
    try:
        job.commit(lambda entry: _postpone(job, entry, why))
    except Exception as again:  # noqa: BLE001 - if this fails, the lease expires
        if not isinstance(again, LeaseLost):
            LOG.error(
                "Could not defer invoice %s: %s.",
                job.entry.id,
                read_class_name(again),
                extra=extra,
            )


def _postpone(job: Job, entry: QueueEntry, why: str) -> Change:
    at, facts = job.clock(), {"why": why}
    if entry.status is not ExportStatus.EXPORTING:
        return postpone(entry, at=at, facts=facts, retry_policy=job.retry_policy)
    return defer(
        entry,
        at=at,
        erp=job.erp,
        until=None,
        facts=facts,
        chance=job.context.chance(),
        retry_policy=job.retry_policy,
    )
