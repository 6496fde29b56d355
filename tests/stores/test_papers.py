"""Documents are kept apart from entries, once, under the digest of their bytes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.stores import SqliteStore, verify
from erp_invoice_core.stores import papers as papers_module
from erp_invoice_core.stores.papers import packed, paper_digest, unpacked
from erp_invoice_core.testing import sample_document
from erp_invoice_core.testing.store_samples import accepted, kept, sent
from erp_invoice_core.wire.plain import InvalidData, pack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from erp_invoice_core.documents import ExportDocument


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with nothing read or written before."""
    monkeypatch.setattr(papers_module, "_READ", {})
    monkeypatch.setattr(papers_module, "_WRITTEN", {})


@pytest.fixture
def document() -> ExportDocument:
    """Return a document."""
    return sample_document()


@pytest.fixture
def store(tmp_path: Path, document: ExportDocument) -> Iterator[SqliteStore]:
    """Return a store with an entry that was sent and accepted."""
    made = SqliteStore(tmp_path / "queue.db")
    kept(made, "5000", lambda entry: sent(entry, document=document, digest=document.digest))
    kept(made, "5000", accepted)
    yield made
    made.close()


def test_the_body_names_its_document_by_the_digest_of_its_bytes(
    document: ExportDocument,
) -> None:
    """The bytes of an entry hold the SHA-256 of its document's bytes instead of them."""
    made = packed(QueueEntry(id="5000", document=document))

    assert made.paper == pack(document)
    assert made.sha == sha256(made.paper).hexdigest() == paper_digest(made.body)
    assert b"V-ACME" not in made.body


def test_an_entry_comes_back_as_it_was(
    document: ExportDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its document was read before or is read from its bytes, the entry is the same."""
    entry = QueueEntry(id="5000", document=document)
    made = packed(entry)

    assert entry == unpacked(made.body, made.paper)
    monkeypatch.setattr(papers_module, "_READ", {})
    assert entry == unpacked(made.body, made.paper)
    assert QueueEntry(id="5001") == unpacked(packed(QueueEntry(id="5001")).body, None)


@pytest.mark.parametrize("paper", [None, b"{}"])
def test_another_document_is_not_taken_for_it(
    document: ExportDocument, paper: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document that is missing, or has other bytes than the entry names, is refused."""
    made = packed(QueueEntry(id="5000", document=document))
    monkeypatch.setattr(papers_module, "_READ", {})

    with pytest.raises(InvalidData, match="missing, or is not the one"):
        unpacked(made.body, paper)


def test_documents_that_were_not_used_for_long_are_forgotten(
    document: ExportDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more documents are kept in memory than the limit says."""
    monkeypatch.setattr(papers_module, "_MOST", 2)
    for number in (1, 2, 3):
        packed(QueueEntry(id="5000", document=attrs.evolve(document, number=number)))

    assert 2 == len(papers_module._READ) == len(papers_module._WRITTEN)


def _papers(store: SqliteStore) -> list[str]:
    with closing(sqlite3.connect(store.path)) as connection:
        return [sha for (sha,) in connection.execute("SELECT sha FROM erp_papers")]


def test_a_document_is_stored_once(store: SqliteStore, document: ExportDocument) -> None:
    """However often its entry moves, and if another entry has the very same, it is one row."""
    kept(store, "5001", lambda entry: sent(entry, document=document))

    assert [sha256(pack(document)).hexdigest()] == _papers(store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE erp_papers SET body = CAST(replace(CAST(body AS TEXT), 'ACME', 'EMCA') AS BLOB)",
        "DELETE FROM erp_papers",
    ],
)
def test_an_edited_document_is_found(store: SqliteStore, statement: str) -> None:
    """An edit of a document is found, though the document is known from before."""
    assert verify(store.chains()).ok
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute(statement)
        connection.commit()

    problems = verify(store.chains()).problems

    assert [("5000", "chain.document")] == [(one.entry_id, one.code) for one in problems]


def test_a_document_inside_its_entry_is_read(document: ExportDocument) -> None:
    """Entries that were stored with their document inside are read as they are."""
    entry = QueueEntry(id="5000", document=document)

    assert entry == unpacked(pack(entry), None)
