"""The queue in Django's own database: its store, its facts, the driver's connection."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import Exists, F, OuterRef

from erp_invoice_core import ExportQueue, SqliteStore

from ...harbor_point import books, case_of
from .models import Bill

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from erp_invoice_core import Case, Store


def store() -> Store:
    """Return the store in the default database, the one of a test run included."""
    return _store(connection.vendor, _where())


def _where() -> str:
    if connection.vendor == "sqlite":
        return str(connection.settings_dict["NAME"])
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - SQLite needs no psycopg

    known = connection.get_connection_params()  # with objects of Django among them
    return make_conninfo(**{name: said for name, said in known.items() if isinstance(said, str)})


@cache
def _store(vendor: str, where: str) -> Store:
    if vendor == "sqlite":
        return SqliteStore(where)
    from erp_invoice_core import PostgresStore  # noqa: PLC0415 - the same

    return PostgresStore(where)


def facts(ids: Sequence[str]) -> Mapping[str, Case]:
    """Return the facts of the bills, in one query on Django's connection, so in its transaction."""
    if not connection.in_atomic_block:
        close_old_connections()  # a request closes them; a worker, which calls this too, does not
    others = Bill.objects.filter(number=OuterRef("number")).exclude(id=OuterRef("id"))
    bills = Bill.objects.filter(id__in=ids).annotate(is_taken=Exists(others))
    columns = bills.values_list("id", "number", "status", "cents", F("is_taken"))
    return {
        bill_id: case_of(bill_id, number, status, cents, is_unique=not taken)
        for bill_id, number, status, cents, taken in columns
    }


def queue() -> ExportQueue:
    """
    Return the queue, for people and for workers.

    Call it before you begin a transaction: the first call of a process opens the store, on a
    connection of its own, and on SQLite that would wait for yours.
    """
    return ExportQueue(store(), books(settings.BOOKS), facts)


def get_driver_connection() -> object:
    """Return the driver's connection; inside ``atomic()`` its transaction is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # psycopg begins with the first statement, not with atomic()
    return connection.connection
