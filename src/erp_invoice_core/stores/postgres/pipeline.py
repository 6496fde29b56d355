"""The statements of one transaction, sent in as few trips as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus

from ..errors import CommitUnknown, StoreError, StoreFault
from .connection import ThreadConnection
from .errors import is_gone, translate_errors
from .sql import open_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .sql import Row

    Statement = tuple[str, Sequence[object]]


_BEGIN: Statement = ("BEGIN ISOLATION LEVEL READ COMMITTED", ())
_COMMIT: Statement = ("COMMIT", ())


# After these psycopg drops every prepared statement, which it cannot do within a pipeline.
_ALONE = ("ROLLBACK", "ALTER", "DROP")


def execute(
    connection: psycopg.Connection[Any], statements: Sequence[Statement], *, is_own: bool = True
) -> list[Row]:
    """
    Execute statements, on a connection of our own in one trip; return the rows of the last.

    Raises:
        psycopg.Error: The first that went wrong; nothing after it was done.
    """
    if is_own and len(statements) > 1 and not any(one.startswith(_ALONE) for one, _ in statements):
        last = _execute_in_one_trip(connection, statements)
    else:
        for one in statements:
            last = _execute_one(connection, one, is_own=is_own)
    return last.fetchall() if last.description else []


def _execute_one(
    connection: psycopg.Connection[Any], statements: Statement, *, is_own: bool = True
) -> psycopg.Cursor[Row]:
    statement, values = statements
    prepare = None if is_own and values else False
    return open_cursor(connection).execute(statement, values, prepare=prepare, binary=True)


def _execute_in_one_trip(
    connection: psycopg.Connection[Any], statements: Sequence[Statement]
) -> psycopg.Cursor[Row]:
    failure: psycopg.Error | None = None
    try:
        with connection.pipeline():
            try:
                for one in statements:
                    last = _execute_one(connection, one)
            except psycopg.Error as error:
                # Kept, as the pipeline would only log it and raise that it was aborted.
                failure = error
    except psycopg.Error as error:
        failure = failure or error
    if failure is not None:
        raise failure
    return last


class Pipeline:
    """Statements of a transaction; those without an answer wait for the next query."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.deferred: list[Statement] = []

    def defer(self, statement: str, *values: object) -> None:
        """Execute it with the next query, or at the end."""
        self.deferred.append((statement, values))

    def query(self, statement: str, *values: object) -> list[Row]:
        """Execute the deferred statements, then this one; return its rows."""
        statements = [*self.deferred, (statement, values)]
        self.deferred = []
        return self.execute_all(statements)

    def drop_deferred(self, statement: str) -> bool:
        """Drop deferred statements, from this one on or all; return whether it was deferred."""
        places = [
            place for place, statements in enumerate(self.deferred) if statements[0] == statement
        ]
        del self.deferred[places[0] if places else 0 :]
        return bool(places)

    def execute_all(self, statements: Sequence[Statement]) -> list[Row]:
        """Execute the statements now; return the rows of the last."""
        raise NotImplementedError


class HostPipeline(Pipeline):
    """The pipeline of a host's transaction; it leaves nothing in the connection."""

    def execute_all(self, statements: Sequence[Statement]) -> list[Row]:
        """Execute the statements one by one."""
        rows: list[Row] = []
        with translate_errors(self.connection, host=True):
            for one in statements:
                rows = execute(self.connection, [one], is_own=False)
        return rows

    def end(self) -> None:
        """Execute the deferred statements; nothing is committed."""
        statements, self.deferred = self.deferred, []
        if statements and not self.connection.closed:
            self.execute_all(statements)


class OwnPipeline(Pipeline):
    """
    The pipeline of a transaction of our own, begun with the first statement.

    A connection that turns out to be broken then is replaced once: nothing was executed on it.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        reconnected: Callable[[], psycopg.Connection[Any]],
    ) -> None:
        super().__init__(connection)
        self._reconnect = reconnected
        self._begun = False
        self._wrote = False

    def begin(self) -> None:
        """Begin now: others will write on the connection."""
        self._wrote = True
        self.execute_all([])

    def defer(self, statement: str, *values: object) -> None:
        """Execute it with the next query, or with the commit."""
        self._wrote = True
        super().defer(statement, *values)

    def execute_all(self, statements: Sequence[Statement]) -> list[Row]:
        """Execute the statements in one trip, after BEGIN if they are the first."""
        if self._begun:
            return self._execute(statements)
        try:
            rows = self._execute(self._prepend_begin(statements))
        except StoreError:
            if not is_gone(self.connection):
                raise
            self.connection = self._reconnect()
            rows = self._execute(self._prepend_begin(statements))
        self._begun = True
        return rows

    def _prepend_begin(self, statements: Sequence[Statement]) -> list[Statement]:
        """Return BEGIN and the settings of this transaction, then the statements."""
        each = self.connection.each if isinstance(self.connection, ThreadConnection) else ()
        return [_BEGIN, *each, *statements]

    def _execute(self, statements: Sequence[Statement]) -> list[Row]:
        with translate_errors(self.connection):
            return execute(self.connection, statements)

    def commit(self) -> None:
        """
        Execute the deferred statements, and commit.

        Raises:
            CommitUnknown: The connection broke before there was an answer.
        """
        statements, self.deferred = self.deferred, []
        if not statements and not self._begun:
            return
        try:
            self._execute(
                [*(statements if self._begun else self._prepend_begin(statements)), _COMMIT]
            )
        except StoreFault:
            raise
        except StoreError as error:
            if self._wrote and is_gone(self.connection):
                msg = "Read the entry again before anything else: the commit gave no answer."
                raise CommitUnknown(msg) from error
            raise

    def roll_back(self) -> None:
        """Roll back; a connection that cannot roll back is closed."""
        connection = self.connection
        if connection.closed:
            return
        in_pipeline = connection.pgconn.pipeline_status != PipelineStatus.OFF
        status = connection.info.transaction_status
        if in_pipeline or status in {TransactionStatus.ACTIVE, TransactionStatus.UNKNOWN}:
            connection.close()
        elif status != TransactionStatus.IDLE:
            try:
                with translate_errors(connection):
                    execute(connection, [("ROLLBACK", ())])
            except StoreError:
                connection.close()
