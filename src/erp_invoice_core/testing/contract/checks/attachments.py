"""The checks that attachments are sent whole and found, or not sent."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

import attrs

from ....adapters import Absent, AttachmentForm, Done, Found, Handling, LookUp, RequestAttachment
from ...samples import sample_attachments
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome
from .contents import require_as_sent, shows_files

if TYPE_CHECKING:
    from ....documents import Receipt, Step
    from ..trial import Trial


#: A name of 100 characters with its ending.
_LONG_NAME = (
    "conditional waiver and release on progress payment of the vendor for billing 7, signed, page 1"
    " of 2"
)[:96]
_TEXT = b"Lien waiver, signed.\r\n" * 1_000
_CREDIT = Decimal(-1200)
#: A part of a scan, with every byte and the line ends of two systems.
_PART_OF_SCAN = b"%PDF-1.7\r\n" + bytes(range(256)) + b"\n"


@attrs.define
class _Source:
    """Opens the content of an attachment, and counts how often it was opened."""

    content: bytes
    opened: int = 0

    def __call__(self) -> BytesIO:
        self.opened += 1
        return BytesIO(self.content)


def _build_file(name: str, source: _Source) -> RequestAttachment:
    return RequestAttachment(
        id=name,
        filename=f"{name}.pdf",
        form=AttachmentForm.FILES,
        digest=hashlib.sha256(source.content).hexdigest(),
        source=source,
    )


def build_sample_file(name: str, content: bytes) -> RequestAttachment:
    """Return an attachment with this content; *name* is its file name without the ending."""
    return _build_file(name, _Source(content))


def check_files_sent(trial: Trial) -> None:
    """Each attached file is sent, an empty one too: a missing lien waiver stops the payment."""
    sources = {
        "empty": _Source(b""),
        "waiver": _Source(b"Lien waiver, signed."),
        "photo": _Source(bytes(70_000)),
    }
    files = tuple(_build_file(name, source) for name, source in sources.items())
    own = attrs.evolve(trial, request=attrs.evolve(trial.request, attachments=files))
    if not own.check().allowed:  # the ERP may take no empty file
        del sources["empty"]
        own = attrs.evolve(trial, request=attrs.evolve(trial.request, attachments=files[1:]))
    own.export()
    left = [name for name, source in sources.items() if not source.opened]
    require(
        not left,
        "The content of each attachment is sent (attachments=files).",
        f"{', '.join(left)} was never opened",
        "erp_steps and erp_write",
    )


def check_files_kept(trial: Trial) -> None:
    """Each file has its name and whole content in the ERP: a cut lien waiver stops the payment."""
    plain, size = trial.samples.build_plain, trial.target.largest_file
    scan = _Source((_PART_OF_SCAN * (size // len(_PART_OF_SCAN) + 1))[:size])
    cases = [
        (plain(), (_build_file(_LONG_NAME, scan), _build_file("waiver", _Source(_TEXT)))),
        (plain(), _build_alike()[:2]),
    ]
    empty = (_build_file("empty", _Source(b"")), _build_file("waiver", _Source(_TEXT)))
    if trial.renew(plain(), attachments=empty).check().allowed:
        cases.append((plain(), empty))
    if trial.adapter.declaration.negative is Handling.EXPORTED:
        cases.append((plain(_CREDIT), (_build_file("credit note", _Source(_TEXT)),)))
    for document, files in cases:
        documents = require_as_sent(trial.renew(document, attachments=files))
        if not shows_files(documents):
            msg = (
                "erp_read does not show the name and digest of each file (attachments of Contents)."
            )
            raise NotProved(msg)


def check_files_found(trial: Trial) -> None:
    """A look-up finds each file itself, not one like it, else a lien waiver is never sent."""
    files = _build_alike()
    each = attrs.evolve(trial, request=attrs.evolve(trial.request, attachments=files))
    receipts: list[Receipt] = []
    for step in each.steps:
        if step.attachment is None or each.find_terms(step).look_up is LookUp.NONE:
            receipts.append(_carry_out(each, step, receipts))
            continue
        before = each.find_after_writing(step)
        require(
            not isinstance(before, Found),
            f"The file of step {step.name} is not in the ERP yet; files like it are.",
            describe_outcome(before),
            "erp_find: compare name and digest, and count the equal files",
        )
        receipts.append(_carry_out(each, step, receipts))
        after = each.find_after_writing(step)
        require(
            not isinstance(after, Absent),
            f"The file of step {step.name} is in the ERP.",
            describe_outcome(after),
            "erp_find: compare name and digest, and count the equal files",
        )
        trial.rows.note(f"terms.{step.kind}")
    if not trial.rows.tried:
        msg = "No step of a file can be looked up."
        raise NotProved(msg)
    _require_content_compared(trial.renew_plain())


def _require_content_compared(trial: Trial) -> None:
    """End the check as refuted if a look-up finds a file of the same name with other content."""
    files = _build_alike()
    written = attrs.evolve(trial, request=attrs.evolve(trial.request, attachments=files[:1]))
    step = next(each for each in written.steps if each.attachment is not None)
    if written.find_terms(step).look_up is not LookUp.NUMBER:
        return
    written.export(until=step)
    other = attrs.evolve(files[1], id=files[0].id)
    asked = attrs.evolve(written, request=attrs.evolve(written.request, attachments=(other,)))
    sighting = asked.find_after_writing(step)
    require(
        not isinstance(sighting, Found),
        f"The file of this name on the bill of step {step.name} has another content.",
        describe_outcome(sighting),
        "erp_find: compare name and digest",
    )


def _build_alike() -> tuple[RequestAttachment, ...]:
    """Return three files of one name; the first and the third also have the same content."""
    waiver, photo = _Source(b"Lien waiver, signed."), _Source(b"Photo of the site.")
    first = _build_file("waiver", waiver)
    second = attrs.evolve(_build_file("photo", photo), filename=first.filename)
    return first, second, attrs.evolve(first, id="waiver again")


def _carry_out(trial: Trial, step: Step, receipts: list[Receipt]) -> Receipt:
    outcome = trial.carry_out(step, receipts)
    if not isinstance(outcome, Done):
        msg = f"The ERP takes no files of one name: {describe_outcome(outcome)}"
        raise NotProved(msg)
    return outcome.receipt


def check_files_planned(trial: Trial) -> None:
    """The plan has each file once, after its bill: a lien waiver left out stops the payment."""
    each = attrs.evolve(
        trial, request=attrs.evolve(trial.request, attachments=sample_attachments())
    )
    steps = each.steps
    named = [step.attachment for step in steps if step.attachment is not None]
    if not named:
        msg = "The plan has no steps for files; they are sent with the bill."
        raise NotProved(msg)
    require(
        sorted(named) == ["1", "2"] and steps[0].attachment is None,
        "The plan has one step for each file, after the document.",
        " + ".join(step.name for step in steps),
        "erp_steps",
    )


def check_nothing_sent(trial: Trial) -> None:
    """Without attachments=files the adapter opens no file: the approver saw that none is sent."""
    source = _Source(b"Lien waiver, signed.")
    form = trial.adapter.declaration.attachments
    file = attrs.evolve(
        _build_file("waiver", source), form=form, url="https://files.example/waiver"
    )
    attrs.evolve(trial, request=attrs.evolve(trial.request, attachments=(file,))).export()
    require(
        not source.opened,
        f"Attachments are sent as: {form.value}.",
        "the content was opened",
        "attachments and erp_write",
    )
    _leave_sent(trial, form)


def _leave_sent(trial: Trial, form: AttachmentForm) -> None:
    """Record attachments as not proved if the adapter sends files despite its declaration."""
    source = _Source(b"Lien waiver, signed.")
    each = trial.renew_plain()
    request = attrs.evolve(each.request, attachments=(_build_file("waiver", source),))
    attrs.evolve(each, request=request).try_export()
    if source.opened:
        why = f"The adapter sends files although attachments={form.value} keeps them back."
        trial.rows.leave("attachments", why)


# fmt: off
CHECKS = (
    Check(
        name="attachment.files", run=check_files_sent, words=("attachments: files",),
        lie="A file is not sent, or an empty one is left out.",
    ),
    Check(
        name="attachment.contents", run=check_files_kept, words=("attachments: files",),
        lie="A file is empty, cut, changed, renamed or left out, as an empty one or at a credit.",
    ),
    Check(
        name="attachment.found", run=check_files_found, words=("terms.*.look_up: key", "terms.*.look_up: number"),
        lie="A look-up finds a file of the same name, an equal file, or any file at all.",
    ),
    Check(
        name="attachment.steps", run=check_files_planned, words=("attachments: files",),
        lie="The plan leaves a file out, or has its step before that of the bill.",
    ),
    Check(
        name="attachment.none", run=check_nothing_sent,
        words=("attachments: link", "attachments: none"),
        lie="Files are sent although the declaration says that only links, or nothing, is sent.",
    ),
)
# fmt: on
