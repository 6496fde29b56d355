"""The invoice as a program with django-fsm-2 has it, in a database of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django_fsm import FSMField, can_proceed, has_transition_perm, transition

__all__ = ["FILE", "Audit", "Invoice", "Person", "create_tables", "may_send", "send_invoice"]

FILE = Path(__file__).parents[1] / "build" / "bench" / "django.db"
_ADMIN = 3

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(FILE),
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
                "transaction_mode": "IMMEDIATE",
            },
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.db import connection, models  # noqa: E402 - they need the settings


class Person:
    """Who acts: a level in the project."""

    def __init__(self, key: str, level: int) -> None:
        self.key = key
        self.level = level


class Audit(models.Model):
    """The record of six fields."""

    invoice_id = models.CharField(max_length=40)
    at = models.CharField(max_length=40)
    actor = models.CharField(max_length=40)
    action = models.CharField(max_length=40)
    before = models.CharField(max_length=40)
    after = models.CharField(max_length=40)

    class Meta:
        """The label that every model has."""

        app_label = "benchmarks"

    def __str__(self) -> str:
        return f"{self.action} {self.invoice_id}"


class Invoice(models.Model):
    """An approved invoice, with the status that moves."""

    id = models.CharField(max_length=40, primary_key=True)
    approval = models.CharField(max_length=40, default="approved")
    uses = models.CharField(max_length=200, default="invoices,subcontracts,amount_based")
    state = FSMField(default="not_sent", protected=False)
    body = models.TextField(default="")

    class Meta:
        """The label that every model has."""

        app_label = "benchmarks"

    def __str__(self) -> str:
        return str(self.id)

    def is_sendable(self) -> bool:
        """Return whether its approval allows it to be sent."""
        return self.approval in {"approved", "approved_as_noted", "pending_owner_approval"}

    def erp_takes_it(self) -> bool:
        """Return whether the ERP has every feature that it uses."""
        return SUPPORTED.issuperset(self.uses.split(","))

    @transition(
        field=state,
        source=["not_sent", "retrieved"],
        target="ready",
        conditions=[is_sendable, erp_takes_it],
        permission=lambda _invoice, person: person.level >= _ADMIN,
    )
    def send(self, person: Person, at: str) -> dict[str, str]:
        """Send it; return the audit record."""
        return {
            "invoice_id": self.id,
            "at": at,
            "actor": person.key,
            "action": "send",
            "before": self.state,
            "after": "ready",
        }


SUPPORTED = frozenset({"invoices", "subcontracts", "amount_based", "retainage"})


def may_send(invoice: Invoice, person: Person) -> bool:
    """Return whether it may be sent: status, ERP and approval, and the permission."""
    return bool(can_proceed(invoice.send) and has_transition_perm(invoice.send, person))


def send_invoice(invoice: Invoice, person: Person, at: str) -> dict[str, Any]:
    """
    Send it and return the audit record.

    Raises:
        PermissionError: The person may not.
    """
    if not has_transition_perm(invoice.send, person):
        raise PermissionError(person.key)
    record: dict[str, Any] = invoice.send(person, at)
    return record


def create_tables() -> None:
    """Begin with empty tables in a new file."""
    connection.close()
    FILE.parent.mkdir(parents=True, exist_ok=True)
    for file in FILE.parent.glob(f"{FILE.name}*"):
        file.unlink()
    with connection.schema_editor() as editor:
        editor.create_model(Invoice)
        editor.create_model(Audit)
