"""
Stored bytes of entries and of their content-addressed documents.

A document is stored once, as its canonical JSON, under the SHA-256 of these bytes. The body of an
entry, its JSON, names its document by this digest. The body also has the list of attachments, as
attachments may change while the document stays the same.

Versions 0.1 to 0.3 stored documents in another form, with their attachments. Such a document is not
converted: its bytes and its digest stay the same as long as its entry has it.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import attrs

from ..canonical import InvalidData, JsonEncoder, compute_sha256, encode_canonically
from ..documents import (
    Attachment,
    ExportDocument,
    ExportLine,
    QueueEntry,
    replace_attachments,
    restore_document,
)
from ..events import AuditEvent
from ..values import evolve
from ..wire.converter import load, parse, prepare, remove_lines, unpack_document
from .cache import Recent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..documents import Call


_SHA = "document_sha256"
_ATTACHMENTS = "document_attachments"
_MOST = 8_000_000  # bytes


@attrs.frozen(kw_only=True)
class EntryBlobs:
    """
    The stored bytes of an entry and of its document.

    Attributes:
        body: The entry without its document, as JSON; it names the document's digest.
        sha: The SHA-256 of ``document_json`` (hexadecimal), or ``None`` without a document.
        document_json: The document as JSON; a document that is sent again has the same bytes.
    """

    body: bytes
    sha: str | None = None
    document_json: bytes | None = None


# A document never changes, but is read with every change of its entry, and the process that reads
# an entry has often written it before. These caches have recent values.
_READ: Recent[tuple[str, str], ExportDocument] = Recent(_MOST)
_ENTRIES: Recent[bytes, QueueEntry] = Recent(_MOST)
#: A change leaves most parts of an entry the same, so their texts are used again.
_ENCODER = JsonEncoder(reused=1_024)


def _keep_entry(entry: QueueEntry, body: bytes, document_json: bytes | None) -> None:
    # The value includes its document.
    _ENTRIES.put(body, entry, len(body) + len(document_json or b""))


def pack_entry(entry: QueueEntry) -> EntryBlobs:
    """Return the bytes of an entry and of its document, to store them."""
    document, sha, document_json = entry.document, None, None
    named: dict[str, object] = {}
    if document is not None:
        sha, document_json = document.stored_sha256, document.stored_json
        named[_SHA] = sha
        if document.attachments:
            named[_ATTACHMENTS] = document.attachments
    text = _ENCODER.encode_fields(entry, "document", named)
    body = text.encode("utf-8", "surrogatepass")
    _keep_entry(entry, body, document_json)
    return EntryBlobs(body=body, sha=sha, document_json=document_json)


def find_recent_entry(body: bytes) -> QueueEntry | None:
    """Return the entry of a stored body that this process has read or written recently, if any."""
    return _ENTRIES.get(body)


def unpack_entry(body: bytes, document_json: bytes | None) -> QueueEntry:
    """
    Return the entry of a stored body, with its stored document.

    Raises:
        InvalidData: The body is not an entry, or the document is not the one that the body names.
    """
    known = _ENTRIES.get(body)
    if known is None:
        known = _unpack_entry(body, document_json)
        _keep_entry(known, body, document_json)
    return known


def _unpack_entry(body: bytes, document_json: bytes | None) -> QueueEntry:
    plain = parse(body, QueueEntry)
    sha, attachments = plain.pop(_SHA, None), plain.pop(_ATTACHMENTS, None)
    entry = load(plain, QueueEntry)
    document = entry.document
    if sha is not None:
        document = read_document(sha, document_json, entry.digest)
        if attachments is not None:
            files = load(attachments, tuple[Attachment, ...])
            document = replace_attachments(document, files)
    elif document is not None:
        # Decimals of earlier versions have no normal form, which msgspec expects.
        document = restore_document(
            document, digest=entry.digest, stored_json=encode_canonically(document)
        )
    if document is None:
        return entry
    return _restore_sent_keys(evolve(entry, {"document": document}))


def _read_lines(document_json: bytes) -> tuple[ExportLine, ...]:
    return unpack_document(document_json).lines


def _restore_sent_keys(entry: QueueEntry) -> QueueEntry:
    """
    Return the entry with the texts of the idempotency keys that version 0.1 sent.

    Version 0.1 built the text of a key from the document's invoice id, and stored only the parts of
    the key. Later versions store the text with the call.
    """
    invoice_id = entry.document.invoice_id if entry.document else entry.id
    if invoice_id == entry.id:
        return entry
    calls = tuple(
        call
        if call.key.sent_as is not None
        else attrs.evolve(
            call, key=attrs.evolve(call.key, sent_as=_build_text_in_0_1(call, invoice_id))
        )
        for call in entry.calls
    )
    return attrs.evolve(entry, calls=calls)


def _build_text_in_0_1(call: Call, invoice_id: str) -> str:
    return attrs.evolve(call.key, entry_id=invoice_id).text


def read_document(sha: str, document_json: bytes | None, digest: str) -> ExportDocument:
    """
    Return the export document of stored bytes; its lines are decoded at their first use.

    Args:
        sha: The SHA-256 of the bytes, under which they are stored.
        document_json: The bytes, if they are stored.
        digest: The digest that the returned document gets: that of its entry.

    Raises:
        InvalidData: The bytes are missing, or their SHA-256 is another.
    """
    known = _READ.get((sha, digest))
    if known is not None:
        return known
    if document_json is None or compute_sha256(document_json) != sha:
        msg = "The document of this entry is missing, or differs from the sent one."
        raise InvalidData(msg)
    without_lines = remove_lines(document_json)
    document = restore_document(
        unpack_document(without_lines or document_json),
        digest=digest,
        stored_json=document_json,
        stored_sha256=sha,
        read_lines=None if without_lines is None else partial(_read_lines, document_json),
    )
    _READ.put((sha, digest), document, len(document_json))
    return document


@cache
def prepare_to_read() -> None:
    """Build the decoders of stored bytes once, so that no transaction builds them under a lock."""
    prepare(QueueEntry, ExportDocument, AuditEvent)


def read_document_digest(body: bytes) -> str | None:
    """
    Return the SHA-256 of the document that a stored body names; ``None`` without a document.

    Raises:
        InvalidData: The body is not an entry.
    """
    plain: Mapping[str, object] = parse(body, QueueEntry)
    sha = plain.get(_SHA)
    return None if sha is None else str(sha)
