"""The checks that reading hooks write nothing and repeated steps make no second bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ....adapters import Found, LookUp, Several
from ..check import Check
from ..result import NotProved, require
from ..stages import list_stages
from ..trial import describe_outcome
from .injection import find_plan, list_writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ....documents import Receipt
    from ...faults import LoggedRequest
    from ..trial import Trial

#: Methods that change something, whatever the path.
_CHANGES = frozenset({"WRITE", "PUT", "PATCH", "DELETE"})


def check_nothing_written(trial: Trial) -> None:
    """Hooks that only ask write nothing: they are called often, and each call could make a bill."""
    plan = find_plan(trial)
    before = len(plan.requests)
    receipts = trial.export()
    written = {(each.method, each.path) for each in list_writes(plan.requests[before:])}
    asked = dict(_ask(trial, receipts))
    doubtful = False
    are_told_apart = any(len(list_writes(requests)) < len(requests) for requests in asked.values())
    for name, requests in asked.items():
        for each in list_writes(requests):
            is_write = each.method in _CHANGES or (each.method, each.path) in written
            require(
                not (is_write and are_told_apart),
                f"{name} writes nothing.",
                f"a request {each.method} {each.path}, as steps send",
                f"{name}: send only requests that read",
            )
            doubtful = True
    if doubtful:
        msg = "The method of a request does not say whether it reads or writes."
        raise NotProved(msg)


def _ask(trial: Trial, receipts: list[Receipt]) -> Iterator[tuple[str, list[LoggedRequest]]]:
    """Call each hook that only reads; yield the name of the hook and the requests that it sent."""
    new, bill = trial.renew_plain(), next(each for each in receipts if each.role is not None)
    half, looked_up = trial.renew_plain(), trial.list_looked_up()
    half.export(until=half.steps[0])
    calls: dict[str, list[Callable[[], object]]] = {
        "erp_check": [trial.check, new.check],
        "erp_steps": [trial.plan, new.plan],
        "erp_find": [
            lambda: [each.find(step) for each in (trial, new, half) for step in looked_up]
        ],
    }
    if trial.adapter.has_read:
        calls["erp_read"] = [lambda: trial.adapter.read(trial.session, bill)]
    if trial.adapter.has_payments:
        calls["erp_payments"] = [lambda: trial.adapter.payments(trial.session, bill)]
    if trial.adapter.has_periods:
        calls["erp_periods"] = [lambda: trial.adapter.periods(trial.session)]
    plan = find_plan(trial)
    for name, each in calls.items():
        before = len(plan.requests)
        for call in each:
            call()
        yield name, list(plan.requests[before:])


def check_one_bill(trial: Trial) -> None:
    """A later step that the next attempt repeats makes no second bill: both would be paid."""
    for stage in list_stages(trial):
        each, step, receipts = stage.reach()
        first = each.steps[0]
        if not receipts or each.find_terms(first).look_up is LookUp.NONE:
            continue
        request = attrs.evolve(each.request, attempt=each.request.attempt + 1)
        later = attrs.evolve(each, request=request)
        later.carry_out(step, receipts)
        later.find_after_writing(first)
        sighting = later.find(first, each.request.key(first).text)
        is_other = isinstance(sighting, Found) and sighting.receipt.erp_id != receipts[0].erp_id
        require(
            not isinstance(sighting, Several) and not is_other,
            f"Step {step.name} of the next attempt goes on with document {receipts[0].erp_id}.",
            describe_outcome(sighting),
            "erp_write: a step makes only what it is for, also if request.attempt is above 1",
        )
        each.rows.note(stage.row)
    if not trial.rows.tried:
        msg = "No later step follows a document that can be looked up."
        raise NotProved(msg)


_INVOICES = ("features.invoices: full",)

# fmt: off
CHECKS = (
    Check(
        name="hooks.write_nothing", run=check_nothing_written, has_faults=True, words=_INVOICES,
        lie="A hook that only asks, such as erp_check, erp_steps or erp_find, writes in the ERP.",
    ),
    Check(
        name="write.one_bill", run=check_one_bill, words=_INVOICES,
        lie="A later step that the next attempt repeats makes another bill.",
    ),
)
# fmt: on
