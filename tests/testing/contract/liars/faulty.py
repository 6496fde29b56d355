"""False adapters: what they answer when the ERP, or the way to it, fails."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus

import attrs

from erp_invoice_core import adapters as erp

from ..honest import Bill, Honest, StatusError


class DoneFromError(Honest):
    """Confirms a step whose answer is an error."""

    @erp.hookimpl
    def erp_write(  # noqa: D102 - its class says the lie
        self,
        session: object,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        try:
            return super().erp_write(session, request, step, receipts)
        except (OSError, RuntimeError):
            receipt = erp.Receipt(
                step=step.name, erp_id="500", role=step.role, digest=request.digest
            )
            return erp.Done(receipt)


class DoneFromErrorOfLastStep(Honest):
    """Confirms the posting whose answer is an error, and no other step."""

    @erp.hookimpl
    def erp_write(  # noqa: D102 - its class says the lie
        self,
        session: object,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        try:
            return super().erp_write(session, request, step, receipts)
        except (OSError, RuntimeError):
            if step.kind != "post":
                raise
            return erp.Done(erp.Receipt(step=step.name, erp_id="500", digest=request.digest))


class RefusedFromError(Honest):
    """Refuses the invoice because of an error."""

    @erp.hookimpl
    def erp_write(  # noqa: D102 - its class says the lie
        self,
        session: object,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        try:
            return super().erp_write(session, request, step, receipts)
        except (OSError, RuntimeError) as error:
            return erp.Refused(erp.deny(self.deny("failed", str(error))))


class DeferredFromError(Honest):
    """Says of every error that nothing was sent."""

    @erp.hookimpl
    def erp_write(  # noqa: D102 - its class says the lie
        self,
        session: object,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        try:
            return super().erp_write(session, request, step, receipts)
        except (OSError, RuntimeError) as error:
            return erp.Deferred(None, str(error))


class RetriesItself(Honest):
    """Sends a request again if its answer is lost."""

    @erp.hookimpl
    def erp_write(  # noqa: D102 - its class says the lie
        self,
        session: object,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        try:
            return super().erp_write(session, request, step, receipts)
        except ConnectionResetError:
            super().erp_write(session, request, step, receipts)
            raise


class RefusesUnreachable(Honest):
    """Refuses the invoice if the ERP cannot be reached."""

    @erp.hookimpl
    def erp_write(  # noqa: D102 - its class says the lie
        self,
        session: object,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        outcome = super().erp_write(session, request, step, receipts)
        if isinstance(outcome, erp.Deferred):
            return erp.Refused(erp.deny(self.deny("unreachable", outcome.why)))
        return outcome


class AbsentOnError(Honest):
    """Takes an error for absence."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        try:
            return super().erp_find(request, step, keys)
        except (OSError, RuntimeError):
            return erp.Absent(self.now())


class TrustsCutList(Honest):
    """Takes a page for the whole list."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        found, _total = self.ask(lambda: self.list_page(request, step, keys))
        if not found:
            return erp.Absent(self.now())
        return erp.Found(self.build_receipt(found[0], step, request), self.show(found[0]))


class GoneOnError(Honest):
    """Takes an error for a deletion."""

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        try:
            return super().erp_read(receipt)
        except (OSError, RuntimeError):
            return erp.Gone(self.now())


class UnpaidOnError(Honest):
    """Takes an error for no payments."""

    @erp.hookimpl
    def erp_payments(self, receipt: erp.Receipt) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        try:
            return super().erp_payments(receipt)
        except Exception:  # noqa: BLE001 - the lie
            return ()


class OpenOnError(Honest):
    """Takes an error for no periods."""

    @erp.hookimpl
    def erp_periods(self) -> tuple[erp.AccountingPeriod, ...]:  # noqa: D102 - its class says the lie
        try:
            return super().erp_periods()
        except Exception:  # noqa: BLE001 - the lie
            return ()


class ReadsFromMemory(Honest):
    """Reads the bill from its memory."""

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        bill = self.find_by_id(receipt.erp_id)
        return erp.Gone(self.now()) if bill is None else self.show(bill)


class DefersLostRenewal(Honest):
    """Sends a request again with a new token, and puts the step off if that one fails."""

    def hand_over(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        try:
            return super().hand_over(request, step, receipts)
        except StatusError as answer:
            if answer.status != HTTPStatus.UNAUTHORIZED:
                raise
        try:
            return super().hand_over(request, step, receipts)
        except (OSError, StatusError):
            return erp.Deferred(None, "The token is renewed; try again.", needs_person=True)


class ConfirmsChangedBill(Honest):
    """Takes status 412 for a step that was carried out before."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status != HTTPStatus.PRECONDITION_FAILED or request is None or not self.bills:
            return super().judge(answer, step, request)
        return erp.Done(self.build_receipt(self.bills[-1], step, request))


