"""Codes of an invoice that a connection can map to ids in the ERP."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ..documents import MappingKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .case import Case

#: How the codes of each kind are found.
CODES: Mapping[MappingKind, Callable[[Case], tuple[str, ...]]] = MappingProxyType(
    {MappingKind.TAX_CODE: lambda case: case.tax_codes or ()}
)


def list_codes(case: Case) -> Mapping[MappingKind, tuple[str, ...]]:
    """Return the codes of an invoice by kind."""
    return {kind: find(case) for kind, find in CODES.items()}
