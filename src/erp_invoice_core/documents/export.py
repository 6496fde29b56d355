"""The export document: the part of an invoice that is exported."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - attrs resolves the annotations
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from ..canonical import build_digest, compute_sha256, encode_canonically
from ..money import ZERO, find_unit, round_to, strip_zeros
from ..values import Value, evolve, finish
from ..vocabulary import AccountingMethod, ItemType
from .field_types import find_type_problems
from .party import Attachment
from .problem import (
    find_amount_problems,
    find_inexact_values,
    find_number_problems,
    find_text_problems,
    refuse_if_any,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .fast_json import FastJson

_AMOUNTS = ("gross", "retained", "released", "work", "stored", "tax")
_DECIMALS = (*_AMOUNTS, "quantity", "unit_price")
#: The sums of the lines that a document has.
TOTALS = ("gross", "retained", "released")
_READ_AMOUNTS = attrgetter(*_AMOUNTS)
_NAMED = ("invoice_id", "company_id", "project_id", "vendor_id", "commitment_id")


# Documents that differ only in zeros of their decimals must have one digest, so each decimal gets a
# normal form when a document is made. A decimal of a subclass becomes a plain one, as the encoders
# and the comparison of classes need it. A value that is not a decimal is left to the constructor,
# which refuses it after the converters.
def _normalize_zero(amount: Decimal) -> Decimal:
    if type(amount) is not Decimal and isinstance(amount, Decimal):
        amount = Decimal(amount)
    return ZERO if type(amount) is Decimal and not amount else amount


def _normalize_factor(factor: Decimal | None) -> Decimal | None:
    if type(factor) is Decimal:
        return strip_zeros(factor)
    return strip_zeros(Decimal(factor)) if isinstance(factor, Decimal) else factor


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportLine(Value):
    """
    The amounts of one item for the period, in the document's currency.

    Attributes:
        item_id: The id of the item of the invoice.
        item_type: The subject of the item: the original contract or a change order.
        line_item_id: The id of the line of the commitment or change order that the item bills.
        description: The text of the line.
        gross: Work of the period and the change of stored materials.
        retained: Retainage held in the period, on work and on stored materials.
        released: Retainage released in the period.
        work: Work of the period, a part of ``gross``.
        stored: Change of stored materials, the other part of ``gross``.
        accounting_method: The method of billing: by amount or by units.
        quantity: The number of units, of a line that is billed by units.
        unit_price: The price of a unit.
        uom: The unit of measure, such as ``EA`` or ``LF``.
        cost_code: The full code; ``cost_code_origin_id`` is its id in the ERP.
        cost_code_origin_id: The id of the cost code in the ERP.
        cost_type_origin_id: The id of the cost type in the ERP.
        line_origin_id: The commitment line's id in the ERP.
        change_order_origin_id: The id of the change order in the ERP, of a line that bills one.
        tax_code: The tax code of the source; several codes of a line are joined, as ``GST + PST``.
        tax_code_origin_id: The tax code's id in the ERP, where the connection maps it.
        tax: The tax of the line as the source states it; no other amount includes it.

    Raises:
        InvalidDocument: An amount is not a finite :class:`~decimal.Decimal`, as a float is not, it
            has too many digits, or another field is not of its type.
    """

    item_id: str
    item_type: ItemType
    line_item_id: str
    description: str = ""
    gross: Decimal = attrs.field(default=ZERO, converter=_normalize_zero)
    retained: Decimal = attrs.field(default=ZERO, converter=_normalize_zero)
    released: Decimal = attrs.field(default=ZERO, converter=_normalize_zero)
    work: Decimal = attrs.field(default=ZERO, converter=_normalize_zero)
    stored: Decimal = attrs.field(default=ZERO, converter=_normalize_zero)
    accounting_method: AccountingMethod = AccountingMethod.AMOUNT
    quantity: Decimal | None = attrs.field(default=None, converter=_normalize_factor)
    unit_price: Decimal | None = attrs.field(default=None, converter=_normalize_factor)
    uom: str | None = None
    cost_code: str | None = None
    cost_code_origin_id: str | None = None
    cost_type_origin_id: str | None = None
    line_origin_id: str | None = None
    change_order_origin_id: str | None = None
    tax_code: str | None = None
    tax_code_origin_id: str | None = None
    tax: Decimal = attrs.field(default=ZERO, converter=_normalize_zero)

    def __attrs_post_init__(self) -> None:
        refuse_if_any(find_inexact_values(self, _DECIMALS) or find_type_problems(self))

    @property
    def due(self) -> Decimal:
        """The amount to pay: gross less retained plus released."""
        return self.gross - self.retained + self.released


def finish_line(draft: Any) -> ExportLine:  # noqa: ANN401 - a draft has the fields of the class
    """
    Return the line of a complete draft; check its amounts, but not the types of its fields.

    Raises:
        InvalidDocument: An amount has too many digits.
    """
    line = finish(ExportLine, draft)
    refuse_if_any(find_inexact_values(line, _DECIMALS))
    return line


def _has_exponent(line: ExportLine, unit: Decimal) -> bool:
    """Return whether every amount of a line has exactly the decimals of the currency's unit."""
    return all(amount is ZERO or amount.same_quantum(unit) for amount in _READ_AMOUNTS(line))


