"""Checks of looking documents up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

from ....adapters import Absent, CannotTell, Done, Found, LookUp, Several
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome

if TYPE_CHECKING:
    from ....documents import Receipt, Step
    from ....exchange import Sighting
    from ..trial import Trial

_FOUND = ("terms.*.look_up: key", "terms.*.look_up: number")
#: A clock of the ERP may be this much ahead of ours.
_SKEW = timedelta(seconds=2)
#: Bills that are in the ERP at once, more than a small page of a list has.
_MANY, _SEVERAL = 30, 3


def check_absent_before(trial: Trial) -> None:
    """Nothing is found before it is written, as of the time of asking: absence permits a write."""
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


def _require_absent(sighting: Sighting, step: Step) -> None:
    require(
        isinstance(sighting, Absent),
        f"Step {step.name} was never written.",
        describe_outcome(sighting),
        f"terms[{step.kind!r}].look_up and erp_find",
    )


def check_found_after(trial: Trial) -> None:
    """A written document is found as declared, else a lost answer ends in a second bill."""
    receipts: list[Receipt] = []
    for step in trial.steps:
        outcome = trial.carry_out(step, receipts)
        if not isinstance(outcome, Done):
            break
        receipts.append(outcome.receipt)
        if trial.find_terms(step).look_up is not LookUp.NONE:
            _require_found(trial, step, outcome.receipt)


def _require_found(trial: Trial, step: Step, receipt: Receipt) -> None:
    sighting = trial.find_after_writing(step)
    terms = trial.find_terms(step)
    look_at = f"terms[{step.kind!r}].look_up, visible_after and erp_find"
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
    """Each invoice is found as itself among others, on whatever page of a list it is."""
    step = _choose_step(trial)
    number = _SEVERAL if trial.target.is_shared else _MANY
    trials = [trial, *(trial.renew_plain() for _ in range(number - 1))]
    receipts = [each.export(until=step)[-1] for each in trials]
    for place in (0, number // 2, number - 1):
        _require_found(trials[place], step, receipts[place])
    _require_absent(trial.renew_plain().find(step), step)


def _choose_step(trial: Trial) -> Step:
    """Return the first step whose document can be looked up."""
    steps = trial.list_looked_up()
    if not steps:
        msg = "No step of the plan can be looked up (terms[…].look_up)."
        raise NotProved(msg)
    return steps[0]


def check_vendor_compared(trial: Trial) -> None:
    """The bill of another vendor with the same number is not ours: it would never be paid twice."""
    step = _choose_step(trial)
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


def check_every_key(trial: Trial) -> None:
    """A document under the key of an earlier attempt is found, or it stays in the ERP unnoticed."""
    step = _choose_step(trial)
    (*_, receipt) = trial.export(until=step)
    trial.find_after_writing(step)
    later = attrs.evolve(trial.request, attempt=trial.request.attempt + 1)
    sighting = attrs.evolve(trial, request=later).find(step, trial.request.key(step).text)
    is_it = isinstance(sighting, Found) and sighting.receipt.erp_id == receipt.erp_id
    require(
        is_it or isinstance(sighting, CannotTell | Several),
        f"Document {receipt.erp_id} was made under the first of two keys.",
        describe_outcome(sighting),
        "erp_find: look for each of keys",
    )


# fmt: off
CHECKS = (
    Check(
        name="look_up.absent_before", run=check_absent_before, words=_FOUND,
        lie="Something is found before it is written, or absence has a time to come.",
    ),
    Check(
        name="look_up.found_after", run=check_found_after,
        words=(*_FOUND, "terms.*.visible_after: *"),
        lie="A document is not found when it should be visible, or another one is.",
    ),
    Check(
        name="look_up.among_others", run=check_found_among_others, words=_FOUND,
        lie="Any bill, the first bill, or only a bill on the first page is found.",
    ),
    Check(
        name="look_up.vendor", run=check_vendor_compared,
        words=(*_FOUND, "number_scope: vendor", "number_scope: commitment"),
        lie="The bill of another vendor with the same number is taken for ours.",
    ),
    Check(
        name="look_up.every_key", run=check_every_key, words=_FOUND,
        lie="Only the newest key is looked up.",
    ),
)
# fmt: on
