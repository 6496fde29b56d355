"""Amounts that disagree: a stated and a computed one, or an amount and its limit."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..money import plain
from ..values import Value
from ..verdict import Notice, Source

if TYPE_CHECKING:
    from collections.abc import Mapping


#: What is said of a difference, by the code of its notice.
DIFFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "billing.summary_differs": "Compare {label}: the columns give {computed},"
        " the summary of the invoice says {stated}.",
        "billing.total_differs": "Compare {label}: the columns give {computed},"
        " item {item} says {stated}.",
        "billing.unit_differs": "Compare {label} of item {item}: quantity times price makes"
        " {computed}; the amount {stated} counts.",
        "billing.contract_sum_differs": "The contract items add up to {computed},"
        " the commitment's lines to {stated}.",
        "billing.change_orders_differ": "The change-order items add up to {computed},"
        " the approved change orders to {stated}.",
    }
)
_PERCENT = "percent"
_LARGEST = 20


def _is_known(_instance: object, _attribute: object, code: str) -> None:
    if code not in DIFFERENCES:
        msg = f"The code of a difference is one of {', '.join(DIFFERENCES)}."
        raise ValueError(msg)


def _written(amount: Decimal, currency: str | None) -> str:
    if currency is None:
        return format(amount, "f")
    # A product of quantity and price may be too large for an amount of any currency.
    shown = plain(amount, currency) if amount.adjusted() < _LARGEST else format(amount, "f")
    return f"{shown} {currency}"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Difference(Value):
    """
    A figure that is stated and that the columns of the invoice do not give.

    Attributes:
        name: Which figure, by Procore's name: ``current_payment_due`` for example.
        computed: What the columns give: an amount in the invoice's currency, or a percentage.
        stated: What the invoice, its item, or its commitment says.
        item_id: The item that states it.
        code: The code of its notice; by default the summary of the invoice states it.

    Raises:
        ValueError: There is no such difference.
    """

    name: str
    computed: Decimal
    stated: Decimal
    item_id: str | None = None
    code: str = attrs.field(default="billing.summary_differs", validator=_is_known)

    def facts(self, currency: str | None) -> dict[str, str]:
        """Return which figure it is and both its values, as text."""
        if _PERCENT in self.name:
            figures = {"computed": f"{self.computed:f} %", "stated": f"{self.stated:f} %"}
        else:
            figures = {
                "computed": _written(self.computed, currency),
                "stated": _written(self.stated, currency),
            }
        found = {"field": self.name, "label": self.name.replace("_", " "), **figures}
        return {**found, "item": self.item_id} if self.item_id else found

    @property
    def sentence(self) -> str:
        """The sentence of its notice; ``{name}`` stands for a fact."""
        return DIFFERENCES[self.code]

    def notice(self, currency: str | None) -> Notice:
        """Return what the sender and the approver are shown of it."""
        facts = self.facts(currency)
        return Notice(self.code, self.sentence.format_map(facts), Source.CONDITION, facts)


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
