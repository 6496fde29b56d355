"""An entry's bytes, and apart from them its document's, kept under the digest of its bytes."""

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
class Packed:
    """
    An entry as a store keeps it.

    Attributes:
        body: The entry without its document, as JSON; it names the document's digest.
        sha: SHA-256 of ``paper`` (hexadecimal); ``None`` where there is no document.
        paper: The document as JSON, the same bytes wherever the same document is sent again.
    """

    body: bytes
    sha: str | None = None
    paper: bytes | None = None


# A document never changes, and is read and written again at every move of its entry; an entry is
# read as it was written by whoever moved it last, often by the same process. The last ones are
# kept: what was written by identity, as comparing two documents costs as much as writing one.
_WRITTEN: Recent[int, tuple[ExportDocument, str, bytes]] = Recent(_MOST)
_READ: Recent[str, ExportDocument] = Recent(_MOST)
_ENTRIES: Recent[bytes, QueueEntry] = Recent(_MOST)


def _keep(document: ExportDocument, sha: str, paper: bytes) -> None:
    _WRITTEN.put(id(document), (document, sha, paper), len(paper))
    _READ.put(sha, document, len(paper))


def _keep_entry(entry: QueueEntry, body: bytes, paper: bytes | None) -> None:
    # It holds its document, too.
    _ENTRIES.put(body, entry, len(body) + len(paper or b""))


def packed(entry: QueueEntry) -> Packed:
    """Return the bytes of an entry and of its document."""
    made = _packed(entry)
    _keep_entry(entry, made.body, made.paper)
    return made


def _packed(entry: QueueEntry) -> Packed:
    document = entry.document
    if document is None:
        return Packed(body=pack(entry))
    known = _WRITTEN.get(id(document))
    if known is None or known[0] is not document:
        paper = pack(document)
        known = (document, hashlib.sha256(paper).hexdigest(), paper)
        _keep(*known)
    _, sha, paper = known
    return Packed(body=pack(entry, {"document": None, _SHA: sha}), sha=sha, paper=paper)


def unpacked(body: bytes, paper: bytes | None) -> QueueEntry:
    """
    Return the entry of that body, with the document that its store keeps for it.

    Raises:
        InvalidData: The body is no entry's, or the paper is not the one that it names.
    """
    known = _ENTRIES.get(body)
    if known is None:
        known = _unpacked(body, paper)
        _keep_entry(known, body, paper)
    return known


def _unpacked(body: bytes, paper: bytes | None) -> QueueEntry:
    plain = parse(body, QueueEntry)
    sha = plain.pop(_SHA, None)
    entry = load(plain, QueueEntry)
    if sha is None:
        return entry
    return _with_keys_as_sent(attrs.evolve(entry, document=_document(sha, paper)))


def _with_keys_as_sent(entry: QueueEntry) -> QueueEntry:
    """
    Return the entry with the text of each key under which version 0.1 wrote.

    It made that text from the document's invoice id and stored only the key's parts. Later
    versions store the text with the call, and send no document that names another invoice.
    """
    invoice_id = entry.document.invoice_id if entry.document else entry.id
    if invoice_id == entry.id:
        return entry
    calls = tuple(
        call
        if call.key.sent_as is not None
        else attrs.evolve(call, key=attrs.evolve(call.key, sent_as=_text_in_0_1(call, invoice_id)))
        for call in entry.calls
    )
    return attrs.evolve(entry, calls=calls)


def _text_in_0_1(call: Call, invoice_id: str) -> str:
    return attrs.evolve(call.key, entry_id=invoice_id).text


def _document(sha: str, paper: bytes | None) -> ExportDocument:
    known = _READ.get(sha)
    if known is not None:
        return known
    if paper is None or hashlib.sha256(paper).hexdigest() != sha:
        msg = "The document of this entry is missing, or is not the one that was sent."
        raise InvalidData(msg)
    document = unpack(paper, ExportDocument)
    _keep(document, sha, paper)
    return document


@cache
def prepare_to_read() -> None:
    """Have all made that reading takes, so that nobody makes it who holds a lock."""
    prepare(QueueEntry, ExportDocument, AuditEvent)


def paper_digest(body: bytes) -> str | None:
    """
    Return the digest by which an entry's body names its document; ``None``: it names none.

    Raises:
        InvalidData: The body is no entry's.
    """
    plain: Mapping[str, object] = parse(body, QueueEntry)
    sha = plain.get(_SHA)
    return None if sha is None else str(sha)
