"""The checks of look-ups by key and by number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ....adapters import Absent, CannotTell, Done, Found, Gone, LookUp, NotSaid, Several
from ....declaration import Handling
from ..check import Check
from ..result import NotProved, require
from ..stages import list_stages
from ..trial import describe_outcome

if TYPE_CHECKING:
    from ....documents import ExportDocument, ExportLine, Receipt, Step
    from ....exchange import Sighting
    from ..trial import Trial

_FOUND = ("terms.*.look_up: key", "terms.*.look_up: number")
#: A clock of the ERP may be this much ahead of ours.
_SKEW = timedelta(seconds=2)
#: Bills that are in the ERP at once if other people see it.
_SEVERAL = 3
#: The accounting date of an invoice without one, and the time to another period.
_DAY, _MONTH = date(2026, 10, 31), timedelta(days=31)
_CREDIT = Decimal(-1200)


def check_absent_before(trial: Trial) -> None:
    """Before a step a look-up returns Absent as of now: a later time would permit a second bill."""
    for step in trial.list_looked_up()[:1]:
        asked = datetime.now(UTC)
        sighting = trial.find(step)
        _require_absent(sighting, step)
        assert isinstance(sighting, Absent)
        require(
            asked - _SKEW <= sighting.as_of <= datetime.now(UTC) + _SKEW,
            "Absent(as_of) is the time at which the ERP was asked.",
            f"as_of {sighting.as_of.isoformat()}, asked at {asked.isoformat()}",
            "erp_find",
        )
        trial.rows.note(f"terms.{step.kind}")


def check_half_made(trial: Trial) -> None:
    """A later step is not found before it is carried out, else a half-made bill counts as done."""
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        if each.find_terms(step).look_up is LookUp.NONE:
            continue
        sighting = each.find_after_writing(step) if receipts else each.find(step)
        require(
            not isinstance(sighting, Found),
            f"Step {step.name} is not carried out yet; the steps before it are.",
            describe_outcome(sighting),
            f"erp_find: say of step {step.name} what only this step changes",
        )
        _require_kept(each, step, receipts)
        each.rows.note(stage.row)


def _require_kept(trial: Trial, step: Step, receipts: list[Receipt]) -> None:
    """End the check as refuted if the look-up of a step removed a document of an earlier one."""
    makes = [each for each in receipts if each.role is not None]
    for receipt in makes if trial.adapter.has_read else ():
        require(
            not isinstance(trial.read(receipt), Gone),
            f"The look-up of step {step.name} changes nothing in the ERP.",
            f"document {receipt.erp_id} of an earlier step is gone after it",
            "erp_find: send only requests that read",
        )


def _require_absent(sighting: Sighting, step: Step) -> None:
    require(
        isinstance(sighting, Absent),
        f"Step {step.name} was never written.",
        describe_outcome(sighting),
        f"terms[{step.kind!r}].look_up and erp_find",
    )


def check_found_after(trial: Trial) -> None:
    """A written document is found as declared, else a lost answer ends in a second bill."""
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        if each.find_terms(step).look_up is LookUp.NONE:
            continue
        outcome = each.carry_out(step, receipts)
        require(
            isinstance(outcome, Done),
            f"Step {step.name} of a supported invoice is carried out.",
            describe_outcome(outcome),
            "erp_write",
        )
        assert isinstance(outcome, Done)
        _require_found(each, step, outcome.receipt)
        each.rows.note(stage.row)


def _require_found(trial: Trial, step: Step, receipt: Receipt) -> None:
    sighting = trial.find_after_writing(step)
    terms = trial.find_terms(step)
    look_at = f"terms[{step.kind!r}].look_up and erp_find; visible_after only if an index is late"
    require(
        isinstance(sighting, Found),
        f"Step {step.name} is found by {terms.look_up.value}, {terms.visible_after} after writing.",
        describe_outcome(sighting),
        look_at,
    )
    assert isinstance(sighting, Found)
    require(
        sighting.receipt.erp_id == receipt.erp_id,
        f"Step {step.name} is found as document {receipt.erp_id}.",
        describe_outcome(sighting),
        "erp_find",
    )


def check_found_among_others(trial: Trial) -> None:
    """Each bill is found on any page of the ERP's list: one that is missed is paid twice."""
    step = choose_step(trial)
    trials, receipts = fill_list(trial, step)
    for place in (0, len(trials) // 2, len(trials) - 1):
        _require_found(trials[place], step, receipts[place])
    _require_absent(trial.renew_plain().find(step), step)
    if trial.adapter.declaration.negative is Handling.EXPORTED:
        _find_credits(trial, len(trials) // 2)
    trial.rows.note(f"terms.{step.kind}")


def _find_credits(trial: Trial, number: int) -> None:
    """Export that number of credits; end the check as refuted unless first and last are found."""
    trials = [trial.renew(trial.samples.build_plain(_CREDIT)) for _ in range(number)]
    made = [(each, choose_step(each)) for each in trials]
    receipts = [each.export(until=step)[-1] for each, step in made]
    for place in (0, -1) if made else ():
        each, step = made[place]
        _require_found(each, step, receipts[place])


def fill_list(trial: Trial, step: Step) -> tuple[list[Trial], list[Receipt]]:
    """
    Export more bills than a page of a list has, or three if other people see the ERP.

    Return the trial of each bill and, in the same order, the receipt of its *step*.
    """
    number = _SEVERAL if trial.target.is_shared else trial.target.list_length
    trials = [trial, *(trial.renew_plain() for _ in range(number - 1))]
    return trials, [each.export(until=step)[-1] for each in trials]


def choose_step(trial: Trial) -> Step:
    """Return the first step that can be looked up; end the check as not proved without one."""
    steps = trial.list_looked_up()
    if not steps:
        msg = "No step of the plan can be looked up (terms[…].look_up)."
        raise NotProved(msg)
    return steps[0]


def check_vendor_compared(trial: Trial) -> None:
    """A look-up does not take another vendor's bill with our number, else ours is never paid."""
    step = choose_step(trial)
    other = trial.target.other_vendor
    if other is None:
        msg = "There is no second vendor (other_vendor)."
        raise NotProved(msg)
    number = trial.request.document.invoice_number
    another = trial.samples.build_plain(
        invoice_number=number, vendor_origin_id=other, vendor_id=other, vendor_name=other
    )
    trial.renew(another).export(until=step)
    sighting = trial.find_after_writing(step)
    require(
        not isinstance(sighting, Found),
        f"Number {number} is only on a bill of vendor {other}.",
        describe_outcome(sighting),
        "erp_find: compare the vendor",
    )
    (*_, receipt) = trial.export(until=step)
    _require_found(trial, step, receipt)
    trial.rows.note(f"terms.{step.kind}")


def check_every_key(trial: Trial) -> None:
    """A bill made under the key of an earlier attempt is found, else it is made and paid twice."""
    step = choose_step(trial)
    (*_, receipt) = trial.export(until=step)
    trial.find_after_writing(step)
    later = attrs.evolve(trial.request, attempt=trial.request.attempt + 1)
    sighting = attrs.evolve(trial, request=later).find(step, trial.request.key(step).text)
    is_it = isinstance(sighting, Found) and sighting.receipt.erp_id == receipt.erp_id
    require(
        is_it or isinstance(sighting, CannotTell | Several),
        f"Document {receipt.erp_id} was made under the first of two keys.",
        describe_outcome(sighting),
        "erp_find: find it by vendor and number, whichever key it has"
        if trial.find_terms(step).look_up is LookUp.NUMBER
        else "erp_find: look for each of keys",
    )
    trial.rows.note(f"terms.{step.kind}")


def check_several(trial: Trial) -> None:
    """A look-up reports two bills of one invoice as Several, so that a person stops a payment."""
    if trial.target.is_shared:
        msg = "Other people see the ERP, so that no invoice is booked twice there (is_shared)."
        raise NotProved(msg)
    _require_several(trial, trial.request.document)
    each = trial.renew_plain()
    other = attrs.evolve(each.request.document, lines=(_build_other_line(each),))
    _require_several(each, other)


def _require_several(trial: Trial, document: ExportDocument) -> None:
    """
    Make two documents of one invoice, the second with the contents of *document*.

    End the check as refuted unless each look-up reports several documents, or no conclusion.
    """
    first = trial.export()
    request = attrs.evolve(
        trial.request,
        attempt=trial.request.attempt + 1,
        document=document,
        digest=document.digest,
    )
    later = attrs.evolve(trial, request=request)
    outcome, second = later.try_export()
    if not isinstance(outcome, Done):
        msg = f"The ERP takes no second bill of an invoice: {describe_outcome(outcome)}"
        raise NotProved(msg)
    if {each.erp_id for each in first} & {each.erp_id for each in second}:
        msg = "The ERP makes no second bill of an invoice."
        raise NotProved(msg)
    last = attrs.evolve(trial, request=attrs.evolve(trial.request, attempt=request.attempt))
    for step in trial.list_looked_up():
        last.find_after_writing(step)
        for asked in (last, later):
            sighting = asked.find(step, trial.request.key(step).text)
            require(
                isinstance(sighting, Several | CannotTell),
                f"The ERP has two documents on which step {step.name} was carried out.",
                describe_outcome(sighting),
                "erp_find: return Several if more than one document matches, whatever its amount",
            )
        trial.rows.note(f"terms.{step.kind}")


def _build_other_line(trial: Trial) -> ExportLine:
    """Return a line whose amount differs from the amount of the invoice."""
    return trial.samples.build_plain_line(trial.request.document.gross + 400)


def check_other_amount(trial: Trial) -> None:
    """A bill with another amount is found too: taken as absent, it is made and paid twice."""
    step, sighting, _changed = _find_changed(trial)
    answer = _find_in_other_currency(trial, step)
    require(
        not isinstance(answer, Absent),
        f"Step {step.name} was carried out, in another currency than the one that is asked for.",
        describe_outcome(answer),
        "erp_find: compare the key, or vendor and number, and nothing else",
    )
    require(
        not isinstance(sighting, Absent),
        f"Step {step.name} was carried out, with another amount than the one that is asked for.",
        describe_outcome(sighting),
        "erp_find: compare the key, or vendor and number, and nothing else",
    )
    trial.rows.note(f"terms.{step.kind}")


def _find_in_other_currency(trial: Trial, step: Step) -> Sighting:
    """Look the step up with another currency; with its own if the ERP takes no other one."""
    document, declared = trial.request.document, trial.adapter.declaration.currencies
    others = (declared or {"USD", "EUR"}) - {document.currency}
    document = attrs.evolve(document, currency=min(others, default=document.currency))
    request = attrs.evolve(trial.request, document=document, digest=document.digest)
    return attrs.evolve(trial, request=request).find(step)


def check_other_date(trial: Trial) -> None:
    """A bill of another accounting date is found too: taken as absent, it is made twice."""
    step = choose_step(trial)
    trial.export(until=step)
    day = (trial.request.accounting_date or _DAY) + _MONTH
    fields = dict(trial.request.fields)
    if "accounting_date" in fields:
        fields["accounting_date"] = day.isoformat()
    request = attrs.evolve(trial.request, accounting_date=day, fields=fields)
    sighting = attrs.evolve(trial, request=request).find_after_writing(step)
    require(
        not isinstance(sighting, Absent),
        f"Step {step.name} was carried out, with another accounting date than the one asked for.",
        describe_outcome(sighting),
        "erp_find: compare the key, or vendor and number, and nothing else",
    )
    trial.rows.note(f"terms.{step.kind}")


def check_key_compared(trial: Trial) -> None:
    """A look-up by key compares the ERP's keys: another bill taken for ours leaves ours unpaid."""
    makes = (step for step in trial.list_looked_up() if step.role is not None)
    steps = [step for step in makes if trial.find_terms(step).look_up is LookUp.KEY]
    if not steps:
        msg = "No step of a plain invoice that makes a document is looked up by its key."
        raise NotProved(msg)
    step = steps[0]
    key = trial.request.key(step).text
    trial.export(until=step)
    sighting = trial.find_after_writing(step)
    shown = sighting.contents.key if isinstance(sighting, Found) else None
    if isinstance(shown, str):
        require(
            shown == key,
            f"Step {step.name} is found by its key {key}.",
            f"a document with key {shown}",
            f"terms[{step.kind!r}].look_up and key of Contents",
        )
    else:
        why = "erp_find does not show the key that the ERP keeps (key of Contents)."
        trial.rows.leave(f"terms.{step.kind}.look_up", why)
    later = attrs.evolve(trial.request, attempt=trial.request.attempt + 1)
    unused = attrs.evolve(trial, request=later).find(step)
    require(
        not isinstance(unused, Found),
        f"No document was made under key {later.key(step).text}.",
        describe_outcome(unused),
        f"terms[{step.kind!r}].look_up: declare number if no key is compared, and erp_find",
    )
    trial.rows.note(f"terms.{step.kind}")


def check_shown_contents(trial: Trial) -> None:
    """A look-up shows the ERP's values: copies from the request would hide a wrong amount."""
    step, sighting, changed = _find_changed(trial)
    if not isinstance(sighting, Found):
        msg = f"A bill that differs from the invoice is not shown: {describe_outcome(sighting)}"
        raise NotProved(msg)
    document, contents = changed.request.document, sighting.contents
    copied = {
        "amount": contents.amount == document.due,
        "gross": contents.gross == document.gross,
        "lines": not isinstance(contents.lines, NotSaid)
        and document.lines[0].gross in [line.amount for line in contents.lines],
    }
    taken = [name for name, is_taken in copied.items() if is_taken]
    require(
        not taken,
        f"Step {step.name} was carried out over {trial.request.document.due}.",
        f"{', '.join(taken)} of the request, which is over {document.due}",
        "erp_find: read Contents from the answer of the ERP, never from the request",
    )
    trial.rows.note(f"terms.{step.kind}")


def check_not_declared(trial: Trial) -> None:
    """A step that can be looked up is declared so, else each lost answer waits for a person."""
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        if each.find_terms(step).look_up is LookUp.NONE:
            each.carry_out(step, receipts)
            sighting = each.find(step) if each.adapter.has_find else None
            if isinstance(sighting, Found):
                why = f"Step {step.name} is found; declare its look_up."
                each.rows.leave(f"{stage.row}.look_up", why)
            each.rows.note(stage.row)


def _find_changed(trial: Trial) -> tuple[Step, Sighting, Trial]:
    """
    Export the invoice, then look it up with a request of the same key and other amounts.

    Return the step, the answer of the look-up, and the trial with the changed request.
    """
    step = choose_step(trial)
    trial.export(until=step)
    document = attrs.evolve(trial.request.document, lines=(_build_other_line(trial),))
    request = attrs.evolve(trial.request, document=document, digest=document.digest)
    changed = attrs.evolve(trial, request=request)
    return step, changed.find_after_writing(step), changed


#: The end of a long invoice number.
_LONG_END = "-0000000000000000000001"


def check_number_compared(trial: Trial) -> None:
    """Look-ups compare by normalize_number, else our bill is made twice or another one taken."""
    steps = [s for s in trial.steps if trial.find_terms(s).look_up is LookUp.NUMBER]
    if not steps:
        msg = "No step of a plain invoice is looked up by its number."
        raise NotProved(msg)
    limit = trial.samples.find_number_limit()
    own = trial.samples.build_plain().invoice_number or ""
    # The end makes it long, because an adapter may compare the first characters alone.
    own = f"{own}{_LONG_END}"[-max(limit - 2, 1) :] if limit is not None else f"{own}{_LONG_END}"
    number = f"{own[:1]}-{own[1:]}"
    written = trial.renew(trial.samples.build_plain(invoice_number=number), number=number)
    written.export()
    for step in steps:
        _require_number_compared(
            written, step, number, (own, f"{number}1", f"0{number}", number[:-1], number[2:])
        )
        trial.rows.note(f"terms.{step.kind}")


def _require_number_compared(
    written: Trial, step: Step, number: str, others: tuple[str, ...]
) -> None:
    same = f" {number.replace('-', chr(0x2013))} "
    sighting = _ask_for(written, same).find_after_writing(step)
    require(
        not isinstance(sighting, Absent),
        f"{same!r} is the number {number!r} in another form (normalize_number).",
        describe_outcome(sighting),
        "erp_find: compare with normalize_number on both sides",
    )
    for other in others:
        sighting = _ask_for(written, other).find(step)
        require(
            not isinstance(sighting, Found),
            f"{other!r} is another number than {number!r}.",
            describe_outcome(sighting),
            "erp_find: compare the whole number with normalize_number, and nothing looser",
        )


def _ask_for(trial: Trial, number: str) -> Trial:
    """Return a trial that looks the invoice up by another number; nothing is written."""
    document = attrs.evolve(trial.request.document, invoice_number=number)
    request = attrs.evolve(trial.request, document=document, digest=document.digest, number=number)
    return attrs.evolve(trial, request=request)


# fmt: off
CHECKS = (
    Check(
        name="look_up.absent_before", run=check_absent_before, words=_FOUND,
        lie="A look-up finds a bill before it is written, or reports absence as of another time.",
    ),
    Check(
        name="look_up.half_made", run=check_half_made, words=_FOUND,
        lie="A later step is found before it is carried out, so that a half-made bill is done.",
    ),
    Check(
        name="look_up.found_after", run=check_found_after,
        words=(*_FOUND, "terms.*.visible_after: *"),
        lie="A document is not found once it should be visible, or another one is found for it.",
    ),
    Check(
        name="look_up.among_others", run=check_found_among_others, words=_FOUND,
        lie="A look-up finds any bill, the first bill, or only bills on the first page of a list.",
    ),
    Check(
        name="look_up.vendor", run=check_vendor_compared,
        words=(*_FOUND, "number_scope: vendor", "number_scope: commitment"),
        needs=("other_vendor",),
        lie="The bill of another vendor with the same number is taken for ours.",
    ),
    Check(
        name="look_up.every_key", run=check_every_key, words=_FOUND,
        lie="A look-up searches for the newest key only, and not for those of earlier attempts.",
    ),
    Check(
        name="look_up.several", run=check_several, words=_FOUND,
        lie="A look-up returns the first of several documents of one invoice.",
    ),
    Check(
        name="look_up.amount", run=check_other_amount, words=_FOUND,
        lie="The look-up compares the amount itself, so that a second bill is made.",
    ),
    Check(
        name="look_up.date", run=check_other_date, words=_FOUND,
        lie="The look-up compares the accounting date itself, so that a second bill is made.",
    ),
    Check(
        name="look_up.key", run=check_key_compared, words=("terms.*.look_up: key",),
        lie="A look-up that is declared as by key compares no key.",
    ),
    Check(
        name="look_up.contents", run=check_shown_contents, words=_FOUND,
        lie="A look-up shows the values of the request, and not those in the ERP.",
    ),
    Check(
        name="look_up.not_declared", run=check_not_declared, words=("terms.*.look_up: none",),
        lie="A step can be looked up, and the declaration says that it cannot.",
    ),
    Check(
        name="look_up.number", run=check_number_compared, words=("terms.*.look_up: number",),
        lie="A look-up compares numbers as plain texts, or takes two different numbers for one.",
    ),
)
# fmt: on
