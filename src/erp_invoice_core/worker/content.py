"""Content of attachments, fetched and checked before their step starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..adapters.callers import TookTooLong
from ..adapters.erp_client import find_time_limit
from ..exchange import AttachmentUnavailable, Deferred

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from ..documents import Step
    from ..exchange import ExportRequest, RequestAttachment
    from .job import Job


def fetch_content(job: Job, step: Step) -> BinaryIO | Deferred | None:
    """
    Return the content of the step's attachment, or ``None`` if the step has no attachment.

    A :class:`Deferred` has the reason why the content is not available. The call of the step has
    not started, so the export can wait for the content.
    """
    if step.attachment is None:
        return None
    request = job.build_request()
    wanted = next((each for each in request.files if each.id == step.attachment), None)
    if wanted is None:
        why = (
            f"Step {step.name} sends attachment {step.attachment}, which has no content. Supply it."
        )
        return Deferred(None, why, needs_person=True)
    return _read(job, wanted, step.kind)


def _read(job: Job, wanted: RequestAttachment, kind: str) -> BinaryIO | Deferred:
    """Return the content of an attachment, within the time limit of the kind of step."""

    def read() -> BinaryIO | Deferred:
        try:
            return wanted.open()
        except AttachmentUnavailable as error:
            return Deferred(None, str(error), error.needs_person)

    try:
        return job.client.channel.call(
            read,
            seconds=find_time_limit(job.adapter, kind),
            every=job.client.every,
            beat=job.client.beat,
            late=_close,
        )
    except TookTooLong:
        why = f"Attachment {wanted.id} ({wanted.filename}) was not read in time. Nothing was sent."
        return Deferred(None, why)


def _close(content: BinaryIO | Deferred) -> None:
    if not isinstance(content, Deferred):
        content.close()


def find_missing_content(job: Job, request: ExportRequest, plan: Sequence[Step]) -> Deferred | None:
    """
    Return why the first unavailable file cannot be sent; ``None`` if all are available.

    The export calls it before its first write, so that it does not stop half done for lack of a
    file.
    """
    kinds = {step.attachment: step.kind for step in plan}
    for wanted in request.files:
        content = _read(job, wanted, kinds.get(wanted.id, plan[0].kind))
        if isinstance(content, Deferred):
            return content
        content.close()
    return None


@attrs.define
class _FetchedContent:
    """
    The ``source`` of an attachment whose content was fetched before the call of its step.

    The first call returns the fetched content; each later one fetches the content again.
    """

    content: BinaryIO | None
    again: Callable[[], BinaryIO]

    def __call__(self) -> BinaryIO:
        content, self.content = self.content, None
        return self.again() if content is None else content


def add_content(request: ExportRequest, step: Step, content: BinaryIO | None) -> ExportRequest:
    """Return the request with the fetched content as the source of the step's attachment."""
    if content is None:
        return request
    attachments = tuple(
        attrs.evolve(each, source=_FetchedContent(content, each.source))
        if each.id == step.attachment and each.source is not None
        else each
        for each in request.attachments
    )
    return attrs.evolve(request, attachments=attachments)
