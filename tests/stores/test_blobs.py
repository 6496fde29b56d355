"""Documents are stored apart from entries, once, under the digest of their bytes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.canonical import InvalidData, encode_canonically
from erp_invoice_core.documents import (
    Attachment,
    Call,
    CallKind,
    Key,
    QueueEntry,
    compute_former_digest,
)
from erp_invoice_core.documents import export as export_module
from erp_invoice_core.stores import PostgresStore, SqliteStore, verify
from erp_invoice_core.stores import blobs as blobs_module
from erp_invoice_core.stores.blobs import (
    pack_entry,
    prepare_to_read,
    read_document_digest,
    unpack_entry,
)
from erp_invoice_core.stores.cache import Recent
from erp_invoice_core.testing import sample_document
from erp_invoice_core.testing.samples import AT, build_acceptance, build_send, save_change
from erp_invoice_core.wire.converter import dump, pack
from tests.postgres import fresh_schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from erp_invoice_core.documents import ExportDocument, ExportLine


def _forget(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        monkeypatch.setattr(blobs_module, name, Recent(100_000))


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with an empty cache."""
    _forget(monkeypatch, "_READ", "_ENTRIES")


@pytest.fixture
def document() -> ExportDocument:
    """Return a document."""
    return sample_document()


@pytest.fixture
def store(tmp_path: Path, document: ExportDocument) -> Iterator[SqliteStore]:
    """Return a store with an entry that was sent and accepted."""
    made = SqliteStore(tmp_path / "queue.db")
    save_change(
        made, "5000", lambda entry: build_send(entry, document=document, digest=document.digest)
    )
    save_change(made, "5000", build_acceptance)
    yield made
    made.close()


def test_the_body_names_its_document_by_the_digest_of_its_bytes(
    document: ExportDocument,
) -> None:
    """The bytes of an entry hold the SHA-256 of its document's bytes instead of them."""
    made = pack_entry(QueueEntry(id="5000", document=document))

    assert made.document_json == encode_canonically(document)
    assert made.sha == sha256(made.document_json).hexdigest() == read_document_digest(made.body)
    assert b"V-ACME" not in made.body


