"""
Comparison of a document in the ERP with the sent invoice.

The declared fidelity of a field says how far the ERP keeps the value that is sent. The look-up, the
read-back after the last step and the contract of adapters call the same functions. A field that the
ERP does not show is not compared. The others are compared by their fidelity:

* kept: the value is equal. A refused field is never sent, and is compared in the same way.
* rounded, truncated: the value is what the declared rounding or length makes of the sent value.
* derived: there is a value. The gross amount and the amount due must follow from the amounts that
  the ERP keeps, lines may be grouped, and other amounts are compared if a tolerance is declared.
* dropped: the value is absent or empty.

Vendor, number, amount due and date show to which invoice a document belongs. These four are always
compared: if their fidelity would exclude them, they are compared like kept values.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from ..declaration import Fidelity
from ..declaration.fidelity import IDENTIFYING, Unit, keep_amounts, list_compared_fields
from ..documents import normalize_number
from ..exchange import NOT_SAID, Contents
from ..money import ZERO
from ..values import Value
from .row_differences import find_attachment_gap, find_line_gap, find_tax_gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..declaration import Declaration
    from ..declaration.fidelity import FidelityField, KeptAmounts
    from ..documents import ExportDocument
    from ..exchange import ExportRequest, RequestAttachment

#: A value of a document in the ERP is quoted up to this many characters.
_LONGEST = 200


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ContentDifference(Value):
    """
    A field of a document in the ERP that is not as it was sent.

    Attributes:
        field: The field, as ``Declaration.fidelity`` names it, or ``state`` for the state of the
            document.
        name: The attribute of :class:`~erp_invoice_core.adapters.Contents` that shows it.
        declared: The declared fidelity; of ``state`` the declared landing state.
        sent: The value as sent, as text; empty if nothing was sent.
        expected: The value that follows from the declaration.
        in_erp: The value in the ERP.
    """

    field: str
    name: str
    declared: str
    sent: str
    expected: str
    in_erp: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SentInvoice(Value):
    """
    The values of a sent invoice with which its documents in the ERP are compared.

    Attributes:
        number: The number as the ERP writes it.
        dates: The dates that the document may have: the accounting date, and the billing date.
        due_date: The due date, if the ERP asks for one and one was given.
        attachments: The attachments, each with the form in which it was sent.
    """

    document: ExportDocument
    number: str | None
    dates: tuple[date, ...]
    attachments: tuple[RequestAttachment, ...] = ()
    due_date: date | None = None


def find_content_differences(
    contents: Contents | Sequence[Contents], request: ExportRequest, declaration: Declaration
) -> tuple[ContentDifference, ...]:
    """
    Return the fields in which the ERP differs from an exported invoice, after its last step.

    Args:
        contents: The contents of its document, or of each of its documents in the order of the
            plan. Several documents hold the amounts, lines and attachments together.
        request: The request of the export.
        declaration: The declaration of the ERP.
    """
    sent = build_exported_invoice(
        request.document,
        request.fields,
        declaration,
        number=request.number,
        attachments=request.attachments,
    )
    documents = (contents,) if isinstance(contents, Contents) else tuple(contents)
    return find_differences_of(documents, sent, declaration)


def build_exported_invoice(
    document: ExportDocument,
    fields: Mapping[str, str],
    erp: Declaration,
    *,
    number: str | None,
    attachments: Sequence[RequestAttachment] = (),
) -> SentInvoice:
    """
    Return the values that the documents of an invoice must have after the last step.

    They are the values of :func:`build_sent_invoice`, with one exception: if the ERP takes an
    accounting date and one was given, a document with the billing date in its place differs.
    """
    sent = build_sent_invoice(document, fields, erp, number=number, attachments=attachments)
    if any(extra.key == "accounting_date" for extra in erp.extra_fields):
        return attrs.evolve(sent, dates=sent.dates[:1])
    return sent


def build_sent_invoice(
    document: ExportDocument,
    fields: Mapping[str, str],
    erp: Declaration,
    *,
    number: str | None,
    attachments: Sequence[RequestAttachment] = (),
) -> SentInvoice:
    """
    Return the values with which the documents of a sent invoice are compared.

    Args:
        document: The export document.
        fields: The extra export fields that the approver gave.
        erp: The declaration of the ERP.
        number: The invoice number for the ERP.
        attachments: The attachments, each with the form in which it was sent.
    """
    given = fields.get("accounting_date")
    dates = [date.fromisoformat(given) if given else None, document.billing_date]
    due = fields.get("due_date", "").strip()
    asks = any(extra.key == "due_date" for extra in erp.extra_fields)
    return SentInvoice(
        document=document,
        number=erp.truncate_number(number),
        dates=tuple(day for day in dates if day is not None),
        attachments=tuple(attachments),
        due_date=date.fromisoformat(due) if due and asks else None,
    )


def find_differences_of(
    documents: Sequence[Contents],
    sent: SentInvoice,
    erp: Declaration,
    *,
    is_part: bool = False,
    is_later: bool = False,
    is_complete: bool = True,
) -> tuple[ContentDifference, ...]:
    """
    Return the fields in which documents in the ERP differ from an invoice as it was sent.

    Args:
        documents: The contents of its documents, in the order of the plan; at least one.
        sent: The invoice.
        erp: The declaration of the ERP.
        is_part: True if these are not all documents of the invoice, so that totals and lines are
            not compared.
        is_later: True if the plan makes another document before these, so that their number may
            have a suffix.
        is_complete: True if every step is done, so that state and attachments are final.
    """
    return tuple(
        _Comparison(
            documents=tuple(documents),
            sent=sent,
            erp=erp,
            kept=keep_amounts(sent.document, erp),
            is_part=is_part,
            is_later=is_later,
            is_complete=is_complete,
        ).list_differences()
    )


def format_value(value: object) -> str:
    """Return a value as text of a limited length; ``None`` becomes the empty text."""
    text = "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}… (cut: {len(text):,} characters in all)"


@attrs.frozen(kw_only=True)
class _Comparison:
    """A comparison of documents in the ERP with a sent invoice and the amounts expected there."""

    documents: tuple[Contents, ...]
    sent: SentInvoice
    erp: Declaration
    kept: KeptAmounts
    is_part: bool
    is_later: bool
    is_complete: bool

    def list_differences(self) -> Iterator[ContentDifference]:
        """Yield the differences in the order of the table of fields."""
        for field in list_compared_fields():
            yield from _COMPARE[field.unit](self, field)
        yield from self._compare_taxes()
        if self.sent.due_date is not None:
            yield from self._compare_due_date(self.sent.due_date)
        if self.is_complete:
            yield from self._compare_state()

    def _build(
        self, field: FidelityField, *, in_erp: object, sent: object, expected: object
    ) -> ContentDifference:
        return ContentDifference(
            field=field.name,
            name=field.contents,
            declared=self.erp.find_fidelity(field.name).value,
            sent=format_value(sent),
            expected=format_value(expected),
            in_erp=format_value(in_erp),
        )

    def _list_said(self, name: str) -> list[Any] | None:
        """Return the value of a field in each document; ``None`` if one does not show it."""
        said = [getattr(each, name) for each in self.documents]
        return None if any(value is NOT_SAID for value in said) else said

    def compare_text(self, field: FidelityField) -> Iterator[ContentDifference]:
        """Yield a difference for each document with another vendor or currency."""
        sent = expected = field.read(self.sent.document)
        word = self.erp.find_fidelity(field.name)
        if field.name not in IDENTIFYING and word is Fidelity.DERIVED:
            return
        if field.name not in IDENTIFYING and word is Fidelity.DROPPED:
            expected = None
        for there in self._list_said(field.contents) or ():
            # An id is compared as it is; of another text an empty one is no text.
            if (there if field.name in IDENTIFYING else there or None) != expected:
                yield self._build(field, in_erp=there, sent=sent, expected=expected)

    def compare_number(self, field: FidelityField) -> Iterator[ContentDifference]:
        """
        Yield a difference for each document with another number.

        The number of a later document of the same invoice may have a suffix.
        """
        sent, number = self.sent.document.invoice_number, self.sent.number
        expected = normalize_number(number or "")
        for place, each in enumerate(self.documents, start=int(self.is_later)):
            there = normalize_number(each.number or "")
            if there != expected and not (place and there.startswith(expected)):
                yield self._build(field, in_erp=each.number, sent=sent, expected=number)

    def compare_date(self, field: FidelityField) -> Iterator[ContentDifference]:
        """Yield a difference for each document whose date is not a date of the sent invoice."""
        dates: tuple[date | None, ...] = self.sent.dates or (None,)
        for each in self.documents:
            if each.date not in dates:
                yield self._build(field, in_erp=each.date, sent=dates[0], expected=dates[0])

    def compare_amount(self, field: FidelityField) -> Iterator[ContentDifference]:
        """Yield a difference if the documents do not add up to the amount that the ERP keeps."""
        said = self._list_said(field.contents)
        if said is None or self.is_part:
            return
        amounts = [amount for amount in said if amount is not None]
        there = sum(amounts, ZERO) if amounts else None
        expected = getattr(self.kept, field.contents if field.name != "due" else "due")
        if not self._agrees(field, there, expected):
            sent = field.read(self.sent.document)
            yield self._build(field, in_erp=there, sent=sent, expected=expected)

    def _agrees(self, field: FidelityField, there: Decimal | None, expected: Decimal) -> bool:
        is_derived = self.erp.find_fidelity(field.name) is Fidelity.DERIVED
        tolerance = self.erp.tolerances.get(field.name) if is_derived else ZERO
        if there is None and (field.name in IDENTIFYING or is_derived):
            # An ERP that computes the tax has none on an invoice without tax.
            return field.name == "tax" and not expected
        if tolerance is None and field.name not in _COMPUTED:
            return True
        return abs((there or ZERO) - expected) <= (tolerance or ZERO)

    def compare_rows(self, field: FidelityField) -> Iterator[ContentDifference]:
        """
        Yield the difference of the lines, or that of the attachments.

        Attachments are compared only once every step of the export is done.
        """
        said = self._list_said(field.contents)
        if said is None:
            return
        there = [row for rows in said for row in rows]
        if field.name == "lines" and not self.is_part:
            gap = find_line_gap(there, self.sent.document, self.erp, self.kept)
        elif field.name == "attachments" and self.is_complete:
            gap = find_attachment_gap(there, self.sent.attachments, self.erp)
        else:
            return
        if gap is not None:
            row = self._build(field, in_erp=gap.in_erp, sent=gap.expected, expected=gap.expected)
            declared = self.erp.find_fidelity(gap.field).value
            yield attrs.evolve(row, field=gap.field, declared=declared)

    def _compare_taxes(self) -> Iterator[ContentDifference]:
        """Yield a difference if the ERP keeps tax, but not the sent tax of each tax code."""
        said, word = self._list_said("taxes"), self.erp.find_fidelity("tax")
        if said is None or self.is_part or word is not Fidelity.KEPT:
            return
        gap = find_tax_gap([row for rows in said for row in rows], self.sent.document)
        if gap is not None:
            yield self._build_other("tax", "taxes", word, gap.in_erp, gap.expected)

    def _compare_due_date(self, sent: date) -> Iterator[ContentDifference]:
        """Yield a difference for each document with another due date, if the ERP keeps it."""
        word = self.erp.find_fidelity("due_date")
        if word is Fidelity.KEPT:
            for there in self._list_said("due_date") or ():
                if there != sent:
                    yield self._build_other("due_date", "due_date", word, there, sent)

    def _build_other(
        self, field: str, name: str, word: Fidelity, in_erp: object, sent: object
    ) -> ContentDifference:
        """Return a difference of taxes or due date, for which the table of fields has no row."""
        return ContentDifference(
            field=field,
            name=name,
            declared=word.value,
            sent=format_value(sent),
            expected=format_value(sent),
            in_erp=format_value(in_erp),
        )

    def _compare_state(self) -> Iterator[ContentDifference]:
        landing = self.erp.landing.value
        for there in self._list_said("state") or ():
            if there is not self.erp.landing:
                state = there.value if there else ""
                yield ContentDifference(
                    field="state",
                    name="state",
                    declared=landing,
                    sent="",
                    expected=landing,
                    in_erp=state,
                )


#: The amounts that are computed of the amounts that the ERP keeps, if the ERP derives them.
_COMPUTED = frozenset({"gross", "due"})
_COMPARE = {
    Unit.TEXT: _Comparison.compare_text,
    Unit.NUMBER: _Comparison.compare_number,
    Unit.DATE: _Comparison.compare_date,
    Unit.AMOUNT: _Comparison.compare_amount,
    Unit.ROWS: _Comparison.compare_rows,
}
