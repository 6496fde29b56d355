"""An entry whose work failed unexpectedly: it is put off, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..adapters.containment import name_of, sentence_of, traceback_of
from ..flow import hand_back, postpone
from ..stores import ErpIdTaken, SlotTaken, StaleEntry
from ..vocabulary import ExportStatus
from .log import LOG, facts_of
from .lost import Lost

if TYPE_CHECKING:
    from ..documents import QueueEntry
    from ..events import Change
    from .job import Job

__all__ = ["OF_ONE_ENTRY", "set_aside"]

#: What a store raises because of one entry, and not because it is away.
OF_ONE_ENTRY: Final = (ErpIdTaken, SlotTaken, StaleEntry)


def set_aside(job: Job, error: Exception) -> None:
    """
    Log the error, put the entry off and write the reason into its history.

    If that fails too its lease runs out: it is taken again, or looked up if a call is in doubt.
    """
    redaction = job.queue.lines.redaction
    extra = facts_of(job.entry, fencing=job.fencing)
    text = traceback_of(error, redaction)
    LOG.error("Set invoice %s aside after an error.\n%s", job.id, text, extra=extra)
    why = f"Its export failed unexpectedly: {sentence_of(error, redaction)}"
    try:
        job.commit(lambda entry: _put_off(job, entry, why))
    except Exception as again:  # noqa: BLE001 - the lease ends what cannot be recorded
        if not isinstance(again, Lost):
            LOG.error("Could not put invoice %s off: %s.", job.id, name_of(again), extra=extra)


def _put_off(job: Job, entry: QueueEntry, why: str) -> Change:
    at, facts = job.now(), {"why": why}
    if entry.status is not ExportStatus.EXPORTING:
        return postpone(entry, at=at, facts=facts, patience=job.patience)
    return hand_back(
        entry,
        at=at,
        erp=job.erp,
        until=None,
        facts=facts,
        chance=job.chance(),
        patience=job.patience,
    )
