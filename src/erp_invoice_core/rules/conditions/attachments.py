"""Notices about attachments whose files the ERP does not get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...declaration import AttachmentForm, choose_attachment_forms
from ...declaration.attachments import MAX_FILES
from ...message_template import MessageTemplate
from ...verdict import Source
from .condition import UNKNOWN, join_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..case import Case
    from .condition import Reason


LINKED = MessageTemplate(
    "attachments.linked",
    "{erp} gets links instead of the files of these attachments ({count}): {names}. To send a file,"
    " supply its content and its digest; at most {limit} files are sent.",
    source=Source.FEATURE,
)
UNSENT = MessageTemplate(
    "attachments.not_sent",
    "{erp} does not get these attachments ({count}): {names}. To send a file, supply its content"
    " and its digest; at most {limit} files are sent.",
    source=Source.FEATURE,
)
NOT_EXPORTED = MessageTemplate(
    "attachments.not_exported",
    "{erp} takes no attachments, and this invoice has {count}. Send them to accounting by other means,"
    " if they are needed.",
    source=Source.FEATURE,
)
_SHOWN = 10


def _list_names(case: Case, wanted: AttachmentForm) -> Sequence[str]:
    """
    Return the names of the attachments whose files do not reach an ERP that takes files.

    ``wanted`` is what the ERP gets in place of the file: a link, or nothing. Each name is ``?`` if
    only the number of attachments is known.
    """
    if case.erp is None or case.erp.attachments is not AttachmentForm.FILES:
        return ()
    if case.document is None:  # only their number is known, and the worse form counts
        is_lost = wanted is AttachmentForm.NONE and not case.has_content
        return (UNKNOWN,) * case.attachments if is_lost else ()
    files = case.document.attachments
    forms = choose_attachment_forms(files, case.erp.attachments, has_content=case.has_content)
    return [each.filename for each, form in zip(files, forms, strict=True) if form is wanted]


def _find(case: Case, template: MessageTemplate, form: AttachmentForm) -> Iterable[Reason]:
    names = _list_names(case, form)
    if not names:
        return
    facts = {
        "erp": case.erp.name if case.erp else "",
        "count": str(len(names)),
        "names": join_values(names, _SHOWN),
        "limit": str(MAX_FILES),
    }
    yield template.code, template, facts, ()


def find_not_exported(case: Case) -> Iterable[Reason]:
    """Return the finding that counts the attachments of the invoice, if the ERP takes none."""
    return _count_not_exported(case, case.attachments)


def find_not_accepted(case: Case) -> Iterable[Reason]:
    """
    Return the finding that counts the attachments of the document, if the ERP takes none.

    An acceptance records this finding, which therefore leaves out attachments that the invoice gets
    later.
    """
    document = case.document
    return _count_not_exported(case, len(document.attachments) if document else case.attachments)


def _count_not_exported(case: Case, count: int) -> Iterable[Reason]:
    if case.erp is None or case.erp.attachments is not AttachmentForm.NONE or not count:
        return
    facts = {"erp": case.erp.name, "count": str(count)}
    yield NOT_EXPORTED.code, NOT_EXPORTED, facts, ()


def has_no_attachments(case: Case) -> bool:
    """Return whether neither the invoice nor its export document has an attachment."""
    return not (case.attachments or (case.document and case.document.attachments))


def find_linked(case: Case) -> Iterable[Reason]:
    """Return the finding that names the attachments of which the ERP gets a link."""
    return _find(case, LINKED, AttachmentForm.LINK)


def find_unsent(case: Case) -> Iterable[Reason]:
    """Return the finding that names the attachments of which the ERP gets nothing."""
    return _find(case, UNSENT, AttachmentForm.NONE)


#: The findings about attachments that an acceptance records besides the losses of fields.
ATTACHMENT_LOSSES = (find_not_accepted, find_linked, find_unsent)