def _round_exactly(line: ExportLine, currency: str) -> ExportLine:
    """Return a line whose amounts have exactly the digits of the currency."""
    amounts = zip(_AMOUNTS, _READ_AMOUNTS(line), strict=True)
    return evolve(
        line, {name: _normalize_zero(round_to(amount, currency)) for name, amount in amounts}
    )


class _StoredDocument(Value):
    """Base class with the function that reads the lines of a stored document when needed."""

    __slots__ = ("_read_lines",)
    _read_lines: Callable[[], tuple[ExportLine, ...]]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ExportDocument(_StoredDocument):
    """
    An invoice as it was sent, with names and ERP ids of its project, vendor and commitment.

    Attributes:
        invoice_id: The id of the invoice in the host.
        company_id: The id of the contractor in the host.
        currency: ISO 4217 code of all amounts.
        project_id: The id of the project in the host.
        job_origin_id: The id of the job in the ERP.
        vendor_id: The id of the subcontractor in the host.
        vendor_name: The name of the subcontractor.
        vendor_origin_id: The id of the vendor in the ERP.
        commitment_id: The id of the commitment in the host.
        commitment_kind: ``subcontract`` or ``purchase_order``.
        commitment_number: The number of the commitment that people see.
        commitment_origin_id: The id of the commitment in the ERP.
        number: The place of the invoice among those of its commitment, from 1.
        lines: One for each item that bills something. A document that a store returned reads them
            at their first use, because a list of invoices and most actions need none.
        job_name: The name of the project.
        commitment_title: The title of the commitment.
        invoice_number: The number that the subcontractor gave the invoice.
        period_id: The id of the billing period in the host.
        period_start: The first day of the billing period.
        period_end: The last day of the billing period.
        billing_date: The date of the invoice.
        final: True for the last invoice of the commitment.
        attachments: Not part of the digest, as they may change after the invoice is sent.

    Amounts of lines get exactly the digits of the currency, quantities and prices lose the zeros at
    their end, and zero is written ``0``: documents that differ only in such zeros have one digest.

    Raises:
        InvalidDocument: An id is blank or not text, the currency is not a code of ISO 4217, the
            number is below 1 or too large, an amount of a line has more decimals than the currency,
            or a field is not of its type.
    """

    invoice_id: str
    company_id: str
    currency: str
    project_id: str
    job_origin_id: str | None
    vendor_id: str
    vendor_name: str
    vendor_origin_id: str | None
    commitment_id: str
    commitment_kind: str
    commitment_number: str
    commitment_origin_id: str | None
    number: int
    lines: tuple[ExportLine, ...]
    job_name: str = ""
    commitment_title: str = ""
    invoice_number: str | None = None
    period_id: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    billing_date: date | None = None
    final: bool = False
    attachments: tuple[Attachment, ...] = attrs.field(default=(), eq=False)

    def __attrs_post_init__(self) -> None:
        problems = find_text_problems(self, (*_NAMED, "currency")) or find_type_problems(self)
        refuse_if_any(
            problems
            or find_number_problems(self.number)
            or find_amount_problems(self, (), self.currency)
        )
        unit = find_unit(self.currency)
        others = {
            place: line for place, line in enumerate(self.lines) if not _has_exponent(line, unit)
        }
        refuse_if_any(
            [
                attrs.evolve(problem, path=f"lines[{place}].{problem.path}")
                for place, line in others.items()
                for problem in find_amount_problems(line, _AMOUNTS, self.currency)
            ]
        )
        if others:
            lines = tuple(
                [
                    _round_exactly(line, self.currency) if place in others else line
                    for place, line in enumerate(self.lines)
                ]
            )
            object.__setattr__(self, "lines", lines)

    if TYPE_CHECKING:
        pass  # with __getattr__, a type checker would accept any name
    else:

        def __getattr__(self, name: str) -> tuple[ExportLine, ...]:
            # Python calls it for a slot without a value.
            if name != "lines":
                raise AttributeError(name)
            object.__setattr__(self, "lines", self._read_lines())
            return self.lines

    @cached_property
    def gross(self) -> Decimal:
        """Work and change of stored materials of the period."""
        return sum((line.gross for line in self.lines), ZERO)

    @cached_property
    def retained(self) -> Decimal:
        """Retainage held in the period."""
        return sum((line.retained for line in self.lines), ZERO)

    @cached_property
    def released(self) -> Decimal:
        """Retainage released in the period."""
        return sum((line.released for line in self.lines), ZERO)

    @property
    def due(self) -> Decimal:
        """The amount to pay for the period without tax; below zero it is a credit."""
        return sum((line.due for line in self.lines), ZERO)

    @cached_property
    def tax(self) -> Decimal:
        """The tax of all lines, as the source states it; no other amount includes it."""
        return sum((line.tax for line in self.lines), ZERO)

    @cached_property
    def stored_json(self) -> bytes:
        """
        The stored bytes: its canonical JSON, without its attachments.

        A document that a store has read keeps the bytes that it had there.
        """
        return encode_document(self)

    @cached_property
    def stored_sha256(self) -> str:
        """The key of the stored bytes: their SHA-256 in hexadecimal."""
        return compute_sha256(self.stored_json)

    @cached_property
    def digest(self) -> str:
        """
        The digest of the document without its attachments.

        A document that a store has read keeps the digest of its entry, in the format of the version
        that sent it.
        """
        return build_digest(self.stored_sha256)


