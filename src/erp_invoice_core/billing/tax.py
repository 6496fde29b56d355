"""
Tax of the lines, and comparison of rates with stated totals.

The source states a total for each tax code in its tax summary. An item states its codes with their
rates, and seldom an amount. The stated total of a code is shared by the items with the code. An
item that states an amount gets this amount. Every other item gets its rate times its amount,
rounded up or down, so that the parts add up to the total.

A total is correct if it is the sum of rate times amount, rounded once, or the sum of these
products, each rounded. Any other total is a difference. Sources do not say whether retainage is
taxed when it is held or when it is paid, so a total may be that of the amounts due or of the gross
amounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

import attrs

from ..documents import Difference
from ..money import ZERO, find_unit, has_currency_digits, round_to
from ..values import Value
from .columns import EXACT
from .period import Period, compute_period

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        stated: The tax that the invoice states, with that of codes that no item has; the same as
            ``total`` if it states none; ``None`` if it carries no tax.
        differences: One for each tax code whose stated total does not follow from the rates.
    """

    items: Mapping[str, ItemTax] = attrs.field(factory=dict, hash=False)
    codes: tuple[str, ...] | None = None
    total: Decimal | None = None
    stated: Decimal | None = None
    differences: tuple[Difference, ...] = ()


#: The taxes of an invoice without tax.
UNTAXED = InvoiceTaxes()


@attrs.frozen
class _Share:
    """An item with one of its tax codes, and the rate or amount that it states for the code."""

    item: InvoiceItem
    amounts: PeriodAmounts
    tax: StatedTax


