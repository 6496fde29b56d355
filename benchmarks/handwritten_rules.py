"""The hand-written minimum of the rules: a frozen invoice, three guards, and a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from decimal import Decimal

__all__ = ["Invoice", "Person", "Record", "reasons", "send"]

_ADMIN = 3
_FROM = frozenset({"not_sent", "retrieved"})
_SENDABLE = frozenset({"approved", "approved_as_noted", "pending_owner_approval"})


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: levels by project."""

    id: str
    levels: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice with what an export keeps of it."""

    id: str
    number: str | None
    project_id: str
    approval: str
    status: str
    version: int
    uses: frozenset[str]
    gross: Decimal
    retained: Decimal
    connection: str | None = None
    sent_by: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The audit record of six fields."""

    invoice_id: str
    at: datetime
    actor: str
    action: str
    before: str
    after: str


def reasons(invoice: Invoice, person: Person, supported: Collection[str]) -> list[str]:
    """Return every reason why the invoice may not be sent."""
    found = []
    if not invoice.uses <= supported:  # type: ignore[operator] # both are frozen sets
        found.append("The ERP does not take it.")
    if person.levels.get(invoice.project_id, 0) < _ADMIN:
        found.append("Ask for Admin.")
    if invoice.status not in _FROM:
        found.append("It is sent already.")
    if invoice.approval not in _SENDABLE:
        found.append("Approve it first.")
    return found


def send(
    invoice: Invoice, person: Person, supported: Collection[str], at: datetime
) -> tuple[Invoice, Record] | list[str]:
    """Return the invoice as sent and the record of it, or every reason why not."""
    found = reasons(invoice, person, supported)
    if found:
        return found
    after = Invoice(
        id=invoice.id,
        number=invoice.number,
        project_id=invoice.project_id,
        approval=invoice.approval,
        status="ready",
        version=invoice.version + 1,
        uses=invoice.uses,
        gross=invoice.gross,
        retained=invoice.retained,
        connection="erp",
        sent_by=person.id,
        due_at=None,
    )
    return after, Record(invoice.id, at, person.id, "send", invoice.status, "ready")
