"""The form in which each attachment of an invoice reaches an ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .vocabulary import AttachmentForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..documents import Attachment


#: The number of files that one export sends at most.
MAX_FILES = 100


def choose_attachment_forms(
    attachments: Sequence[Attachment], declared: AttachmentForm, *, has_content: bool
) -> tuple[AttachmentForm, ...]:
    """
    Return for each attachment whether its file, a link or nothing is sent.

    A file is sent if the ERP takes files, the host supplies content, and the digest of this content
    is known; of one invoice, at most :data:`MAX_FILES` files are sent. Without a digest the library
    could not check that the bytes are the accepted ones. Otherwise an ERP that takes files gets the
    link, if there is one.

    Args:
        attachments: The attachments of one invoice.
        declared: The form that the ERP takes.
        has_content: True if the host supplies the content of attachments.
    """
    if declared is not AttachmentForm.FILES:
        return (declared,) * len(attachments)
    forms: list[AttachmentForm] = []
    for each in attachments:
        is_file = has_content and each.digest and forms.count(declared) < MAX_FILES
        without = AttachmentForm.LINK if each.url else AttachmentForm.NONE
        forms.append(declared if is_file else without)
    return tuple(forms)
