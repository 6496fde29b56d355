"""Currencies of records, and the commitment types in requisitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...money import is_currency
from .fields import Field, Scope
from .values import find_id, read_currency_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


CURRENCY = Field("currency_iso_code", "currency", read_currency_code)


def read_own_currency(scope: Scope) -> str | None:
    """Return the currency that a record itself states, or ``None``."""
    configuration = scope.read_child("currency_configuration")
    found: str | None = configuration.read_field(CURRENCY) if configuration else None
    return found


def collect_currencies(requisitions: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return the currency of each commitment as its requisitions state it, by commitment id."""
    found: dict[str, str] = {}
    for record in requisitions:
        configuration = record.get("currency_configuration")
        named = configuration.get("currency_iso_code") if isinstance(configuration, dict) else None
        name = find_id(record.get("commitment_id"))
        if name and isinstance(named, str) and is_currency(named):
            found.setdefault(name, named)
    return found


def collect_types(requisitions: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    """Return the type of each commitment as its requisitions state it, by commitment id."""
    found: dict[str, str] = {}
    for record in requisitions:
        kind, name = record.get("commitment_type"), find_id(record.get("commitment_id"))
        if name and isinstance(kind, str):
            found.setdefault(name, kind)
    return found
