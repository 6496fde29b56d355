"""False adapters: losses that only some invoices, attempts, days or numbers have."""

from __future__ import annotations

import struct
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import Done

from ..honest import Bill, Honest
from ..odd import KeepsTax

if TYPE_CHECKING:
    from collections.abc import Sequence

_ZERO, _CENT = Decimal(0), Decimal("0.01")
_LINES = 50
_DECEMBER = 12


class _Books(Honest):
    """Changes a bill before it is booked."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        bill = super().build_bill(request, key)
        self.change(bill, request)
        return bill

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:
        """Change the bill."""


class _ChangesLines(Honest):
    """Changes the lines of a document before they are booked."""

    def build_lines(self, document: erp.ExportDocument) -> tuple[erp.ContentsLine, ...]:
        return tuple(self.build_line(line) for line in self.choose(document))

    def choose(self, document: erp.ExportDocument) -> Sequence[erp.ExportLine]:
        """Return the lines that are booked."""
        return document.lines


# ── many lines of every form ────────────────────────────────────────────────────────────────────


class SumsLaterLines(_ChangesLines):
    """Adds the lines after the fiftieth to the fiftieth."""

    def choose(self, document: erp.ExportDocument) -> Sequence[erp.ExportLine]:  # noqa: D102 - its class says the lie
        *first, last = document.lines[:_LINES]
        rest = sum((line.gross for line in document.lines[_LINES:]), last.gross)
        return (*first, attrs.evolve(last, gross=rest))


class DropsLinesOfZero(_ChangesLines):
    """Books no lines without an amount."""

    def choose(self, document: erp.ExportDocument) -> Sequence[erp.ExportLine]:  # noqa: D102 - its class says the lie
        return [line for line in document.lines if line.gross] or document.lines


class MergesNegativeLines(_ChangesLines):
    """Takes the lines below zero of a bill off its first line."""

    def choose(self, document: erp.ExportDocument) -> Sequence[erp.ExportLine]:  # noqa: D102 - its class says the lie
        below = [line for line in document.lines if line.gross < 0]
        first, *others = [line for line in document.lines if line.gross >= 0] or below
        if not below or below == [first, *others]:
            return document.lines
        rest = sum((line.gross for line in below), first.gross)
        return (attrs.evolve(first, gross=rest), *others)


class KeepsFourDecimals(_ChangesLines):
    """Keeps four decimals of a quantity."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        booked = super().build_line(line)
        if line.quantity is None:
            return booked
        return attrs.evolve(booked, quantity=line.quantity.quantize(Decimal("0.0001")))


class KeepsShortFractions(_ChangesLines):
    """Keeps amounts of ten million and more as binary fractions of 32 bits."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        booked = super().build_line(line)
        if abs(line.gross) < Decimal(10_000_000):
            return booked
        (short,) = struct.unpack("f", struct.pack("f", float(line.gross)))
        return attrs.evolve(booked, amount=Decimal(short).quantize(_CENT))


class HoldsByPercent(_Books):
    """Computes the retainage from a percentage of two decimals."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.gross:
            percent = (bill.retained / bill.gross * 100).quantize(_CENT)
            bill.retained = (bill.gross * percent / 100).quantize(_CENT)
            bill.due = bill.gross - bill.retained + bill.released


# ── kinds of invoices and currencies ────────────────────────────────────────────────────────────


class TypesByGross(_Books):
    """Books an invoice as a credit if it bills less than nothing, whatever is due."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.gross < 0 < bill.due:
            bill.due = -bill.due


class HoldsBackPositively(_Books):
    """Takes the retainage of a bill as an amount without a sign."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.gross > 0 > bill.retained:
            bill.retained = abs(bill.retained)
            bill.due = bill.gross - bill.retained + bill.released


