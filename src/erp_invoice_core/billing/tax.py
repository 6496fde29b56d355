"""
Tax of the lines, and comparison of the rates with the stated totals.

The source states a total for each tax code in its tax summary. An item states its codes with their
rates, and seldom an amount. Nothing is computed that the source does not state: the stated total of
a code is shared by the items with the code, in proportion to rate times amount, so that the parts
add up to the total. The rates only show whether the total can be right. Sources do not say whether
retainage is taxed when it is held or when it is paid, so a total may be that of the amounts due or
of the gross amounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import attrs

from ..documents import Difference
from ..money import ZERO, find_unit, round_to
from ..values import Value
from .columns import EXACT
from .period import Period, compute_period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..documents import Invoice, InvoiceItem, StatedTax
    from .period import PeriodAmounts

#: The code of the difference between the rates and the tax summary.
DIFFERS = "tax.differs"
#: The tax code of a total that names none.
UNKNOWN = "?"
_JOIN = " + "
_PERCENT = Decimal(100)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ItemTax(Value):
    """The tax of an item: its code, or several codes as one, and the amount of all of them."""

    code: str
    amount: Decimal


@attrs.frozen(kw_only=True, eq=False, repr=False)
class InvoiceTaxes(Value):
    """
    The taxes of an invoice.

    Attributes:
        items: The tax of each item that has a tax code, by the id of the item.
        codes: The tax codes of the items; ``None`` if the invoice carries no tax.
        total: The tax of all items; ``None`` if the invoice carries no tax.
        differences: The tax codes whose stated total is not that of the rates.
    """

    items: Mapping[str, ItemTax] = attrs.field(factory=dict, hash=False)
    codes: tuple[str, ...] | None = None
    total: Decimal | None = None
    differences: tuple[Difference, ...] = ()


#: The taxes of an invoice without tax.
UNTAXED = InvoiceTaxes()


@attrs.frozen
class _Share:
    """An item with a tax code, and the code as the item states it."""

    item: InvoiceItem
    amounts: PeriodAmounts
    tax: StatedTax


def split_taxes(invoice: Invoice, period: Period | None = None) -> InvoiceTaxes:
    """
    Return the tax of each item, and what does not agree with the stated totals.

    ``period`` is the result of :func:`compute_period`, if the caller has it.
    """
    if not invoice.is_taxed:
        return UNTAXED
    with localcontext(EXACT):
        rows = (period or compute_period(invoice)).items
        shares = _list_shares(invoice, rows)
        stated = _list_stated(invoice, shares)
        amounts: dict[str, Decimal] = {}
        differences: list[Difference] = []
        for code, of_code in shares.items():
            total = stated.get(code)
            parts = _split(total or ZERO, of_code, invoice.currency)
            for share, part in zip(of_code, parts, strict=True):
                amounts[share.item.id] = amounts.get(share.item.id, ZERO) + part
            differences += _compare(code, total, of_code, invoice.currency)
        unused = [(code, total) for code, total in stated.items() if code not in shares]
        differences += [_build_difference(code, ZERO, total) for code, total in unused if total]
    joined = {item.id: _join_codes(item.tax_codes) for item in invoice.items}
    return InvoiceTaxes(
        items={id_: ItemTax(code=joined[id_], amount=amount) for id_, amount in amounts.items()},
        codes=tuple(dict.fromkeys(joined[id_] for id_ in amounts)),
        total=sum(amounts.values(), ZERO),
        differences=tuple(differences),
    )


def _join_codes(taxes: Iterable[StatedTax]) -> str:
    """Return the codes of an item as one, in the order of their names: ``GST + PST``."""
    return _JOIN.join(sorted({tax.code for tax in taxes if tax.code}))


def _list_shares(invoice: Invoice, rows: Sequence[PeriodAmounts]) -> dict[str, list[_Share]]:
    """Return the items that bill something, by each of their tax codes."""
    shares: dict[str, list[_Share]] = {}
    for item, amounts in zip(invoice.items, rows, strict=True):
        for tax in item.tax_codes if amounts.bills_something else ():
            if tax.code:
                shares.setdefault(tax.code, []).append(_Share(item, amounts, tax))
    return shares


def _list_stated(invoice: Invoice, shares: Mapping[str, list[_Share]]) -> dict[str, Decimal]:
    """
    Return the stated total of each tax code.

    A row of the tax summary without a name has that of the items with its id, and a row without a
    code is that of the only code. Without codes in the tax summary, the tax on the payment is that
    of the only code, and else each total is the sum of the amounts that the items state.
    """
    names = {share.tax.code_id: code for code, found in shares.items() for share in found}
    only = next(iter(shares)) if len(shares) == 1 else UNKNOWN
    totals: dict[str, Decimal] = {}
    for row in invoice.tax_summary:
        code = row.code or only
        if code not in shares and row.code_id:
            code = names.get(row.code_id, code)
        totals[code] = totals.get(code, ZERO) + (row.amount or ZERO)
    if totals:
        return totals
    whole = sum(invoice.taxes_applied, ZERO) or invoice.tax_applicable
    if len(shares) == 1 and whole:
        return dict.fromkeys(shares, whole)
    amounts = {code: _sum_amounts(found) for code, found in shares.items()}
    return {code: amount for code, amount in amounts.items() if amount is not None}


def _sum_amounts(shares: Iterable[_Share]) -> Decimal | None:
    """Return the sum of the amounts that the items state; ``None`` if one states none."""
    amounts = [share.tax.amount for share in shares]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None


def _list_products(shares: Sequence[_Share], *, on_gross: bool) -> list[Decimal] | None:
    """Return the tax of each item by its rate, exactly; ``None`` if a rate is not known."""
    products = []
    for share in shares:
        amounts, rate = share.amounts, share.tax.rate
        base = amounts.gross if on_gross or amounts.due is None else amounts.due
        if rate is None:
            return None
        products.append(base * rate / _PERCENT)
    return products


def _split(total: Decimal, shares: Sequence[_Share], currency: str) -> list[Decimal]:
    """Return the parts of a total, which add up to it: stated ones, else in proportion."""
    stated = [share.tax.amount for share in shares]
    if _sum_amounts(shares) == total:
        return [amount or ZERO for amount in stated]
    weights = _list_products(shares, on_gross=False) or []
    whole = sum(weights, ZERO)
    if not whole:
        weights, whole = [Decimal(1)] * len(shares), Decimal(len(shares))
    parts, before, reached = [], ZERO, ZERO
    for weight in weights:
        reached += weight
        # Each part is the growth of the rounded sum, so that the last sum is the total.
        upto = round_to(total * reached / whole, currency)
        parts.append(upto - before)
        before = upto
    return parts


def _compare(
    code: str, total: Decimal | None, shares: Sequence[_Share], currency: str
) -> Iterator[Difference]:
    """Yield the difference of a code, unless its total is that of amounts or rates."""
    amounts = _sum_amounts(shares)
    if amounts is not None:
        if amounts != (total or ZERO):
            yield _build_difference(code, amounts, total or ZERO)
        return
    products = _list_products(shares, on_gross=False)
    if products is None:
        return
    on_gross = _list_products(shares, on_gross=True) or []
    if any(_agrees(total or ZERO, each, currency) for each in (products, on_gross)):
        return
    yield _build_difference(code, round_to(sum(products, ZERO), currency), total or ZERO)


def _agrees(total: Decimal, products: Sequence[Decimal], currency: str) -> bool:
    """Return whether a total is the sum, to the minor unit, rounded once or line by line."""
    if total == sum((round_to(each, currency) for each in products), ZERO):
        return True
    return abs(total - round_to(sum(products, ZERO), currency)) <= find_unit(currency)


def _build_difference(code: str, computed: Decimal, stated: Decimal) -> Difference:
    return Difference(name=code, computed=computed, stated=stated, code=DIFFERS)
