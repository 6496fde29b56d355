"""The actions of people on bills: each is one transaction with the queue's part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from erp_invoice_core import Action

from .erp import get_driver_connection, queue
from .models import Bill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erp_invoice_core import Actor, Result, Verdict


def send(ids: Sequence[str], actor: Actor) -> list[Result]:
    """Send bills and record who sent them; a refused one does not stop the others."""
    erp = queue()
    with transaction.atomic():
        answers = erp.send(ids, actor, connection="books", on=get_driver_connection())
        sent = [answer.id for answer in answers if answer.verdict]
        Bill.objects.filter(id__in=sent).update(sent_by=actor.id)
    return answers


def send_all(ids: Sequence[str], actor: Actor) -> None:
    """
    Send bills and record who sent them, all of them or none.

    Raises:
        Denied: One is refused; then nothing was done, and no action is in the history.
    """
    erp = queue()
    with transaction.atomic():
        Bill.objects.filter(id__in=ids).update(sent_by=actor.id)
        for answer in erp.send(ids, actor, connection="books", on=get_driver_connection()):
            answer.verdict.require()


def edit(bill_id: str, cents: int, actor: Actor) -> Verdict:
    """Set a bill's amount if it may be edited; no other transaction can send it meanwhile."""
    erp = queue()
    with transaction.atomic():
        erp.guard([bill_id], on=get_driver_connection())
        [answer] = erp.why_not([bill_id], actor, Action.EDIT)
        if answer.verdict:
            Bill.objects.filter(id=bill_id).update(cents=cents)
    return answer.verdict
