"""Checks of the plan of an export."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from ....adapters import AttachmentForm
from ...samples import sample_attachments
from ..check import Check
from ..result import require

if TYPE_CHECKING:
    from ..trial import Trial

_LATER = timedelta(hours=36)


def check_plan_repeats(trial: Trial) -> None:
    """Equal requests have equal plans, else a step is left out or done twice after a crash."""
    later = attrs.evolve(trial.request, deadline=trial.request.deadline + _LATER)
    plans = [trial.steps, trial.steps, attrs.evolve(trial, request=later).steps]
    require(
        plans[0] == plans[1] == plans[2],
        "A plan follows from the invoice alone.",
        f"{_list_names(plans[0])}, then {_list_names(plans[1])}, then {_list_names(plans[2])}",
        "erp_steps",
    )


def _list_names(steps: tuple[object, ...]) -> str:
    return " + ".join(str(getattr(step, "name", step)) for step in steps)


def check_kinds_declared(trial: Trial) -> None:
    """The declaration has terms for each kind of step, else every lost answer needs a person."""
    declared = set(trial.adapter.declaration.terms)
    for each in (trial, _add_files(trial)):
        unknown = sorted({step.kind for step in each.steps} - declared)
        require(
            not unknown,
            f"The terms are those of {sorted(declared)}.",
            f"the plan has steps of {unknown}",
            "terms and erp_steps",
        )


def check_plan_makes_document(trial: Trial) -> None:
    """At least one step makes a document, else an invoice is synced without a bill."""
    require(
        any(step.role is not None for step in trial.steps),
        "An export makes a document.",
        "no step of the plan has a role",
        "erp_steps",
    )


def _add_files(trial: Trial) -> Trial:
    if trial.adapter.declaration.attachments is not AttachmentForm.FILES:
        return trial
    return attrs.evolve(
        trial, request=attrs.evolve(trial.request, attachments=sample_attachments())
    )


# fmt: off
CHECKS = (
    Check(
        name="plan.repeats", run=check_plan_repeats, words=(),
        lie="The plan depends on the clock, on chance or on earlier calls.",
    ),
    Check(
        name="plan.kinds", run=check_kinds_declared, words=(),
        lie="The plan has a step of a kind for which the declaration has no terms.",
    ),
    Check(
        name="plan.makes_a_document", run=check_plan_makes_document, words=(),
        lie="No step makes a document.",
    ),
)
# fmt: on
