"""False adapters: look-up, reading, removal, secrets."""

from __future__ import annotations

import base64
import logging
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import attrs

from erp_invoice_core import adapters as erp

from ..honest import FIRST_PAGE, Bill, ByNumber, Honest, is_same_number

_LOG = logging.getLogger(__name__)


class FindsAnyBill(Honest):
    """Finds the last bill, whatever is asked."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        return self.list_shown()[-1:]


class IgnoresVendor(ByNumber):
    """Finds a bill by its number alone."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return is_same_number(bill.number, request.number)


class FindsSameCurrency(ByNumber):
    """Looks a bill up by its currency too."""

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return super().matches(bill, request) and bill.currency == request.document.currency


class ReadsFirstCredits(ByNumber):
    """Reads every page of the bills, and the first ten credits."""

    def list_shown(self) -> list[Bill]:  # noqa: D102 - its class says the lie
        shown = super().list_shown()
        credits_ = [bill for bill in shown if bill.due < 0]
        return [bill for bill in shown if bill.due >= 0 or bill in credits_[:10]]

    def find_by_id(self, erp_id: str) -> Bill | None:  # noqa: D102 - its class says the lie
        return next((bill for bill in self.bills if bill.exists and bill.id == erp_id), None)


class IgnoresNumber(ByNumber):
    """Finds the first bill of the vendor."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        return super().search(request, step, keys)[:1]

    def matches(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.vendor == request.document.vendor_origin_id


class ReadsFirstPage(Honest):
    """Looks at the first page of the list."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        page = self.list_shown()[:FIRST_PAGE]
        return [bill for bill in super().search(request, step, keys) if bill in page]


class LooksForNewestKey(Honest):
    """Looks for the last of the keys."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        return super().search(request, step, keys[-1:])


class KnowsTheFuture(Honest):
    """Answers that nothing is there as of tomorrow."""

    def now(self) -> datetime:  # noqa: D102 - its class says the lie
        return datetime.now(UTC) + timedelta(days=1)


class RemembersAbsence(Honest):
    """Answers that nothing was there yesterday."""

    def now(self) -> datetime:  # noqa: D102 - its class says the lie
        return datetime.now(UTC) - timedelta(days=1)


class FindsAnotherDocument(Honest):
    """Gives the bill another id when it is found."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        found = self.search(request, step, keys)
        if not found:
            return erp.Absent(self.now())
        receipt = self.build_receipt(found[0], step, request)
        return erp.Found(attrs.evolve(receipt, erp_id=f"{receipt.erp_id}-V2"), self.show(found[0]))


class NeverSure(Honest):
    """Gives no conclusive answer, whatever is asked."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        return erp.CannotTell("The list is long.")


class ReadsAnything(Honest):
    """Reads the last bill for an id that no bill has."""

    def find_by_id(self, erp_id: str) -> Bill | None:  # noqa: D102 - its class says the lie
        return super().find_by_id(erp_id) or next(iter(self.list_shown()), None)


class FailsForUnknown(Honest):
    """Fails if a bill does not exist."""

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        bill = self.find_by_id(receipt.erp_id)
        if bill is None:
            raise LookupError(receipt.erp_id)
        return self.show(bill)


class SaysGone(Honest):
    """Says of every bill that it is gone."""

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        return erp.Gone(self.now())


class LeavesRemoved(Honest):
    """Confirms the removal of a bill that stays."""

    def remove(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        pass


class ReusesIds(Honest):
    """Gives the next bill the id of a removed one."""

    def remove(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        super().remove(bill)
        self.bills.remove(bill)
        self.ids = chain([int(bill.id.removeprefix("B-"))], self.ids)


class LeavesPosted(Honest):
    """Confirms the removal of a posted bill, which stays."""

    def remove(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        bill.exists = bill.state is erp.LandingState.POSTED


class RefusesSecondRemoval(Honest):
    """Refuses the removal of a bill that is gone."""

    def confirm(self, receipt: erp.Receipt, bill: Bill | None) -> erp.Outcome:  # noqa: D102 - its class says the lie
        if bill is None:
            return erp.Refused(erp.deny(self.deny("no_bill", "There is no such bill.")))
        return erp.Done(receipt)


class ShowsSecret(Honest):
    """Shows its token in its session."""

    def session(self, token: erp.Secret) -> object:  # noqa: D102 - its class says the lie
        return {"token": token.reveal()}


class WritesSecret(Honest):
    """Writes its token into the state of a receipt."""

    def build_receipt(  # noqa: D102 - its class says the lie
        self, bill: Bill, step: erp.Step, request: erp.ExportRequest
    ) -> erp.Receipt:
        receipt = super().build_receipt(bill, step, request)
        return attrs.evolve(receipt, state=f"posted by {self.token}")


class LogsSecret(Honest):
    """Logs its token."""

    def post(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        _LOG.debug("Posting with %s", self.token)
        super().post(bill)


class PrintsEncodedSecret(Honest):
    """Prints its token in Base64, as an HTTP header has it."""

    def post(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        print(base64.b64encode(f"api:{self.token}".encode()).decode())  # noqa: T201 - the lie
        super().post(bill)


class DropsKey(ByNumber):
    """Declares a look-up by key, and the ERP keeps none."""

    def terms(self) -> erp.StepTerms:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().terms(), look_up=erp.LookUp.KEY)

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        return []


class PaysEveryBill(Honest):
    """Has a payment of each bill, as of another vendor's."""

    def list_payments(self, bill: Bill) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        return (erp.ErpPayment(amount=bill.due),)


class ReadsAsPaid(Honest):
    """Shows each bill as paid, because the ERP shows no open amount."""

    def describe(self, bill: Bill) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        return {**super().describe(bill), "paid": erp.PaymentState.PAID}


class FailsForPayments(Honest):
    """Cannot read the payments of a bill that has none."""

    def list_payments(self, bill: Bill) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        raise LookupError(bill.id)


LIES = {
    FindsAnyBill: "look_up.among_others",
    IgnoresVendor: "look_up.vendor",
    FindsSameCurrency: "look_up.amount",
    ReadsFirstCredits: "look_up.among_others",
    IgnoresNumber: "look_up.among_others",
    ReadsFirstPage: "look_up.among_others",
    LooksForNewestKey: "look_up.every_key",
    KnowsTheFuture: "look_up.absent_before",
    RemembersAbsence: "look_up.absent_before",
    FindsAnotherDocument: "look_up.found_after",
    NeverSure: "look_up.found_after",
    DropsKey: "look_up.found_after",
    ReadsAnything: "read.unknown_gone",
    FailsForUnknown: "read.unknown_gone",
    SaysGone: "contents.as_sent",
    LeavesRemoved: "removal.gone",
    LeavesPosted: "removal.finished",
    ReusesIds: "removal.gone",
    RefusesSecondRemoval: "removal.gone",
    PaysEveryBill: "payments.none_at_first",
    ReadsAsPaid: "payments.none_at_first",
    FailsForPayments: "payments.none_at_first",
    ShowsSecret: "secret.repr",
    WritesSecret: "secret.answers",
    LogsSecret: "secret.answers",
    PrintsEncodedSecret: "secret.answers",
}
