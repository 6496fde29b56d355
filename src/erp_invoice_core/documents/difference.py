"""Amounts that disagree: a stated and a computed one, or an amount and its limit."""

from __future__ import annotations

from decimal import Decimal

import attrs

from ..money import plain
from ..values import Value
from ..verdict import Notice, Source

__all__ = ["OF_ITEM", "OF_SUMMARY", "Difference", "ItemExcess"]

#: What the notices of differences say.
OF_SUMMARY = (
    "Compare {label}: the columns give {computed}, the summary of the invoice says {stated}."
)
OF_ITEM = "Compare {label}: the columns give {computed}, item {item} says {stated}."
_PERCENT = "percent"


def _written(amount: Decimal, currency: str | None) -> str:
    return f"{plain(amount, currency)} {currency}" if currency else format(amount, "f")


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
    def code(self) -> str:
        """The code of its notice."""
        return "billing.total_differs" if self.item_id else "billing.summary_differs"

    @property
    def sentence(self) -> str:
        """The sentence of its notice; ``{name}`` stands for a fact."""
        return OF_ITEM if self.item_id else OF_SUMMARY

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
