"""False adapters: tax and its codes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ..honest import Honest
from ..odd import ComputesTax, KeepsTax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core import adapters as erp

    from ..honest import Bill

_ZERO = Decimal(0)


class DropsTax(KeepsTax):
    """Books no tax."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        bill.tax = _ZERO
        return bill


class DropsTaxCodes(KeepsTax):
    """Books the tax without its code."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), tax_code=None)


class DropsTaxOfLines(KeepsTax):
    """Books the tax of the whole, and none on its line."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), tax=_ZERO)


class BooksTaxUnderAnotherCode(KeepsTax):
    """Books a part of the tax under another code; the total is right."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        bill.taxes = tuple(attrs.evolve(each, code="OTHER") for each in bill.taxes)
        return bill


class AddsTax(KeepsTax):
    """Adds the tax to the amount due, which has none."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        bill.due += bill.tax
        return bill


class ComputesTaxOfNothing(ComputesTax):
    """Declares that it computes tax, and drops the codes from which it is computed."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return super().build_line(attrs.evolve(line, tax_code_origin_id=None))


class TakesTax(Honest):
    """Books an invoice without its tax, and declares that it takes no tax."""

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:  # noqa: D102 - its class says the lie
        return (each for each in super().refuse(request) if each.code != "honest.tax")


class SendsSourceTaxCode(KeepsTax):
    """Books the tax code of the source, and not the id to which it is mapped."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), tax_code=line.tax_code)


class SendsSourceCostCode(Honest):
    """Books the cost code of the source, and not the id to which it is mapped."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), cost_code=line.cost_code)


class SendsLaterSourceTaxCodes(KeepsTax):
    """Books the tax codes of the source on all lines but the first."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        booked = super().build_line(line)
        return booked if line.item_id == "1" else attrs.evolve(booked, tax_code=line.tax_code)


class SendsSourceCostCodeOfUnits(Honest):
    """Books the cost code of the source on lines that are billed by units."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        booked = super().build_line(line)
        return booked if line.quantity is None else attrs.evolve(booked, cost_code=line.cost_code)


class PrefersKnownCostCode(Honest):
    """Books the cost code of the source if the ERP has one of that name."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        booked = super().build_line(line)
        is_known = line.cost_code in {"05-120", "05-130"}
        return attrs.evolve(booked, cost_code=line.cost_code) if is_known else booked


class LooksForSourceCostCode(Honest):
    """Looks the cost code of the source up in the ERP, which does not have it."""

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:  # noqa: D102 - its class says the lie
        yield from super().refuse(request)
        if any((line.cost_code or "").startswith("SOURCE") for line in request.document.lines):
            yield self.deny("cost_code", "Use a cost code of the ERP.")


class DropsTaxAlone(KeepsTax):
    """Drops the tax of a line without an amount."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        document = request.document
        lines = tuple(
            attrs.evolve(line, tax=line.tax if line.gross else _ZERO) for line in document.lines
        )
        changed = attrs.evolve(request, document=attrs.evolve(document, lines=lines))
        return super().build_bill(changed, key)


LIES = {
    DropsTaxAlone: "tax.alone",
    SendsSourceTaxCode: "mapped.tax_code",
    SendsSourceCostCode: "mapped.cost_code",
    LooksForSourceCostCode: "mapped.cost_code",
    SendsSourceCostCodeOfUnits: "mapped.cost_code",
    PrefersKnownCostCode: "mapped.cost_code",
    SendsLaterSourceTaxCodes: "mapped.tax_code",
    TakesTax: "tax.refused",
    DropsTax: "tax.by_code",
    DropsTaxCodes: "tax.by_code",
    DropsTaxOfLines: "tax.by_code",
    BooksTaxUnderAnotherCode: "tax.by_code",
    AddsTax: "tax.by_code",
    ComputesTaxOfNothing: "tax.by_code",
}
