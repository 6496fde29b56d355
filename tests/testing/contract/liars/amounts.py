"""False adapters: amounts, lines, numbers, dates, files, the state of the bill."""

from __future__ import annotations

import hashlib
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import adapters as erp

from ..honest import Bill, Honest

if TYPE_CHECKING:
    from collections.abc import Iterator

_ZERO = Decimal(0)


def _without(declared: erp.Declaration, *features: erp.Feature, **changes: Any) -> erp.Declaration:  # noqa: ANN401 - the declaration's own fields
    absent = dict.fromkeys(features, erp.Support.IMPOSSIBLE)
    return attrs.evolve(declared, features={**declared.features, **absent}, **changes)


class _Books(Honest):
    """Changes a bill before it is booked."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        bill = super().build_bill(request, key)
        self.change(bill, request)
        return bill

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:
        """Change the bill."""


class LosesSign(_Books):
    """Books a credit as a bill."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.due, bill.gross = abs(bill.due), abs(bill.gross)


class TakesNegative(Honest):
    """Takes a credit, and declares that it refuses credits."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().declare(), negative=erp.Handling.REFUSED)

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:  # noqa: D102 - its class says the lie
        yield from ()


class _TakesEverything(Honest):
    """Refuses nothing."""

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:
        yield from ()


class TakesRetainage(_TakesEverything):
    """Takes retainage, and declares that it cannot hold any."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        return _without(
            super().declare(),
            erp.Feature.RETAINAGE,
            erp.Feature.RETAINAGE_RELEASE,
            retainage=erp.RetainageForm.NONE,
            release_only=erp.Handling.REFUSED,
        )


class TakesPurchaseOrders(_TakesEverything):
    """Takes purchase orders, and declares that it takes none."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        return _without(super().declare(), erp.Feature.PURCHASE_ORDERS)


class TakesSubcontracts(_TakesEverything):
    """Takes subcontracts, and declares that it takes none."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        return _without(super().declare(), erp.Feature.SUBCONTRACTS)


class TakesAnyCurrency(_TakesEverything):
    """Takes any currency, and declares three."""


class RefusesDeclaredCurrency(Honest):
    """Refuses a currency that it declares."""

    def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:  # noqa: D102 - its class says the lie
        if request.document.currency == "JPY":
            yield self.deny("currency", "Bill in dollars.")


class BooksDollars(_Books):
    """Books every currency as dollars."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.currency = "USD"


class BooksCents(_Books):
    """Takes yen for hundredths."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.currency == "JPY":
            bill.due, bill.gross = bill.due / 100, bill.gross / 100


class DropsRetainage(_Books):
    """Books the gross amount as due."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.retained, bill.due = _ZERO, bill.gross + bill.released


class AddsRetainage(_Books):
    """Adds retainage instead of holding it."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.due = bill.gross + bill.retained + bill.released


class DropsRelease(_Books):
    """Releases nothing."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.released, bill.due = _ZERO, bill.gross - bill.retained


class DropsStoredMaterials(_Books):
    """Leaves stored materials out of the amounts."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        stored = sum((line.stored for line in request.document.lines), _ZERO)
        bill.gross, bill.due = bill.gross - stored, bill.due - stored


class DropsChangeOrders(_Books):
    """Leaves the lines of change orders out."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        lines = [line for line in request.document.lines if not line.item_type.is_change]
        bill.lines = tuple(self.build_line(line) for line in lines)


class DropsQuantities(Honest):
    """Books units as amounts."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), quantity=None)


class DropsPurchaseOrders(_Books):
    """Books purchase orders over nothing."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if request.document.commitment_kind == "purchase_order":
            bill.due = bill.gross = _ZERO


class BooksAmountLinesAsZero(_Books):
    """Books lines without a quantity over nothing."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if any(line.quantity is None for line in request.document.lines):
            bill.due = bill.gross = _ZERO


class RoundsAmounts(_Books):
    """Books whole dollars, and declares that amounts are kept."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.due = bill.due.quantize(Decimal(1), ROUND_DOWN)


class SumsLines(_Books):
    """Makes one line of all."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.lines = (erp.ContentsLine(amount=bill.gross, description="As billed"),)


class DropsDescriptions(Honest):
    """Keeps no description of a line."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), description="")


class BooksOneCostCode(Honest):
    """Books every line to one cost code."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().build_line(line), cost_code="99-999")


class BooksAnotherVendor(_Books):
    """Books every bill to one vendor."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.vendor = "V-ONE-TIME"


class CutsNumbersShorter(_Books):
    """Cuts numbers to another length than declared."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.number = (bill.number or "")[:12]


