"""
The sample invoices of the adapter contract, copied from one base invoice.

The author of the adapter gives the base invoice, because its vendor, job, commitment and cost codes
must exist in the ERP.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ...declaration import Handling, Validator
from ...documents import ExportDocument, ExportLine
from ...money import ZERO, find_unit
from ...vocabulary import AccountingMethod, Feature, ItemType
from ..samples import sample_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ...declaration import Declaration
    from ...exchange import ExportRequest

#: A text with letters of several scripts and the characters that files and queries escape.
UNUSUAL_TEXT = 'Träger "A" \u2013 鋼, O\'Neil & <Sons>; 50 % \\ net'
#: A text that is longer than any field of an ERP is wont to be.
LONG_TEXT = "Structural steel as billed, with shop drawings and erection. " * 5
_NO_AMOUNTS: dict[str, Any] = {
    "gross": ZERO,
    "retained": ZERO,
    "released": ZERO,
    "work": ZERO,
    "stored": ZERO,
}
#: Features that no invoice uses; they are about what is done afterwards.
_AFTERWARDS = frozenset({Feature.WITHDRAW, Feature.UNLINK})
_SUPPORTED_KINDS = (
    (Feature.SUBCONTRACTS, "subcontract"),
    (Feature.PURCHASE_ORDERS, "purchase_order"),
)


def fit_currency(document: ExportDocument, declaration: Declaration) -> ExportDocument:
    """
    Return an invoice in a currency that the adapter declares.

    If the currency of the invoice is not declared, the copy has a declared one and no amounts.
    """
    declared = declaration.currencies
    if not declared or document.currency in declared:
        return document
    plain: dict[str, Any] = {**_NO_AMOUNTS, "quantity": None, "unit_price": None, "tax": ZERO}
    lines = tuple(
        attrs.evolve(line, **plain, accounting_method=AccountingMethod.AMOUNT)
        for line in document.lines
    )
    return attrs.evolve(document, currency=min(declared), lines=lines)


@attrs.define(kw_only=True)
class SampleDocuments:
    """
    Makes the invoices of one run; each has an id and a number that no other one has.

    Attributes:
        base: The base invoice: its vendor, job, commitment and cost codes exist in the ERP.
        declaration: The declaration of the adapter; a plain invoice uses only what it supports.
        run: A text that no other run has, so that an ERP that keeps its bills can be used again.
        numbers: Gives each invoice of the run a number of its own.
        tax_codes: The ids of tax codes in the ERP, besides those of the base invoice.
    """

    base: ExportDocument
    declaration: Declaration
    run: str
    numbers: Iterator[int]
    tax_codes: tuple[str, ...] = ()

    @property
    def unit(self) -> Decimal:
        """The smallest amount of the currency of the base invoice, such as 0.01."""
        return find_unit(self.base.currency)

    def find_number_limit(self) -> int | None:
        """Return the declared maximum length of an invoice number; ``None`` without a limit."""
        limits = [
            rule.limit
            for rule in self.declaration.field_rules
            if rule.field == "invoice_number"
            and rule.validator is Validator.MAX_LENGTH
            and rule.limit is not None
        ]
        return min(limits, default=None)

    def build(self, lines: Sequence[ExportLine], **changes: Any) -> ExportDocument:  # noqa: ANN401 - the document's own fields
        """Return a new invoice with these lines; *changes* replace its other fields."""
        number = next(self.numbers)
        text = f"{self.run}{number:03d}"
        limit = self.find_number_limit()
        given: dict[str, Any] = {
            "invoice_id": f"{self.run}-{number}",
            "number": number,
            "invoice_number": text if limit is None else text[-limit:],
            "commitment_kind": self.list_kinds()[0],
            "lines": tuple(lines),
        }
        return attrs.evolve(self.base, **{**given, **changes})

    def build_request(self, document: ExportDocument) -> ExportRequest:
        """Return the request of an invoice, with a value for each field that must be given."""
        day = document.billing_date.isoformat() if document.billing_date else "2026-10-31"
        fields = {
            field.key: day if field.is_date else "1"
            for field in self.declaration.extra_fields
            if field.required
        }
        return sample_request(document, fields=fields)

    def build_line(self, **changes: Any) -> ExportLine:  # noqa: ANN401 - the line's own fields
        """
        Return a line of the original contract without amounts; *changes* replace its fields.

        Its cost code is that of the first line of the base invoice.
        """
        plain = attrs.evolve(
            self.base.lines[0],
            **_NO_AMOUNTS,
            item_id="1",
            item_type=ItemType.CONTRACT_ITEM,
            accounting_method=AccountingMethod.AMOUNT,
            quantity=None,
            unit_price=None,
            change_order_origin_id=None,
            tax=ZERO,
            tax_code=None,
            tax_code_origin_id=None,
        )
        return attrs.evolve(plain, **changes)

    def build_plain(self, amount: Decimal = Decimal(1200), **changes: Any) -> ExportDocument:  # noqa: ANN401 - the document's own fields
        """Return an invoice of one line that uses nothing but what the adapter supports."""
        return self.build([self.build_plain_line(amount)], **changes)

    def build_plain_line(self, amount: Decimal, **changes: Any) -> ExportLine:  # noqa: ANN401 - the line's own fields
        """Return a line of an amount, by units if the adapter takes no other lines."""
        if self._supports(Feature.AMOUNT_BASED) or not self._supports(Feature.UNIT_BASED):
            return self.build_line(gross=amount, work=amount, **changes)
        return self.build_unit_line(amount, **changes)

    def build_unit_line(self, amount: Decimal, **changes: Any) -> ExportLine:  # noqa: ANN401 - the line's own fields
        """Return a line billed by units: four units, each at a quarter of the amount."""
        return self.build_line(
            gross=amount,
            work=amount,
            accounting_method=AccountingMethod.UNIT,
            quantity=Decimal(4),
            unit_price=amount / 4,
            uom=self.base.lines[0].uom or "EA",
            **changes,
        )

    def build_fraction_line(self, **changes: Any) -> ExportLine:  # noqa: ANN401 - the line's own fields
        """Return a line billed by units whose quantity has four decimals."""
        line = self.build_unit_line(Decimal(1250), **changes)
        return attrs.evolve(line, quantity=Decimal("7.8125"), unit_price=Decimal(160))

    def build_large_line(self, **changes: Any) -> ExportLine:  # noqa: ANN401 - the line's own fields
        """Return a line of 1,234,567.89, which a floating-point number of 32 bits would round."""
        amount = Decimal("1234567.89").quantize(self.unit)
        return self.build_line(gross=amount, work=amount, **changes)

    def list_kinds(self) -> tuple[str, ...]:
        """Return the supported kinds of commitments; without one, that of the base invoice."""
        kinds = [kind for feature, kind in _SUPPORTED_KINDS if self._supports(feature)]
        return tuple(kinds) or (self.base.commitment_kind,)

    def _supports(self, feature: Feature) -> bool:
        return feature in self.declaration.supported

    def build_using(self, feature: Feature) -> ExportDocument:
        """
        Return an invoice that uses a feature, and besides it only what the adapter supports.

        Raises:
            KeyError: No invoice uses the feature, as with ``WITHDRAW`` and ``UNLINK``.
        """
        amount, tenth = Decimal(1200), Decimal(120)
        line = self.build_plain_line(amount)
        lines = {
            Feature.INVOICES: line,
            Feature.SUBCONTRACTS: line,
            Feature.PURCHASE_ORDERS: line,
            Feature.AMOUNT_BASED: self.build_line(gross=amount, work=amount),
            Feature.UNIT_BASED: self.build_unit_line(amount),
            Feature.CHANGE_ORDERS: attrs.evolve(
                line,
                item_type=ItemType.CHANGE_ORDER_ITEM,
                change_order_origin_id=self.change_order,
            ),
            Feature.STORED_MATERIALS: attrs.evolve(line, work=amount - tenth, stored=tenth),
            Feature.RETAINAGE: attrs.evolve(line, retained=tenth),
            Feature.RETAINAGE_RELEASE: attrs.evolve(line, released=tenth),
        }
        kind = dict(_SUPPORTED_KINDS).get(feature, self.list_kinds()[0])
        return self.build([lines[feature]], commitment_kind=kind)

    def list_forms(self) -> Iterator[Callable[[], ExportDocument]]:
        """Yield functions that build an invoice of each supported form, such as a credit."""
        for feature in Feature:
            if self._supports(feature) and feature not in _AFTERWARDS:
                yield partial(self.build_using, feature)
        handled = self.declaration
        if handled.negative is Handling.EXPORTED:
            yield partial(self.build_plain, Decimal(-1200))
        if handled.zero is Handling.EXPORTED:
            yield partial(self.build_plain, ZERO)
        if handled.release_only is Handling.EXPORTED:
            yield lambda: self.build([self.build_line(released=Decimal(120))])

    @property
    def change_order(self) -> str:
        """The id of a change order of the base invoice in the ERP; ``CO-1`` if it has none."""
        known = [line.change_order_origin_id for line in self.base.lines]
        return next((each for each in known if each), "CO-1")
