"""Checks of writing: receipts, ids, deadlines, repeated keys."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ....adapters import Absent, Deferred, Done, Found, LookUp, Refused, Replay
from ....declaration import WithdrawForm
from ....exchange import Contents, NotSaid
from ..check import Check
from ..result import NotProved, require
from ..stages import list_stages
from ..trial import describe_outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....documents import Receipt, Step
    from ....exchange import ExportRequest, Gone, Outcome
    from ..trial import Trial


_HOUR = timedelta(hours=1)
#: Another amount than that of a plain sample.
_OTHER_AMOUNT = Decimal(1300)


def check_receipts(trial: Trial) -> None:
    """A receipt names its step, its role and the request's digest, the proof of what is booked."""
    receipts = trial.export()
    for step, receipt in zip(trial.steps, receipts, strict=True):
        seen = (receipt.step, receipt.role, receipt.digest)
        require(
            seen == (step.name, step.role, trial.request.digest),
            f"The receipt of step {step.name} names its role and request.digest.",
            f"step {receipt.step}, role {receipt.role}, digest {receipt.digest or 'none'}",
            "erp_write",
        )


def check_ids_differ(trial: Trial) -> None:
    """Two invoices never share a document in the ERP, else one of them is never paid."""
    ids = [
        receipt.erp_id
        for each in (trial, trial.renew_plain(), trial.renew_plain())
        for receipt in each.export()
        if receipt.role is not None
    ]
    require(
        len(ids) == len(set(ids)),
        "Each document has an id of its own.",
        f"the ids {ids} of three invoices",
        "erp_write",
    )
    if not trial.target.is_shared:
        _require_no_foreign_bill(trial.renew_plain())


def _require_no_foreign_bill(trial: Trial) -> None:
    """End the check as refuted if another invoice of the same number gets the bill of this one."""
    first = {receipt.erp_id for receipt in trial.export() if receipt.role is not None}
    number = trial.request.document.invoice_number
    document = attrs.evolve(trial.samples.build_plain(_OTHER_AMOUNT), invoice_number=number)
    outcome, receipts = trial.renew(document).try_export()
    shared = first & {receipt.erp_id for receipt in receipts if receipt.role is not None}
    require(
        not shared,
        "An invoice whose number another bill of the vendor has is refused, or has a bill of its own.",
        f"{describe_outcome(outcome)}, with the bill {', '.join(sorted(shared))} of the other invoice",
        "erp_write: a number that is taken is Refused; the bill that has it may be another invoice",
    )


def check_deadline(trial: Trial) -> None:
    """No step is sent after its deadline, when another worker may have claimed the entry."""
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        late = attrs.evolve(each.request, deadline=each.request.deadline - _HOUR)
        outcome = each.write(step, receipts, late)
        require(
            isinstance(outcome, Deferred),
            f"Step {step.name} is not sent after request.deadline.",
            describe_outcome(outcome),
            "erp_write: compare request.deadline right before sending, and return Deferred",
        )
        if each.find_terms(step).look_up is not LookUp.NONE:
            sighting = each.find_after_writing(step)
            require(
                isinstance(sighting, Absent),
                f"Step {step.name} leaves nothing after its deadline.",
                describe_outcome(sighting),
                "erp_write",
            )
        trial.rows.note(stage.row)


def check_key_once(trial: Trial) -> None:
    """A key sent twice makes one document: the queue may repeat it, and two would both be paid."""
    for each, step, outcomes in _write_twice(trial):
        terms = trial.find_terms(step)
        _require_one_file(each, step, outcomes)
        ids = [each.receipt.erp_id for each in outcomes if isinstance(each, Done)]
        promised = "enforces_key" if terms.enforces_key else f"replay={terms.replay.value}"
        require(
            len(set(ids)) == 1,
            f"Kind {step.kind} declares {promised}: one document per key.",
            f"documents {ids}",
            f"terms[{step.kind!r}] and erp_write",
        )
        trial.rows.note(f"terms.{step.kind}")


