"""What an adapter that takes files must keep: a step per file, with the accepted bytes."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import TYPE_CHECKING

import attrs
import pytest

from ..adapters import AttachmentForm, RequestAttachment
from .adapter_trial import OnTrial, Trial

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

__all__ = ["FilesContract", "sample_attachments"]

_CONTENT = {"1": b"Lien waiver, signed.", "2": b"\x89PNG a photo of the frames"}
_NAMES = {"1": 'Lien "waiver"; final.pdf', "2": "photo \u00e9.png"}


@attrs.frozen
class _Sample:
    """Opens the content of a sample."""

    content: bytes

    def __call__(self) -> BinaryIO:
        return BytesIO(self.content)


def sample_attachments() -> tuple[RequestAttachment, ...]:
    """Return two attachments whose files are to be sent, and one of which a link is sent."""
    files = tuple(
        RequestAttachment(
            id=id_,
            filename=_NAMES[id_],
            form=AttachmentForm.FILES,
            digest=hashlib.sha256(content).hexdigest(),
            source=_Sample(content),
        )
        for id_, content in _CONTENT.items()
    )
    link = RequestAttachment(
        id="3", filename="plan.pdf", form=AttachmentForm.LINK, url="https://files.example/3"
    )
    return (*files, link)


class FilesContract(OnTrial):
    """Files are steps of their own."""

    def _with_files(self, tmp_path: Path) -> Trial:
        trial = self.trial(tmp_path)
        if trial.adapter.declaration.attachments is not AttachmentForm.FILES:
            pytest.skip("It declares that it takes no files.")
        request = attrs.evolve(trial.request, attachments=sample_attachments())
        return attrs.evolve(trial, request=request)

    def test_each_file_is_a_step_of_its_own(self, tmp_path: Path) -> None:
        """The plan names each file in one step, after a step that makes a document."""
        trial = self._with_files(tmp_path)
        assert sorted(step.attachment for step in trial.steps if step.attachment) == ["1", "2"]
        assert trial.steps[0].attachment is None

    def test_files_are_exported(self, tmp_path: Path) -> None:
        """Every step comes to a receipt, the steps of files too."""
        trial = self._with_files(tmp_path)
        assert [step.name for step in trial.steps] == [one.step for one in trial.export()]
