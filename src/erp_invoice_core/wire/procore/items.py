"""Reader of the items of a requisition."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from ...billing import AGREEMENT
from ...documents import InvoiceItem
from ...documents.problem import MOST_DIGITS
from ...money import format_amount, is_currency, round_to
from ...vocabulary import AccountingMethod, ItemType
from .cost_codes import dump_cost_code, read_line_cost_code, read_stored_cost_code
from .currency import read_own_currency
from .fields import REQUIRED, Field, Scope, build_dump
from .outcome import build_record
from .stored_items import build_table, read_stored
from .summary import read_compared
from .taxes import ITEM as TAXES
from .taxes import dump_item_taxes, read_item_taxes
from .totals import PERCENT, TOTAL, check_item
from .values import (
    dump_value,
    one_of,
    read_amount,
    read_decimal,
    read_id,
    read_label,
    read_origin,
    read_rate,
    read_text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .references import References


_EXACT = Context(prec=80)
_TOO_LARGE = Decimal(10) ** MOST_DIGITS


def compute_unit_amount(
    scope: Scope,
    name: str,
    amount: Decimal | None,
    figures: tuple[Decimal | None, Decimal | None],
    currency: str,
) -> Decimal | None:
    """
    Return the stated amount of a unit line, or else quantity times price, rounded half up.

    ``figures`` are the quantity and the price, and ``name`` is the field of the amount. An amount
    that differs from the product is a warning; a product with too many digits is a problem.
    """
    quantity, price = figures
    if quantity is None or price is None or not is_currency(currency):
        return amount
    with localcontext(_EXACT):
        product = round_to(quantity * price, currency)
        if amount is None and abs(product) >= _TOO_LARGE:
            factors = {"quantity": f"{quantity:f}", "price": f"{price:f}"}
            scope.report_problem(name, "amount.digits", **factors, most=MOST_DIGITS)
            return None
        if amount is None:
            return product
        if abs(product - amount) >= AGREEMENT:
            stated = format_amount(amount, currency)
            scope.warn(name, "billing.unit_differs", computed=f"{product:f}", stated=stated)
    return amount


# fmt: off
ITEM = (
    Field("id",                                                "id",                        read_id, REQUIRED),
    Field("accounting_method",                                 "accounting_method",         one_of(AccountingMethod)),
    Field("description_of_work",                               "description",               read_text),
    Field("scheduled_value",                                   "scheduled_value",           read_amount),
    Field("work_completed_from_previous_application",          "work_previous",             read_amount),
    Field("work_completed_this_period",                        "work_this_period",          read_amount),
    Field("materials_presently_stored",                        "stored",                    read_amount),
    Field("materials_presently_stored_from_previous_progress", "stored_previous",           read_amount),
    Field("materials_moved",                                   "materials_moved",           read_amount),
    Field("work_completed_retainage_from_previous_application","work_retainage_previous",   read_amount),
    Field("work_completed_retainage_retained_this_period",     "work_retainage_retained",   read_amount),
    Field("work_completed_retainage_released_this_period",     "work_retainage_released",   read_amount),
    Field("materials_stored_retainage_currently_retained",     "stored_retainage_held",     read_amount),
    Field("materials_stored_retainage_released_this_period",   "stored_retainage_released", read_amount),
    Field("materials_retainage_retained_moved",                "stored_retainage_moved",    read_amount),
    Field("materials_stored_retainage_new_materials",          "stored_retainage_new",      read_amount),
    Field("total_completed_and_stored_to_date_from_previous",  "total_previous",            read_amount),
    Field("scheduled_quantity",                                "scheduled_quantity",        read_decimal),
    Field("scheduled_unit_price",                              "scheduled_unit_price",      read_decimal),
    Field("work_completed_from_previous_application_quantity", "quantity_previous",         read_decimal),
    Field("work_completed_this_period_quantity",               "quantity_this_period",      read_decimal),
    Field("uom",                                               "uom",                       read_text),
    Field("status",                                            "status",                    read_label),
)
#: The amounts of a unit item, and the quantities that give them with the unit price.
UNITS = (
    # name in the file                                        amount               quantity
    ("scheduled_value",                                       "scheduled_value",           "scheduled_quantity"),
    ("work_completed_from_previous_application",              "work_previous",             "quantity_previous"),
    ("work_completed_this_period",                            "work_this_period",          "quantity_this_period"),
)
# fmt: on
_AMOUNTS = {name for name, _, _ in UNITS}
TYPE = Field("item_type", "item_type", one_of(ItemType))
LINE = Field("line_item_id", "line_item_id", read_id)
DETAIL = Field("detail_line_item_id", "line_item_id", read_id)
COMMITMENT_LINE = Field("commitment_line_item_id", "line_item_id", read_id)
LINE_ORIGIN = Field("commitment_line_item_origin_id", "line_origin_id", read_origin)
PACKAGE = Field("change_order_package_id", "change_order_id", read_id)
#: The texts of an id that is not recorded.
_ABSENT = (None, "")
#: The fields in which an item of each type names what it bills, the preferred ones first.
NAMES = {
    ItemType.CONTRACT_ITEM: (LINE, COMMITMENT_LINE),
    ItemType.CONTRACT_DETAIL_ITEM: (LINE, DETAIL),
    ItemType.CHANGE_ORDER_ITEM: (LINE, COMMITMENT_LINE),
    ItemType.WHOLE_CHANGE_ORDER_ITEM: (PACKAGE, LINE),
}


def read_items(
    scope: Scope, found_above: Mapping[str, Any], references: References | None
) -> tuple[InvoiceItem, ...]:
    """
    Read the items of a requisition; report those that are not valid.

    ``found_above`` has the values of the requisition that were read before. A requisition without
    ``references`` is a stored one.
    """
    if references is None:
        stored = _read_stored_items(scope.look("items"), found_above["currency"])
        if stored is not None:
            return stored
    if scope.get("items") in (None, ""):
        scope.report_problem("items", "value.missing", missing="items")
    currency, commitment_id = found_above["currency"], found_above.get("commitment_id")
    method = AccountingMethod.AMOUNT
    if references and commitment_id and (commitment := references.find_commitment(commitment_id)):
        method = commitment.accounting_method
    seen: set[str] = set()
    read = []
    for child in scope.read_children("items"):
        found = _read_item(child, currency, method)
        child.check_unique(seen, found.get("id"))
        if references:
            references.settle_item(child, found, found_above)
        else:
            found |= _read_stored_line(child)
        found.pop("names", None)
        found["stated_total"] = read_compared(child, TOTAL)
        found["stated_percent"] = read_compared(child, PERCENT)
        item = build_record(child, InvoiceItem, found, (*ITEM, LINE))
        if item:
            check_item(child, item, currency)
            read.append(item)
    return tuple(read)


#: The fields of a stored item; one with other fields is read as the items of a file are.
_STORED = build_table(
    *ITEM,
    TYPE,
    LINE,
    LINE_ORIGIN,
    PACKAGE,
    TAXES,
    Field(TOTAL, "stated_total", read_rate),
    Field(PERCENT, "stated_percent", read_rate),
    cost_code=("cost_code", read_stored_cost_code),
)


def _read_stored_items(items: Any, currency: str) -> tuple[InvoiceItem, ...] | None:  # noqa: ANN401 - any plain JSON value
    """Return the items of a stored invoice, or ``None`` if :func:`dump_item` did not write them."""
    read = read_stored(items, InvoiceItem, _STORED, currency)
    for plain, item in zip(items, read or (), strict=False):
        # An absent amount of a unit item is computed.
        if item.accounting_method is AccountingMethod.UNIT and not plain.keys() >= _AMOUNTS:
            return None
    return read or None


def _read_item(scope: Scope, currency: str, method: AccountingMethod) -> dict[str, Any]:
    found = {"accounting_method": method, **scope.read_fields(ITEM, currency)}
    if found["accounting_method"] is AccountingMethod.UNIT:
        for name, made, quantity in UNITS:
            figures = found.get(quantity), found.get("scheduled_unit_price")
            product = compute_unit_amount(scope, name, found.get(made), figures, currency)
            if product is not None:
                found[made] = product
    if scope.get("scheduled_value") is None and "scheduled_value" not in found:
        scope.report_missing("scheduled_value")
    found |= read_item_taxes(scope, currency)
    _check_currency(scope, currency)
    kind = _read_type(scope)
    if kind is not None:
        found["item_type"] = kind
        found["names"] = _read_references(scope, kind)
    return found


def _check_currency(scope: Scope, currency: str) -> None:
    own = read_own_currency(scope)
    if own and currency and own != currency:
        name = "currency_configuration.currency_iso_code"
        scope.report_problem(name, "currency.two", currency=own, invoice_currency=currency)


def _read_type(scope: Scope) -> ItemType | None:
    """
    Return the type of an item; ``None`` if a problem was reported.

    An item of Procore's API v1.0 does not state it; it follows from the fields that the item has.
    """
    if scope.look(TYPE.name) is not None:
        kind: ItemType | None = scope.read_field(TYPE)
        return kind
    if scope.look(DETAIL.name) not in _ABSENT:
        return ItemType.CONTRACT_DETAIL_ITEM
    package = scope.look(PACKAGE.name)
    if package in _ABSENT:
        scope.report_missing(TYPE.name)
        return None
    lines = (scope.look(LINE.name), scope.look(COMMITMENT_LINE.name))
    if all(line in _ABSENT or str(line) == str(package) for line in lines):
        return ItemType.WHOLE_CHANGE_ORDER_ITEM
    return ItemType.CHANGE_ORDER_ITEM


def _read_references(scope: Scope, kind: ItemType) -> dict[str, str]:
    """Return the ids of what an item bills, by field; report a problem if there is none."""
    before = len(scope.report.problems)
    named = {field.name: scope.read_field(field) for field in NAMES[kind]}
    if not any(named.values()) and len(scope.report.problems) == before:
        scope.report_problem(LINE.name, "value.missing", missing="line")
    return {name: each for name, each in named.items() if each is not None}


def _read_stored_line(scope: Scope) -> dict[str, Any]:
    """Return the values of the billed line that a stored item itself has, such as its cost code."""
    found = scope.read_fields([LINE, LINE_ORIGIN, PACKAGE])
    return {**found, "cost_code": read_line_cost_code(scope, None)}


_dump = build_dump(InvoiceItem, (*ITEM, TYPE, LINE, LINE_ORIGIN, PACKAGE))


def dump_item(item: InvoiceItem) -> dict[str, Any]:
    """Return the plain object of an item."""
    plain = _dump(item) | dump_item_taxes(item)
    for name, figure in ((TOTAL, item.stated_total), (PERCENT, item.stated_percent)):
        if figure is not None:
            plain[name] = dump_value(figure)
    if item.cost_code:
        plain["cost_code"] = dump_cost_code(item.cost_code)
    if item.accounting_method is AccountingMethod.UNIT:
        # Zero amounts of a unit item are written, because an absent one is computed.
        plain |= {name: dump_value(getattr(item, made)) for name, made, _ in UNITS}
    return plain
