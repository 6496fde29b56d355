"""Combined invoices: samples that use everything that an adapter supports at once."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from ...declaration import Handling, TaxForm
from ...money import ZERO, find_unit
from ...vocabulary import AccountingMethod, Feature, ItemType

if TYPE_CHECKING:
    from ...documents import ExportDocument, ExportLine
    from .documents import SampleDocuments

#: The number of lines of an invoice that varies something else.
FEW = 12
#: More lines than a page of an ERP is wont to have.
MANY = 104
#: More digits than a short binary fraction keeps, which some ERPs use for amounts.
_LARGE = Decimal("12345678.91")
#: The tax of a line whose code the vendor's invoice does not state a tax for.
_RATE = Decimal("0.05")
#: The amounts and factors that a credit has with the other sign.
_SIGNED = ("gross", "retained", "released", "work", "stored", "tax", "quantity")


class _Form(Enum):
    """The special feature of a line, such as a change order or stored materials."""

    PLAIN = "plain"
    UNITS = "units"
    CHANGE_ORDER = "change_order"
    STORED = "stored"
    ZERO = "zero"
    NEGATIVE = "negative"
    UNITS_OF_CHANGE = "units_of_change"
    UNTAXED = "untaxed"


_FORMS = tuple(_Form)


class TaxCode(NamedTuple):
    """
    A tax code of the ERP, with its rate as a fraction: 0.05 is five percent.

    The code of the source is made up and is no id of the ERP, so that an adapter that sends it in
    place of the id is noticed.
    """

    origin_id: str
    rate: Decimal

    @property
    def code(self) -> str:
        """The code of the source that is mapped to the id."""
        return f"Source {self.origin_id}"


def list_tax_codes(samples: SampleDocuments) -> tuple[TaxCode, ...]:
    """Return the known tax codes of the ERP: of the base invoice, and of ``samples.tax_codes``."""
    known: dict[str, TaxCode] = {}
    for line in samples.base.lines:
        if line.tax_code_origin_id:
            rate = line.tax / line.gross if line.tax and line.gross else _RATE
            known.setdefault(line.tax_code_origin_id, TaxCode(line.tax_code_origin_id, rate))
    for named in samples.tax_codes:
        known.setdefault(named, TaxCode(named, _RATE))
    return tuple(known.values())


def build_combination(
    samples: SampleDocuments,
    count: int = FEW,
    *,
    is_credit: bool = False,
    codes: tuple[TaxCode, ...] | None = None,
    **changes: Any,  # noqa: ANN401 - the document's own fields
) -> ExportDocument:
    """
    Return an invoice whose lines together use everything that the adapter supports.

    Args:
        samples: Builds the invoice and its lines.
        count: The number of lines.
        is_credit: True if every amount has the other sign.
        codes: The tax codes; ``None``: those that exist in the ERP.
        changes: Other fields of the invoice.
    """
    unit = find_unit(changes.get("currency", samples.base.currency))
    if codes is None:
        codes = list_tax_codes(samples)
    lines = [_build_line(samples, place, unit, codes) for place in range(count)]
    if count == MANY:
        lines[0] = _enlarge(lines[0], unit)
    if is_credit:
        lines = [_negate(line) for line in lines]
    return samples.build(lines, **changes)


def _build_line(
    samples: SampleDocuments, place: int, unit: Decimal, codes: tuple[TaxCode, ...]
) -> ExportLine:
    """
    Return the line at index *place* of an invoice; the lines have the forms in turn.

    The line has retainage and tax if the adapter supports them.
    """
    erp, supported = samples.declaration, samples.declaration.supported
    of_base = samples.base.lines[place % len(samples.base.lines)]
    line = _build_form(samples, place, unit)
    line = attrs.evolve(
        line,
        item_id=str(place + 1),
        line_item_id=str(place + 1),
        description=f"{samples.base.lines[0].description} {place + 1}",
        cost_code=of_base.cost_code,
        cost_code_origin_id=of_base.cost_code_origin_id,
        cost_type_origin_id=of_base.cost_type_origin_id,
    )
    gross, form = line.gross, _FORMS[place % len(_FORMS)]
    if Feature.CHANGE_ORDERS in supported and form in {_Form.CHANGE_ORDER, _Form.UNITS_OF_CHANGE}:
        line = attrs.evolve(
            line,
            item_type=ItemType.CHANGE_ORDER_ITEM,
            change_order_origin_id=samples.change_order,
        )
    if Feature.STORED_MATERIALS in supported and form in {_Form.STORED, _Form.UNITS_OF_CHANGE}:
        stored = _quantize(gross / 3, unit)
        line = attrs.evolve(line, work=gross - stored, stored=stored)
    if Feature.RETAINAGE in supported:
        percent = 5 + Decimal(place % 7) / 3
        line = attrs.evolve(line, retained=_quantize(gross * percent / 100, unit))
    if Feature.RETAINAGE_RELEASE in supported and place % 3 == 0:
        line = attrs.evolve(line, released=_quantize(gross * Decimal("0.0217"), unit))
    # A line without tax keeps its code; one form has no code.
    if erp.tax is TaxForm.KEPT and codes and form is not _Form.UNTAXED:
        line = _add_tax(line, codes[place % len(codes)], unit, is_zero=form is _Form.CHANGE_ORDER)
    return line


def _build_form(samples: SampleDocuments, place: int, unit: Decimal) -> ExportLine:
    supported, form = samples.declaration.supported, _FORMS[place % len(_FORMS)]
    amount = _quantize(Decimal("983.17") + place * Decimal("79.19"), unit) + place % 10 * unit
    by_units = Feature.UNIT_BASED in supported
    by_amount = Feature.AMOUNT_BASED in supported or not by_units
    if by_amount and form is _Form.ZERO:
        return samples.build_line()
    if form is _Form.NEGATIVE and samples.declaration.negative is Handling.EXPORTED:
        amount = -amount / 2
    if by_units and (form in {_Form.UNITS, _Form.UNITS_OF_CHANGE} or not by_amount):
        # Six decimals; the amount is that of the units at their price.
        quantity = (amount / 128).quantize(Decimal("0.000001")) + Decimal("0.000003")
        price = Decimal("128.25").quantize(unit, ROUND_DOWN)
        amount = _quantize(quantity * price, unit)
        return attrs.evolve(samples.build_unit_line(amount), quantity=quantity, unit_price=price)
    amount = _quantize(amount, unit)
    return samples.build_line(gross=amount, work=amount)


def _enlarge(line: ExportLine, unit: Decimal) -> ExportLine:
    """Return the line with an amount of eight digits and cents, if it is billed by amount."""
    amount = _quantize(_LARGE, unit)
    if line.accounting_method is not AccountingMethod.AMOUNT:
        return line
    retained = _quantize(amount / 12, unit) if line.retained else ZERO
    tax = _quantize(amount * line.tax / line.gross, unit) if line.tax else ZERO
    return attrs.evolve(line, gross=amount, work=amount, stored=ZERO, retained=retained, tax=tax)


def _add_tax(line: ExportLine, code: TaxCode, unit: Decimal, *, is_zero: bool) -> ExportLine:
    tax = ZERO if is_zero else _quantize(line.gross * code.rate, unit)
    return attrs.evolve(line, tax_code=code.code, tax_code_origin_id=code.origin_id, tax=tax)


def _negate(line: ExportLine) -> ExportLine:
    signed: dict[str, Any] = {
        name: -value for name in _SIGNED if (value := getattr(line, name)) is not None
    }
    return attrs.evolve(line, **signed)


def _quantize(amount: Decimal, unit: Decimal) -> Decimal:
    return amount.quantize(unit)
