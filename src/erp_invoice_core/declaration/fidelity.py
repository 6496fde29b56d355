"""
The fields of an invoice whose fidelity an ERP integration declares.

The fidelity of a field says whether the ERP keeps, rounds, cuts, computes or drops its value. Each
row of the tables here says how to read the exported value, under which name the contents of the
document in the ERP show it, and in which unit both are compared. Fields that the contents do not
show have only a unit; they count for the losses that are shown before an acceptance.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from ..money import ZERO
from ..vocabulary import Feature
from .vocabulary import Fidelity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from decimal import Decimal

    from ..documents import ExportDocument, ExportLine
    from .declaration import Declaration


class Unit(Enum):
    """How the value of a field is compared."""

    TEXT = "text"  #: As text, without the spaces around it.
    NUMBER = "number"  #: As an invoice number, as ``normalize_number`` writes it.
    DATE = "date"  #: As a day.
    AMOUNT = "amount"  #: As a decimal; an empty field is zero.
    QUANTITY = "quantity"  #: As a decimal; a line without a quantity may have any.
    ROWS = "rows"  #: As lines, or as files, in any order.
    USE = "use"  #: Not at all: the invoice uses it or does not.


class FidelityField(NamedTuple):
    """
    A field of an export document, compared with the document in the ERP.

    Attributes:
        name: Its name in ``Declaration.fidelity``.
        unit: How it is compared.
        contents: The attribute of :class:`Contents` that has its value in the ERP.
        read: Returns its value in an export document.
    """

    name: str
    unit: Unit
    contents: str
    read: Callable[[ExportDocument], object]


class LineField(NamedTuple):
    """
    A field of each line, compared with the lines of the document in the ERP.

    Attributes:
        name: Its name in ``Declaration.fidelity``.
        unit: How it is compared.
        contents: The attribute of :class:`ContentsLine` that has its value in the ERP.
        read: Returns its value in a line of an export document.
    """

    name: str
    unit: Unit
    contents: str
    read: Callable[[ExportLine], object]


def _read_cost_code(line: ExportLine) -> str | None:
    return line.cost_code_origin_id or line.cost_code


def _read_tax_code(line: ExportLine) -> str | None:
    return line.tax_code_origin_id or line.tax_code


# fmt: off
_COMPARED = (
    #             name                 unit         in the contents  as sent
    FidelityField("vendor_origin_id",  Unit.TEXT,   "vendor",        lambda sent: sent.vendor_origin_id),
    FidelityField("invoice_number",    Unit.NUMBER, "number",        lambda sent: sent.invoice_number),
    FidelityField("due",               Unit.AMOUNT, "amount",        lambda sent: sent.due),
    FidelityField("billing_date",      Unit.DATE,   "date",          lambda sent: sent.billing_date),
    FidelityField("currency",          Unit.TEXT,   "currency",      lambda sent: sent.currency),
    FidelityField("gross",             Unit.AMOUNT, "gross",         lambda sent: sent.gross),
    FidelityField("retainage",         Unit.AMOUNT, "retained",      lambda sent: sent.retained),
    FidelityField("retainage_release", Unit.AMOUNT, "released",      lambda sent: sent.released),
    FidelityField("tax",               Unit.AMOUNT, "tax",           lambda sent: sent.tax),
    FidelityField("lines",             Unit.ROWS,   "lines",         lambda sent: sent.lines),
    FidelityField("attachments",       Unit.ROWS,   "attachments",   lambda sent: sent.attachments),
)
#: The fields that decide whose document it is, and are compared whatever is declared.
IDENTIFYING: Final = frozenset({"vendor_origin_id", "invoice_number", "due", "billing_date"})
#: The fields that the contents do not show.
_NOT_SHOWN: Mapping[str, Unit] = MappingProxyType({
    "stored_materials": Unit.AMOUNT,
    **dict.fromkeys(("accounting_date", "due_date", "period_start", "period_end"), Unit.DATE),
    **dict.fromkeys((
        "attachment_name", "commitment_number", "commitment_origin_id", "commitment_title", "compliance_group",
        "description", "erp_invoice_number", "hold_code", "job_origin_id", "number", "period_id", "project_name",
        "terms", "vendor_name",
    ), Unit.TEXT),
    # An invoice may use a feature, and its items may be lost.
    **dict.fromkeys((
        Feature.SUBCONTRACTS.value, Feature.PURCHASE_ORDERS.value, Feature.AMOUNT_BASED.value,
        Feature.UNIT_BASED.value, Feature.CHANGE_ORDERS.value,
    ), Unit.USE),
})
#: The fields of each line, by their names.
LINE_FIELDS: Final[Mapping[str, LineField]] = MappingProxyType({
    column.name: column
    for column in (
        #         name                unit           in the contents  as sent
        LineField("line_cost_code",   Unit.TEXT,     "cost_code",     _read_cost_code),
        LineField("line_amount",      Unit.AMOUNT,   "amount",        lambda line: line.gross),
        LineField("line_quantity",    Unit.QUANTITY, "quantity",      lambda line: line.quantity),
        LineField("line_description", Unit.TEXT,     "description",   lambda line: line.description),
        LineField("line_tax_code",    Unit.TEXT,     "tax_code",      _read_tax_code),
        LineField("line_tax",         Unit.AMOUNT,   "tax",           lambda line: line.tax),
    )
})
# fmt: on
#: The unit of every field whose fidelity can be declared, by its name.
UNITS: Final[Mapping[str, Unit]] = MappingProxyType(
    {row.name: row.unit for row in _COMPARED}
    | {name: column.unit for name, column in LINE_FIELDS.items()}
    | dict(_NOT_SHOWN)
)


def list_compared_fields() -> Iterator[FidelityField]:
    """Yield the fields that the contents of a document in the ERP can show."""
    yield from _COMPARED


def keep_text(erp: Declaration, field: str, text: str | None) -> str:
    """Return a text as the ERP keeps it: cut to a length, or empty if the ERP drops it."""
    fidelity = erp.find_fidelity(field)
    if fidelity is Fidelity.DROPPED or not text:
        return ""
    if fidelity is Fidelity.TRUNCATED:
        return text[: erp.find_length(field)]
    return text


def keep_number(erp: Declaration, field: str, value: Decimal) -> Decimal:
    """Return an amount or a quantity as the ERP keeps it: rounded, or zero if the ERP drops it."""
    fidelity = erp.find_fidelity(field)
    if fidelity is Fidelity.DROPPED:
        return ZERO
    if fidelity is Fidelity.ROUNDED and field in erp.rounding:
        return erp.rounding[field].apply(value)
    return value


class KeptAmounts(NamedTuple):
    """
    The amounts of an invoice as an ERP keeps them.

    If the ERP computes the gross amount itself, it is the sum of the lines that the ERP keeps. If
    it computes the amount due itself, that is this gross amount less the retainage held plus the
    retainage released. Stored materials that the ERP drops are left out of the lines only if the
    ERP computes the gross amount itself; otherwise the amounts include them.

    Attributes:
        lines: The amount of each line, in the order of the document.
        retained: The retainage held.
        released: The retainage released.
        due: The amount due.
    """

    lines: tuple[Decimal, ...]
    gross: Decimal
    retained: Decimal
    released: Decimal
    due: Decimal
    tax: Decimal


def leaves_out_stored_materials(erp: Declaration) -> bool:
    """Return whether the amounts in the ERP do not include the stored materials."""
    is_lost = erp.find_fidelity("stored_materials") is Fidelity.DROPPED
    return is_lost and erp.find_fidelity("gross") is Fidelity.DERIVED


def keep_amounts(document: ExportDocument, erp: Declaration) -> KeptAmounts:
    """Return the amounts of a document as the ERP keeps them, by its declared fidelity."""
    without = leaves_out_stored_materials(erp)
    lines = tuple(
        keep_number(erp, "line_amount", line.gross - line.stored if without else line.gross)
        for line in document.lines
    )
    is_computed = erp.find_fidelity("gross") is Fidelity.DERIVED
    gross = sum(lines, ZERO) if is_computed else keep_number(erp, "gross", document.gross)
    retained = keep_number(erp, "retainage", document.retained)
    released = keep_number(erp, "retainage_release", document.released)
    due = document.due  # never dropped, as it decides whose document it is
    if erp.find_fidelity("due") is Fidelity.DERIVED:
        due = gross - retained + released
    elif erp.find_fidelity("due") is Fidelity.ROUNDED:
        due = keep_number(erp, "due", due)
    tax = keep_number(erp, "tax", document.tax)
    return KeptAmounts(
        lines=lines, gross=gross, retained=retained, released=released, due=due, tax=tax
    )
