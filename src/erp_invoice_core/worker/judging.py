"""Before the first write: is what was accepted still what would be booked, and still allowed?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..adapters.containment import Raised, contained, name_of, traceback_of
from ..exchange import Deferred
from ..flow import revalidate
from ..queue.callbacks import ask_facts

if TYPE_CHECKING:
    from ..queue import ExportQueue
    from ..verdict import Verdict
    from .job import Job

__all__ = ["judged"]

_LOG = logging.getLogger(__name__)


def judged(queue: ExportQueue, job: Job) -> Verdict | Deferred:
    """
    Return why the accepted document may not be written, from facts asked again.

    Where the host cannot tell its facts now, nothing is written yet.
    """
    redaction = queue.lines.redaction
    asked = ask_facts(queue.facts, [job.entry.id], redaction)
    if job.entry.id in asked.problems:
        return Deferred(None, f"The host's facts cannot be used: {asked.problems[job.entry.id]}.")
    case, has_content = asked.cases.get(job.entry.id), queue.content is not None
    answer = contained(
        lambda: revalidate(
            job.entry,
            case,
            at=job.now(),
            policy=queue.policy,
            erp=job.erp,
            has_content=has_content,
        )
    )
    if not isinstance(answer, Raised):
        return answer
    name, text = name_of(answer.error), traceback_of(answer.error, redaction)
    _LOG.error("The host's facts cannot be judged: %s.\n%s", name, text, extra={"entry": job.id})
    return Deferred(None, f"The host's facts cannot be judged: {name} was raised.")