def check_key_late(trial: Trial) -> None:
    """A key repeated after the last step changes nothing: a second bill would be paid too."""
    receipts = trial.export()
    bill = next(receipt for receipt in receipts if receipt.role is not None)
    before = trial.read(bill) if trial.adapter.has_read else None
    for place, step in enumerate(trial.steps):
        terms = trial.find_terms(step)
        if terms.replay is Replay.NONE and not terms.enforces_key:
            continue
        outcome = trial.carry_out(step, receipts[:place])
        is_other = isinstance(outcome, Done) and outcome.receipt.erp_id != receipts[place].erp_id
        after = trial.read(bill) if trial.adapter.has_read else None
        require(
            not is_other and after == before,
            f"Step {step.name} was carried out under its key before, and the invoice is exported.",
            f"{describe_outcome(outcome)}, and the bill reads {'otherwise' if after != before else 'as before'}",
            f"terms[{step.kind!r}] and erp_write",
        )
        trial.rows.note(f"terms.{step.kind}")
    if not trial.rows.tried:
        msg = "No step of a plain invoice declares replay or enforces_key."
        raise NotProved(msg)


def _require_one_file(trial: Trial, step: Step, outcomes: list[Outcome]) -> None:
    """End the check as refuted if a file whose key was sent twice is in the ERP twice."""
    first = outcomes[0]
    shown = _read_shown(trial, first) if isinstance(first, Done) and step.attachment else None
    if not isinstance(shown, Contents) or isinstance(shown.attachments, NotSaid):
        return
    kept, steps = shown.attachments, trial.steps
    sent = [each.attachment for each in steps[: steps.index(step) + 1] if each.attachment]
    require(
        len(kept) <= len(sent),
        f"Kind {step.kind} makes one file per key.",
        f"{len(kept)} files of {len(sent)}",
        f"terms[{step.kind!r}] and erp_write",
    )


def _write_twice(trial: Trial) -> Iterator[tuple[Trial, Step, list[Outcome]]]:
    """
    Send each step whose terms promise something about repeated keys twice with the same key.

    Yield the trial, the step, and both outcomes, the first of which is done.
    """
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        terms = each.find_terms(step)
        if terms.replay is Replay.NONE and not terms.enforces_key:
            continue
        first = each.carry_out(step, receipts)
        if isinstance(first, Done):
            yield each, step, [first, each.carry_out(step, receipts)]
        else:
            trial.rows.leave(stage.row, f"Step {step.name}: {describe_outcome(first)}")


def check_not_repeated(trial: Trial) -> None:
    """Promises about keys are declared if the ERP keeps them, else lost answers need a person."""
    if trial.target.is_shared:
        msg = "Other people see the ERP, so that no key is sent twice there (is_shared)."
        raise NotProved(msg)
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        terms = each.find_terms(step)
        first = each.carry_out(step, receipts)
        if not isinstance(first, Done):
            each.rows.leave(stage.row, f"Step {step.name}: {describe_outcome(first)}")
            continue
        if terms.replay is Replay.NONE or not terms.enforces_key:
            before = _read_shown(each, first)
            again = each.carry_out(step, receipts)
            is_same = _is_same(each, first, again, before)
            is_once = is_same or isinstance(again, Refused)
            if is_once and not _knows_keys(each) and _is_once(each, step, receipts, first):
                each.rows.note(stage.row)
                continue
            _leave_unpromised(each, step, again, is_same=is_same)
        if not terms.compares_body and stage.place == 0:
            changed = _build_dearer(each)
            again = each.write(step, request=changed)
            if isinstance(again, Refused):
                why = f"Kind {step.kind} refuses a known key with another content."
                each.rows.leave(f"{stage.row}.compares_body", f"{why} It could be declared.")
        each.rows.note(stage.row)


def _knows_keys(trial: Trial) -> bool:
    """Return whether some word of the declaration is about idempotency keys."""
    return any(
        terms.look_up is LookUp.KEY
        or terms.replay is not Replay.NONE
        or terms.enforces_key
        or terms.compares_body
        for terms in trial.adapter.declaration.terms.values()
    )


