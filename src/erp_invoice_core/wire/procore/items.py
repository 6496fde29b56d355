"""Items of a requisition, and the commitment line that each names."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any

from ...billing import AGREEMENT
from ...documents import InvoiceItem
from ...money import format_amount, is_currency, round_to
from ...vocabulary import AccountingMethod, ItemType
from .cost_codes import dump_cost_code, line_cost_code
from .currency import own_currency
from .fields import REQUIRED, Field, Scope, dump_fields
from .outcome import whole
from .summary import compared
from .taxes import dump_item_taxes, item_taxes
from .totals import PERCENT, TOTAL, check_item
from .values import amount, decimal, dumped, identity, label, origin, text, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .references import References


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
            sentence = f"Quantity times price makes {made}; the amount {format_amount(amount, currency)} counts."
            scope.warn(name, "billing.unit_differs", sentence)
    return amount


# fmt: off
ITEM = (
    Field("id",                                                "id",                        identity, REQUIRED),
    Field("accounting_method",                                 "accounting_method",         word(AccountingMethod)),
    Field("description_of_work",                               "description",               text),
    Field("scheduled_value",                                   "scheduled_value",           amount),
    Field("work_completed_from_previous_application",          "work_previous",             amount),
    Field("work_completed_this_period",                        "work_this_period",          amount),
    Field("materials_presently_stored",                        "stored",                    amount),
    Field("materials_presently_stored_from_previous_progress", "stored_previous",           amount),
    Field("materials_moved",                                   "materials_moved",           amount),
    Field("work_completed_retainage_from_previous_application","work_retainage_previous",   amount),
    Field("work_completed_retainage_retained_this_period",     "work_retainage_retained",   amount),
    Field("work_completed_retainage_released_this_period",     "work_retainage_released",   amount),
    Field("materials_stored_retainage_currently_retained",     "stored_retainage_held",     amount),
    Field("materials_stored_retainage_released_this_period",   "stored_retainage_released", amount),
    Field("materials_retainage_retained_moved",                "stored_retainage_moved",    amount),
    Field("materials_stored_retainage_new_materials",          "stored_retainage_new",      amount),
    Field("total_completed_and_stored_to_date_from_previous",  "total_previous",            amount),
    Field("scheduled_quantity",                                "scheduled_quantity",        decimal),
    Field("scheduled_unit_price",                              "scheduled_unit_price",      decimal),
    Field("work_completed_from_previous_application_quantity", "quantity_previous",         decimal),
    Field("work_completed_this_period_quantity",               "quantity_this_period",      decimal),
    Field("uom",                                               "uom",                       text),
    Field("status",                                            "status",                    label),
)
#: Of a unit item: the amount, and the quantity that makes it with the unit price.
UNITS = (
    # name in the file                                        amount               quantity
    ("scheduled_value",                                       "scheduled_value",           "scheduled_quantity"),
    ("work_completed_from_previous_application",              "work_previous",             "quantity_previous"),
    ("work_completed_this_period",                            "work_this_period",          "quantity_this_period"),
)
# fmt: on
TYPE = Field("item_type", "item_type", word(ItemType))
LINE = Field("line_item_id", "line_item_id", identity)
DETAIL = Field("detail_line_item_id", "line_item_id", identity)
COMMITMENT_LINE = Field("commitment_line_item_id", "line_item_id", identity)
LINE_ORIGIN = Field("commitment_line_item_origin_id", "line_origin_id", origin)
PACKAGE = Field("change_order_package_id", "change_order_id", identity)
#: How an id that is not recorded is written.
_ABSENT = (None, "")
#: The fields in which an item of each type may name what it bills; the first counts first.
NAMES = {
    ItemType.CONTRACT_ITEM: (LINE, COMMITMENT_LINE),
    ItemType.CONTRACT_DETAIL_ITEM: (LINE, DETAIL),
    ItemType.CHANGE_ORDER_ITEM: (LINE, COMMITMENT_LINE),
    ItemType.WHOLE_CHANGE_ORDER_ITEM: (PACKAGE, LINE),
}


def items(
    scope: Scope, found_above: Mapping[str, Any], references: References | None
) -> tuple[InvoiceItem, ...]:
    """Read the items of a requisition, without the wrong ones (reported)."""
    if scope.get("items") in (None, ""):
        sentence = "This requisition has no items. Fetch it with view=extended."
        scope.problem("items", "value.missing", sentence)
    currency, commitment_id = found_above["currency"], found_above.get("commitment_id")
    method = AccountingMethod.AMOUNT
    if references and commitment_id and (commitment := references.commitment(commitment_id)):
        method = commitment.accounting_method
    seen: set[str] = set()
    read = []
    for child in scope.children("items"):
        found = _item(child, currency, method)
        child.unique(seen, found.get("id"))
        if references:
            references.of_item(child, found, found_above)
        else:
            found |= _kept(child)
        found.pop("names", None)
        found["stated_total"] = compared(child, TOTAL)
        found["stated_percent"] = compared(child, PERCENT)
        item = whole(child, InvoiceItem, found, (*ITEM, LINE))
        if item:
            check_item(child, item, currency)
            read.append(item)
    return tuple(read)


def _item(scope: Scope, currency: str, method: AccountingMethod) -> dict[str, Any]:
    found = {"accounting_method": method, **scope.all(ITEM, currency)}
    if found["accounting_method"] is AccountingMethod.UNIT:
        for name, made, quantity in UNITS:
            figures = found.get(quantity), found.get("scheduled_unit_price")
            product = by_units(scope, name, found.get(made), figures, currency)
            if product is not None:
                found[made] = product
    if scope.get("scheduled_value") is None and "scheduled_value" not in found:
        scope.problem("scheduled_value", "value.missing", "Give a value: it is required.")
    found |= item_taxes(scope, currency)
    _check_currency(scope, currency)
    kind = _type(scope)
    if kind is not None:
        found["item_type"] = kind
        found["names"] = _named(scope, kind)
    return found


def _check_currency(scope: Scope, currency: str) -> None:
    own = own_currency(scope)
    if own and currency and own != currency:
        sentence = f"This item is in {own}, its invoice in {currency}. Bill it in one currency."
        name = "currency_configuration.currency_iso_code"
        scope.problem(name, "currency.two", sentence)


def _type(scope: Scope) -> ItemType | None:
    """Return the type of an item: as it says, or as the fields of v1.0 that it has show."""
    if scope.look(TYPE.name) is not None:
        kind: ItemType | None = scope.one(TYPE)
        return kind
    if scope.look(DETAIL.name) not in _ABSENT:
        return ItemType.CONTRACT_DETAIL_ITEM
    package = scope.look(PACKAGE.name)
    if package in _ABSENT:
        scope.problem(TYPE.name, "value.missing", "Give a value: it is required.")
        return None
    lines = (scope.look(LINE.name), scope.look(COMMITMENT_LINE.name))
    if all(line in _ABSENT or str(line) == str(package) for line in lines):
        return ItemType.WHOLE_CHANGE_ORDER_ITEM
    return ItemType.CHANGE_ORDER_ITEM


def _named(scope: Scope, kind: ItemType) -> dict[str, str]:
    """Return the ids in which an item names what it bills, by field; none at all is a problem."""
    before = len(scope.report.problems)
    named = {field.name: scope.one(field) for field in NAMES[kind]}
    if not any(named.values()) and len(scope.report.problems) == before:
        scope.problem(LINE.name, "value.missing", "Name what the item bills: it is required.")
    return {name: each for name, each in named.items() if each is not None}


def _kept(scope: Scope) -> dict[str, Any]:
    """Return what a stored item keeps of a line that its commitment does not show."""
    found = scope.all([LINE, LINE_ORIGIN, PACKAGE])
    return {**found, "cost_code": line_cost_code(scope, None)}


def dump_item(item: InvoiceItem) -> dict[str, Any]:
    """Return the plain object of an item."""
    plain = dump_fields(item, (*ITEM, TYPE, LINE, LINE_ORIGIN, PACKAGE)) | dump_item_taxes(item)
    for name, figure in ((TOTAL, item.stated_total), (PERCENT, item.stated_percent)):
        if figure is not None:
            plain[name] = dumped(figure)
    if item.cost_code:
        plain["cost_code"] = dump_cost_code(item.cost_code)
    if item.accounting_method is AccountingMethod.UNIT:
        # An absent amount of a unit item would be made of its quantity: a zero stands too.
        plain |= {name: dumped(getattr(item, made)) for name, made, _ in UNITS}
    return plain