def test_an_entry_comes_back_as_it_was(
    document: ExportDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read from the cache or from its bytes, the entry is the same."""
    entry = QueueEntry(id="5000", document=document)
    made = pack_entry(entry)

    assert entry == unpack_entry(made.body, made.document_json)
    _forget(monkeypatch, "_ENTRIES")
    assert entry == unpack_entry(made.body, made.document_json)
    _forget(monkeypatch, "_ENTRIES", "_READ")
    assert entry == unpack_entry(made.body, made.document_json)
    assert QueueEntry(id="5001") == unpack_entry(pack_entry(QueueEntry(id="5001")).body, None)


@pytest.mark.parametrize("document_json", [None, b"{}"])
def test_another_document_is_not_taken_for_it(
    document: ExportDocument, document_json: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document that is missing, or has other bytes than the entry names, is refused."""
    made = pack_entry(QueueEntry(id="5000", document=document))
    _forget(monkeypatch, "_ENTRIES", "_READ")

    with pytest.raises(InvalidData, match="missing, or differs from the sent one"):
        unpack_entry(made.body, document_json)


def test_a_document_is_written_once(document: ExportDocument) -> None:
    """Each new version of an entry refers to the same bytes."""
    first = pack_entry(QueueEntry(id="5000", document=document))
    second = pack_entry(QueueEntry(id="5000", document=document, seq=1))

    assert first.document_json is second.document_json


def test_an_entry_that_was_written_here_is_not_read_again(document: ExportDocument) -> None:
    """Reading the bytes of an entry that this process wrote returns the same object."""
    entry = QueueEntry(id="5000", document=document)
    made = pack_entry(entry)

    assert unpack_entry(bytes(bytearray(made.body)), made.document_json) is entry


def test_reading_is_prepared_when_a_store_is_opened(tmp_path: Path) -> None:
    """The first transaction does not build the converters while others wait for its lock."""
    prepare_to_read.cache_clear()
    SqliteStore(tmp_path / "another.db").close()
    assert 1 == prepare_to_read.cache_info().currsize

    prepare_to_read.cache_clear()
    with fresh_schema() as dsn:
        PostgresStore(dsn).close()
    assert 1 == prepare_to_read.cache_info().currsize


def test_reading_is_not_prepared_for_a_store_that_only_reads(tmp_path: Path) -> None:
    """A store that takes no lock builds a reader when it is needed."""
    SqliteStore(tmp_path / "another.db").close()
    with fresh_schema() as dsn:
        PostgresStore(dsn).close()
        prepare_to_read.cache_clear()
        SqliteStore(tmp_path / "another.db", read_only=True).close()
        PostgresStore(dsn, read_only=True).close()
    assert 0 == prepare_to_read.cache_info().currsize


def _read_digests(store: SqliteStore) -> list[str]:
    with closing(sqlite3.connect(store.path)) as db:
        return [sha for (sha,) in db.execute("SELECT sha256 FROM erp_export_documents")]


def test_a_document_is_stored_once(store: SqliteStore, document: ExportDocument) -> None:
    """It is one row for all versions of an entry, and for other entries with the same document."""
    save_change(store, "5001", lambda entry: build_send(entry, document=document))

    assert [sha256(encode_canonically(document)).hexdigest()] == _read_digests(store)
    assert [document.digest] == [f"2:{sha}" for sha in _read_digests(store)]


@pytest.mark.parametrize(
    "statement",
    [
        (
            "UPDATE erp_export_documents SET document ="
            " CAST(replace(CAST(document AS TEXT), 'ACME', 'EMCA') AS BLOB)"
        ),
        "DELETE FROM erp_export_documents",
    ],
)
def test_an_edited_document_is_found(store: SqliteStore, statement: str) -> None:
    """An edited document is found although the unedited one is in the cache."""
    assert verify(store.chains()).ok
    with closing(sqlite3.connect(store.path)) as db:
        db.execute(statement)
        db.commit()

    problems = verify(store.chains()).problems

    assert [("5000", "chain.document")] == [(one.entry_id, one.code) for one in problems]


FILES = (Attachment(id="9", filename="waiver.pdf"), Attachment(id="10", filename="photo.png"))


def test_attachments_are_stored_beside_the_document(
    document: ExportDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other attachments change the entry's body and not the document; both are read back."""
    attached = attrs.evolve(document, attachments=FILES)
    plain = pack_entry(QueueEntry(id="5000", document=document))
    made = pack_entry(QueueEntry(id="5000", document=attached, digest=attached.digest))
    _forget(monkeypatch, "_READ", "_ENTRIES")

    read = unpack_entry(made.body, made.document_json).document

    assert (plain.sha, plain.document_json) == (made.sha, made.document_json)
    assert plain.body != made.body
    assert read is not None
    assert (attached, FILES, attached.digest) == (read, read.attachments, read.digest)
    assert () == getattr(
        unpack_entry(plain.body, plain.document_json).document, "attachments", None
    )


def _store_as_0_3(entry: QueueEntry, document: ExportDocument, digest: str) -> tuple[bytes, bytes]:
    """Return the bytes of an entry and its document as version 0.3 stored them."""
    plain = dump(document)
    plain["lines"][0] |= {"released": "0.00", "quantity": "3.500"}
    document_json = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
    body = dump(attrs.evolve(entry, document=None, digest=digest))
    body["document_sha256"] = sha256(document_json).hexdigest()
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode(), document_json


def test_a_document_of_version_0_3_keeps_its_bytes_and_its_digest(
    document: ExportDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that moves on names the same stored bytes; decimals keep their zeros."""
    attached = attrs.evolve(document, attachments=FILES)
    former = compute_former_digest(attached)
    body, document_json = _store_as_0_3(QueueEntry(id="5000"), attached, former)

    entry = unpack_entry(body, document_json)
    moved = pack_entry(attrs.evolve(entry, seq=7))
    _forget(monkeypatch, "_READ", "_ENTRIES")
    again = unpack_entry(moved.body, moved.document_json)

    for read in (entry.document, again.document):
        assert read is not None
        assert (former, FILES) == (read.digest, read.attachments)
        assert ("0.00", "3.500") == (str(read.lines[0].released), str(read.lines[0].quantity))
    assert (sha256(document_json).hexdigest(), document_json) == (moved.sha, moved.document_json)


def test_a_change_of_a_read_entry_encodes_no_document(
    document: ExportDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes and digest are known since the document was read, so that its size does not matter."""
    made = pack_entry(QueueEntry(id="5000", document=document, digest=document.digest))
    _forget(monkeypatch, "_READ", "_ENTRIES")
    entry = unpack_entry(made.body, made.document_json)

    def refuse(_value: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(export_module, "encode_canonically", refuse)

    assert entry.document is not None
    assert document.digest == entry.document.digest
    assert made.sha == pack_entry(attrs.evolve(entry, seq=8)).sha


def test_the_lines_are_read_at_their_first_use(
    document: ExportDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry is read, moved and written without its lines; then they are read once."""
    entry = QueueEntry(id="5000", document=document, digest=document.digest)
    made = pack_entry(entry)
    _forget(monkeypatch, "_READ", "_ENTRIES")
    read: list[bytes] = []
    really = blobs_module._read_lines

    def read_lines(document_json: bytes) -> tuple[ExportLine, ...]:
        read.append(document_json)
        return really(document_json)

    monkeypatch.setattr(blobs_module, "_read_lines", read_lines)
    again = unpack_entry(made.body, made.document_json)
    assert again.document is not None
    moved = build_acceptance(again).after
    assert moved.document is not None
    assert (document.vendor_name, document.digest) == (
        moved.document.vendor_name,
        moved.document.digest,
    )
    assert made.sha == pack_entry(moved).sha
    assert [] == read

    assert document.due == again.document.due
    assert document == again.document
    assert 1 == len(read)
    with pytest.raises(AttributeError):
        _ = again.document.other  # type: ignore[attr-defined] # no field has this name


@pytest.mark.parametrize("size", [1, 500])
def test_a_page_is_read_without_lines(
    tmp_path: Path, document: ExportDocument, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A page of entries costs the same for 1 and for 500 lines: none is read (benchmark 4k)."""
    long = attrs.evolve(document, lines=document.lines[:1] * size)
    with SqliteStore(tmp_path / "queue.db") as store:
        send = partial(build_send, document=long, digest=long.digest)
        save_change(store, "5000", send)
        _forget(monkeypatch, "_READ", "_ENTRIES")
        monkeypatch.setattr(blobs_module, "_read_lines", pytest.fail)
        (entry,) = store.entries()

    assert entry.document is not None
    assert long.vendor_name == entry.document.vendor_name


def test_a_document_inside_its_entry_is_read(document: ExportDocument) -> None:
    """Entries that were stored with their document inside can still be read."""
    entry = QueueEntry(id="5000", document=document, digest=compute_former_digest(document))

    read = unpack_entry(pack(entry), None)

    assert entry == read
    assert read.document is not None
    assert entry.digest == read.document.digest


def test_keys_that_version_0_1_sent_are_read_as_they_were_sent(
    document: ExportDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 0.1 made the text from the document's invoice id, and stored only the key's parts."""
    key = Key("acme:5000", 1, 1, "bill")
    call = Call(
        key=key,
        kind=CallKind.WRITE,
        step_kind="bill",
        digest=document.digest,
        fencing=1,
        started_at=AT,
        lease_until=AT,
    )
    later = attrs.evolve(call, key=attrs.evolve(key, sent_as="acme:5000/1/1/bill"))
    other, same = (
        pack_entry(QueueEntry(id=id_, document=document, calls=(call, later)))
        for id_ in ("acme:5000", "5000")
    )
    _forget(monkeypatch, "_READ", "_ENTRIES")

    assert ["5000/1/1/bill", "acme:5000/1/1/bill"] == [
        each.key.text for each in unpack_entry(other.body, other.document_json).calls
    ]
    assert [None, "acme:5000/1/1/bill"] == [
        each.key.sent_as for each in unpack_entry(same.body, same.document_json).calls
    ]
