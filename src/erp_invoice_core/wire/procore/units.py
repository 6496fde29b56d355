"""Unit lines and items: the amount that quantity and price make."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING

from ...billing import AGREEMENT
from ...money import is_currency, plain, round_to

if TYPE_CHECKING:
    from .fields import Scope

__all__ = ["by_units"]

_EXACT = Context(prec=80)
_TOO_LARGE = Decimal(10) ** 18


def by_units(
    scope: Scope,
    name: str,
    amount: Decimal | None,
    figures: tuple[Decimal | None, Decimal | None],
    currency: str,
) -> Decimal | None:
    """
    Return the amount of a unit line: the present one, else quantity times price, half up.

    A difference is a warning; a product that is no amount any more is a problem.
    """
    quantity, price = figures
    if quantity is None or price is None or not is_currency(currency):
        return amount
    with localcontext(_EXACT):
        product = round_to(quantity * price, currency)
        if amount is None and abs(product) >= _TOO_LARGE:
            sentence = "Give a smaller quantity or price: their product has more than 18 digits."
            scope.problem(name, "amount.digits", sentence)
            return None
        if amount is None:
            return product
        if abs(product - amount) >= AGREEMENT:
            made = format(product, "f")
            sentence = (
                f"Quantity times price makes {made}; the amount {plain(amount, currency)} counts."
            )
            scope.warn(name, "billing.unit_differs", sentence)
    return amount
