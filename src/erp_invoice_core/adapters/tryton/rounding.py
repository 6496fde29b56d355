"""
The rounding of lines and taxes in Tryton, computed in advance.

Tryton rounds each part of a tax by itself, half to even. If the sum of the rounded parts is a unit
off, Tryton corrects a part that is not zero. If every rounded part is zero, it looks for such a
part for ever, and the bill is never posted. With parts of 5 and 7 percent this happens for the
bases 0.05, 0.06 and 0.07. Tryton rounds all lines of a tax and sign together when a draft is stored
(or each line, if the company rounds taxes per line), and each line once more when the bill is
posted.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

from ...money import ZERO, find_unit
from . import reasons
from .tagged_json import fits_float

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...documents import ExportDocument, ExportLine
    from ...verdict import Denial
    from .taxes import Tax

#: The digits of a unit price after the point.
_PRICE: Final = Decimal("0.0001")
_ONE: Final = Decimal(1)


def compute_factors(line: ExportLine, unit: Decimal) -> tuple[Decimal, Decimal]:
    """
    Return a quantity and a unit price whose product Tryton rounds to the amount of the line.

    They are the quantity and the price of the line if possible, else its quantity and the price
    that follows from the amount. If neither product is exact, they are 1 and the amount.
    """
    quantity = line.quantity
    if not quantity or not fits_float(quantity):
        return _ONE, line.gross
    for price in (line.unit_price, line.gross / quantity):
        short = (price or ZERO).quantize(_PRICE)
        is_exact = abs(short * quantity - line.gross) < unit / 2
        if is_exact and (price == short or price is not line.unit_price):
            return quantity, short
    return _ONE, line.gross


def can_round(amounts: Sequence[Decimal], unit: Decimal) -> bool:
    """Return whether Tryton's rounding of these parts of a tax ends, as the module explains."""
    parts = [_round(amount, unit) for amount in amounts]
    rest = _round(sum(parts, ZERO) - sum(amounts, ZERO), unit)
    step = unit.copy_sign(rest)
    while abs(rest) >= unit:
        if not any(parts):
            return False
        for place, part in enumerate(parts):
            if part and abs(rest) >= unit:
                parts[place] -= step
                rest -= step
    return True


def _round(amount: Decimal, unit: Decimal) -> Decimal:
    # The unit may be another one than a power of ten, as the five centimes of some franc accounts.
    return (amount / unit).quantize(_ONE, rounding=ROUND_HALF_EVEN) * unit


def find_small_taxes(
    document: ExportDocument, taxes: Mapping[str, Tax], unit: Decimal, *, rounds_lines: bool
) -> list[Denial]:
    """
    Return a denial for each tax whose rounding in Tryton would never end.

    Each line of the tax is checked and, unless the company rounds each line (``rounds_lines``),
    also the sum of its lines.
    """
    grouped: defaultdict[tuple[str, bool], list[tuple[ExportLine, list[Decimal]]]]
    grouped = defaultdict(list)
    for line in document.lines:
        if tax := taxes.get(line.tax_code_origin_id or ""):
            factors = compute_factors(line, find_unit(document.currency))
            amounts = [part.compute(*factors) for part in tax.parts]
            key = line.tax_code_origin_id or "", factors[0] * factors[1] >= 0
            grouped[key].append((line, amounts))
    denials = []
    for (name, _), rows in grouped.items():
        small = [line for line, amounts in rows if not can_round(amounts, unit)]
        sums = [sum(part, ZERO) for part in zip(*(amounts for _, amounts in rows), strict=True)]
        if not small and not rounds_lines and not can_round(sums, unit):
            small = [line for line, _ in rows]
        if small:
            facts = {"tax": name, "code": small[0].tax_code or name, "lines": _quote(small)}
            denials.append(reasons.TAX_TOO_SMALL.deny(facts))
    return denials


def _quote(lines: Iterable[ExportLine]) -> str:
    return ", ".join(f"{line.gross:f} of {line.cost_code or line.line_item_id}" for line in lines)