def split_taxes(invoice: Invoice, period: Period | None = None) -> InvoiceTaxes:
    """
    Return the tax of each item, and the tax codes whose stated total the rates do not give.

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
            parts, difference = _Split(code, stated.get(code), of_code, invoice.currency).split()
            for share, part in zip(of_code, parts, strict=True):
                amounts[share.item.id] = amounts.get(share.item.id, ZERO) + part
            differences += [difference] if difference else []
        unused = [(code, total) for code, total in stated.items() if code not in shares]
        differences += [_build_difference(code, ZERO, total) for code, total in unused if total]
    total = sum(amounts.values(), ZERO)
    joined = {item.id: _join_codes(item.tax_codes) for item in invoice.items}
    return InvoiceTaxes(
        items={id_: ItemTax(code=joined[id_], amount=amount) for id_, amount in amounts.items()},
        codes=tuple(dict.fromkeys(joined[id_] for id_ in amounts)),
        total=total,
        stated=_sum_stated(invoice, stated) or total,
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

    A row of the tax summary whose code no item has counts for the code of an item with the same
    code id. A row without a code counts for the only code of the invoice. If the tax summary has no
    rows and the items have one code, the total of this code is the tax on the payment. Otherwise
    the total of a code is the sum of the amounts that its items state.
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


def _sum_stated(invoice: Invoice, totals: Mapping[str, Decimal]) -> Decimal:
    """Return the tax that an invoice states: its totals, else the tax on it or on its items."""
    return (
        sum(totals.values(), ZERO)
        or sum(invoice.taxes_applied, ZERO)
        or invoice.tax_applicable
        or sum((item.taxes for item in invoice.items), ZERO)
    )


def _sum_amounts(shares: Iterable[_Share]) -> Decimal | None:
    """Return the sum of the amounts that the items state; ``None`` if one states none."""
    amounts = [share.tax.amount for share in shares]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if len(known) == len(amounts) else None


def _list_bases(shares: Sequence[_Share], *, on_gross: bool) -> list[Decimal]:
    """Return the taxed amount of each item: the gross amount if ``on_gross``, else the due one."""
    rows = [share.amounts for share in shares]
    return [row.gross if on_gross or row.due is None else row.due for row in rows]


@attrs.frozen
class _Split:
    """
    A stated total of a tax code, and the items that share it.

    The methods take ``places``, the positions in ``shares`` of the items that state no amount. The
    rest of the total is what the other items leave of it.
    """

    code: str
    total: Decimal | None
    shares: Sequence[_Share]
    currency: str

    def split(self) -> tuple[list[Decimal], Difference | None]:
        """Return the tax of each item, and the difference if the rates do not give the total."""
        amounts = [share.tax.amount for share in self.shares]
        parts = [round_to(amount or ZERO, self.currency) for amount in amounts]
        taken = sum(parts, ZERO)
        places = [place for place, amount in enumerate(amounts) if amount is None]
        given = [*filter(None, amounts), self.total or ZERO]
        is_exact = all(has_currency_digits(each, self.currency) for each in given)
        rest = round_to(self.total or ZERO, self.currency) - taken
        products = self._list_products(places, on_gross=False)
        agrees = not rest
        if self.total is not None and places:
            agreed = self._find_agreed(rest, places)
            agrees = agreed is not None
            for place, part in zip(places, self._share(rest, places, agreed), strict=True):
                parts[place] = part
        elif places:
            # Nothing is computed that the source does not state.
            agrees = not taken and not any(products)
        if agrees and is_exact:
            return parts, None
        computed = taken + round_to(sum(products, ZERO), self.currency)
        return parts, _build_difference(self.code, computed, self.total)

    def _list_rates(self, places: Sequence[int]) -> list[Decimal | None]:
        """
        Return the rate of the tax code for each item of ``places``; ``None`` if it is not known.

        For an item that states no rate it is the rate of the other items, if they state only one.
        """
        known = {share.tax.rate for share in self.shares} - {None}
        only = next(iter(known)) if len(known) == 1 else None
        rates = [self.shares[place].tax.rate for place in places]
        return [only if rate is None else rate for rate in rates]

    def _list_products(self, places: Sequence[int], *, on_gross: bool) -> list[Decimal]:
        """Return the tax of items by their rates, exactly; zero if a rate is not known."""
        bases = _list_bases([self.shares[place] for place in places], on_gross=on_gross)
        rates = self._list_rates(places)
        return [base * (rate or ZERO) / _PERCENT for base, rate in zip(bases, rates, strict=True)]

    def _find_agreed(self, rest: Decimal, places: Sequence[int]) -> list[Decimal] | None:
        """Return the exact tax of each item, or ``None`` if the rates do not give the rest."""
        if None in self._list_rates(places):
            # The part of a single item is stated, as the rest of the total; those of several are
            # not, unless the rest is nothing.
            nothing = not rest and not any(self._list_products(places, on_gross=False))
            return [rest] * len(places) if len(places) == 1 or nothing else None
        for on_gross in (False, True):
            products = self._list_products(places, on_gross=on_gross)
            rounded = [round_to(each, self.currency) for each in products]
            if rest in {sum(rounded, ZERO), round_to(sum(products, ZERO), self.currency)}:
                return products
        return None

    def _share(
        self, rest: Decimal, places: Sequence[int], agreed: list[Decimal] | None
    ) -> list[Decimal]:
        """
        Return the rounded tax of each item, which add up to the rest of the total.

        ``agreed`` has the exact taxes; ``None`` if the rates do not give the rest.
        """
        bases = _list_bases([self.shares[place] for place in places], on_gross=False)
        exact = agreed or self._scale(rest, places, bases)
        parts = [round_to(each, self.currency) for each in exact]
        by_size = sorted(range(len(parts)), key=lambda place: -abs(bases[place]))
        left = rest - sum(parts, ZERO)
        step = find_unit(self.currency).copy_sign(left)
        for place in by_size:
            # One unit more or less for the largest items whose part stays within one of its tax.
            if left and abs(parts[place] + step - exact[place]) < abs(step):
                parts[place] += step
                left -= step
        parts[by_size[0]] += left
        return parts

    def _scale(
        self, rest: Decimal, places: Sequence[int], bases: Sequence[Decimal]
    ) -> list[Decimal]:
        """
        Return exact parts of the rest of the total, if the rates do not give it.

        They are in proportion to the tax of the items by their rates, or, if a rate is not known,
        to ``bases``.
        """
        products = self._list_products(places, on_gross=False)
        weights = bases if None in self._list_rates(places) else products
        whole = sum(weights, ZERO)
        if not rest or (whole and abs(whole) == sum(map(abs, weights), ZERO)):
            return [rest * each / (whole or _PERCENT) for each in weights]
        # Weights that nearly cancel each other would make a unit of the total a large part.
        return products


def _build_difference(code: str, computed: Decimal, stated: Decimal | None) -> Difference:
    return Difference(name=code, computed=computed, stated=stated, code=DIFFERS)
