"""Line 7: a hundred thousand invoices from rules to durable."""

from __future__ import annotations

import itertools
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from huey import SqliteHuey

from .cost import time_work
from .peer_django import FILE, Audit, Invoice, Person, create_tables, may_send, send_invoice
from .ratio import SHOWN, LineResult, at_least, contest
from .samples import NOON, invoice_of
from .sqlite_send import list_ours, name_floor, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .contestant import Contestant
    from .cost import Cost
    from .effort import Effort

BATCH = 500
OF_PEERS = 500


def _send_slice(contestant: Contestant, count: int) -> Callable[[], Cost]:
    def measure() -> Cost:
        contestant.load(count)
        return contestant.send(count, BATCH)

    return measure


def _send_wired(huey: SqliteHuey, begins: Iterator[int]) -> Callable[[], Cost]:
    """
    Return the same with django-fsm-2 and huey, wired as well as they allow.

    Statuses and records of a batch are one transaction of Django's; huey takes its tasks one by
    one, each with a commit of its own. A slice is smaller: the cost of each is what counts.
    """

    @huey.task()  # type: ignore[untyped-decorator, unused-ignore] # huey has no types
    def export(body: str) -> str:
        return body

    def measure() -> Cost:
        begin = next(begins)
        documents = {str(n): invoice_of(n) for n in range(begin, begin + OF_PEERS)}
        Invoice.objects.bulk_create(Invoice(id=key) for key in documents)
        return time_work(lambda: _send(documents, export), OF_PEERS)

    return measure


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


def measure(effort: Effort) -> list[LineResult]:
    """Send the invoices in slices, a slice in each round."""
    rounds = effort.choose(20, 3)
    count = effort.choose(100_000, 3_000) // (rounds + 1)
    results = []
    begins = itertools.count(1, OF_PEERS)
    create_tables()
    for ours in list_ours():
        floor = name_floor(ours)
        with start(ours, floor, "raw") as started, tempfile.TemporaryDirectory() as name:
            huey = SqliteHuey(filename=str(Path(name) / "huey.db"))
            results += contest(
                "7",
                f"send, {ours.removeprefix('ours, ')}",
                _send_slice(started[ours], count),
                {
                    "fsm-2 and huey": (_send_wired(huey, begins), at_least(2.8)),
                    floor: (_send_slice(started[floor], count), at_least(0.7)),
                    "raw": (_send_slice(started["raw"], count), SHOWN),
                },
                rounds=rounds,
            )
            huey.storage.close()
    connection.close()
    for file in FILE.parent.glob(f"{FILE.name}*"):
        file.unlink()
    return results


LINES = {"7": measure}
