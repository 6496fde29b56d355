"""The actions of people on bills: each is one transaction with the queue's part in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from erp_invoice_core import Action, ExportQueue

from ..harbor_point import case_of
from .database import connect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from erp_invoice_core import Actor, Case, Connections, Result, Store, Verdict

    from .database import Database

__all__ = ["edit", "queue_for_workers", "queue_on", "send", "send_all"]


def facts(database: Database, ids: Sequence[str]) -> Mapping[str, Case]:
    """Return the facts of the bills, as this connection sees them, in one query."""
    rows = database.execute(
        "SELECT id, number, status, cents, NOT EXISTS (SELECT 1 FROM bills AS other"
        " WHERE other.number = bills.number AND other.id <> bills.id)"
        " FROM bills WHERE id = ANY(%s)",
        (list(ids),),
    )
    return {
        bill_id: case_of(bill_id, number, status, cents, is_unique=is_unique)
        for bill_id, number, status, cents, is_unique in rows
    }


def queue_on(database: Database, store: Store, connections: Connections) -> ExportQueue:
    """Return the queue for people: its facts see the changes of the open transaction."""
    return ExportQueue(store, connections, partial(facts, database))


def queue_for_workers(dsn: str, store: Store, connections: Connections) -> ExportQueue:
    """Return the queue for workers: each call of its facts opens a connection."""

    def read_facts(ids: Sequence[str]) -> Mapping[str, Case]:
        with connect(dsn) as database:
            return facts(database, ids)

    return ExportQueue(store, connections, read_facts)


def send(database: Database, queue: ExportQueue, ids: Sequence[str], actor: Actor) -> list[Result]:
    """Send bills and record who sent them; a refused one does not stop the others."""
    with database.transaction():
        answers = queue.send(ids, actor, connection="books", on=database)
        sent = [answer.id for answer in answers if answer.verdict]
        values = (actor.id, sent)
        database.execute("UPDATE bills SET sent_by = %s WHERE id = ANY(%s)", values)
    return answers


def send_all(database: Database, queue: ExportQueue, ids: Sequence[str], actor: Actor) -> None:
    """
    Send bills and record who sent them, all of them or none.

    Raises:
        Denied: One is refused; then nothing was done, and no action is in the history.
    """
    with database.transaction():
        values = (actor.id, list(ids))
        database.execute("UPDATE bills SET sent_by = %s WHERE id = ANY(%s)", values)
        for answer in queue.send(ids, actor, connection="books", on=database):
            answer.verdict.require()


def edit(database: Database, queue: ExportQueue, bill_id: str, cents: int, actor: Actor) -> Verdict:
    """Set a bill's amount if it may be edited; no other transaction can send it meanwhile."""
    with database.transaction():
        queue.guard([bill_id], on=database)
        [answer] = queue.why_not([bill_id], actor, Action.EDIT)
        if answer.verdict:
            database.execute("UPDATE bills SET cents = %s WHERE id = %s", (cents, bill_id))
    return answer.verdict
