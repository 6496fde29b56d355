"""The content of attachments from the host, checked by its digest."""

from __future__ import annotations

import hashlib
import logging
from contextlib import closing
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from ..adapters.containment import Raised, call_contained, read_class_name
from ..exchange import AttachmentUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..documents import Attachment


_LOG = logging.getLogger(__name__)
#: The largest size of a file, in bytes.
MAX_FILE_SIZE = 100 * 1024 * 1024
#: The largest size in bytes of a file in memory; a larger one is written to disk.
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024


class Attachments(Protocol):
    """
    A callable of the host that opens the content of an attachment.

    A worker calls it right before a file is sent, outside of transactions, in the thread that calls
    the adapter. It may be called several times for the same attachment.
    """

    def __call__(self, attachment: Attachment, /) -> BinaryIO:
        """Return the content, open for reading in binary mode; the library closes it."""
        ...


def check_content(port: Attachments) -> Callable[[Attachment], BinaryIO]:
    """
    Return a function that opens the content of an attachment after checking its digest.

    The function raises :class:`AttachmentUnavailable` if the host does not supply the accepted
    bytes.
    """
    return partial(_copy_checked, port)


def _copy_checked(port: Attachments, attachment: Attachment) -> BinaryIO:
    """
    Return the content of the attachment, copied and compared with its digest.

    Raises:
        AttachmentUnavailable: The host supplies no content, too much, or different content.
    """
    copy = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        _compare(attachment, _copy(port, attachment, copy))
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return cast("BinaryIO", copy)


def _compare(attachment: Attachment, digest: str) -> None:
    if digest != (attachment.digest or "").lower():
        raise AttachmentUnavailable(
            f"Supply the content of {_describe(attachment)} that was accepted: the bytes have "
            f"SHA-256 {digest}, not {attachment.digest}. Nothing was sent."
        )


def _copy(port: Attachments, attachment: Attachment, copy: SpooledTemporaryFile[bytes]) -> str:
    """Copy the content and return its SHA-256."""

    def read() -> str:
        digest = hashlib.sha256()
        with closing(_open_content(port, attachment)) as source:
            for piece in _read_pieces(source, attachment):
                digest.update(piece)
                copy.write(piece)
        return digest.hexdigest()

    digest = call_contained(read)
    if not isinstance(digest, Raised):
        return digest
    if isinstance(digest.error, AttachmentUnavailable):
        raise digest.error
    # The text of a host's error may have a password, so only its class is stored.
    kind = read_class_name(digest.error)
    _LOG.warning(
        "The content of an attachment could not be read.",
        extra={"attachment": attachment.id, "error": kind},
    )
    raise AttachmentUnavailable(
        f"The content of {_describe(attachment)} could not be read: {kind}. Nothing was sent.",
        needs_person=isinstance(digest.error, FileNotFoundError),
    ) from None


def _open_content(port: Attachments, attachment: Attachment) -> Any:  # noqa: ANN401 - any object of the host
    return port(attachment)


def _read_pieces(source: Any, attachment: Attachment) -> Iterator[bytes]:  # noqa: ANN401 - an object of the host
    """Yield the content in pieces; raise :class:`AttachmentUnavailable` above the largest size."""
    size = 0
    while piece := source.read(_PIECE):
        size += len(piece)
        if size > MAX_FILE_SIZE:
            raise AttachmentUnavailable(
                f"Make {_describe(attachment)} smaller: a file may have {MAX_FILE_SIZE} bytes. "
                "Nothing was sent."
            )
        yield piece


def _describe(attachment: Attachment) -> str:
    return f"attachment {attachment.id} ({attachment.filename})"
