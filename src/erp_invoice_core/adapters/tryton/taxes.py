"""
The taxes of a bill in Tryton: found by name, and written with the amounts of the vendor.

A line of a bill names its tax, and the bill has a row for each tax with its base and its amount.
Tryton computes the rows of a draft anew whenever their bases differ from those of the lines, and it
leaves the amount of a row whose base is right as it is. A row with the base of the lines and the
amount of the vendor is therefore kept to the cent. A tax of several parts, as one of a federation
and one of a province, has a row for each part; the amount of the vendor is split by their rates.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from ...money import ZERO, find_unit
from . import reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from ...documents import ExportDocument
    from ...exchange import ExportRequest
    from ...message_template import MessageTemplate
    from ...verdict import Denial
    from .books import Books
    from .client import Row, TrytonClient

#: The fields of a tax that are read.
_FIELDS: Final = [
    "name",
    "description",
    "active",
    "type",
    "rate",
    "amount",
    "start_date",
    "end_date",
    "invoice_account",
    "credit_note_account",
    "group.kind",
    "parent.name",
    "childs",
]
#: The kinds of a tax that a bill may have.
_OF_BILLS: Final = frozenset({"purchase", "both"})


@attrs.frozen(kw_only=True)
class TaxPart:
    """
    A tax that gets rows of its own on a bill: a whole tax, or a part of one.

    Attributes:
        tax: Its id in Tryton.
        rate: Its rate, 0.05 for 5 percent; ``None`` for an amount per unit, which is ``fixed``.
        account: The account of its amounts; ``None`` if Tryton has no account for them.
        credit_account: The account of its amounts on lines below zero.
    """

    tax: int
    description: str
    rate: Decimal | None
    account: int | None
    credit_account: int | None
    fixed: Decimal = ZERO

    def compute(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the tax of a line as Tryton computes it, not rounded."""
        return (self.fixed if self.rate is None else price * self.rate) * quantity


@attrs.frozen(kw_only=True)
class Tax:
    """
    A tax that a line can name.

    Attributes:
        tax: Its id in Tryton.
        parts: The tax itself and its parts in force, without those of type ``none``, which have no
            amounts. An exemption has no parts.
    """

    tax: int
    parts: tuple[TaxPart, ...]

    def split(self, amount: Decimal, unit: Decimal) -> list[Decimal] | None:
        """
        Return the share of each part in an amount of tax, by the rates of the parts.

        ``None`` if the rates do not determine it: a part has no rate, or the sum of the rates is
        zero.
        """
        if len(self.parts) == 1:
            return [amount]
        rates = [part.rate or ZERO for part in self.parts]
        whole = sum(rates, ZERO)
        if not amount:
            return [ZERO for _ in rates]
        if not whole or any(part.rate is None for part in self.parts):
            return None
        amounts = [(amount * rate / whole).quantize(unit) for rate in rates[:-1]]
        return [*amounts, amount - sum(amounts, ZERO)]


def find_taxes(
    client: TrytonClient, books: Books, request: ExportRequest
) -> tuple[Mapping[str, Tax], list[Denial]]:
    """
    Return the taxes that the lines of an invoice name, as (usable taxes, denials).

    The usable taxes are by their names in Tryton; the denials say why the others cannot be used.
    """
    codes = {
        line.tax_code_origin_id: line.tax_code or line.tax_code_origin_id
        for line in request.document.lines
        if line.tax_code_origin_id
    }
    if not codes:
        return {}, []
    if books.expenses_tax:
        return {}, [reasons.TAX_EXPENSED.deny({"codes": ", ".join(sorted(codes.values()))})]
    rows = _read_taxes(client, books, sorted(codes))
    found: dict[str, Tax] = {}
    denials: list[Denial] = []
    for name, code in codes.items():
        named = [row for row in rows if row["name"] == name and row["parent"] is None]
        day = request.accounting_date
        reason, tax = _pick_tax(named, rows, day)
        if tax is not None and not _takes_amounts(tax, name, request.document):
            reason = reasons.TAX_UNSUPPORTED
        if reason is not None:
            facts = {"tax": name, "code": code, "date": day.isoformat() if day else ""}
            if reason is reasons.TAX_UNKNOWN and (parents := _list_parents(rows, name)):
                reason, facts = reasons.TAX_OF_PARENT, {**facts, "parent": parents}
            denials.append(reason.deny(facts))
        elif tax is not None:
            found[name] = tax
    return found, denials


def _read_taxes(client: TrytonClient, books: Books, names: list[str]) -> list[Row]:
    """Return the taxes of these names, with inactive ones, and the parts of each."""
    every = [["company", "=", books.company], ["active", "in", [True, False]]]
    rows = client.search("account.tax", [*every, ["name", "in", names]], *_FIELDS)
    if parts := [part for row in rows for part in row["childs"]]:
        rows += client.search("account.tax", [*every, ["id", "in", parts]], *_FIELDS)
    return rows


def _list_parents(rows: list[Row], name: str) -> str:
    """Return the names of the taxes of which a part has this name."""
    parents = {row["parent"]["name"] for row in rows if row["name"] == name and row["parent"]}
    return ", ".join(sorted(parents))


