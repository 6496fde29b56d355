"""False adapters: unlisted statuses, what stays after an answer, sessions, and removals."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import adapters as erp

from ..honest import Bill, Honest, Session, StatusError
from ..odd import InTime, KeepsTax
from .statuses import AbsentAtWrongAddress, GoneAtWrongAddress

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from decimal import Decimal


# ── statuses that are in no list ────────────────────────────────────────────────────────────────


class DefersFullStorage(Honest):
    """Says after 507, and after what gateways answer, that nothing was sent."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status in {507, 520, 599}:
            return erp.Deferred(None, "The gateway is down.")
        return super().judge(answer, step, request)


class ConfirmsGatewayTimeout(Honest):
    """Confirms a posting after 504, and no other step."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status == 504 and step.kind == "post":
            return erp.Done(erp.Receipt(step=step.name, erp_id="504"))
        return super().judge(answer, step, request)


class DefersSlowAnswer(Honest):
    """Says of an answer that does not come in time that nothing was sent."""

    _WAIT = 0.2

    def terms(self) -> erp.StepTerms:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().terms(), time_limit=timedelta(seconds=2))

    def hand_over(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        outcomes: list[erp.Outcome] = []

        def call() -> None:
            with suppress(Exception):  # an error is no answer in time either
                outcomes.append(self.send(lambda: self.carry_out(request, step, receipts)))

        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        thread.join(self._WAIT)
        return outcomes[0] if outcomes else erp.Deferred(None, "There was no answer.")


class RefusesUnlisted(Honest):
    """Refuses the invoice after a status that is in no list."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status == 529:
            return erp.Refused(erp.deny(self.deny("unlisted", "Correct the invoice.")))
        return super().judge(answer, step, request)


class ConfirmsRedirect(Honest):
    """Confirms whatever is neither refused nor an error of the server."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status in {402, 423, 451}:
            return erp.Done(erp.Receipt(step=step.name, erp_id="402", role=step.role))
        return super().judge(answer, step, request)


class RemovedAfterLock(Honest):
    """Confirms a removal after 423."""

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> erp.Outcome:  # noqa: D102 - its class says the lie
        outcome = super().erp_withdraw(receipt)
        return erp.Done(receipt) if "423" in str(getattr(outcome, "why", "")) else outcome


class GoneWhereForbidden(GoneAtWrongAddress):
    """Takes a page that is forbidden for a deletion."""

    gone = frozenset({403, 410})


class AbsentAfterGatewayTimeout(AbsentAtWrongAddress):
    """Takes a gateway's time-out for absence."""

    absent = frozenset({504})


# ── what stays after an answer ──────────────────────────────────────────────────────────────────


