"""The traffic of a process with a PostgreSQL server: statements, and round trips."""

from __future__ import annotations

import itertools
from functools import wraps
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

import attrs
import psycopg
from psycopg import pq

if TYPE_CHECKING:
    from io import TextIOWrapper
    from pathlib import Path

#: The messages of a client that carry out a statement, as prepared or as a text.
_STATEMENTS = frozenset({"Execute", "Query"})
#: A file stays open as long as its connection.
_OPEN: list[TextIOWrapper] = []


def trace_connections(folder: Path) -> None:
    """Have libpq write the messages of each new connection of this process into a file."""
    numbers = itertools.count()

    def trace(db: Any) -> Any:  # noqa: ANN401 - one of either kind
        file = (folder / str(next(numbers))).open("w")
        _OPEN.append(file)
        db.pgconn.trace(file.fileno())
        db.pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        return db

    async def trace_later(connecting: Any) -> Any:  # noqa: ANN401 - the same
        return trace(await connecting)

    for kind in (psycopg.Connection, psycopg.AsyncConnection):
        _wrap(kind, trace, trace_later)
    psycopg.connect = psycopg.Connection.connect


def _wrap(kind: Any, trace: Any, trace_later: Any) -> None:  # noqa: ANN401 - psycopg has no common type
    connect = kind.connect.__func__

    @wraps(connect)
    def connect_and_trace(cls: type, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as it is called
        db = connect(cls, *given, **named)
        return trace_later(db) if isawaitable(db) else trace(db)

    kind.connect = classmethod(connect_and_trace)


@attrs.frozen
class Traffic:
    """The traffic with a server."""

    statements: int
    trips: int

    def __sub__(self, before: Traffic) -> Traffic:
        return Traffic(self.statements - before.statements, self.trips - before.trips)


def read_traffic(folder: Path) -> Traffic:
    """
    Return how many statements were sent, and in how many round trips.

    A round trip begins where the client speaks after the server.
    """
    statements = trips = 0
    for file in folder.iterdir():
        speaker = "B"
        for row in file.read_text(encoding="utf-8", errors="replace").splitlines():
            parts = row.split("\t")
            if len(parts) < 3 or parts[0] not in {"F", "B"}:  # noqa: PLR2004 - speaker, length, message
                continue
            if parts[0] == "F":
                statements += parts[2] in _STATEMENTS
                trips += speaker == "B"
            speaker = parts[0]
    return Traffic(statements, trips)
