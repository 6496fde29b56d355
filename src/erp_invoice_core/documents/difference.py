"""
Contradictions in an invoice: differing figures, exceeded limits, wrong links.

They are facts about an invoice, computed from its items and from the records to which it refers.
Rules make denials or notices of them.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from ..message_template import MessageKind, MessageTemplate, choose_template
from ..money import format_amount, has_currency_digits
from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..verdict import Notice


_TEXTS: Mapping[str, str | tuple[str, ...]] = {
    "billing.summary_differs": "The columns of the invoice come to {computed} for {label}; its"
    " summary says {stated}. Compare the two.",
    "billing.total_differs": "The columns of item {item} come to {computed} for {label}; the item"
    " itself says {stated}. Compare the two.",
    "billing.unit_differs": "The {label} of item {item} is {stated}; its quantity times its price"
    " is {computed}. The amount {stated} is exported. Compare the two.",
    "billing.contract_sum_differs": "The scheduled values of the contract items add up to"
    " {computed}, and the lines of the commitment to {stated}. Compare the two sums.",
    "billing.change_orders_differ": "The scheduled values of the change order items add up to"
    " {computed}, and the approved change orders to {stated}. Compare the two sums.",
    "tax.differs": (
        (
            "By the tax rates of its lines, tax {field} of the invoice is {computed}, but the"
            " invoice states {stated} in all. Compare the two amounts."
        ),
        (
            "By the tax rates of its lines, tax {field} of the invoice is {computed}, but the tax"
            " summary of the invoice has no total of this tax. Check the tax summary."
        ),
        (
            "The invoice states {stated} in all for tax {field}, but the tax of each single line"
            " cannot be computed from its tax rate and its amounts. Check both on each line."
        ),
    ),
}


def _build_templates(code: str, texts: str | tuple[str, ...]) -> tuple[MessageTemplate, ...]:
    each = (texts,) if isinstance(texts, str) else texts
    return tuple(MessageTemplate(code, text, kind=MessageKind.NOTICE) for text in each)


#: The templates of the notices about differences, by their code.
DIFFERENCES: Mapping[str, tuple[MessageTemplate, ...]] = MappingProxyType(
    {code: _build_templates(code, texts) for code, texts in _TEXTS.items()}
)
_PERCENT = "percent"
_TAX = "tax.differs"
_LARGEST = 20


def _is_known(_instance: object, _attribute: object, code: str) -> None:
    if code not in DIFFERENCES:
        msg = f"The code of a difference must be one of {', '.join(DIFFERENCES)}."
        raise ValueError(msg)


def _format(amount: Decimal, currency: str | None) -> str:
    if currency is None:
        return format(amount, "f")
    # A product of quantity and price may be too large for an amount of any currency.
    shown = format_amount(amount, currency) if amount.adjusted() < _LARGEST else format(amount, "f")
    return f"{shown} {currency}"


def _format_exactly(amount: Decimal, currency: str | None) -> str:
    """Return an amount as text, with all of its digits even if its currency has fewer."""
    if currency is None or has_currency_digits(amount, currency):
        return _format(amount, currency)
    return f"{amount:f} {currency}"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Difference(Value):
    """
    A stated figure that differs from the one computed from the invoice's items.

    Attributes:
        name: Procore's name of the figure, as ``current_payment_due``, or a tax code.
        computed: The computed figure, an amount in the invoice's currency or a percentage.
        stated: The figure that the invoice, its item, or its commitment states; ``None`` for a tax
            code of which the invoice states no total.
        item_id: The id of the item that states the figure; ``None`` for another figure.
        code: The code of its notice; the default is for a figure of the invoice's summary.

    Raises:
        ValueError: There is no such code.
    """

    name: str
    computed: Decimal
    stated: Decimal | None
    item_id: str | None = None
    code: str = attrs.field(default="billing.summary_differs", validator=_is_known)

    def build_facts(self, currency: str | None) -> dict[str, str]:
        """
        Return the name of the figure, its two values and the item, as text.

        For a tax total whose two values are the same text, ``computed`` is left out.
        """
        if self.stated is None:
            figures = {"computed": _format(self.computed, currency)}
        elif self.code == _TAX:
            computed = _format(self.computed, currency)
            stated = _format_exactly(self.stated, currency)
            figures = {"stated": stated}
            if stated != computed:
                figures = {"computed": computed, "stated": stated}
        elif _PERCENT in self.name:
            figures = {"computed": f"{self.computed:f} %", "stated": f"{self.stated:f} %"}
        else:
            figures = {
                "computed": _format(self.computed, currency),
                "stated": _format(self.stated, currency),
            }
        found = {"field": self.name, "label": self.name.replace("_", " "), **figures}
        return {**found, "item": self.item_id} if self.item_id else found

    def notice(self, currency: str | None) -> Notice:
        """Return the notice about the difference for the sender and the approver."""
        facts = self.build_facts(currency)
        template = choose_template(DIFFERENCES[self.code], facts)
        assert template is not None
        return template.note(facts)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ItemExcess(Value):
    """
    An amount of an item that exceeds its limit, both in the invoice's currency.

    Attributes:
        amount: The amount billed to date, or released in the period.
        limit: The amount scheduled, or held.
    """

    item_id: str
    amount: Decimal
    limit: Decimal


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LinkDifference(Value):
    """
    An id of a given record that differs from the id by which another record refers to it.

    Attributes:
        field: The link, as ``vendor`` or ``project of the commitment``.
        given: The id of the given record.
        expected: The id by which the invoice, or its commitment, refers to the record.
    """

    field: str
    given: str
    expected: str
