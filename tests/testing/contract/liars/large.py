"""False adapters: what is larger or older than most is lost, and reading hooks that write."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import adapters as erp

from ..honest import Bill, Honest
from .periods import TakesClosedDates

if TYPE_CHECKING:
    from datetime import date

_BILLION = Decimal(10) ** 9


class DropsLinesAfterMany(Honest):
    """Keeps 200 lines of a bill."""

    def build_lines(self, document: erp.ExportDocument) -> tuple[erp.ContentsLine, ...]:  # noqa: D102 - its class says the lie
        return super().build_lines(document)[:200]


class DropsFilesAfterFive(Honest):
    """Keeps five files of a bill."""

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:  # noqa: D102 - its class says the lie
        if len(bill.files) < 5:
            super().attach(bill, request, step)


class OpensEmptyFilesOnly(Honest):
    """Opens an empty file, and keeps nothing of it."""

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:  # noqa: D102 - its class says the lie
        file = next(each for each in request.files if each.id == step.attachment)
        with file.open() as content:
            is_empty = not content.read()
        if not is_empty:
            super().attach(bill, request, step)


class RoundsBillions(Honest):
    """Rounds amounts of a billion and more to whole units of money."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        if bill.due > _BILLION:
            bill.due = bill.gross = bill.due.quantize(Decimal(1))
        return bill


class _ByAge(TakesClosedDates):
    """Takes invoices of any year, and treats those of earlier years otherwise."""

    def is_old(self, day: date | None) -> bool:
        """Return whether a day is of an earlier year than the sample's."""
        return day is not None and day.year < 2026


class RefusesOldOnceWritten(_ByAge):
    """Writes an old invoice, and then says that it is refused."""

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:  # noqa: D102 - its class says the lie
        outcome = super().create(request, step)
        if self.is_old(request.document.billing_date):
            return erp.Refused(erp.deny(self.deny("old", "Use a later date.")))
        return outcome


class MovesOldInvoices(_ByAge):
    """Books an old invoice in another year than its own."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        if bill.date is not None and self.is_old(bill.date):
            bill.date = bill.date.replace(year=2026)
        return bill


class MissesOldInvoices(_ByAge):
    """Finds the bills of this year."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        found = super().search(request, step, keys)
        return [bill for bill in found if not self.is_old(bill.date)]


class DeletesDraftsItFinds(Honest):
    """Deletes a draft as it looks for the posting."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        sighting = super().erp_find(request, step, keys)
        if step.kind == "post" and isinstance(sighting, erp.Absent):
            for bill in self.list_shown():
                if bill.digest == request.digest and bill.state is erp.LandingState.DRAFT:
                    bill.exists = False
        return sighting


class PaysCreditsWithoutSign(Honest):
    """Reads the payments of a credit without their sign."""

    def list_payments(self, bill: Bill) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        return tuple(
            attrs.evolve(each, amount=abs(each.amount)) for each in super().list_payments(bill)
        )


LIES = {
    DropsLinesAfterMany: "large.lines",
    DropsFilesAfterFive: "large.files",
    RoundsBillions: "large.amount",
    RefusesOldOnceWritten: "large.age",
    MovesOldInvoices: "large.age",
    MissesOldInvoices: "large.age",
    OpensEmptyFilesOnly: "attachment.contents",
    DeletesDraftsItFinds: "look_up.half_made",
    PaysCreditsWithoutSign: "payments.paid",
}
