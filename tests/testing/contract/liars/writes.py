"""False adapters: plans, keys, deadlines, ids, refusals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import adapters as erp

from ..honest import Bill, Honest
from ..odd import UniqueNumbers

if TYPE_CHECKING:
    from collections.abc import Sequence


class PlansByClock(Honest):
    """Names a step after the time of planning."""

    def plan_post(self) -> tuple[erp.Step, ...]:  # noqa: D102 - its class says the lie
        return (erp.Step(f"post {datetime.now(UTC).isoformat()}", "post"),)


class PlansByDeadline(Honest):
    """Names a step after the deadline of the request."""

    def plan_files(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:  # noqa: D102 - its class says the lie
        return (erp.Step(f"note {request.deadline.date()}", "post"),)


class PlansOneNameTwice(Honest):
    """Gives two steps one name."""

    def plan_files(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:  # noqa: D102 - its class says the lie
        return (erp.Step("post", "post"),)


class PlansUndeclaredKind(Honest):
    """Plans a step of a kind without terms."""

    def plan_post(self) -> tuple[erp.Step, ...]:  # noqa: D102 - its class says the lie
        return (erp.Step("post", "release"),)


class PlansUndeclaredFiles(Honest):
    """Declares no terms for the steps of files."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        declared = super().declare()
        terms = {kind: terms for kind, terms in declared.terms.items() if kind != "attach"}
        return attrs.evolve(declared, terms=terms)