def _is_once(trial: Trial, step: Step, receipts: list[Receipt], first: Done) -> bool:
    """
    Return whether the ERP carries a step out once under any key, such as posting a bill.

    The step is carried out again under the key of the next attempt.
    """
    later = attrs.evolve(trial.request, attempt=trial.request.attempt + 1)
    again = attrs.evolve(trial, request=later).carry_out(step, receipts)
    is_same = isinstance(again, Done) and again.receipt.erp_id == first.receipt.erp_id
    return is_same or isinstance(again, Refused)


def _read_shown(trial: Trial, done: Done) -> Contents | Gone | None:
    """Return the document of a step as the ERP has it; ``None`` without the hook erp_read."""
    return trial.read(done.receipt) if trial.adapter.has_read else None


def _is_same(trial: Trial, first: Done, again: Outcome, before: Contents | Gone | None) -> bool:
    """Return whether a repeated step returned the first document, unchanged since *before*."""
    is_same = isinstance(again, Done) and again.receipt.erp_id == first.receipt.erp_id
    return is_same and _read_shown(trial, first) == before


def _leave_unpromised(trial: Trial, step: Step, again: Outcome, *, is_same: bool) -> None:
    """Record as not proved the terms that promise less about repeated keys than the ERP did."""
    terms, row = trial.find_terms(step), f"terms.{step.kind}"
    if is_same and terms.replay is Replay.NONE:
        trial.rows.leave(f"{row}.replay", f"Kind {step.kind} repeats a success; declare replay.")
    if (is_same or isinstance(again, Refused)) and not terms.enforces_key:
        why = f"Kind {step.kind} makes one document per key; declare enforces_key."
        trial.rows.leave(f"{row}.enforces_key", why)


def check_success_repeated(trial: Trial) -> None:
    """With replay a repeated key gets the first success again, else payment waits for a person."""
    for _each, step, (_, again) in _write_twice(trial):
        if trial.find_terms(step).replay is Replay.NONE:
            continue
        require(
            isinstance(again, Done),
            f"Kind {step.kind} repeats a success.",
            describe_outcome(again),
            f"terms[{step.kind!r}].replay and erp_write",
        )
        trial.rows.note(f"terms.{step.kind}")
    if not trial.rows.tried:
        msg = "No step that a sample invoice has declares replay."
        raise NotProved(msg)


def check_body_compared(trial: Trial) -> None:
    """With compares_body a known key with other content is refused, else the old amount is paid."""
    step = trial.steps[0]
    if not trial.find_terms(step).compares_body:
        msg = f"Kind {step.kind}, the first step, does not declare compares_body."
        raise NotProved(msg)
    trial.export(until=step)
    outcome = trial.write(step, request=_build_dearer(trial))
    require(
        isinstance(outcome, Refused),
        f"Kind {step.kind} refuses a known key with another content.",
        describe_outcome(outcome),
        f"terms[{step.kind!r}].compares_body and erp_write",
    )
    assert isinstance(outcome, Refused)
    check_codes(trial, outcome)
    trial.rows.note(f"terms.{step.kind}")


def _build_dearer(trial: Trial) -> ExportRequest:
    """Return the request of the same invoice with another amount, under the same key."""
    line, *rest = trial.request.document.lines
    dearer = attrs.evolve(line, gross=line.gross + 1, work=line.work + 1)
    document = attrs.evolve(trial.request.document, lines=(dearer, *rest))
    return trial.samples.build_request(document)


