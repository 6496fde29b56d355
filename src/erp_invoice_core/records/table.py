"""The loaded documents, in the database of the queue."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ..message_template import MessageTemplate
from ..stores.document_rows import AMONG, DocumentRows, SqliteRows
from ..stores.errors import StoreFault
from ..stores.unreadable_rows import set_aside_document
from ..wire.procore import (
    Company,
    LoadedRecord,
    Reading,
    read_actor,
    read_commitment,
    read_company,
    read_cost_code,
    read_project,
    read_requisition,
    read_vendor,
)
from .numbers import NumberTable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    import psycopg

    from ..documents import Invoice


#: A connection to the database of the documents, or its rows.
Documents: TypeAlias = "sqlite3.Connection | psycopg.Connection[Any] | DocumentRows"


def open_rows(where: Documents) -> DocumentRows:
    """Return the rows over a connection, without beginning or committing a transaction."""
    if isinstance(where, DocumentRows):
        return where
    if isinstance(where, sqlite3.Connection):
        return SqliteRows(where)
    from ..stores.postgres.documents import PostgresRows  # noqa: PLC0415 - psycopg is an extra

    return PostgresRows(where)


DOCUMENT_UNREADABLE = MessageTemplate(
    "document.unreadable",
    "The stored document of {kind} {document} cannot be read, and nothing can be decided about invoice"
    " {id} without it. Load it again.",
)


class DocumentKind(Enum):
    """The kind of a stored document."""

    PROJECT = "project"  #: A project.
    VENDOR = "vendor"  #: A contract company.
    USER = "user"  #: A person.
    COMMITMENT = "commitment"  #: A subcontract or purchase order.
    REQUISITION = "requisition"  #: An invoice.
    COST_CODE = "cost_code"  #: A cost code of a list.


_READERS: Mapping[DocumentKind, Callable[[Mapping[str, Any]], Any]] = {
    DocumentKind.PROJECT: read_project,
    DocumentKind.VENDOR: read_vendor,
    DocumentKind.USER: read_actor,
    DocumentKind.COMMITMENT: read_commitment,
    DocumentKind.REQUISITION: read_requisition,
    DocumentKind.COST_CODE: read_cost_code,
}


# A worker reads the same related documents for many invoices, and the values are immutable.
@lru_cache(maxsize=512)
def _read_value(kind: DocumentKind, body: str) -> Any:  # noqa: ANN401 - a record of any kind
    return _READERS[kind](json.loads(body))


def _read_if_possible(kind: DocumentKind, identity: str, body: object) -> Any:  # noqa: ANN401 - a record of any kind
    """Return the document of a body, or log an error and return ``None``."""
    try:
        if isinstance(body, str):
            body.encode()  # text that is not UTF-8 has lone surrogates
            return _read_value(kind, body)
        why = f"Expected text, found {type(body).__name__}."
    except Exception as error:  # noqa: BLE001 - a reader may fail in any way for a row that was edited by hand
        why = f"{type(error).__name__}: {error}"
    set_aside_document(kind.value, identity, why, body)
    return None


def _read_required(kind: str, body: str) -> Any:  # noqa: ANN401 - a record of any kind
    """
    Return the document of a body.

    Raises:
        ValueError: The body cannot be read.
    """
    try:
        return _read_value(DocumentKind(kind), body)
    except Exception as error:
        msg = f"The {kind} cannot be read."
        raise ValueError(msg) from error


@attrs.frozen
class DocumentFinding:
    """A loaded document that was edited by hand, or cannot be read."""

    kind: DocumentKind
    id: str
    code: str
    message: str


@attrs.frozen(slots=False)
class DocumentTable:
    """
    The documents in a database, over an open connection.

    A document that cannot be read is logged and counts as missing. Nothing is begun or committed,
    so writes are part of the caller's transaction.
    """

    connection: Documents

    @cached_property
    def _database(self) -> DocumentRows:
        return open_rows(self.connection)

    def create(self) -> None:
        """Create missing tables, and complete those of an older version."""
        self._database.create()
        if self.numbers.is_empty():
            self._keep_numbers(self.read_digests(DocumentKind.REQUISITION))

    @cached_property
    def numbers(self) -> NumberTable:
        """The invoice numbers, by vendor."""
        return NumberTable(self._database)

    def read_company(self) -> Company | None:
        """Return the company of the documents, or ``None`` if nothing was loaded."""
        found = self._database.query("SELECT id, body FROM erp_company")
        if not found:
            return None
        try:
            return read_company(json.loads(found[0][1]))
        except Exception as error:  # noqa: BLE001 - as for any document
            why = f"{type(error).__name__}: {error}"
            set_aside_document("company", str(found[0][0]), why, found[0][1])
            return None

    def read_company_id(self) -> str | None:
        """Return the id of the company, even if the rest of its record cannot be read."""
        found = self._database.query("SELECT id FROM erp_company")
        return str(found[0][0]) if found else None

    def put_company(self, company: LoadedRecord[Company]) -> None:
        """
        Store the company.

        Raises:
            StoreFault: The database has documents of another company.
        """
        for (there,) in self._database.query("SELECT id FROM erp_company"):
            if there != company.id:
                msg = (
                    f"The database is that of company {there!a}, and this file is of company {company.id!a}."
                    " Load files of one company only, or restore a damaged database from a backup."
                )
                raise StoreFault(msg)
        self._database.count(
            "INSERT INTO erp_company (only_one, id, body) VALUES (1, ?, ?)"
            " ON CONFLICT (only_one) DO UPDATE SET body = excluded.body",
            company.id,
            company.body,
        )

    def put(self, kind: DocumentKind, document: LoadedRecord[Any]) -> bool:
        """Store a document; return whether it is new or changed."""
        changed = self._database.count(
            "INSERT INTO erp_documents (kind, id, commitment_id, body, digest)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE"
            " SET commitment_id = excluded.commitment_id, body = excluded.body,"
            " digest = excluded.digest WHERE erp_documents.digest <> excluded.digest"
            " OR erp_documents.body <> excluded.body",
            kind.value,
            document.id,
            getattr(document.value, "commitment_id", None),
            document.body,
            document.digest,
        )
        return changed > 0

    def put_all(
        self, reading: Reading, *, keep: Collection[str] = ()
    ) -> Mapping[DocumentKind, Sequence[str]]:
        """
        Store all records of a reading; return the ids of new and changed ones, by kind.

        Args:
            reading: A reading without problems.
            keep: The ids of requisitions that are not changed.
        """
        assert reading.company is not None, "A reading with problems has no records to store."
        self.put_company(reading.company)
        changed = {}
        for kind, documents in group_by_kind(reading).items():
            kept = keep if kind is DocumentKind.REQUISITION else ()
            changed[kind] = [
                document.id
                for document in documents
                if document.id not in kept and self.put(kind, document)
            ]
        self._keep_numbers(changed[DocumentKind.REQUISITION])
        for commitment in self.get_many(
            DocumentKind.COMMITMENT, changed[DocumentKind.COMMITMENT]
        ).values():
            self.numbers.put_commitment(commitment)
        return changed

    def _keep_numbers(self, ids: Iterable[str]) -> None:
        """Store the numbers of loaded invoices, except those that cannot be read."""
        kinds = (DocumentKind.REQUISITION.value, DocumentKind.COMMITMENT.value)
        self.numbers.keep(list(ids), *kinds, _read_required)

    def get(self, kind: DocumentKind, identity: str) -> Any:  # noqa: ANN401 - a record of any kind
        """Return a document, or ``None`` if it is missing."""
        found = self._database.query(
            "SELECT body FROM erp_documents WHERE kind = ? AND id = ?", kind.value, identity
        )
        return _read_if_possible(kind, identity, found[0][0]) if found else None

    def get_many(self, kind: DocumentKind, identities: Iterable[str]) -> dict[str, Any]:
        """Return the existing documents among the ids, by id, with one query."""
        return self._read(kind, f"AND id IN ({AMONG})", list(identities))

    def get_all(self, kind: DocumentKind) -> dict[str, Any]:
        """Return every document of a kind, by id, in the order of the ids."""
        return self._read(kind, "")

    def get_requisitions(self, commitments: Iterable[str]) -> dict[str, Invoice]:
        """Return the requisitions of the commitments, by id, with one query."""
        condition = f"AND commitment_id IN ({AMONG})"
        return self._read(DocumentKind.REQUISITION, condition, list(commitments))

    def read_digests(self, kind: DocumentKind) -> dict[str, str]:
        """Return the digest of every document of a kind, by id."""
        return dict(
            self._database.query(
                "SELECT id, digest FROM erp_documents WHERE kind = ? ORDER BY id", kind.value
            )
        )

    def _read(self, kind: DocumentKind, condition: str, *among: list[str]) -> dict[str, Any]:
        found = self._database.query(
            f"SELECT id, body FROM erp_documents WHERE kind = ? {condition} ORDER BY id",  # noqa: S608 - a constant condition
            kind.value,
            *among,
        )
        read = {
            str(identity): _read_if_possible(kind, str(identity), body) for identity, body in found
        }
        return {identity: value for identity, value in read.items() if value is not None}

    def find_unreadable(self, kind: DocumentKind, identities: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of existing documents that cannot be read."""
        wanted = list(identities)
        found = self._database.query(
            f"SELECT id FROM erp_documents WHERE kind = ? AND id IN ({AMONG}) ORDER BY id",  # noqa: S608 - a constant
            kind.value,
            wanted,
        )
        read = self.get_many(kind, wanted)
        return tuple(str(identity) for (identity,) in found if str(identity) not in read)

    def find_damage(self) -> Iterator[DocumentFinding]:
        """Yield each document that cannot be read, or was edited after it was loaded."""
        for kind in DocumentKind:
            found = self._database.query(
                "SELECT id, body, digest FROM erp_documents WHERE kind = ? ORDER BY id", kind.value
            )
            for key, body, digest in found:
                identity = str(key)
                what = f"The loaded {kind.value} {identity}"
                if _read_if_possible(kind, identity, body) is None:
                    wrong = f"{what} cannot be read. Load it again."
                    yield DocumentFinding(kind, identity, "document.unreadable", wrong)
                elif hashlib.sha256(body.encode()).hexdigest() != digest:
                    wrong = f"{what} was edited after it was loaded. Load it again."
                    yield DocumentFinding(kind, identity, "document.edited", wrong)


def group_by_kind(reading: Reading) -> Mapping[DocumentKind, Sequence[LoadedRecord[Any]]]:
    """Return the records of a reading, by kind."""
    return {
        DocumentKind.PROJECT: reading.projects,
        DocumentKind.VENDOR: reading.vendors,
        DocumentKind.USER: reading.users,
        DocumentKind.COMMITMENT: reading.commitments,
        DocumentKind.REQUISITION: reading.requisitions,
        DocumentKind.COST_CODE: reading.cost_codes,
    }