class PlansNoDocument(Honest):
    """Plans no step with a role."""

    def plan_bill(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:  # noqa: D102 - its class says the lie
        return (erp.Step("bill", "bill"),)


class PlansNoFiles(Honest):
    """Plans the first file alone."""

    def plan_files(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:  # noqa: D102 - its class says the lie
        return super().plan_files(request)[:1]


class PlansFilesFirst(Honest):
    """Plans the files before the bill."""

    @erp.hookimpl
    def erp_steps(self, request: erp.ExportRequest) -> Sequence[erp.Step]:  # noqa: D102 - its class says the lie
        return (*self.plan_files(request), *self.plan_bill(request), *self.plan_post())


class MakesTwo(Honest):
    """Makes another bill if a key comes again."""

    def repeat(  # noqa: D102 - its class says the lie
        self, known: Bill, request: erp.ExportRequest, step: erp.Step
    ) -> erp.Outcome:
        bill = self.build_bill(request, f"{known.key} again")
        self.bills.append(bill)
        return erp.Done(self.build_receipt(bill, step, request))


class MakesTwoOncePosted(Honest):
    """Makes a second bill under a key whose bill is posted."""

    def find_key(self, key: str) -> Bill | None:  # noqa: D102 - its class says the lie
        known = super().find_key(key)
        return None if known is not None and known.state is erp.LandingState.POSTED else known


class UnpostsAtRepeat(Honest):
    """Makes a draft again of a posted bill whose key is repeated."""

    def repeat(self, known: Bill, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:  # noqa: D102 - its class says the lie
        known.state = erp.LandingState.DRAFT
        return super().repeat(known, request, step)


class MakesAnotherAfterRemoval(Honest):
    """Makes another bill if a key comes again after its bill was removed."""

    def find_key(self, key: str) -> Bill | None:  # noqa: D102 - its class says the lie
        return next((bill for bill in self.bills if bill.key == key and bill.exists), None)


class AnswersOtherContent(Honest):
    """Answers the first bill to a key with other content."""

    def repeat(  # noqa: D102 - its class says the lie
        self, known: Bill, request: erp.ExportRequest, step: erp.Step
    ) -> erp.Outcome:
        return erp.Done(self.build_receipt(known, step, request))


class RefusesRepeats(Honest):
    """Refuses a key that comes again."""

    def repeat(  # noqa: D102 - its class says the lie
        self, known: Bill, request: erp.ExportRequest, step: erp.Step
    ) -> erp.Outcome:
        return erp.Refused(erp.deny(self.deny("key_used", "Use another key.")))


class IgnoresDeadline(Honest):
    """Writes after the deadline."""

    def is_late(self, request: erp.ExportRequest, _step: erp.Step) -> bool:  # noqa: D102 - its class says the lie
        return False


class KeepsDeadlineOfFirstStep(Honest):
    """Writes the later steps after the deadline."""

    def is_late(self, request: erp.ExportRequest, step: erp.Step) -> bool:  # noqa: D102 - its class says the lie
        return step.kind == "bill" and super().is_late(request, step)


class WritesThenDefers(Honest):
    """Looks at the deadline after writing."""

    def is_late(self, request: erp.ExportRequest, step: erp.Step) -> bool:  # noqa: D102 - its class says the lie
        late = super().is_late(request, step)
        if late and step.kind == "bill" and self.find_key(request.key(step).text) is None:
            self.create(request, step)
        return late


class AdoptsTakenNumber(UniqueNumbers):
    """Takes the bill that has the number already for the invoice's own."""

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:  # noqa: D102 - its class says the lie
        outcome = super().create(request, step)
        there = next((each for each in self.list_shown() if self.matches(each, request)), None)
        if isinstance(outcome, erp.Refused) and there is not None:
            return erp.Done(self.build_receipt(there, step, request))
        return outcome


class SharesId(Honest):
    """Gives every bill the same id."""

    def build_id(self) -> str:  # noqa: D102 - its class says the lie
        return "B-1"


class NamesAnotherRole(Honest):
    """Gives the receipt of a bill the role of a release."""

    def build_receipt(  # noqa: D102 - its class says the lie
        self, bill: Bill, step: erp.Step, request: erp.ExportRequest
    ) -> erp.Receipt:
        role = None if step.role is None else erp.Role.RELEASE
        return attrs.evolve(super().build_receipt(bill, step, request), role=role)


class NamesNoDigest(Honest):
    """Leaves the digest out of the receipt."""

    def build_receipt(  # noqa: D102 - its class says the lie
        self, bill: Bill, step: erp.Step, request: erp.ExportRequest
    ) -> erp.Receipt:
        return attrs.evolve(super().build_receipt(bill, step, request), digest="")


class NamesAnotherNumber(Honest):
    """Gives the receipt another number than the bill."""

    def build_receipt(  # noqa: D102 - its class says the lie
        self, bill: Bill, step: erp.Step, request: erp.ExportRequest
    ) -> erp.Receipt:
        return attrs.evolve(super().build_receipt(bill, step, request), number="4711")


class SpeaksForOthers(Honest):
    """Refuses with a code of another adapter."""

    def deny(self, code: str, message: str) -> erp.Denial:  # noqa: D102 - its class says the lie
        return erp.Denial(f"ledgerly.{code}", message, erp.Source.ERP)


class SaysNothing(Honest):
    """Refuses without a sentence."""

    def deny(self, code: str, message: str) -> erp.Denial:  # noqa: D102 - its class says the lie
        return erp.Denial(f"honest.{code}", " ", erp.Source.ERP)


class ForgetsFeature(Honest):
    """Declares nothing about retainage."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        declared = super().declare()
        features = dict(declared.features)
        del features[erp.Feature.CHANGE_ORDERS]
        return attrs.evolve(declared, features=features)


class HidesLookUp(Honest):
    """Has a look-up and declares none."""

    def terms(self) -> erp.StepTerms:  # noqa: D102 - its class says the lie
        return erp.StepTerms()


class NeedsMoreThanDeclared(Honest):
    """Refuses an invoice whose job has no id, and declares that none is needed."""

    def declare(self) -> erp.Declaration:  # noqa: D102 - its class says the lie
        return attrs.evolve(super().declare(), prerequisites=frozenset())

    def create(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:  # noqa: D102 - its class says the lie
        if request.document.job_origin_id is None:
            return erp.Refused(erp.deny(self.deny("job", "Sync the job.")))
        return super().create(request, step)


class SlowerThanDeclared(Honest):
    """Shows a bill some time after it was written, and declares that it is visible at once."""

    def list_shown(self) -> list[Bill]:  # noqa: D102 - its class says the lie
        return super().list_shown()[:-1]


LIES = {
    PlansByClock: "plan.repeats",
    PlansByDeadline: "plan.repeats",
    PlansOneNameTwice: "plan.repeats",
    PlansUndeclaredKind: "plan.kinds",
    PlansUndeclaredFiles: "plan.kinds",
    PlansNoDocument: "plan.makes_a_document",
    PlansNoFiles: "attachment.steps",
    PlansFilesFirst: "attachment.steps",
    MakesTwo: "write.key_once",
    MakesTwoOncePosted: "write.key_late",
    UnpostsAtRepeat: "write.key_late",
    MakesAnotherAfterRemoval: "write.key_kept",
    AnswersOtherContent: "write.body_compared",
    RefusesRepeats: "write.success_repeated",
    IgnoresDeadline: "write.deadline",
    KeepsDeadlineOfFirstStep: "write.deadline",
    WritesThenDefers: "write.deadline",
    AdoptsTakenNumber: "write.ids_differ",
    SharesId: "write.ids_differ",
    NamesAnotherRole: "write.receipts",
    NamesNoDigest: "write.receipts",
    NamesAnotherNumber: "number.as_written",
    SpeaksForOthers: "write.body_compared",
    SaysNothing: "write.body_compared",
    ForgetsFeature: "declaration.every_feature",
    HidesLookUp: "declaration.hooks",
    NeedsMoreThanDeclared: "prerequisite.not_needed",
    SlowerThanDeclared: "look_up.found_after",
}
