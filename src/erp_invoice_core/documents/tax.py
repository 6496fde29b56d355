"""Taxes as the source of an invoice states them."""

from __future__ import annotations

from decimal import Decimal

import attrs

from ..values import Value
from .field_types import find_type_problems
from .problem import refuse_if_any


@attrs.frozen(kw_only=True, eq=False, repr=False)
class StatedTax(Value):
    """
    A tax of an item, or the total of a tax code in the tax summary of a requisition.

    Attributes:
        code_id: The id of the tax code in the source.
        name: The name of the tax code, as ``GST``.
        rate: The rate in percent; the tax summary has none.
        amount: The amount in the invoice's currency; it is stated and never computed. ``None`` if
            it is not stated, as for an item of Procore.

    Raises:
        InvalidDocument: A field is not of its type.
    """

    code_id: str | None = None
    name: str | None = None
    rate: Decimal | None = None
    amount: Decimal | None = None

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_type_problems(self))

    @property
    def code(self) -> str | None:
        """The name of the tax code, else its id; ``None`` if the source states neither."""
        return (self.name or "").strip() or self.code_id