def _pick_tax(
    named: list[Row], rows: list[Row], day: date | None
) -> tuple[MessageTemplate | None, Tax | None]:
    """
    Return (``None``, the only usable tax of a name), or (the template of a denial, ``None``).

    Args:
        named: The taxes that have the name.
        rows: All taxes that were read, with the parts of those in ``named``.
        day: The day on which the tax must be in force.
    """
    if not named:
        return reasons.TAX_UNKNOWN, None
    tests = (
        (reasons.TAX_OF_SALES, lambda row: not row["group"] or row["group"]["kind"] in _OF_BILLS),
        (reasons.TAX_INACTIVE, lambda row: row["active"]),
        (reasons.TAX_NOT_IN_FORCE, lambda row: _is_in_force(row, day)),
    )
    for reason, test in tests:
        named = [row for row in named if test(row)]
        if not named:
            return reason, None
    if len(named) > 1:
        return reasons.TAX_AMBIGUOUS, None
    (row,) = named
    parts = [row, *(part for part in rows if part["id"] in row["childs"])]
    current = [part for part in parts if _is_in_force(part, day)]
    # A part that has parts of its own is rare, and its rows could not be assigned to the tax.
    if any(part["childs"] for part in current[1:]) or not all(part["active"] for part in current):
        return reasons.TAX_UNSUPPORTED, None
    computed = (part for part in current if part["type"] != "none")
    return None, Tax(tax=row["id"], parts=tuple(map(_build_part, computed)))


def _is_in_force(row: Row, day: date | None) -> bool:
    if day is None:
        return True
    begin, end = row["start_date"], row["end_date"]
    return (begin is None or begin <= day) and (end is None or day <= end)


def _build_part(row: Row) -> TaxPart:
    return TaxPart(
        tax=row["id"],
        description=row["description"],
        rate=row["rate"] if row["type"] == "percentage" else None,
        account=row["invoice_account"],
        credit_account=row["credit_note_account"],
        fixed=row["amount"] or ZERO,
    )


def _takes_amounts(tax: Tax, name: str, document: ExportDocument) -> bool:
    """Return whether the amounts of a tax can be split among parts that all have accounts."""
    unit = find_unit(document.currency)
    for (code, is_credit), (_, amount) in sum_taxes(document).items():
        if code != name:
            continue
        accounts = [part.credit_account if is_credit else part.account for part in tax.parts]
        amounts = tax.split(amount, unit)
        if None in accounts or amounts is None or sum(amounts, ZERO) != amount:
            return False
    return True


def sum_taxes(document: ExportDocument) -> Mapping[tuple[str, bool], tuple[Decimal, Decimal]]:
    """
    Return the sums (base, tax) of the lines by tax and sign.

    The keys are (name of the tax, whether the amount of the line is below zero). Lines with an
    amount below zero are thus summed apart from the others.
    """
    sums: defaultdict[tuple[str, bool], tuple[Decimal, Decimal]]
    sums = defaultdict(lambda: (ZERO, ZERO))
    for line in document.lines:
        if line.tax_code_origin_id:
            key = line.tax_code_origin_id, line.gross < 0
            base, amount = sums[key]
            sums[key] = base + line.gross, amount + line.tax
    return sums


def build_tax_rows(document: ExportDocument, taxes: Mapping[str, Tax]) -> Iterator[dict[str, Any]]:
    """Yield the tax rows of the bill: for each part of a tax, one for each sign of its lines."""
    unit = find_unit(document.currency)
    for (name, is_credit), (base, amount) in sum_taxes(document).items():
        tax = taxes[name]
        for part, share in zip(tax.parts, tax.split(amount, unit) or (), strict=True):
            yield {
                "tax": part.tax,
                "description": part.description,
                "account": part.credit_account if is_credit else part.account,
                "base": base,
                "amount": share,
                "manual": False,
            }


#: The fields of a bill that say its taxes.
TAX_FIELDS: Final = ["taxes.amount", "taxes.tax.name", "taxes.tax.parent.name"]


def read_taxes(bill: Row) -> dict[str, Decimal]:
    """Return the tax amounts of a bill by the name of the tax; ``""`` for rows without a tax."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in bill["taxes"]:
        tax = row["tax"] or {"name": "", "parent": None}
        sums[(tax["parent"] or tax)["name"]] += row["amount"]
    return dict(sums)


def find_tax_gap(bill: Row, document: ExportDocument) -> Denial | None:
    """
    Return the denial of posting a draft whose taxes are not those of the invoice, or ``None``.

    They differ if Tryton has computed the tax rows of the draft anew.
    """
    sent: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (name, _), (_, amount) in sum_taxes(document).items():
        sent[name] += amount
    there = read_taxes(bill)
    names = [name for name in {**sent, **there} if sent.get(name, ZERO) != there.get(name, ZERO)]
    if not names:
        return None
    facts = {
        "bill": str(bill["id"]),
        "in_erp": _quote(there, names),
        "sent": _quote(sent, names),
    }
    return reasons.TAX_CHANGED.deny(facts)


def _quote(amounts: Mapping[str, Decimal], names: Iterable[str]) -> str:
    return ", ".join(f"{name} {amounts.get(name, ZERO):f}".strip() for name in names)
