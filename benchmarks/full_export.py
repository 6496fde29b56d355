"""A hundred thousand invoices from rules to durable, beside django-fsm-2 with huey and raw SQL."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import connection, transaction
from huey import SqliteHuey

from .peer_django import FILE, Audit, Invoice, Person, create_tables, may_send, send_invoice
from .queue_driver import on_sqlite
from .ratio import Result, Target, contest, per_second
from .raw_sqlite import RawSqlite, invoice_of
from .samples import NOON

if TYPE_CHECKING:
    from .queue_driver import QueueDriver

__all__ = ["measure"]

INVOICES = 100_000
ROUNDS = 20
SLICE = INVOICES // ROUNDS
BATCH = 500
OF_PEERS = 500

_Rate: TypeAlias = Callable[[], float]


def ours(driver: QueueDriver) -> _Rate:
    """Return what sends the next slice in batches, and says how many a second."""
    begins = itertools.count(1, SLICE)

    def round_() -> float:
        begin = next(begins)
        ids = driver.host.prepare(range(begin, begin + SLICE))

        def work() -> None:
            for place in range(0, SLICE, BATCH):
                driver.send(ids[place : place + BATCH])

        return per_second(work, SLICE)

    return round_


def raw(floor: RawSqlite) -> _Rate:
    """Return the same with the hand-written loop."""
    begins = itertools.count(1, SLICE)

    def round_() -> float:
        begin = next(begins)
        invoices = [invoice_of(number) for number in range(begin, begin + SLICE)]
        floor.have(invoices)

        def work() -> None:
            for place in range(0, SLICE, BATCH):
                floor.send(invoices[place : place + BATCH])

        return per_second(work, SLICE)

    return round_


def wired(huey: SqliteHuey) -> _Rate:
    """
    Return the same with django-fsm-2 and huey, wired as well as they allow.

    Statuses and records of a batch are one transaction of Django's; huey takes its tasks one by
    one, each with a commit of its own. A slice is smaller: the rate is what counts.
    """
    begins = itertools.count(1, OF_PEERS)

    @huey.task()  # type: ignore[untyped-decorator, unused-ignore] # huey has no types
    def export(body: str) -> str:
        return body

    def round_() -> float:
        begin = next(begins)
        documents = {str(n): invoice_of(n) for n in range(begin, begin + OF_PEERS)}
        Invoice.objects.bulk_create(Invoice(id=key) for key in documents)
        return per_second(lambda: _send(documents, export), OF_PEERS)

    return round_


def _send(documents: dict[str, dict[str, Any]], export: Callable[[str], object]) -> None:
    person, at = Person("pm", 3), NOON.isoformat()
    with transaction.atomic():
        invoices = list(Invoice.objects.filter(id__in=list(documents)))
        records = []
        for invoice in invoices:
            assert may_send(invoice, person)
            records.append(Audit(**send_invoice(invoice, person, at)))
            invoice.body = json.dumps(documents[invoice.id], default=str, sort_keys=True)
            invoice.save(update_fields=["state", "body"])
        Audit.objects.bulk_create(records)
    for invoice in invoices:
        export(invoice.body)


def measure() -> list[Result]:
    """Line 7."""
    create_tables()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        driver, floor = on_sqlite(folder), RawSqlite(folder / "raw.db")
        huey = SqliteHuey(filename=str(folder / "huey.db"))
        results = contest(
            ours(driver),
            {
                "7 send 100,000 / fsm-2 + huey": (wired(huey), Target(limit=6, at_most=False)),
                "7 send 100,000 / raw of 500": (raw(floor), Target(limit=0.7, at_most=False)),
            },
            rounds=ROUNDS,
        )
        huey.storage.close()
        floor.close()
    connection.close()
    for file in FILE.parent.glob(f"{FILE.name}*"):
        file.unlink()
    return results
