"""Pipeline of a transaction's statements, sent in few round trips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.errors import DivisionByZero
from psycopg.pq import PipelineStatus, TransactionStatus

from ..errors import CommitUnknown, EntryChanged, StoreError, StoreFault
from .connection import ThreadConnection
from .errors import is_gone, translate_errors
from .sql import open_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .sql import Row

    Statement = tuple[str, Sequence[object]]


_BEGIN: Statement = ("BEGIN ISOLATION LEVEL READ COMMITTED", ())
_COMMIT: Statement = ("COMMIT", ())


# After these psycopg drops all prepared statements, which is not possible within a pipeline.
_ALONE = ("ROLLBACK", "ALTER", "DROP")


def execute(
    db: psycopg.Connection[Any], statements: Sequence[Statement], *, is_own: bool = True
) -> list[Row]:
    """
    Execute statements in order, and return the rows of the last one that has rows.

    Args:
        db: The connection.
        statements: The statements with their values.
        is_own: True for a connection of the store, on which they are sent in one round trip and
            prepared; false for a host's, on which they are executed one by one.

    Raises:
        psycopg.Error: The first statement that failed; no statement after it was executed.
    """
    if is_own and len(statements) > 1 and not any(one.startswith(_ALONE) for one, _ in statements):
        last = _execute_in_one_trip(db, statements)
    else:
        for one in statements:
            last = _execute_one(db, one, is_own=is_own)
    return last.fetchall() if last.description else []


def _execute_one(
    db: psycopg.Connection[Any], statements: Statement, *, is_own: bool = True
) -> psycopg.Cursor[Row]:
    statement, values = statements
    prepare = None if is_own and values else False
    return open_cursor(db).execute(statement, values, prepare=prepare, binary=True)


def _execute_in_one_trip(
    db: psycopg.Connection[Any], statements: Sequence[Statement]
) -> psycopg.Cursor[Row]:
    failure: psycopg.Error | None = None
    try:
        with db.pipeline():
            try:
                cursors = [_execute_one(db, one) for one in statements]
            except psycopg.Error as error:
                # Stored, because the pipeline only logs it and raises that it was aborted.
                failure = error
    except psycopg.Error as error:
        failure = failure or error
    if failure is not None:
        raise failure
    # COMMIT has no rows.
    return next((one for one in reversed(cursors) if one.description), cursors[-1])


class Pipeline:
    """
    The statements of a transaction, sent in few round trips.

    A statement whose rows are not needed is deferred until the next query.
    """

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self.db = db
        self.deferred: list[Statement] = []

    def defer(self, statement: str, *values: object) -> None:
        """Execute a statement with the next query, or at the end."""
        self.deferred.append((statement, values))

    def query(self, statement: str, *values: object) -> list[Row]:
        """Execute the deferred statements, then this one, and return its rows."""
        statements = [*self.deferred, (statement, values)]
        self.deferred = []
        return self.execute_all(statements)

    def drop_deferred(self, statement: str) -> bool:
        """
        Drop the deferred statements from this one on, or all if it is not deferred.

        Return whether it was deferred; otherwise it was executed already.
        """
        places = [
            place for place, statements in enumerate(self.deferred) if statements[0] == statement
        ]
        del self.deferred[places[0] if places else 0 :]
        return bool(places)

    def execute_all(self, statements: Sequence[Statement]) -> list[Row]:
        """Execute the statements now; return the rows of the last."""
        raise NotImplementedError


class HostPipeline(Pipeline):
    """The pipeline of a host's transaction; it begins, commits and prepares nothing."""

    def execute_all(self, statements: Sequence[Statement]) -> list[Row]:
        """Execute the statements one by one; return the rows of the last."""
        rows: list[Row] = []
        with translate_errors(self.db, host=True):
            for one in statements:
                rows = execute(self.db, [one], is_own=False)
        return rows

    def end(self) -> None:
        """Execute the deferred statements; the host commits."""
        statements, self.deferred = self.deferred, []
        if statements and not self.db.closed:
            self.execute_all(statements)


