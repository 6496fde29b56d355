"""The actions of people on bills: each is one transaction with the queue's part in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs
from sqlalchemy import Engine, exists, select, update
from sqlalchemy.orm import Session, aliased

from erp_invoice_core import Action, Connections, ExportQueue, Store

from ..harbor_point import case_of
from .database import get_driver_connection, get_reading_engine
from .models import Bill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from erp_invoice_core import Actor, Case, Result, Verdict

__all__ = ["Billing"]


def facts(session: Session, ids: Sequence[str]) -> Mapping[str, Case]:
    """Return the facts of the bills, in one query, which flushes pending objects first."""
    other = aliased(Bill)
    is_taken = exists().where(other.number == Bill.number, other.id != Bill.id)
    rows = session.execute(
        select(Bill.id, Bill.number, Bill.status, Bill.cents, is_taken).where(Bill.id.in_(ids))
    )
    return {
        bill_id: case_of(bill_id, number, status, cents, is_unique=not taken)
        for bill_id, number, status, cents, taken in rows
    }


@attrs.frozen(kw_only=True)
class Billing:
    """The bills, on the host's engine, and the queue's store in the same database."""

    engine: Engine
    store: Store
    connections: Connections

    def queue_on(self, session: Session) -> ExportQueue:
        """Return the queue for people: its facts see the changes of the open transaction."""
        return ExportQueue(self.store, self.connections, partial(facts, session))

    def queue_for_workers(self) -> ExportQueue:
        """Return the queue for workers: each call of its facts has a read-only session."""

        def read_facts(ids: Sequence[str]) -> Mapping[str, Case]:
            with Session(get_reading_engine(self.engine)) as session:
                return facts(session, ids)

        return ExportQueue(self.store, self.connections, read_facts)

    def send(self, ids: Sequence[str], actor: Actor) -> list[Result]:
        """Send bills and record who sent them; a refused one does not stop the others."""
        with Session(self.engine) as session, session.begin():
            queue = self.queue_on(session)
            answers = queue.send(ids, actor, connection="books", on=get_driver_connection(session))
            sent = [answer.id for answer in answers if answer.verdict]
            session.execute(update(Bill).where(Bill.id.in_(sent)).values(sent_by=actor.id))
        return answers

    def send_all(self, ids: Sequence[str], actor: Actor) -> None:
        """
        Send bills and record who sent them, all of them or none.

        Raises:
            Denied: One is refused; then nothing was done, and no action is in the history.
        """
        with Session(self.engine) as session, session.begin():
            for bill in session.scalars(select(Bill).where(Bill.id.in_(ids))):
                bill.sent_by = actor.id
            queue = self.queue_on(session)
            for answer in queue.send(
                ids, actor, connection="books", on=get_driver_connection(session)
            ):
                answer.verdict.require()

    def edit(self, bill_id: str, cents: int, actor: Actor) -> Verdict:
        """Set a bill's amount if it may be edited; no other transaction can send it meanwhile."""
        with Session(self.engine) as session, session.begin():
            queue = self.queue_on(session)
            queue.guard([bill_id], on=get_driver_connection(session))
            [answer] = queue.why_not([bill_id], actor, Action.EDIT)
            if answer.verdict:
                session.get_one(Bill, bill_id).cents = cents
        return answer.verdict
