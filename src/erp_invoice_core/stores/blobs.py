"""Stored bytes of entries and of their content-addressed documents."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

import attrs

from ..documents import ExportDocument, QueueEntry
from ..events import AuditEvent
from ..wire.converter import load, pack, parse, prepare, unpack
from ..wire.scalars import InvalidData
from .cache import Recent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..documents import Call


_SHA = "document_sha256"
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


# A document never changes, but is read and written with every change of its entry. The process that
# reads an entry has often written it before. These caches have recent documents; written ones are
# found by identity, because comparing two documents costs as much as encoding one.
_WRITTEN: Recent[int, tuple[ExportDocument, str, bytes]] = Recent(_MOST)
_READ: Recent[str, ExportDocument] = Recent(_MOST)
_ENTRIES: Recent[bytes, QueueEntry] = Recent(_MOST)


def _keep(document: ExportDocument, sha: str, document_json: bytes) -> None:
    _WRITTEN.put(id(document), (document, sha, document_json), len(document_json))
    _READ.put(sha, document, len(document_json))


def _keep_entry(entry: QueueEntry, body: bytes, document_json: bytes | None) -> None:
    # The value includes its document.
    _ENTRIES.put(body, entry, len(body) + len(document_json or b""))


def pack_entry(entry: QueueEntry) -> EntryBlobs:
    """Return the bytes of an entry and of its document."""
    made = _pack_entry(entry)
    _keep_entry(entry, made.body, made.document_json)
    return made


def _pack_entry(entry: QueueEntry) -> EntryBlobs:
    document = entry.document
    if document is None:
        return EntryBlobs(body=pack(entry))
    known = _WRITTEN.get(id(document))
    if known is None or known[0] is not document:
        document_json = pack(document)
        known = (document, hashlib.sha256(document_json).hexdigest(), document_json)
        _keep(*known)
    _, sha, document_json = known
    return EntryBlobs(
        body=pack(entry, {"document": None, _SHA: sha}), sha=sha, document_json=document_json
    )


def unpack_entry(body: bytes, document_json: bytes | None) -> QueueEntry:
    """
    Return the entry of a stored body, with its stored document.

    Raises:
        InvalidData: The body is not an entry, or the document is not the one that it names.
    """
    known = _ENTRIES.get(body)
    if known is None:
        known = _unpack_entry(body, document_json)
        _keep_entry(known, body, document_json)
    return known


def _unpack_entry(body: bytes, document_json: bytes | None) -> QueueEntry:
    plain = parse(body, QueueEntry)
    sha = plain.pop(_SHA, None)
    entry = load(plain, QueueEntry)
    if sha is None:
        return entry
    return _restore_sent_keys(attrs.evolve(entry, document=_read_document(sha, document_json)))


def _restore_sent_keys(entry: QueueEntry) -> QueueEntry:
    """
    Return the entry with the texts of keys of version 0.1.

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


def _read_document(sha: str, document_json: bytes | None) -> ExportDocument:
    known = _READ.get(sha)
    if known is not None:
        return known
    if document_json is None or hashlib.sha256(document_json).hexdigest() != sha:
        msg = "The document of this entry is missing, or differs from the sent one."
        raise InvalidData(msg)
    document = unpack(document_json, ExportDocument)
    _keep(document, sha, document_json)
    return document


@cache
def prepare_to_read() -> None:
    """Build the readers of rows once, so that no transaction builds them under a lock."""
    prepare(QueueEntry, ExportDocument, AuditEvent)


def read_document_digest(body: bytes) -> str | None:
    """
    Return the digest of the document that a stored body names, or ``None``.

    Raises:
        InvalidData: The body is not an entry.
    """
    plain: Mapping[str, object] = parse(body, QueueEntry)
    sha = plain.get(_SHA)
    return None if sha is None else str(sha)
