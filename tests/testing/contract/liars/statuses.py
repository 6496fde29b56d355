"""False adapters: statuses of answers, and steps that only some invoices have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import adapters as erp

from ..honest import Bill, Honest, StatusError
from ..odd import TwoDocuments

if TYPE_CHECKING:
    from collections.abc import Callable


class _Judges(Honest):
    """Takes one status for another outcome."""

    status = 0

    def judge(
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status == self.status:
            return self.misjudge(step, request)
        return super().judge(answer, step, request)

    def misjudge(self, step: erp.Step, request: erp.ExportRequest | None) -> erp.Outcome:
        """Return another outcome: that the invoice is refused."""
        del step, request
        return erp.Refused(erp.deny(self.deny("no", "Correct the invoice.")))


class _Defers(_Judges):
    """Takes one status for a request that may be sent again."""

    def misjudge(self, step: erp.Step, request: erp.ExportRequest | None) -> erp.Outcome:
        del step, request
        return erp.Deferred(None, "It is tried again later.")


class _Confirms(_Judges):
    """Takes one status for a success."""

    def misjudge(self, step: erp.Step, request: erp.ExportRequest | None) -> erp.Outcome:
        digest = request.digest if request else ""
        receipt = erp.Receipt(step=step.name, erp_id="B-1", role=step.role, digest=digest)
        return erp.Done(receipt)


class RefusesTooBusy(_Judges):
    """Refuses the invoice because of a rate limit."""

    status = 429


class RefusesWrongToken(_Judges):
    """Refuses the invoice because of a wrong token."""

    status = 401


class RefusesWrongAddress(_Judges):
    """Refuses the invoice because of a page that was not found."""

    status = 404


class RefusesTimeout(_Judges):
    """Refuses the invoice because of a time-out."""

    status = 408


class DefersTimeout(_Defers):
    """Says of a time-out that nothing was sent."""

    status = 408


class DefersRejected(_Defers):
    """Tries a refused request again, for ever."""

    status = 422


class DefersWrongRequest(_Defers):
    """Tries a wrong request again, for ever."""

    status = 400


class ConfirmsWrongRequest(_Confirms):
    """Confirms a wrong request."""

    status = 400


class ConfirmsRejected(_Confirms):
    """Confirms a refused request, as if its document were there already."""

    status = 422


class ConfirmsWrongAddress(_Confirms):
    """Confirms a page that was not found."""

    status = 404


class RemovedAtWrongAddress(Honest):
    """Takes a page that was not found for a removal."""

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> erp.Outcome:  # noqa: D102 - its class says the lie
        outcome = super().erp_withdraw(receipt)
        return erp.Done(receipt) if "404" in str(getattr(outcome, "why", "")) else outcome


class GoneAtWrongAddress(Honest):
    """Takes a page that was not found for a deletion."""

    gone: frozenset[int] = frozenset({404})

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:  # noqa: D102 - its class says the lie
        try:
            return super().erp_read(receipt)
        except StatusError as answer:
            if answer.status in self.gone:
                return erp.Gone(self.now())
            raise


class AbsentAtWrongAddress(Honest):
    """Takes a page that was not found for absence."""

    absent: frozenset[int] = frozenset({404})

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        try:
            return super().erp_find(request, step, keys)
        except StatusError as answer:
            if answer.status in self.absent:
                return erp.Absent(self.now())
            raise


class IgnoresRetryAfter(Honest):
    """Comes again after a minute, whatever the ERP says."""

    def find_next_try(self, answer: StatusError) -> datetime | None:  # noqa: D102 - its class says the lie
        return datetime.now(UTC) + timedelta(seconds=60)


class ComesAtOnce(Honest):
    """Comes again at once, whatever the ERP says."""

    def find_next_try(self, answer: StatusError) -> datetime | None:  # noqa: D102 - its class says the lie
        return None


class TriesTokenAgain(_Defers):
    """Tries a wrong token again by itself."""

    status = 401


# ── later requests, and steps that only some invoices have ──────────────────────────────────────


class RetriesLaterRequest(Honest):
    """Sends the posting again if its answer is lost."""

    def hand_over(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        try:
            return super().hand_over(request, step, receipts)
        except ConnectionResetError:
            if step.kind == "post":
                super().hand_over(request, step, receipts)
            raise


class PostsWithBill(Honest):
    """Creates and posts the bill in one step of two requests, and finds the first one's bill."""

    def plan_post(self) -> tuple[erp.Step, ...]:  # noqa: D102 - its class says the lie
        return ()

    def hand_over(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        outcome = super().hand_over(request, step, receipts)
        if isinstance(outcome, erp.Done) and step.kind == "bill":
            bill = self.find_by_id(outcome.receipt.erp_id)
            assert bill is not None
            self.send(lambda: self.post(bill))
        return outcome


class RetriesSecondRequest(PostsWithBill):
    """Sends the second request of a step again if its answer is lost."""

    def send(self, carry_out: Callable[[], Any]) -> Any:  # noqa: ANN401, D102 - what is sent
        return carry_out()

    def hand_over(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        outcome: erp.Outcome = self.send(lambda: self.carry_out(request, step, receipts))
        if isinstance(outcome, erp.Done) and step.kind == "bill":
            bill = self.find_by_id(outcome.receipt.erp_id)
            assert bill is not None
            try:
                self.send(lambda: self.post(bill))
            except ConnectionResetError:
                self.send(lambda: self.post(bill))
                raise
        return outcome


class _ConfirmsErrors(Honest):
    """Confirms some steps whose answer is an error."""

    @erp.hookimpl
    def erp_write(
        self,
        session: object,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        try:
            return super().erp_write(session, request, step, receipts)
        except (OSError, RuntimeError):
            if not self.is_careless(step):
                raise
            receipt = erp.Receipt(
                step=step.name, erp_id="500", role=step.role, digest=request.digest
            )
            return erp.Done(receipt)

    def is_careless(self, step: erp.Step) -> bool:
        """Return whether the step is one of them."""
        return step.kind == "attach"


class ConfirmsLostFiles(_ConfirmsErrors):
    """Confirms a file whose answer is an error, and no other step."""


class ConfirmsLostCredits(_ConfirmsErrors):
    """Confirms a credit whose answer is an error, and no bill."""

    def is_careless(self, step: erp.Step) -> bool:  # noqa: D102 - its class says the lie
        return step.role is erp.Role.CREDIT


class ConfirmsLostRetainage(TwoDocuments):
    """Confirms the document of retainage whose answer is an error, and no other one."""

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
            if step.kind != "hold":
                raise
            receipt = erp.Receipt(
                step=step.name, erp_id="500", role=step.role, digest=request.digest
            )
            return erp.Done(receipt)


class AbsentOnLostRetainage(TwoDocuments):
    """Takes an error for absence, as it looks for the document of retainage."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        try:
            return super().erp_find(request, step, keys)
        except (OSError, RuntimeError):
            if step.kind != "hold":
                raise
            return erp.Absent(self.now())


class LooksAtDeadlineOfPostingFirst(Honest):
    """Looks at the deadline of the posting, then asks a slow question, then posts."""

    def prepare(self, step: erp.Step) -> None:  # noqa: D102 - its class says the lie
        if step.kind != "post":
            super().prepare(step)

    def is_late(self, request: erp.ExportRequest, step: erp.Step) -> bool:  # noqa: D102 - its class says the lie
        is_late = super().is_late(request, step)
        if step.kind == "post":
            self.ask(lambda: None)
        return is_late


class PostsSlowly(Honest):
    """Declares a short time limit of the posting, and waits for the ERP without one."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        declared = super().declare()
        short = attrs.evolve(declared.terms["post"], time_limit=timedelta(seconds=0.1))
        return attrs.evolve(declared, terms={**declared.terms, "post": short})


class PostsLate(Honest):
    """Declares that a request to post settles at once."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        declared = super().declare()
        bounded = attrs.evolve(declared.terms["post"], settles_within=timedelta(0))
        return attrs.evolve(declared, terms={**declared.terms, "post": bounded})


class IgnoresDeadlineOfFiles(Honest):
    """Sends files after the deadline."""

    def is_late(self, request: erp.ExportRequest, step: erp.Step) -> bool:  # noqa: D102 - its class says the lie
        return step.kind != "attach" and super().is_late(request, step)


class IgnoresDeadlineOfRetainage(TwoDocuments):
    """Makes the document of retainage after the deadline."""

    def is_late(self, request: erp.ExportRequest, step: erp.Step) -> bool:  # noqa: D102 - its class says the lie
        return step.kind != "hold" and super().is_late(request, step)


class IgnoresDeadlineOfCredits(Honest):
    """Makes credits after the deadline."""

    def is_late(self, request: erp.ExportRequest, step: erp.Step) -> bool:  # noqa: D102 - its class says the lie
        return step.role is not erp.Role.CREDIT and super().is_late(request, step)


class MakesTwoOfRetainage(TwoDocuments):
    """Makes another document of retainage if its key comes again."""

    def repeat(  # noqa: D102 - its class says the lie
        self, known: Bill, request: erp.ExportRequest, step: erp.Step
    ) -> erp.Outcome:
        if step.kind != "hold":
            return super().repeat(known, request, step)
        bill = self.build_bill(request, f"{known.key} again")
        self.bills.append(bill)
        return erp.Done(self.build_receipt(bill, step, request))


class ConfirmsConflict(Honest):
    """Takes a conflict for the bill that is there already."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status == 409 and request is not None:
            receipt = erp.Receipt(
                step=step.name, erp_id="B-1", role=step.role, digest=request.digest
            )
            return erp.Done(receipt)
        return super().judge(answer, step, request)


class DefersUnavailable(Honest):
    """Sends a request again, which an answer of 503 left in doubt."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status == 503:
            return erp.Deferred(None, "The ERP is down.")
        return super().judge(answer, step, request)


class ResendsUnavailable(Honest):
    """Sends a request again by itself after an answer of 503."""

    def hand_over(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
    ) -> erp.Outcome:
        try:
            return super().hand_over(request, step, receipts)
        except StatusError as answer:
            if answer.status != 503:
                raise
            return super().hand_over(request, step, receipts)


class RefusesError(Honest):
    """Refuses the invoice after an error of the ERP, as it gives a reason."""

    def judge(  # noqa: D102 - its class says the lie
        self, answer: StatusError, step: erp.Step, request: erp.ExportRequest | None
    ) -> erp.Outcome:
        if answer.status == 500:
            return erp.Refused(erp.deny(self.deny("rejected", "Correct the invoice.")))
        return super().judge(answer, step, request)


class AbsentWhileUnavailable(Honest):
    """Takes an answer of 503 to a look-up for absence."""

    @erp.hookimpl
    def erp_find(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        try:
            return super().erp_find(request, step, keys)
        except StatusError as answer:
            if answer.status != 503:
                raise
            return erp.Absent(self.now())


LIES = {
    ConfirmsConflict: "fault.rejected",
    DefersUnavailable: "fault.lost_answer",
    ResendsUnavailable: "fault.lost_answer",
    RefusesError: "fault.lost_answer",
    AbsentWhileUnavailable: "fault.look_up",
    RefusesTooBusy: "fault.declined",
    RefusesWrongToken: "fault.declined",
    RefusesWrongAddress: "fault.declined",
    ConfirmsWrongAddress: "fault.declined",
    RefusesTimeout: "fault.lost_answer",
    DefersTimeout: "fault.lost_answer",
    DefersRejected: "fault.rejected",
    DefersWrongRequest: "fault.rejected",
    ConfirmsWrongRequest: "fault.rejected",
    ConfirmsRejected: "fault.rejected",
    RemovedAtWrongAddress: "fault.removal",
    GoneAtWrongAddress: "fault.reading",
    AbsentAtWrongAddress: "fault.look_up",
    IgnoresRetryAfter: "fault.retry_after",
    ComesAtOnce: "fault.retry_after",
    TriesTokenAgain: "fault.token",
    RetriesLaterRequest: "fault.lost_answer",
    RetriesSecondRequest: "fault.lost_answer",
    PostsWithBill: "fault.lost_answer",
    ConfirmsLostFiles: "fault.lost_answer",
    ConfirmsLostCredits: "fault.lost_answer",
    ConfirmsLostRetainage: "fault.lost_answer",
    AbsentOnLostRetainage: "fault.look_up",
    LooksAtDeadlineOfPostingFirst: "fault.deadline",
    PostsSlowly: "fault.time_limit",
    PostsLate: "fault.late_write",
    IgnoresDeadlineOfFiles: "write.deadline",
    IgnoresDeadlineOfRetainage: "write.deadline",
    IgnoresDeadlineOfCredits: "write.deadline",
    MakesTwoOfRetainage: "write.key_once",
}
