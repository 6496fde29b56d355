"""A step of a file is found if the bill in Tryton has that file, counted among equal ones."""

from __future__ import annotations

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters.tryton.adapter import TrytonAdapter
from erp_invoice_core.adapters.tryton.look_up import has_attachment
from erp_invoice_core.testing import sample_request

FILES = erp.AttachmentForm.FILES
WAIVER = erp.RequestAttachment(id="1", filename="waiver.pdf ", form=FILES, digest="AB")
LINK = erp.RequestAttachment(
    id="3", filename="photo.jpg", form=erp.AttachmentForm.LINK, url="https://files.example/3"
)
REQUEST = attrs.evolve(sample_request(), attachments=(WAIVER, attrs.evolve(WAIVER, id="2"), LINK))
#: As Tryton shows them: a name without spaces around it, a digest in lower case.
STORED_WAIVER = erp.ContentsAttachment(name="waiver.pdf", digest="ab")
STORED_LINK = erp.ContentsAttachment(name="photo.jpg", digest=None)


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ([], [False, False, False]),
        ([STORED_WAIVER], [True, False, False]),
        ([STORED_WAIVER, STORED_WAIVER], [True, True, False]),
        ([STORED_LINK], [False, False, True]),
        ([erp.ContentsAttachment(name="waiver.pdf", digest="cd")], [False, False, False]),
        ([erp.ContentsAttachment(name="other.pdf", digest="ab")], [False, False, False]),
        ([erp.ContentsAttachment(name="photo.jpg", digest="ab")], [False, False, False]),
    ],
)
def test_equal_files_are_counted(stored: list[erp.ContentsAttachment], found: list[bool]) -> None:
    """Two equal files are two steps: the second one is there when the bill has the file twice."""
    contents = erp.Contents(
        vendor="V", number="N", amount=None, date=None, attachments=tuple(stored)
    )
    steps = TrytonAdapter().erp_steps(REQUEST)[1:-1]

    assert found == [has_attachment(contents, REQUEST, step) for step in steps]
