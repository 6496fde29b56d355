"""Stages: one for each kind of step, with an invoice whose plan has the step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...adapters import Deferred
from ...declaration import AttachmentForm
from ..samples import sample_attachments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...documents import ExportDocument, Receipt, Step
    from .trial import Trial


@attrs.frozen(kw_only=True)
class Stage:
    """
    A step of an invoice of a form, which is to be tried.

    Attributes:
        kind: The kind of the step.
        place: Its place in the plan.
        renew: Returns a trial of a new invoice of the form.
    """

    kind: str
    place: int
    renew: Callable[[], Trial]

    @property
    def row(self) -> str:
        """The row of the declaration that the stage tries."""
        return f"terms.{self.kind}"

    def reach(self) -> tuple[Trial, Step, list[Receipt]]:
        """Carry out the steps before it for a new invoice; return the trial, step and receipts."""
        trial = self.renew()
        steps = trial.steps
        receipts = trial.export(until=steps[self.place - 1]) if self.place else []
        return trial, steps[self.place], receipts


def list_stages(trial: Trial) -> tuple[Stage, ...]:
    """
    Return a stage for each kind of step with each role, which together have every declared kind.

    A plain invoice comes first; an unusual one is used only for the steps that no earlier one has.
    A declared kind that no invoice has is left, and its words are not proved.
    """
    stages: list[Stage] = []
    known: set[tuple[object, ...]] = set()
    for renew in _list_forms(trial):
        plan = renew().plan()
        for place, step in enumerate(() if isinstance(plan, Deferred) else plan):
            seen = (step.kind, step.role, step.attachment is not None)
            if seen not in known:
                known.add(seen)
                stages.append(Stage(kind=step.kind, place=place, renew=renew))
    for kind in trial.adapter.declaration.terms.keys() - {stage.kind for stage in stages}:
        trial.rows.leave(f"terms.{kind}", f"No sample invoice has a step of kind {kind}.")
    return tuple(stages)


def list_forms(trial: Trial) -> tuple[Callable[[], Trial], ...]:
    """Return those forms of invoices of which each has a step that the earlier ones do not have."""
    return tuple({id(stage.renew): stage.renew for stage in list_stages(trial)}.values())


def _list_forms(trial: Trial) -> Iterator[Callable[[], Trial]]:
    """Yield functions that return a trial of a new invoice, the plain form first."""
    yield trial.renew_plain
    files: dict[str, Any] = {}
    if trial.adapter.declaration.attachments is not AttachmentForm.NONE:
        files = {"attachments": sample_attachments()}
        yield lambda: attrs.evolve(
            trial, request=attrs.evolve(trial.renew_plain().request, **files)
        )
    for build in trial.samples.list_forms():
        yield _build_form(trial, build)


def _build_form(trial: Trial, build: Callable[[], ExportDocument]) -> Callable[[], Trial]:
    return lambda: trial.renew(build())
