"""Revalidation of a claimed entry with current facts of the host."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..adapters.containment import Raised, call_contained, format_traceback, read_class_name
from ..exchange import Deferred
from ..flow import revalidate
from ..queue.callbacks import ask_facts

if TYPE_CHECKING:
    from ..verdict import Verdict
    from .job import Job

_LOG = logging.getLogger(__name__)


def revalidate_job(job: Job) -> Verdict | Deferred:
    """
    Return the verdict on writing the accepted document, by current facts of the host.

    If the host's facts cannot be used now, the result is :class:`Deferred`.
    """
    queue, entry = job.context.queue, job.entry
    redaction = queue.connections.redaction
    asked = ask_facts(queue.facts, [entry.id], redaction)
    if entry.id in asked.problems:
        return Deferred(None, f"The host's facts cannot be used: {asked.problems[entry.id]}.")
    answer = call_contained(
        lambda: revalidate(
            entry,
            asked.cases.get(entry.id),
            at=job.clock(),
            policy=queue.policy,
            erp=job.erp,
            has_content=queue.content is not None,
        )
    )
    if not isinstance(answer, Raised):
        return answer
    name, text = read_class_name(answer.error), format_traceback(answer.error, redaction)
    _LOG.error("The host's facts cannot be judged: %s.\n%s", name, text, extra={"entry": entry.id})
    return Deferred(None, f"The host's facts cannot be judged: {name} was raised.")
