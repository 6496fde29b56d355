"""The form in which each attachment is sent to an ERP."""

from __future__ import annotations

import pytest

from erp_invoice_core.declaration import AttachmentForm, choose_attachment_forms
from erp_invoice_core.declaration.attachments import MAX_FILES
from erp_invoice_core.documents import Attachment

FILES, LINK, NONE = AttachmentForm.FILES, AttachmentForm.LINK, AttachmentForm.NONE
KNOWN = Attachment(id="1", filename="waiver.pdf", digest="ab" * 32)
LINKED = Attachment(id="2", filename="photo.jpg", url="https://files.example/2")
BARE = Attachment(id="3", filename="letter.pdf")
ALL = (KNOWN, LINKED, BARE)


@pytest.mark.parametrize(
    ("declared", "has_content", "expected"),
    [
        (FILES, True, (FILES, LINK, NONE)),
        (FILES, False, (NONE, LINK, NONE)),
        (LINK, True, (LINK, LINK, LINK)),
        (NONE, True, (NONE, NONE, NONE)),
    ],
)
def test_form_follows_from_declaration_content_and_digest(
    declared: AttachmentForm, expected: tuple[AttachmentForm, ...], *, has_content: bool
) -> None:
    """A file needs an ERP that accepts files, content, and a digest; else a link is sent."""
    assert expected == choose_attachment_forms(ALL, declared, has_content=has_content)


def test_files_of_one_export_are_bounded() -> None:
    """The hundred and first file is not sent."""
    forms = choose_attachment_forms((KNOWN,) * (MAX_FILES + 1), FILES, has_content=True)
    assert [FILES] * 100 + [NONE] == list(forms)
