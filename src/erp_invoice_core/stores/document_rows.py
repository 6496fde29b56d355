"""Rows of the loaded documents, in each database."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


#: The placeholder for a list of texts in ``IN ({among})``, which takes one value.
AMONG = "{among}"

#: The tables of the documents, in the order in which versions added them.
DOCUMENT_TABLES = ("erp_documents", "erp_invoice_numbers", "erp_ledgers")

_COMPANY = """
    CREATE TABLE IF NOT EXISTS erp_company (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1), id TEXT NOT NULL, body TEXT NOT NULL
    )
"""
_DOCUMENTS = """
    CREATE TABLE IF NOT EXISTS erp_documents (
        kind TEXT NOT NULL, id TEXT {exact} NOT NULL, commitment_id TEXT {exact},
        body TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (kind, id)
    ) {kept}
"""
_NUMBERS = """
    CREATE TABLE IF NOT EXISTS erp_invoice_numbers (
        id TEXT {exact} PRIMARY KEY, commitment_id TEXT {exact} NOT NULL, commitment_number TEXT,
        vendor_id TEXT {exact} NOT NULL, alike TEXT {exact} NOT NULL, number TEXT NOT NULL
    ) {kept}
"""
_NUMBERS_OF_VENDOR = """
    CREATE INDEX IF NOT EXISTS erp_invoice_numbers_of_vendor
        ON erp_invoice_numbers (vendor_id, alike)
"""
_NUMBERS_OF_COMMITMENT = """
    CREATE INDEX IF NOT EXISTS erp_invoice_numbers_of_commitment
        ON erp_invoice_numbers (commitment_id)
"""
_LEDGERS = """
    CREATE TABLE IF NOT EXISTS erp_ledgers (
        connection TEXT {exact} PRIMARY KEY, path TEXT NOT NULL
    ) {kept}
"""
_OF_COMMITMENT = """
    CREATE INDEX IF NOT EXISTS erp_documents_of_commitment
        ON erp_documents (kind, commitment_id) WHERE commitment_id IS NOT NULL
"""


@runtime_checkable
class DocumentRows(Protocol):
    """A database with the documents; in statements, ``?`` is the placeholder for a value."""

    def create(self) -> None:
        """Create missing tables."""
        ...

    def query(self, statement: str, *values: str | Sequence[str] | None) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        ...

    def count(self, statement: str, *values: str | None) -> int:
        """Return the number of rows that a statement changed."""
        ...


def create_tables(execute: Callable[[str], object], *, exact: str, kept: str) -> None:
    """Create missing tables, in the SQL of a database."""
    numbers = (_NUMBERS.format(exact=exact, kept=kept), _NUMBERS_OF_VENDOR, _NUMBERS_OF_COMMITMENT)
    documents = (_COMPANY, _DOCUMENTS.format(exact=exact, kept=kept), _OF_COMMITMENT)
    # This table is created last, so that a process that sees it sees all of them.
    ledgers = _LEDGERS.format(exact=exact, kept=kept)
    for statement in (*documents, *numbers, ledgers):
        execute(statement)


def to_stored_value(value: object) -> object:
    """Return a value for a database; an unstorable text becomes one that matches no row."""
    if isinstance(value, list):
        return [to_stored_value(one) for one in value]
    if isinstance(value, str) and (not value.isascii() or "\0" in value):
        known = value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
        # No id has a line break, so this matches none.
        return value if known == value else f"{known}\n"
    return value


@attrs.frozen
class SqliteRows:
    """The rows in a SQLite file."""

    connection: sqlite3.Connection

    def create(self) -> None:
        """Create missing tables."""
        create_tables(self.connection.execute, exact="", kept="WITHOUT ROWID")

    def _execute(self, statement: str, values: Sequence[object]) -> sqlite3.Cursor:
        given = [to_stored_value(value) for value in values]
        plain = [json.dumps(one) if isinstance(one, list) else one for one in given]
        words = statement.replace(AMONG, "SELECT value FROM json_each(?)")
        return self.connection.execute(words, plain)

    def query(self, statement: str, *values: str | Sequence[str] | None) -> list[tuple[Any, ...]]:
        """Return the rows of a statement; bytes that are not text become lone surrogates."""
        try:
            return self._execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise
        former = self.connection.text_factory
        self.connection.text_factory = _decode_any
        try:
            return self._execute(statement, values).fetchall()
        finally:
            self.connection.text_factory = former

    def count(self, statement: str, *values: str | None) -> int:
        """Return the number of rows that a statement changed."""
        return self._execute(statement, values).rowcount


def _decode_any(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
