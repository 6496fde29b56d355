"""
Destinations of an item's amounts in the ERP.

An item bills a line of the commitment, and this line has the cost code and the ids by which the ERP
books the amounts.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, NamedTuple

from ..money import ZERO
from ..vocabulary import ItemType
from .columns import EXACT
from .period import Period, PeriodAmounts, compute_period

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..documents import ChangeOrderPackage, Commitment, CommitmentLine, Invoice, InvoiceItem


# A named tuple, as there is one per line, and it takes a fifth of the time of an attrs instance.
class Place(NamedTuple):
    """
    A destination of an item's amounts: cost code, cost type, and their ids in the ERP if known.

    The amounts of the item are split in proportion to the ``weight`` of each of its places.
    ``line_is_shown`` is false if the commitment does not list the line that the item names.
    """

    cost_code: str | None = None
    cost_code_origin_id: str | None = None
    cost_type_origin_id: str | None = None
    line_origin_id: str | None = None
    change_order_origin_id: str | None = None
    weight: Decimal = Decimal(1)
    line_is_shown: bool = True


class BilledItem(NamedTuple):
    """An item that bills something in the period, with its amounts and their places."""

    item: InvoiceItem
    amounts: PeriodAmounts
    places: tuple[Place, ...]


def _build_place(line: CommitmentLine, package: ChangeOrderPackage | None) -> Place:
    code = line.cost_code
    return Place(
        cost_code=code.full_code if code else None,
        cost_code_origin_id=code.origin_id if code else None,
        cost_type_origin_id=line.cost_type_origin_id,
        line_origin_id=line.origin_id,
        change_order_origin_id=package.origin_id if package else None,
        weight=line.amount,
    )


def _build_package_places(package: ChangeOrderPackage) -> tuple[Place, ...]:
    lines = [line for line in package.lines if line.amount] or package.lines
    places = tuple(_build_place(line, package) for line in lines)
    codes = {(place.cost_code, place.cost_code_origin_id) for place in places}
    types = {place.cost_type_origin_id for place in places}
    if len(places) == 1 or (len(codes) > 1 and sum((line.amount for line in lines), ZERO)):
        return places
    if len(codes) == 1:
        only = places[0]
        kind = only.cost_type_origin_id if len(types) == 1 else None
        return (only._replace(line_origin_id=None, cost_type_origin_id=kind),)
    # Without lines, or with amounts that add up to zero, there is no proportion to split by.
    return (Place(change_order_origin_id=package.origin_id),)


def _index_places(commitment: Commitment) -> dict[tuple[ItemType, str], tuple[Place, ...]]:
    """Return the places by (item type, id of the line or package that the item bills)."""
    places: dict[tuple[ItemType, str], tuple[Place, ...]] = {}
    for line in commitment.lines:
        where = (_build_place(line, None),)
        places[ItemType.CONTRACT_ITEM, line.id] = where
        places[ItemType.CONTRACT_DETAIL_ITEM, line.id] = where
    for package in commitment.change_orders:
        places[ItemType.WHOLE_CHANGE_ORDER_ITEM, package.id] = _build_package_places(package)
        for line in package.lines:
            places[ItemType.CHANGE_ORDER_ITEM, line.id] = (_build_place(line, package),)
    return places


def _build_own_places(item: InvoiceItem, origins: Mapping[str, str | None]) -> tuple[Place, ...]:
    """
    Return the only place of an item whose line the commitment lacks, from the item's own fields.

    ``origins`` has the ids of change orders in the ERP by their ids in the source.
    """
    code = item.cost_code
    return (
        Place(
            cost_code=code.full_code if code else None,
            cost_code_origin_id=code.origin_id if code else None,
            line_origin_id=item.line_origin_id,
            change_order_origin_id=origins.get(item.change_order_id or ""),
            line_is_shown=False,
        ),
    )


def _add_cost_code(item: InvoiceItem, places: tuple[Place, ...]) -> tuple[Place, ...]:
    """Return the places; a place without a cost code gets the cost code of the item."""
    code = item.cost_code
    if code is None:
        return places
    return tuple(
        place
        if place.cost_code is not None
        else place._replace(cost_code=code.full_code, cost_code_origin_id=code.origin_id)
        for place in places
    )


def list_billed_items(
    invoice: Invoice, commitment: Commitment, *, period: Period | None = None
) -> tuple[BilledItem, ...]:
    """
    Return the items that bill something in the period, with the places of their amounts.

    A detail item goes to its contract line. A whole change-order item goes to its package, and if
    the package's lines have several cost codes, to each of the lines. An item whose line the
    commitment does not list goes to the place in its own fields. ``period`` is the result of
    :func:`compute_period`, if the caller has it.
    """
    billed = (period or compute_period(invoice)).items
    with localcontext(EXACT):
        places = _index_places(commitment)
        origins = {package.id: package.origin_id for package in commitment.change_orders}
        rows = []
        for item, amounts in zip(invoice.items, billed, strict=True):
            if amounts.bills_something:
                there = places.get((item.item_type, item.line_item_id))
                where = (
                    _build_own_places(item, origins)
                    if there is None
                    else _add_cost_code(item, there)
                )
                rows.append(BilledItem(item, amounts, where))
        return tuple(rows)
