"""The host supplies the content of attachments; the queue passes on accepted bytes only."""

from __future__ import annotations

import hashlib
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core import Attachment
from erp_invoice_core import adapters as erp
from erp_invoice_core.queue import attachments
from erp_invoice_core.queue.attachments import check_content
from tests.worker.harness import APPROVER, SENDER, WorkerHarness, build_case, build_document
from tests.worker.scripted_erp import ScriptedErp, build_declaration

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT = b"Lien waiver, signed."
WAIVER = Attachment(id="9", filename="waiver.pdf", digest=hashlib.sha256(CONTENT).hexdigest())


class Source(BytesIO):
    """Bytes that record their closing."""

    closed_by_reader = False

    def close(self) -> None:
        """Record it."""
        self.closed_by_reader = True
        super().close()


def test_content_is_copied_and_the_source_closed() -> None:
    """The adapter reads the accepted bytes from the beginning; the source is closed by then."""
    source = Source(CONTENT)
    with check_content(lambda _attachment: source)(WAIVER) as content:
        assert (CONTENT, True) == (content.read(), source.closed_by_reader)


def test_digest_may_be_written_in_capitals() -> None:
    """Hexadecimal is the same in both cases."""
    shouted = attrs.evolve(WAIVER, digest=str(WAIVER.digest).upper())
    with check_content(lambda _attachment: BytesIO(CONTENT))(shouted) as content:
        assert CONTENT == content.read()


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b" ", b"x" * 3_000_000])
def test_other_bytes_are_never_handed_over(content: bytes) -> None:
    """Bytes with another digest are refused, and the message names the attachment."""
    with pytest.raises(erp.AttachmentUnavailable, match=r"attachment 9 \(waiver\.pdf\).*SHA-256"):
        check_content(lambda _attachment: BytesIO(content))(WAIVER)


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source without an end is read up to the largest size only."""
    monkeypatch.setattr(attachments, "MAX_FILE_SIZE", 100_000)

    class Endless(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return b"x" * (size or 1)

    with pytest.raises(erp.AttachmentUnavailable, match="smaller: a file may have 100000 bytes"):
        check_content(lambda _attachment: Endless())(WAIVER)


def _raises(error: BaseException) -> Callable[[Attachment], Any]:
    def port(_attachment: Attachment) -> Any:  # noqa: ANN401 - it answers nothing
        raise error

    return port


@pytest.mark.parametrize(
    ("port", "kind"),
    [
        (_raises(OSError("s3://key:s3cret@files")), "OSError"),
        (_raises(KeyError("9")), "KeyError"),
        (_raises(SystemExit(3)), "SystemExit"),
        (lambda _attachment: None, "AttributeError"),
        (lambda _attachment: "text", "AttributeError"),
        (lambda _attachment: StringIO("text"), "TypeError"),
    ],
    ids=["disk", "missing", "exit", "nothing", "text", "lines"],
)
def test_failures_of_the_port_are_contained(
    port: Any,  # noqa: ANN401 - a host's port may be anything
    kind: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After any error or wrong value the message says so, without the text of the error."""
    with pytest.raises(erp.AttachmentUnavailable, match=f"could not be read: {kind}") as caught:
        check_content(port)(WAIVER)
    assert "s3cret" not in f"{caught.value} {caplog.text} {caught.value.__cause__}"
    assert ["The content of an attachment could not be read."] == caplog.messages
    (record,) = caplog.records
    assert ("9", kind) == (getattr(record, "attachment", None), getattr(record, "error", None))


@pytest.mark.parametrize(
    ("has_port", "expected"),
    [
        (True, [("attachments.linked", "photo.jpg", "1")]),
        (
            False,
            [("attachments.linked", "photo.jpg", "1"), ("attachments.not_sent", "waiver.pdf", "1")],
        ),
    ],
)
def test_approver_sees_which_files_are_not_sent(
    expected: list[tuple[str, str, str]], *, has_port: bool
) -> None:
    """Without content or digest an attachment is sent as a link or not; send and accept say so."""
    plugin = ScriptedErp(build_declaration(attachments=erp.AttachmentForm.FILES))
    port = (lambda _attachment: BytesIO(CONTENT)) if has_port else None
    harness = WorkerHarness(plugin=plugin, attachments=port)
    photo = Attachment(id="8", filename="photo.jpg", url="https://files.example/8")
    written = attrs.evolve(build_document(), attachments=(WAIVER, photo))
    harness.host.cases["5000"] = attrs.evolve(build_case(written), attachments=2)

    def list_notices(notices: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 - of a verdict
        return [(one.code, one.facts["names"], one.facts["count"]) for one in notices]

    (why,) = harness.queue.why_not(["5000"], SENDER, connection="erp")
    assert expected == list_notices(why.verdict.notices)
    (sent,) = harness.queue.send(["5000"], SENDER, connection="erp")
    assert expected == list_notices(sent.verdict.notices)
    (accepted,) = harness.queue.accept(["5000"], APPROVER)
    assert expected == list_notices(accepted.verdict.notices)


def test_file_has_at_most_100_mib() -> None:
    """The how-to guide states the same limit."""
    assert 104_857_600 == attachments.MAX_FILE_SIZE
