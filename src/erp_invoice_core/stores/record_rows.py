"""
The access to the tables of the loaded records, for any database.

Loaded records are Procore objects, such as invoices and commitments, which ``erp-invoice load``
stores beside the queue. :class:`RecordRows` executes the same statements on SQLite and PostgreSQL.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


#: The condition that a column is one of a list of texts, which is given as one value.
AMONG = "{among}"

#: The tables of the loaded records, in the order in which they are created.
RECORD_TABLES = ("erp_company", "erp_records", "erp_facts", "erp_ledgers")
#: The table of the kept facts of the loaded invoices.
FACTS_TABLE = "erp_facts"
#: The table of the loaded records in versions 0.1 to 0.3; a writer moves its rows.
OLDER_TABLE = "erp_documents"

_COMPANY = """
    CREATE TABLE IF NOT EXISTS erp_company (
        only_one INTEGER PRIMARY KEY CHECK (only_one = 1), id TEXT NOT NULL, body TEXT NOT NULL
    )
"""
# The columns from commitment_id to similarity_key summarize an invoice, so that its body is not
# read for a question about another one. The body is last, because a long one overflows its page.
_RECORDS = """
    CREATE TABLE IF NOT EXISTS erp_records (
        kind TEXT NOT NULL, id TEXT {exact} NOT NULL, digest TEXT NOT NULL,
        commitment_id TEXT {exact}, number BIGINT, invoice_number TEXT, commitment_number TEXT,
        vendor_id TEXT {exact}, similarity_key TEXT {exact}, body TEXT NOT NULL,
        PRIMARY KEY (kind, id)
    )
"""
# The condition of a query has only these columns, so a planner without statistics has no choice.
_OF_COMMITMENT = """
    CREATE INDEX IF NOT EXISTS erp_records_of_commitment
        ON erp_records (commitment_id, number, id)
"""
_OF_VENDOR = """
    CREATE INDEX IF NOT EXISTS erp_records_of_vendor ON erp_records (vendor_id, similarity_key)
"""
# Text that is computed from records, and is computed again wherever a row is missing.
_FACTS = """
    CREATE TABLE IF NOT EXISTS erp_facts (
        id TEXT {exact} PRIMARY KEY, sources TEXT NOT NULL, digest TEXT NOT NULL,
        body TEXT NOT NULL, document TEXT
    )
"""
_LEDGERS = """
    CREATE TABLE IF NOT EXISTS erp_ledgers (
        connection TEXT {exact} PRIMARY KEY, path TEXT NOT NULL
    )
"""

#: The value of a placeholder.
Given: TypeAlias = "str | int | Sequence[str] | None"


@runtime_checkable
class RecordRows(Protocol):
    """
    The tables of the loaded records in a database, accessed by SQL statements.

    In a statement, ``?`` is the placeholder for a value, and :data:`AMONG` is the condition that a
    column is one of a list of texts.
    """

    def create(self) -> None:
        """Create missing tables."""
        ...

    def has_table(self, name: str) -> bool:
        """Return whether a table exists."""
        ...

    def query(self, statement: str, *values: Given) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        ...

    def count(self, statement: str, *values: Given) -> int:
        """Return the number of rows that a statement changed."""
        ...


def create_tables(execute: Callable[[str], object], *, exact: str) -> None:
    """Create missing tables; ``exact`` is the collation that compares texts by their bytes."""
    for statement in (_COMPANY, _RECORDS, _OF_COMMITMENT, _OF_VENDOR, _FACTS, _LEDGERS):
        execute(statement.format(exact=exact))


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
    """The tables of the loaded records, over a connection to a SQLite file."""

    db: sqlite3.Connection

    def create(self) -> None:
        """Create missing tables."""
        create_tables(self.db.execute, exact="")

    def has_table(self, name: str) -> bool:
        """Return whether a table exists."""
        tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return bool(self.query(tables, name))

    def _execute(self, statement: str, values: Sequence[object]) -> sqlite3.Cursor:
        given = [to_stored_value(value) for value in values]
        plain = [json.dumps(one) if isinstance(one, list) else one for one in given]
        words = statement.replace(AMONG, "IN (SELECT value FROM json_each(?))")
        return self.db.execute(words, plain)

    def query(self, statement: str, *values: Given) -> list[tuple[Any, ...]]:
        """Return the rows of a statement; bytes that are not UTF-8 become lone surrogates."""
        try:
            return self._execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise
        former = self.db.text_factory
        self.db.text_factory = _decode_any
        try:
            return self._execute(statement, values).fetchall()
        finally:
            self.db.text_factory = former

    def count(self, statement: str, *values: Given) -> int:
        """Return the number of rows that a statement changed."""
        return self._execute(statement, values).rowcount


def _decode_any(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