class _Remembers(Honest):
    """Sends less after an answer."""

    after: frozenset[int] = frozenset({429})

    def judge(
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        """Note the answer."""
        self.notes["after"] = self.notes.get("after") or answer.status in self.after
        return super().judge(answer, step, request)


class ForgetsFilesAfterLimit(_Remembers):
    """Sends no files after a rate limit, and confirms them."""

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:  # noqa: D102 - its class says the lie
        if not self.notes.get("after"):
            super().attach(bill, request, step)


class ForgetsDateAfterToken(_Remembers):
    """Dates bills by another day after a wrong token."""

    after = frozenset({401})

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        bill.date = None if self.notes.get("after") else bill.date
        return bill


class ForgetsRetainageAfterRefusal(_Remembers):
    """Holds no retainage after a refusal."""

    after = frozenset({400, 422})

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:  # noqa: D102 - its class says the lie
        bill = super().build_bill(request, key)
        if self.notes.get("after"):
            bill.due, bill.retained = bill.due + bill.retained, bill.retained * 0
        return bill


class StaysClosed(_Remembers):
    """Takes no step any more after a wrong token, also in another session."""

    after = frozenset({401})

    def find_busy(self, request: erp.ExportRequest, step: erp.Step) -> erp.Deferred | None:  # noqa: D102 - its class says the lie
        is_closed = self.notes.get("after")
        return erp.Deferred(None, "Give a valid token.", needs_person=True) if is_closed else None


# ── sessions ────────────────────────────────────────────────────────────────────────────────────


class SharesSession(Honest):
    """Keeps its first session for every connection."""

    def session(self, token: erp.Secret) -> object:  # noqa: D102 - its class says the lie
        return self.notes.setdefault("session", Session(token))


# ── removals ────────────────────────────────────────────────────────────────────────────────────


class LeavesCredits(Honest):
    """Confirms the removal of a credit, which stays."""

    def remove(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        bill.exists = bill.due < 0


class LeavesHalfMade(Honest):
    """Confirms the removal of a bill with some step after the first, which stays."""

    def plan_bill(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:  # noqa: D102 - its class says the lie
        return (*super().plan_bill(request), erp.Step("check", "post"))

    def post(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        self.notes[bill.id] = self.notes.get(bill.id, 0) + 1
        if self.notes[bill.id] > 1:
            super().post(bill)

    def remove(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        bill.exists = self.notes.get(bill.id) == 1


class RemovesLate(InTime):
    """Removes a bill at whatever time the request arrives."""

    def limit(self, carry_out: Callable[[], erp.Outcome]) -> Callable[[], erp.Outcome]:  # noqa: D102 - its class says the lie
        return carry_out

    def hand_over(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        return self.send(super().limit(lambda: self.carry_out(request, step, receipts)))


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────


class _QuotesToken(Honest):
    """Quotes the token in the reason about a wrong one."""

    def judge(
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        """Add what is quoted to the reason."""
        if answer.status == 401:
            return erp.Deferred(None, f"{self.quote()} is no valid token.", needs_person=True)
        return super().judge(answer, step, request)

    def quote(self) -> str:
        """Return what is quoted."""
        return self.token[:9] + "…"


class QuotesHalfOfToken(_QuotesToken):
    """Quotes the first half of a wrong token."""


class QuotesTokenBackwards(_QuotesToken):
    """Quotes a wrong token backwards."""

    def quote(self) -> str:  # noqa: D102 - its class says the lie
        return self.token[::-1]


# ── payments ────────────────────────────────────────────────────────────────────────────────────


class NeverPaid(Honest):
    """Reads no payments of any bill."""

    def list_payments(self, bill: Bill) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        return ()


class RemembersPayments(Honest):
    """Keeps how far a bill was paid when it was first read."""

    def find_paid(self, bill: Bill) -> erp.PaymentState:  # noqa: D102 - its class says the lie
        state: erp.PaymentState = self.notes.setdefault(bill.id, super().find_paid(bill))
        return state


class CountsVoidedPayments(Honest):
    """Counts payments that were voided."""

    def list_payments(self, bill: Bill) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        payments = super().list_payments(bill) or self.notes.get(bill.id, ())
        self.notes[bill.id] = payments
        return payments


class GoneIfPaid(Honest):
    """Says of a paid bill that it is gone."""

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        shown = super().erp_read(receipt)
        is_paid = isinstance(shown, erp.Contents) and shown.paid is not erp.PaymentState.OPEN
        return erp.Gone(self.now()) if is_paid else shown


class MissesPaid(Honest):
    """Finds no bill with a payment."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        return [bill for bill in super().search(request, step, keys) if not bill.paid]


class PaidIfCredit(Honest):
    """Reads every credit as paid."""

    def find_paid(self, bill: Bill) -> erp.PaymentState:  # noqa: D102 - its class says the lie
        return erp.PaymentState.PAID if bill.due < 0 else super().find_paid(bill)


class PaymentsOfTheDayOfTheBill(Honest):
    """Dates payments like the bill."""

    def list_payments(self, bill: Bill) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        return (erp.ErpPayment(amount=bill.paid, date=bill.date),) if bill.paid else ()


class PaysRetainageToo(Honest):
    """Takes a bill as paid once its gross amount is paid, with the retainage that is held."""

    def find_paid(self, bill: Bill) -> erp.PaymentState:  # noqa: D102 - its class says the lie
        if not bill.paid:
            return erp.PaymentState.OPEN
        is_paid = abs(bill.paid) >= abs(bill.gross + bill.tax)
        return erp.PaymentState.PAID if is_paid else erp.PaymentState.PART_PAID


class GoneIfRenumbered(Honest):
    """Takes a bill whose number a person changed for gone."""

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        shown = super().erp_read(receipt)
        is_ours = isinstance(shown, erp.Contents) and shown.number == receipt.number
        return shown if is_ours else erp.Gone(self.now())


class ReadsTwoPayments(Honest):
    """Reads the first two payments of a bill."""

    def pay(self, receipt: erp.Receipt, amount: Decimal) -> date:
        """Note each payment of the bill."""
        day = super().pay(receipt, amount)
        parts = self.notes.setdefault(receipt.erp_id, [])
        parts.append(amount)
        bill = self.find_by_id(receipt.erp_id)
        if bill is not None and not bill.paid:
            parts.clear()
        return day

    def list_payments(self, bill: Bill) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        parts = self.notes.get(bill.id, [])
        return tuple(erp.ErpPayment(amount=each, date=bill.paid_on) for each in parts[:2])


class PaidWithoutTax(KeepsTax):
    """Reads a bill as paid once the amount without its tax is paid."""

    def find_paid(self, bill: Bill) -> erp.PaymentState:  # noqa: D102 - its class says the lie
        is_net = bill.paid != 0 and bill.paid == bill.due
        return erp.PaymentState.PAID if is_net else super().find_paid(bill)


class ReadsReversedBills(Honest):
    """Reads a posted bill also after it was reversed."""

    def find_by_id(self, erp_id: str) -> Bill | None:  # noqa: D102 - its class says the lie
        posted = (bill for bill in self.bills if bill.state is erp.LandingState.POSTED)
        return next((bill for bill in posted if bill.id == erp_id), super().find_by_id(erp_id))


class ReadsReversedCredits(ReadsReversedBills):
    """Reads a posted credit also after it was reversed."""

    def find_by_id(self, erp_id: str) -> Bill | None:  # noqa: D102 - its class says the lie
        bill = super().find_by_id(erp_id)
        return bill if bill is None or bill.due < 0 or bill.exists else None


class RemovesAllOfNumber(Honest):
    """Removes every bill of the number, of any vendor."""

    def remove(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        for each in self.list_shown():
            if each.number == bill.number:
                super().remove(each)


class RemovesEarlierBills(Honest):
    """Removes the bill and every one before it."""

    def remove(self, bill: Bill) -> None:  # noqa: D102 - its class says the lie
        for each in self.list_shown():
            if each.id <= bill.id:
                super().remove(each)


LIES = {
    PaysRetainageToo: "payments.paid",
    GoneIfRenumbered: "read.edited",
    PaymentsOfTheDayOfTheBill: "payments.paid",
    ReadsTwoPayments: "payments.paid",
    PaidWithoutTax: "payments.paid",
    ReadsReversedBills: "removal.reversed",
    ReadsReversedCredits: "removal.reversed",
    RemovesAllOfNumber: "removal.others",
    RemovesEarlierBills: "removal.others",
    DefersFullStorage: "fault.other_status",
    ConfirmsGatewayTimeout: "fault.other_status",
    DefersSlowAnswer: "fault.time_limit",
    RefusesUnlisted: "fault.other_status",
    ConfirmsRedirect: "fault.other_status",
    RemovedAfterLock: "fault.removal_status",
    GoneWhereForbidden: "fault.reading",
    AbsentAfterGatewayTimeout: "fault.look_up",
    ForgetsFilesAfterLimit: "session.after_declined",
    ForgetsDateAfterToken: "session.after_declined",
    ForgetsRetainageAfterRefusal: "session.after_declined",
    StaysClosed: "session.after_declined",
    SharesSession: "session.own",
    LeavesCredits: "removal.every_stage",
    LeavesHalfMade: "removal.every_stage",
    RemovesLate: "fault.late_removal",
    QuotesHalfOfToken: "secret.refused",
    QuotesTokenBackwards: "secret.refused",
    NeverPaid: "payments.paid",
    RemembersPayments: "payments.paid",
    CountsVoidedPayments: "payments.paid",
    GoneIfPaid: "payments.paid",
    MissesPaid: "payments.paid",
    PaidIfCredit: "payments.none_at_first",
}