class NumbersItself(_Books):
    """Gives bills numbers of its own."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.number = f"AP{len(self.bills) + 1:06d}"


class IgnoresDueDate(Honest):
    """Has the bill due on its date, whatever the approver typed."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        bill.due_date = bill.date
        return bill


class BooksToday(_Books):
    """Ignores the accounting date of the approver."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.date = request.document.billing_date


class BooksNoDate(_Books):
    """Books the bill without a date."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.date = None


class BreaksText(Honest):
    """Keeps the letters of one script."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        text = line.description.encode("latin-1", "replace").decode("latin-1")
        return attrs.evolve(super().build_line(line), description=text)


class OverwritesByNumber(_Books):
    """Gives a bill the id of the bill with the same number."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.id = next((each.id for each in self.bills if each.number == bill.number), bill.id)


class NeverPosts(Honest):
    """Leaves the bill a draft."""

    def post(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        pass


class PostsAtOnce(_Books):
    """Posts the bill, and declares that it waits on hold."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().declare(), landing=erp.LandingState.ON_HOLD)


class SendsNoFiles(Honest):
    """Confirms files without reading them."""

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:  # noqa: D102 - its class says the lie
        pass


class SkipsEmptyFiles(Honest):
    """Sends files that have content."""

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:  # noqa: D102 - its class says the lie
        file = next(each for each in request.files if each.id == step.attachment)
        if file.digest != hashlib.sha256(b"").hexdigest():
            super().attach(bill, request, step)


class SendsEmptyFiles(Honest):
    """Opens files, and sends none of their content."""

    def build_file(self, name: str, content: bytes) -> erp.ContentsAttachment:  # noqa: D102 - its class says the lie
        return super().build_file(name, b"")


class SendsUndeclaredFiles(Honest):
    """Sends files, and declares that none are sent."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().declare(), attachments=erp.AttachmentForm.NONE)

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        for each in request.attachments:
            with each.open() as content:
                bill.files[each.id] = self.build_file(each.filename, content.read())
        return bill


class DoesNothingForZero(Honest):
    """Confirms an invoice of zero without a bill."""

    def find_by_id(self, erp_id: str) -> Bill | None:  # noqa: D102 - its class says the lie
        bill = super().find_by_id(erp_id)
        return None if bill is None or bill.due == 0 == bill.gross else bill


class BooksNoReleaseAlone(_Books):
    """Books an invoice that only releases retainage over nothing."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if not bill.gross:
            bill.due = bill.released = _ZERO


class MakesOneDocument(Honest):
    """Declares that retainage is a document of its own, and makes one document."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().declare(), retainage=erp.RetainageForm.DOCUMENT)


LIES = {
    LosesSign: "amount.negative",
    TakesNegative: "amount.negative",
    DoesNothingForZero: "amount.zero",
    BooksNoReleaseAlone: "amount.release_only",
    TakesRetainage: "feature.retainage",
    TakesPurchaseOrders: "feature.purchase_orders",
    TakesSubcontracts: "feature.subcontracts",
    TakesAnyCurrency: "currency.other",
    RefusesDeclaredCurrency: "currency.declared",
    BooksDollars: "currency.declared",
    BooksCents: "currency.declared",
    DropsRetainage: "feature.retainage",
    AddsRetainage: "feature.retainage",
    DropsRelease: "feature.retainage_release",
    DropsStoredMaterials: "feature.stored_materials",
    DropsChangeOrders: "feature.change_orders",
    DropsQuantities: "feature.unit_based",
    DropsPurchaseOrders: "feature.purchase_orders",
    BooksAmountLinesAsZero: "feature.amount_based",
    RoundsAmounts: "currency.declared",
    SumsLines: "contents.lines",
    DropsDescriptions: "contents.lines",
    BooksOneCostCode: "contents.lines",
    BooksAnotherVendor: "contents.as_sent",
    BooksNoDate: "contents.as_sent",
    CutsNumbersShorter: "number.limit",
    NumbersItself: "contents.as_sent",
    BooksToday: "field.accounting_date",
    IgnoresDueDate: "field.due_date",
    BreaksText: "contents.unusual_text",
    OverwritesByNumber: "number.scope",
    NeverPosts: "contents.landing",
    PostsAtOnce: "contents.landing",
    SendsNoFiles: "attachment.files",
    SkipsEmptyFiles: "attachment.files",
    SendsEmptyFiles: "attachment.contents",
    SendsUndeclaredFiles: "attachment.none",
    MakesOneDocument: "retainage.document",
}
