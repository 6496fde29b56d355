"""Notices about attachments whose files the ERP does not get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import AttachmentForm, choose_attachment_forms
from ...declaration.attachments import MAX_FILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..case import Case
    from .condition import Finding


_LINKED = (
    "{erp} gets links instead of the files of these attachments ({count}): {names}. "
    "A file is sent if its content is supplied and its digest is known, {limit} files at most."
)
_UNSENT = (
    "These attachments do not reach {erp} ({count}): {names}. "
    "A file is sent if its content is supplied and its digest is known, {limit} files at most."
)
_SHOWN = 10


def _names(case: Case, wanted: AttachmentForm) -> Sequence[str]:
    """Return the names of the attachments that reach an ERP that takes files in another form."""
    if case.erp is None or case.erp.attachments is not AttachmentForm.FILES:
        return ()
    if case.document is None:  # only their number is known, and the worse form counts
        is_lost = wanted is AttachmentForm.NONE and not case.has_content
        return ("?",) * case.attachments if is_lost else ()
    files = case.document.attachments
    forms = choose_attachment_forms(files, case.erp.attachments, has_content=case.has_content)
    return [each.filename for each, form in zip(files, forms, strict=True) if form is wanted]


def _finding(case: Case, code: str, sentence: str, form: AttachmentForm) -> Iterable[Finding]:
    names = _names(case, form)
    if not names:
        return
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    facts = {
        "erp": case.erp.name if case.erp else "",
        "count": str(len(names)),
        "names": f"{shown} and {more} more" if more > 0 else shown,
        "limit": str(MAX_FILES),
    }
    yield code, sentence, facts, ()


def each_linked(case: Case) -> Iterable[Finding]:
    """Return the finding that names the attachments of which the ERP gets a link."""
    return _finding(case, "attachments.linked", _LINKED, AttachmentForm.LINK)


def each_unsent(case: Case) -> Iterable[Finding]:
    """Return the finding that names the attachments of which the ERP gets nothing."""
    return _finding(case, "attachments.not_sent", _UNSENT, AttachmentForm.NONE)


#: The findings about attachments that an acceptance records besides the losses of fields.
ATTACHMENT_LOSSES = (each_linked, each_unsent)