def check_key_kept_after_removal(trial: Trial) -> None:
    """With enforces_key a key makes no second bill once the first is deleted: it would be paid."""
    step = trial.steps[0]
    declaration = trial.adapter.declaration
    if not trial.find_terms(step).enforces_key:
        msg = f"Kind {step.kind}, the first step, does not declare enforces_key."
        raise NotProved(msg)
    if declaration.withdraw is not WithdrawForm.FULL:
        msg = "The adapter removes no document, so that its key cannot be tried again."
        raise NotProved(msg)
    (receipt,) = trial.export(until=step)
    trial.adapter.withdraw(trial.session, receipt)
    outcome = trial.carry_out(step)
    again = isinstance(outcome, Done) and outcome.receipt.erp_id != receipt.erp_id
    require(
        not again,
        f"Kind {step.kind} makes one document per key, also after its deletion.",
        describe_outcome(outcome),
        f"terms[{step.kind!r}].enforces_key and erp_write",
    )
    if step in trial.list_looked_up():
        sighting = trial.find_after_writing(step)
        require(
            not isinstance(sighting, Found),
            f"Kind {step.kind} makes one document per key, also after its deletion.",
            describe_outcome(sighting),
            f"terms[{step.kind!r}].enforces_key and erp_write",
        )
    trial.rows.note(f"terms.{step.kind}")


def check_own_refusals(trial: Trial) -> None:
    """Each invoice of refused_documents is refused with the adapter's reasons, and never paid."""
    documents = trial.target.refused_documents()
    if not documents:
        msg = "The contract names no invoice that the adapter refuses (refused_documents)."
        raise NotProved(msg)
    for document in documents:
        each = trial.renew(document)
        verdict = each.check()
        outcome: Outcome = Refused(verdict) if verdict.denials else each.write(each.steps[0])
        require(
            isinstance(outcome, Refused),
            f"Invoice {document.invoice_id} is one that the adapter refuses.",
            describe_outcome(outcome),
            "erp_check and erp_write",
        )
        assert isinstance(outcome, Refused)
        check_codes(each, outcome)


def check_codes(trial: Trial, outcome: Refused) -> None:
    """
    End the check as refuted unless each denial has a text and a code of the adapter.

    A code of the adapter begins with the adapter's key.
    """
    for denial in outcome.verdict.denials:
        require(
            trial.adapter.key == denial.code.partition(".")[0] and denial.message.strip(),
            f"Codes begin with {trial.adapter.key!r}, and messages say what to do.",
            f"code {denial.code!r}, message {denial.message!r}",
            "the denials of erp_check and erp_write",
        )


# fmt: off
CHECKS = (
    Check(
        name="write.receipts", run=check_receipts, words=("features.invoices: full",),
        lie="A receipt names another step, role or digest than that of its request.",
    ),
    Check(
        name="write.ids_differ", run=check_ids_differ, words=("features.invoices: full",),
        lie="Two invoices get the same document, also two with one number.",
    ),
    Check(
        name="write.deadline", run=check_deadline, words=("terms.*.time_limit: *",),
        lie="A step is sent after its deadline.",
    ),
    Check(
        name="write.key_once", run=check_key_once,
        words=("terms.*.replay: successes", "terms.*.replay: everything", "terms.*.enforces_key: true"),
        lie="A repeated key makes a second document.",
    ),
    Check(
        name="write.key_late", run=check_key_late,
        words=("terms.*.replay: successes", "terms.*.replay: everything", "terms.*.enforces_key: true"),
        lie="A key that is repeated after the last step makes a second document, or a draft again.",
    ),
    Check(
        name="write.not_repeated", run=check_not_repeated,
        words=("terms.*.replay: none", "terms.*.enforces_key: false", "terms.*.compares_body: false"),
        lie="The ERP keeps a promise about repeated keys that the declaration does not make.",
    ),
    Check(
        name="write.success_repeated", run=check_success_repeated,
        words=("terms.*.replay: successes", "terms.*.replay: everything", "terms.*.replay_for: *"),
        lie="A repeated key is refused although replay is declared.",
    ),
    Check(
        name="write.body_compared", run=check_body_compared, words=("terms.*.compares_body: true",),
        lie="A known key with another content is answered with the first document.",
    ),
    Check(
        name="write.key_kept", run=check_key_kept_after_removal, words=("terms.*.enforces_key: true",),
        lie="A key that is declared as enforced makes another document once the first is deleted.",
    ),
    Check(
        name="write.own_refusals", run=check_own_refusals, words=(),
        needs=("refused_documents",),
        lie="A refusal has a code of another adapter, or no sentence.",
    ),
)
# fmt: on
