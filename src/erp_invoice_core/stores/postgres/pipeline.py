"""What is said to the server in one transaction: as much at a time as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus

from ..errors import CommitUnknown, StoreError, StoreFault
from .connection import Line
from .errors import is_gone, told
from .sql import cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .sql import Row

    Said = tuple[str, Sequence[object]]


_BEGIN: Said = ("BEGIN ISOLATION LEVEL READ COMMITTED", ())
_COMMIT: Said = ("COMMIT", ())


# After these psycopg drops every prepared statement, which it cannot do within a pipeline.
_ALONE = ("ROLLBACK", "ALTER", "DROP")


def asked(
    connection: psycopg.Connection[Any], said: Sequence[Said], *, is_own: bool = True
) -> list[Row]:
    """
    Say one thing or several, on a connection of our own these in one trip; return the last's rows.

    Raises:
        psycopg.Error: The first that went wrong; nothing after it was done.
    """
    if is_own and len(said) > 1 and not any(one.startswith(_ALONE) for one, _ in said):
        last = _in_one_trip(connection, said)
    else:
        for one in said:
            last = _executed(connection, one, is_own=is_own)
    return last.fetchall() if last.description else []


def _executed(
    connection: psycopg.Connection[Any], said: Said, *, is_own: bool = True
) -> psycopg.Cursor[Row]:
    statement, values = said
    prepare = None if is_own and values else False
    return cursor(connection).execute(statement, values, prepare=prepare, binary=True)


def _in_one_trip(connection: psycopg.Connection[Any], said: Sequence[Said]) -> psycopg.Cursor[Row]:
    failure: psycopg.Error | None = None
    try:
        with connection.pipeline():
            try:
                for one in said:
                    last = _executed(connection, one)
            except psycopg.Error as error:
                # Kept, as the pipeline would only log it, and tell that it was aborted.
                failure = error
    except psycopg.Error as error:
        failure = failure or error
    if failure is not None:
        raise failure
    return last


class Talk:
    """Statements, the ones whose answers nobody waits for kept back until the next question."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.kept_back: list[Said] = []

    def later(self, statement: str, *values: object) -> None:
        """Say it with the next question, or at the end."""
        self.kept_back.append((statement, values))

    def ask(self, statement: str, *values: object) -> list[Row]:
        """Say what was kept back, then this; return its rows."""
        said = [*self.kept_back, (statement, values)]
        self.kept_back = []
        return self.say(said)

    def dropped(self, statement: str) -> bool:
        """Drop what is kept back, from that statement on or all; return whether it was there."""
        places = [place for place, said in enumerate(self.kept_back) if said[0] == statement]
        del self.kept_back[places[0] if places else 0 :]
        return bool(places)

    def say(self, said: Sequence[Said]) -> list[Row]:
        """Say it all now; return the rows of the last."""
        raise NotImplementedError


class HostTalk(Talk):
    """In a host's transaction: nothing is left behind in its connection, not even a plan."""

    def say(self, said: Sequence[Said]) -> list[Row]:
        """Say it one by one."""
        rows: list[Row] = []
        with told(self.connection, host=True):
            for one in said:
                rows = asked(self.connection, [one], is_own=False)
        return rows

    def end(self) -> None:
        """Say what was kept back; nothing is committed."""
        said, self.kept_back = self.kept_back, []
        if said and not self.connection.closed:
            self.say(said)


class OwnTalk(Talk):
    """
    In a transaction of our own, begun with the first thing said.

    A connection that turns out to be broken then is replaced once: nothing was said on it.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        reconnected: Callable[[], psycopg.Connection[Any]],
    ) -> None:
        super().__init__(connection)
        self._reconnected = reconnected
        self._begun = False
        self._wrote = False

    def begin(self) -> None:
        """Begin now: others will write on the connection."""
        self._wrote = True
        self.say([])

    def later(self, statement: str, *values: object) -> None:
        """Say it with the next question, or with the commit."""
        self._wrote = True
        super().later(statement, *values)

    def say(self, said: Sequence[Said]) -> list[Row]:
        """Say it in one trip, with the beginning before it if this is the first."""
        if self._begun:
            return self._tell(said)
        try:
            rows = self._tell(self._first(said))
        except StoreError:
            if not is_gone(self.connection):
                raise
            self.connection = self._reconnected()
            rows = self._tell(self._first(said))
        self._begun = True
        return rows

    def _first(self, said: Sequence[Said]) -> list[Said]:
        """Return what is said first in a transaction: the beginning, and settings for it alone."""
        each = self.connection.each if isinstance(self.connection, Line) else ()
        return [_BEGIN, *each, *said]

    def _tell(self, said: Sequence[Said]) -> list[Row]:
        with told(self.connection):
            return asked(self.connection, said)

    def commit(self) -> None:
        """
        Say what was kept back, and commit.

        Raises:
            CommitUnknown: The connection broke before there was an answer.
        """
        said, self.kept_back = self.kept_back, []
        if not said and not self._begun:
            return
        try:
            self._tell([*(said if self._begun else self._first(said)), _COMMIT])
        except StoreFault:
            raise
        except StoreError as error:
            if self._wrote and is_gone(self.connection):
                msg = "Read the entry again before anything else: the commit gave no answer."
                raise CommitUnknown(msg) from error
            raise

    def roll_back(self) -> None:
        """Undo it all; a connection in which that cannot be said is closed."""
        connection = self.connection
        if connection.closed:
            return
        in_pipeline = connection.pgconn.pipeline_status != PipelineStatus.OFF
        status = connection.info.transaction_status
        if in_pipeline or status in {TransactionStatus.ACTIVE, TransactionStatus.UNKNOWN}:
            connection.close()
        elif status != TransactionStatus.IDLE:
            try:
                with told(connection):
                    asked(connection, [("ROLLBACK", ())])
            except StoreError:
                connection.close()
