"""Before the first write: is what was accepted still what would be booked, and still allowed?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import attrs

from ..adapters.containment import Raised, contained, name_of, traceback_of
from ..documents import WORKER
from ..exchange import Deferred
from ..flow import facing, losses_digest
from ..queue.callbacks import ask_facts
from ..rules import decide
from ..verdict import Denial, Source, Verdict
from ..vocabulary import Action

if TYPE_CHECKING:
    from ..queue import ExportQueue
    from ..rules import Case
    from .job import Job

__all__ = ["judged"]

_LOG = logging.getLogger(__name__)


def _changed(code: str, what: str, **facts: str) -> Denial:
    message = f"Look again, then retry or reject: {what} since it was accepted."
    return Denial(code, message, Source.CONDITION, facts)


def _differences(job: Job, case: Case) -> list[Denial]:
    acceptance = job.entry.acceptance
    found: list[Denial] = []
    if acceptance is None:
        return found
    if case.document is not None and case.document.digest != acceptance.digest:
        found.append(_changed("export.changed", "what would be booked has changed"))
    is_superseded = acceptance.declaration in job.erp.supersedes
    if acceptance.declaration != job.erp.digest and not is_superseded:
        what = f"{job.erp.name} declares otherwise"
        found.append(_changed("export.declaration_changed", what, erp=job.erp.name))
    known = {losses_digest(case, job.entry.document)}
    if is_superseded and job.entry.document is not None:
        # A former declaration may have taken no files: that they stay here is no new loss.
        known.add(losses_digest(case, attrs.evolve(job.entry.document, attachments=())))
    if acceptance.losses not in known:
        found.append(_changed("export.new_loss", "other amounts would be lost"))
    return found


def judged(queue: ExportQueue, job: Job) -> Verdict | Deferred:
    """
    Return why the accepted document may not be written, from facts asked again.

    Where the host cannot tell its facts now, nothing is written yet.
    """
    redaction = queue.lines.redaction
    asked = ask_facts(queue.facts, [job.entry.id], redaction)
    if job.entry.id in asked.problems:
        return Deferred(None, f"The host's facts cannot be used: {asked.problems[job.entry.id]}.")
    answer = contained(lambda: _judged(queue, job, asked.cases.get(job.entry.id)))
    if not isinstance(answer, Raised):
        return answer
    name, text = name_of(answer.error), traceback_of(answer.error, redaction)
    _LOG.error("The host's facts cannot be judged: %s.\n%s", name, text, extra={"entry": job.id})
    return Deferred(None, f"The host's facts cannot be judged: {name} was raised.")


def _judged(queue: ExportQueue, job: Job, case: Case | None) -> Verdict:
    if case is None:
        missing = "Reject this export: its invoice is not there any more."
        return Verdict((Denial("export.invoice_missing", missing, Source.CONDITION),))
    fields = job.entry.acceptance.fields if job.entry.acceptance else {}
    whole = facing(
        case,
        job.entry,
        at=job.now(),
        actor=WORKER,
        policy=queue.policy,
        erp=job.erp,
        export_fields=fields,
        has_content=queue.content is not None,
    )
    return decide(Action.START, whole) & Verdict(tuple(_differences(job, whole)))