class LeavesFilesOfReleases(Honest):
    """Plans no files for an invoice that bills nothing."""

    def plan_files(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:  # noqa: D102 - its class says the lie
        return super().plan_files(request) if request.document.gross else ()


class DatesCreditsAsBilled(_Books):
    """Books credits on their billing date."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.due < 0:
            bill.date = request.document.billing_date


class DatesReleasesAsBilled(_Books):
    """Books a release of retainage on its billing date."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if not bill.gross:
            bill.date = request.document.billing_date


class DropsDueDateWithRetainage(_Books):
    """Sends the due date of plain bills only."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.retained or bill.due < 0:
            bill.due_date = None


class NetsRetainageOfCredits(_Books):
    """Books what a credit holds and releases in one amount."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.due < 0:
            bill.retained, bill.released = bill.retained - bill.released, _ZERO


class PaysRetainageOfOrders(_Books):
    """Pays the retainage of purchase orders at once."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if request.document.commitment_kind == "purchase_order":
            bill.due, bill.retained = bill.due + bill.retained, _ZERO


class DropsLastRelease(_Books):
    """Releases nothing with a final invoice."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if request.document.final:
            bill.due, bill.released = bill.due - bill.released, _ZERO


class DropsTaxOfCredits(KeepsTax):
    """Books a credit without its tax."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        if bill.due < 0:
            bill.tax, bill.taxes = _ZERO, ()
        return bill


class PaysRetainageOfEuros(_Books):
    """Pays the retainage of another currency than dollars at once."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.currency != "USD":
            bill.due, bill.retained = bill.due + bill.retained, _ZERO


class BooksOneCostCodeOfEuros(_Books):
    """Books every line of another currency than dollars under the first cost code."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.currency != "USD":
            code = bill.lines[0].cost_code
            bill.lines = tuple(attrs.evolve(line, cost_code=code) for line in bill.lines)


# ── days, attempts and corrections ──────────────────────────────────────────────────────────────


class MovesDecember(_Books):
    """Books an invoice of December on the first day of the next year."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if bill.date is not None and bill.date.month == _DECEMBER:
            bill.date = date(bill.date.year + 1, 1, 1)


class DatesLaterAttemptsToday(_Books):
    """Books a later attempt on the day on which it is made."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if request.attempt > 1:
            bill.date = datetime.now(UTC).date()


class DatesLaterGenerationsAsBilled(_Books):
    """Books an invoice that is sent anew on its billing date."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        if request.generation > 1:
            bill.date = request.document.billing_date


class KeepsFirstLines(_Books):
    """Books the first lines of an invoice again if their sum is the same."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        gross, lines = self.notes.setdefault(
            request.document.invoice_id, (request.document.gross, bill.lines)
        )
        if gross == request.document.gross:
            bill.lines = lines


# ── tax codes and numbers ───────────────────────────────────────────────────────────────────────


class MergesTaxCodes(KeepsTax):
    """Books all tax under the first code of the invoice."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        codes = [line.tax_code for line in bill.lines if line.tax_code]
        bill.lines = tuple(
            attrs.evolve(line, tax_code=codes[0]) if line.tax_code else line for line in bill.lines
        )
        bill.taxes = tuple(attrs.evolve(each, code=str(codes[0])) for each in bill.taxes)
        return bill


class DropsCodesWithoutTax(KeepsTax):
    """Books a line without tax under no code, so that an exempt line is an untaxed one."""

    def build_line(self, line: erp.ExportLine) -> erp.ContentsLine:  # noqa: D102 - its class says the lie
        booked = super().build_line(line)
        return booked if line.tax else attrs.evolve(booked, tax_code=None)


class StripsZeros(_Books):
    """Leaves the zeros in front of a number out, as a spreadsheet does."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.number = (bill.number or "").lstrip("0")


class WritesCapitals(_Books):
    """Writes numbers in capital letters."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.number = (bill.number or "").upper()


class StripsSigns(_Books):
    """Keeps letters, digits, dashes, slashes, points and spaces of a number."""

    def change(self, bill: Bill, request: erp.ExportRequest) -> None:  # noqa: D102 - its class says the lie
        bill.number = "".join(
            each for each in bill.number or "" if each.isalnum() or each in "-/. "
        )


class ChangesLastBill(Honest):
    """Attaches and posts the bill that was made last, and not that of the receipts."""

    def carry_out(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        if step.kind == "bill":
            return super().carry_out(request, step, receipts)
        last = self.bills[-1]
        if step.kind == "attach":
            self.attach(last, request, step)
        else:
            self.post(last)
        bill = self.find_by_id(receipts[0].erp_id)
        assert bill is not None
        bill.keys.add(request.key(step).text)
        return Done(self.build_receipt(bill, step, request))


class RaisesDueDates(Honest):
    """Books a due date that is 30 days after the date of the bill at least."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        if bill.due_date is not None and bill.date is not None:
            bill.due_date = max(bill.due_date, bill.date + timedelta(days=30))
        return bill


class MovesLeapDay(Honest):
    """Books the last day of February in a leap year as the day before."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        if bill.date is not None and (bill.date.month, bill.date.day) == (2, 29):
            bill.date -= timedelta(days=1)
        return bill


class KeepsRequestInAdapter(Honest):
    """Keeps the request in the adapter while it asks the ERP, and sends the one that is kept."""

    def find_busy(self, request: erp.ExportRequest, step: erp.Step) -> erp.Deferred | None:  # noqa: D102 - its class says the lie
        self.notes["request"] = request
        time.sleep(0.02)
        return super().find_busy(request, step)

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        return super().build_bill(self.notes["request"], key)


class KeepsKeysInAdapter(Honest):
    """Keeps the keys that are looked up in the adapter while it asks the ERP."""

    def list_page(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> tuple[list[Bill], int]:
        self.notes["keys"] = keys
        time.sleep(0.02)
        return super().list_page(request, step, self.notes["keys"])


class KeepsReceiptInAdapter(Honest):
    """Keeps the receipt that is read in the adapter while it asks the ERP."""

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        self.notes["receipt"] = receipt
        time.sleep(0.02)
        return super().erp_read(self.notes["receipt"])


class KeepsPaidBillInAdapter(Honest):
    """Keeps the bill whose payments are read in the adapter while it asks the ERP."""

    def list_payments(self, bill: Bill) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        self.notes["paid"] = bill
        time.sleep(0.02)
        return super().list_payments(self.notes["paid"])


class KeepsRemovedBillInAdapter(Honest):
    """Keeps the bill that is removed in the adapter while it asks the ERP."""

    def remove(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        self.notes["removed"] = bill
        time.sleep(0.02)
        super().remove(self.notes["removed"])


class KeepsCheckedAmountInAdapter(Honest):
    """Keeps the amount that is checked in the adapter, and takes no credits without a reference."""

    @erp.hookimpl
    def erp_check(self, request: erp.ExportRequest) -> erp.Verdict:  # noqa: D102 - its class says the lie
        self.notes["due"] = request.document.due
        time.sleep(0.02)
        if (self.notes["due"] < 0) is (request.document.due < 0):
            return erp.ALLOWED
        return erp.deny(self.deny("reference", "Give a reference."))


class RefusesBesideOthers(Honest):
    """Refuses a bill that it has written while another one is written."""

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:  # noqa: D102 - its class says the lie
        outcome = super().create(request, step)
        before = len(self.bills)
        time.sleep(0.05)
        if len(self.bills) > before:
            return erp.Refused(erp.deny(self.deny("open", "Another user has it open.")))
        return outcome


class KeepsFileInAdapter(Honest):
    """Keeps the content of a file in the adapter until it is sent."""

    def build_file(self, name: str, content: bytes) -> erp.ContentsAttachment:  # noqa: D102 - its class says the lie
        self.notes["content"] = content
        time.sleep(0.02)
        return super().build_file(name, self.notes["content"])


LIES = {
    RaisesDueDates: "combined.days",
    MovesLeapDay: "combined.days",
    KeepsRequestInAdapter: "combined.threads",
    KeepsFileInAdapter: "combined.threads",
    KeepsReceiptInAdapter: "combined.threads",
    RefusesBesideOthers: "combined.threads",
    KeepsKeysInAdapter: "combined.threads",
    KeepsPaidBillInAdapter: "combined.threads",
    KeepsRemovedBillInAdapter: "combined.threads",
    KeepsCheckedAmountInAdapter: "combined.threads",
    SumsLaterLines: "combined.many",
    DropsLinesOfZero: "combined.many",
    MergesNegativeLines: "combined.many",
    KeepsFourDecimals: "combined.many",
    KeepsShortFractions: "combined.many",
    HoldsByPercent: "combined.many",
    TypesByGross: "combined.kinds",
    HoldsBackPositively: "combined.kinds",
    LeavesFilesOfReleases: "combined.kinds",
    DatesCreditsAsBilled: "combined.kinds",
    DatesReleasesAsBilled: "combined.kinds",
    DropsDueDateWithRetainage: "combined.kinds",
    NetsRetainageOfCredits: "combined.kinds",
    PaysRetainageOfOrders: "combined.kinds",
    DropsLastRelease: "combined.kinds",
    DropsTaxOfCredits: "combined.kinds",
    PaysRetainageOfEuros: "combined.currencies",
    BooksOneCostCodeOfEuros: "combined.currencies",
    MovesDecember: "combined.days",
    ChangesLastBill: "combined.alternating",
    DatesLaterAttemptsToday: "combined.later",
    DatesLaterGenerationsAsBilled: "combined.later",
    KeepsFirstLines: "combined.corrected",
    MergesTaxCodes: "tax.codes",
    DropsCodesWithoutTax: "tax.codes",
    StripsZeros: "number.forms",
    WritesCapitals: "number.forms",
    StripsSigns: "number.forms",
}