class RemovesChangedBill(Honest):
    """Takes status 412 for a bill that is removed."""

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> erp.Outcome:  # noqa: D102 - its class says the lie
        try:
            return self.send(lambda: self.take_back(receipt))
        except StatusError as answer:
            if answer.status == HTTPStatus.PRECONDITION_FAILED:
                return erp.Done(receipt)
            return self.judge(answer, erp.Step(receipt.step, receipt.step, receipt.role), None)


class ReadsCreditsFromMemory(Honest):
    """Reads credits from its memory, and bills from the ERP."""

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        bill = self.find_by_id(receipt.erp_id)
        return super().erp_read(receipt) if bill is None or bill.due >= 0 else self.show(bill)


class FindsCreditsInMemory(Honest):
    """Finds credits in its memory, and bills in the ERP."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        found, _total = self.list_page(request, step, keys)
        if not found or found[0].due >= 0:
            return super().erp_find(request, step, keys)
        return erp.Found(self.build_receipt(found[0], step, request), self.show(found[0]))


class ConfirmsLostRemoval(Honest):
    """Confirms a removal whose answer is lost."""

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> erp.Outcome:  # noqa: D102 - its class says the lie
        try:
            return super().erp_withdraw(receipt)
        except (OSError, RuntimeError):
            return erp.Done(receipt)


class SettlesLater(Honest):
    """Declares that a request settles at once."""

    def terms(self) -> erp.StepTerms:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().terms(), settles_within=timedelta(0))


class TakesLonger(Honest):
    """Declares a short time limit, and waits for the ERP without one."""

    def terms(self) -> erp.StepTerms:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().terms(), time_limit=timedelta(seconds=0.1))


class LooksAtDeadlineFirst(Honest):
    """Looks at the deadline, then asks a slow question, then writes."""

    def prepare(self, step: erp.Step) -> None:  # noqa: D102 - its class says the lie
        pass

    def is_late(self, request: erp.ExportRequest, step: erp.Step) -> bool:  # noqa: D102 - its class says the lie
        is_late = super().is_late(request, step)
        self.ask(lambda: None)
        return is_late


class ForgetsWhatWasSent(Honest):
    """Finds nothing under a key whose answer was lost."""

    def list_page(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> tuple[list[Bill], int]:
        return [], 0


class DefersMaintenance(Honest):
    """Says after 503 with Retry-After that nothing was sent."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status == 503 and answer.seconds is not None:
            return erp.Deferred(self.find_next_try(answer), "The ERP is busy.")
        return super().judge(answer, step, request)


class RemembersPeriods(Honest):
    """Keeps the accounting periods that it has read once in a session."""

    @erp.hookimpl
    def erp_periods(self, session: object) -> tuple[erp.AccountingPeriod, ...]:  # type: ignore[override]  # noqa: D102 - its class says the lie
        kept, known = self.notes.get("periods", (None, ()))
        if kept is not session:
            known = super().erp_periods()
            self.notes["periods"] = session, known
        periods: tuple[erp.AccountingPeriod, ...] = known
        return periods


class RemembersPaymentsWhileAway(Honest):
    """Answers with the payments that it read last if the ERP cannot be reached."""

    @erp.hookimpl
    def erp_payments(self, receipt: erp.Receipt) -> tuple[erp.ErpPayment, ...]:  # noqa: D102 - its class says the lie
        with suppress(ConnectionRefusedError):
            self.notes[receipt.erp_id] = super().erp_payments(receipt)
        payments: tuple[erp.ErpPayment, ...] = self.notes[receipt.erp_id]
        return payments


LIES = {
    DefersMaintenance: "fault.lost_answer",
    RemembersPeriods: "fault.unreachable",
    RemembersPaymentsWhileAway: "fault.unreachable",
    DoneFromError: "fault.lost_answer",
    DoneFromErrorOfLastStep: "fault.lost_answer",
    RefusedFromError: "fault.lost_answer",
    DeferredFromError: "fault.lost_answer",
    RetriesItself: "fault.lost_answer",
    ForgetsWhatWasSent: "fault.lost_answer",
    RefusesUnreachable: "fault.unreachable",
    DefersLostRenewal: "fault.declined",
    ConfirmsChangedBill: "fault.rejected",
    RemovesChangedBill: "fault.removal",
    ReadsFromMemory: "fault.unreachable",
    ReadsCreditsFromMemory: "fault.unreachable",
    FindsCreditsInMemory: "fault.unreachable",
    AbsentOnError: "fault.look_up",
    TrustsCutList: "fault.look_up",
    GoneOnError: "fault.reading",
    UnpaidOnError: "fault.payments",
    OpenOnError: "fault.periods",
    ConfirmsLostRemoval: "fault.removal",
    SettlesLater: "fault.late_write",
    TakesLonger: "fault.time_limit",
    LooksAtDeadlineFirst: "fault.deadline",
}
