"""How a document that was found in the ERP differs from the one that was sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ..adapters.text import bounded
from ..documents import canonical_number

if TYPE_CHECKING:
    from ..declaration import Declaration
    from ..documents import QueueEntry
    from ..exchange import Contents, Found

__all__ = ["differences", "facts_of_find", "is_number"]

_LONGEST = 200


def is_number(found: str | None, written: str | None) -> bool:
    """Whether the number that was found is the one that was written, as a person reads them."""
    return canonical_number(found or "") == canonical_number(written or "")


def differences(
    contents: Contents, entry: QueueEntry, erp: Declaration
) -> dict[str, tuple[str, str]]:
    """Return what differs from the document as sent, by field: in the ERP, and as sent."""
    document, acceptance = entry.document, entry.acceptance
    if document is None:
        return {}
    given = acceptance.fields.get("accounting_date") if acceptance else None
    billed = document.billing_date.isoformat() if document.billing_date else None
    dates: list[str | None] = [day for day in (given, billed) if day]
    date = contents.date.isoformat() if contents.date else None
    several = len([step for step in entry.plan if step.role]) > 1
    number = erp.number_as_written(document.invoice_number)
    rows: tuple[tuple[str, bool, object, object], ...] = (
        (
            "vendor",
            contents.vendor == document.vendor_origin_id,
            contents.vendor,
            document.vendor_origin_id,
        ),
        ("number", is_number(contents.number, number), contents.number, number),
        (
            "amount",
            several or contents.amount == document.due,
            contents.amount,
            document.due,
        ),
        ("date", date in (dates or [None]), date, next(iter(dates), None)),
    )
    return {name: (_said(there), _said(sent)) for name, is_same, there, sent in rows if not is_same}


def _said(value: object) -> str:
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def facts_of_find(found: Found, entry: QueueEntry, erp: Declaration) -> dict[str, str]:
    """
    Return the facts of a document that was found and does not count as this entry's.

    ``disagrees`` names the fields that differ; each has its values under ``<field>_in_erp`` and
    ``<field>_as_sent``. Without ``disagrees`` it agrees, and is or may be another entry's.
    """
    facts = {"erp_id": found.receipt.erp_id, "number": found.contents.number or ""}
    differing = differences(found.contents, entry, erp)
    if differing:
        facts["disagrees"] = ", ".join(differing)
    for name, (there, sent) in differing.items():
        facts |= {
            f"{name}_in_erp": bounded(there, _LONGEST),
            f"{name}_as_sent": bounded(sent, _LONGEST),
        }
    return facts
