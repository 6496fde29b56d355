"""The access to the tables of the loaded records in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..record_rows import AMONG, create_tables, to_stored_value
from .errors import translate_errors
from .schema import LOCK_SCHEMA, LOCKS
from .sql import open_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psycopg

    from ..record_rows import Given


_HAS_TABLE = "SELECT (to_regclass(?) IS NOT NULL)::int"


def _translate_statement(statement: str) -> str:
    return statement.replace(AMONG, "= ANY(%s::text[])").replace("?", "%s")


@attrs.frozen
class PostgresRows:
    """The tables of the loaded records, over a connection on which the caller commits."""

    db: psycopg.Connection[Any]

    def create(self) -> None:
        """Create missing tables."""
        # A lock, because two processes that create tables at the same time would fail.
        self.query(LOCK_SCHEMA, str(LOCKS))
        with translate_errors(self.db):
            create_tables(self.db.execute, exact='COLLATE "C"')

    def has_table(self, name: str) -> bool:
        """Return whether a table exists."""
        return self.query(_HAS_TABLE, name) == [(1,)]

    def _execute(self, statement: str, values: Sequence[object]) -> psycopg.Cursor[tuple[Any, ...]]:
        words = _translate_statement(statement)
        with translate_errors(self.db):
            plain = [to_stored_value(value) for value in values]
            return open_cursor(self.db).execute(words, plain, prepare=False, binary=True)

    def query(self, statement: str, *values: Given) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        return self._execute(statement, values).fetchall()

    def count(self, statement: str, *values: Given) -> int:
        """Return the number of rows that a statement changed."""
        return self._execute(statement, values).rowcount


@attrs.frozen
class StoreRows:
    """The tables of the loaded records, read over the store's connection of each thread."""

    query_store: Callable[..., list[tuple[Any, ...]]]

    def create(self) -> None:
        """Do nothing, as this object only reads."""

    def has_table(self, name: str) -> bool:
        """Return whether a table exists."""
        return self.query(_HAS_TABLE, name) == [(1,)]

    def query(self, statement: str, *values: Given) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        return self.query_store(
            _translate_statement(statement), *(to_stored_value(value) for value in values)
        )

    def count(self, statement: str, *values: Given) -> int:
        """Return the number of rows that a query returns, as this object only reads."""
        return len(self.query(statement, *values))
