"""The actions of people on bills: each is one transaction with the queue's part in it."""

from __future__ import annotations

import json
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from erp_invoice_core import Action, ExportQueue

from ..harbor_point import case_of
from .database import connect, transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from erp_invoice_core import Actor, Case, Connections, Result, SqliteStore, Verdict

__all__ = ["edit", "queue_for_workers", "queue_on", "send", "send_all"]


def facts(database: sqlite3.Connection, ids: Sequence[str]) -> Mapping[str, Case]:
    """Return the facts of the bills, as this connection sees them, in one query."""
    rows = database.execute(
        "SELECT id, number, status, cents, NOT EXISTS (SELECT 1 FROM bills AS other"
        " WHERE other.number = bills.number AND other.id <> bills.id)"
        " FROM bills WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {
        bill_id: case_of(bill_id, number, status, cents, is_unique=bool(is_unique))
        for bill_id, number, status, cents, is_unique in rows
    }


def queue_on(
    database: sqlite3.Connection, store: SqliteStore, connections: Connections
) -> ExportQueue:
    """Return the queue for people: its facts see the changes of the open transaction."""
    return ExportQueue(store, connections, partial(facts, database))


def queue_for_workers(store: SqliteStore, connections: Connections) -> ExportQueue:
    """Return the queue for workers: each call of its facts opens a connection."""

    def read_facts(ids: Sequence[str]) -> Mapping[str, Case]:
        with closing(connect(str(store.path))) as database:
            return facts(database, ids)

    return ExportQueue(store, connections, read_facts)


def send(
    database: sqlite3.Connection, queue: ExportQueue, ids: Sequence[str], actor: Actor
) -> list[Result]:
    """Send bills and record who sent them; a refused one does not stop the others."""
    with transaction(database):
        answers = queue.send(ids, actor, connection="books", on=database)
        sent = [(actor.id, answer.id) for answer in answers if answer.verdict]
        database.executemany("UPDATE bills SET sent_by = ? WHERE id = ?", sent)
    return answers


def send_all(
    database: sqlite3.Connection, queue: ExportQueue, ids: Sequence[str], actor: Actor
) -> None:
    """
    Send bills and record who sent them, all of them or none.

    Raises:
        Denied: One is refused; then nothing was done, and no action is in the history.
    """
    with transaction(database):
        noted = [(actor.id, bill_id) for bill_id in ids]
        database.executemany("UPDATE bills SET sent_by = ? WHERE id = ?", noted)
        for answer in queue.send(ids, actor, connection="books", on=database):
            answer.verdict.require()


def edit(
    database: sqlite3.Connection, queue: ExportQueue, bill_id: str, cents: int, actor: Actor
) -> Verdict:
    """Set a bill's amount if it may be edited; no other transaction can send it meanwhile."""
    with transaction(database):
        queue.guard([bill_id], on=database)
        [answer] = queue.why_not([bill_id], actor, Action.EDIT)
        if answer.verdict:
            database.execute("UPDATE bills SET cents = ? WHERE id = ?", (cents, bill_id))
    return answer.verdict
