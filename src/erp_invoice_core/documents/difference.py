"""Amounts that disagree: a stated and a computed one, or an amount and its limit."""

from __future__ import annotations

from decimal import Decimal

import attrs

from ..values import Value

__all__ = ["Difference", "ItemExcess"]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Difference(Value):
    """
    A figure that an invoice states itself and that its columns do not give.

    Attributes:
        name: Which figure, by Procore's name: ``current_payment_due`` for example.
        computed: What the columns give: an amount in the invoice's currency, or a percentage.
        stated: What the invoice says.
        item_id: The item that states it; ``None``: the summary of the invoice does.
    """

    name: str
    computed: Decimal
    stated: Decimal
    item_id: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ItemExcess(Value):
    """
    An item of which an amount goes beyond its limit, both in the invoice's currency.

    Attributes:
        amount: What is billed to date, or released in the period.
        limit: What is scheduled, or held.
    """

    item_id: str
    amount: Decimal
    limit: Decimal