class OwnPipeline(Pipeline):
    """
    The pipeline of the store's own transaction, begun with the first statement.

    If the first statement finds the connection broken, the connection is replaced once.
    """

    def __init__(
        self,
        db: psycopg.Connection[Any],
        reconnected: Callable[[], psycopg.Connection[Any]],
    ) -> None:
        super().__init__(db)
        self._reconnect = reconnected
        self._begun = False
        self._wrote = False

    def begin(self) -> None:
        """Begin the transaction now, because other code will write on the connection."""
        self._wrote = True
        self.execute_all([])

    def defer(self, statement: str, *values: object) -> None:
        """Execute a statement with the next query, or with the commit."""
        self._wrote = True
        super().defer(statement, *values)

    def execute_all(self, statements: Sequence[Statement]) -> list[Row]:
        """Execute the statements in one round trip, after BEGIN if they are the first."""
        if self._begun:
            return self._execute(statements)
        try:
            rows = self._execute(self._prepend_begin(statements))
        except StoreError:
            if not is_gone(self.db):
                raise
            self.db = self._reconnect()
            rows = self._execute(self._prepend_begin(statements))
        self._begun = True
        return rows

    def _prepend_begin(self, statements: Sequence[Statement]) -> list[Statement]:
        """Return BEGIN and the settings of this transaction, then the statements."""
        return [_BEGIN, *self._list_settings(), *statements]

    def _list_settings(self) -> Sequence[Statement]:
        return self.db.each if isinstance(self.db, ThreadConnection) else ()

    def _execute(self, statements: Sequence[Statement]) -> list[Row]:
        with translate_errors(self.db):
            try:
                return execute(self.db, statements)
            except DivisionByZero as error:  # only SAVE and CREATE divide
                msg = "An entry or a number slot is not as expected. Run the transaction again."
                raise EntryChanged(msg) from error

    @property
    def is_begun(self) -> bool:
        """True if a statement was executed or is deferred."""
        return self._begun or bool(self.deferred)

    def is_alive(self) -> bool:
        """Return whether no end of the connection is noticed, without a round trip."""
        try:
            self.db.pgconn.consume_input()  # the reason, if the server has ended the connection
            self.db.pgconn.consume_input()  # the end of the connection
        except psycopg.OperationalError:
            return False
        return True

    def commit(self) -> None:
        """
        Execute the deferred statements, and commit.

        Raises:
            CommitUnknown: The connection broke before the answer.
        """
        statements, self.deferred = self.deferred, []
        if statements or self._begun:
            begun = statements if self._begun else self._prepend_begin(statements)
            self._execute_last([*begun, _COMMIT])

    def execute_alone(self, statement: str, *values: object) -> list[Row]:
        """
        Execute a statement as a transaction of its own, in one round trip; return its rows.

        Raises:
            CommitUnknown: The connection broke before the answer.
        """
        if self.db.closed:  # another query has found it broken, and nothing is sent yet
            self.db = self._reconnect()
        self._wrote = True
        statements: list[Statement] = [(statement, values)]
        if self._list_settings():  # for its transaction only, so that it needs one
            statements = [*self._prepend_begin(statements), _COMMIT]
        return self._execute_last(statements)

    def _execute_last(self, statements: Sequence[Statement]) -> list[Row]:
        try:
            return self._execute(statements)
        except StoreFault:
            raise
        except StoreError as error:
            if self._wrote and is_gone(self.db):
                msg = "The commit gave no answer. Read the entry again first."
                raise CommitUnknown(msg) from error
            raise

    def roll_back(self) -> None:
        """Roll back, or close the connection if that fails."""
        db = self.db
        if db.closed:
            return
        in_pipeline = db.pgconn.pipeline_status != PipelineStatus.OFF
        status = db.info.transaction_status
        if in_pipeline or status in {TransactionStatus.ACTIVE, TransactionStatus.UNKNOWN}:
            db.close()
        elif status != TransactionStatus.IDLE:
            try:
                with translate_errors(db):
                    execute(db, [("ROLLBACK", ())])
            except StoreError:
                db.close()