@cache
def find_fast_json() -> FastJson[ExportDocument] | None:
    """Return the encoder and decoder of the extra ``fast``, or ``None`` if it is not installed."""
    try:
        from .fast_json import FastJson  # noqa: PLC0415 - it is optional, and most imports encode nothing
    except ImportError:
        return None
    return FastJson(ExportDocument, ExportLine)


def encode_document(document: ExportDocument) -> bytes:
    """Return the canonical JSON of a document, without its attachments."""
    fast = find_fast_json()
    data = fast.encode(document) if fast else None
    return encode_canonically(document) if data is None else data


def restore_document(
    document: ExportDocument,
    *,
    digest: str,
    stored_json: bytes | None = None,
    stored_sha256: str | None = None,
    attachments: tuple[Attachment, ...] | None = None,
    totals: Mapping[str, Decimal] | None = None,
    read_lines: Callable[[], tuple[ExportLine, ...]] | None = None,
) -> ExportDocument:
    """
    Return a document as a store has it, without the checks of the constructor.

    Args:
        document: The document that was read.
        digest: The digest of its entry; empty if the entry has none.
        stored_json: Its stored bytes, if it has any.
        stored_sha256: The SHA-256 of the bytes.
        attachments: The attachments, if they are stored in another place than the bytes.
        totals: The sums of its lines by the names of :data:`TOTALS`, if they are stored, too.
        read_lines: Reads the lines at their first use, if the document was read without them.
    """
    parts: dict[str, object] = dict(zip(_HEADER, _READ_HEADER(document), strict=True))
    parts |= {"lines": document.lines} if read_lines is None else {"_read_lines": read_lines}
    known = {
        "digest": digest or None,
        "stored_json": stored_json,
        "stored_sha256": stored_sha256,
        "attachments": attachments,
    }
    parts |= {name: value for name, value in known.items() if value is not None}
    parts |= totals or {}
    restored = object.__new__(ExportDocument)
    for name, value in parts.items():
        object.__setattr__(restored, name, value)
    return restored


def replace_attachments(
    document: ExportDocument, attachments: tuple[Attachment, ...]
) -> ExportDocument:
    """
    Return a document with other attachments.

    It has the same digest and the same stored bytes, of which attachments are no part, and its
    lines are read at their first use.
    """
    return restore_document(
        document,
        digest=document.digest,
        stored_json=document.stored_json,
        stored_sha256=document.stored_sha256,
        attachments=attachments,
        totals={name: getattr(document, name) for name in TOTALS if _is_set(document, name)},
        read_lines=lambda: document.lines,
    )


def replace_ids(
    document: ExportDocument, header: Mapping[str, str], lines: tuple[ExportLine, ...]
) -> ExportDocument:
    """
    Return a document with other ids of its records in the ERP; it keeps its digest and its bytes.

    Args:
        document: The document.
        header: The other ids of the document by the names of their fields.
        lines: Its lines with their other ids.
    """
    replaced = restore_document(
        document,
        digest=document.digest,
        stored_json=document.stored_json,
        stored_sha256=document.stored_sha256,
        attachments=document.attachments,
        read_lines=lambda: lines,
    )
    for name, value in header.items():
        object.__setattr__(replaced, name, value)
    return replaced


def has_unread_lines(document: ExportDocument) -> bool:
    """Return whether the lines of a document from a store were not read yet."""
    return not _is_set(document, "lines")


def _is_set(document: ExportDocument, name: str) -> bool:
    """Return whether a field, or a value that is computed at its first use, is known."""
    try:
        object.__getattribute__(document, name)
    except AttributeError:
        return False
    return True


#: The fields of a document other than its lines.
_HEADER = tuple(field.name for field in attrs.fields(ExportDocument) if field.name != "lines")
_READ_HEADER = attrgetter(*_HEADER)
