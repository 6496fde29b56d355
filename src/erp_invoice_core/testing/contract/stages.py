"""
Stages: each has a kind of step, and sample invoices with such a step.

Checks that must try every kind of step, such as posting or attaching a file, try each stage.
"""

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
    One kind of step to try, with a sample invoice whose plan has such a step.

    Attributes:
        kind: The kind of the step.
        place: The index of the step in the plan, from 0.
        renew: Returns a trial of a new invoice whose plan has the step at that index.
    """

    kind: str
    place: int
    renew: Callable[[], Trial]

    @property
    def row(self) -> str:
        """The row of the declaration that the stage tries, such as ``terms.post``."""
        return f"terms.{self.kind}"

    def reach(self) -> tuple[Trial, Step, list[Receipt]]:
        """
        Carry out the steps before that of the stage, for a new invoice.

        Return the trial, the step of the stage, and the receipts of the steps before it.
        """
        trial = self.renew()
        steps = trial.steps
        receipts = trial.export(until=steps[self.place - 1]) if self.place else []
        return trial, steps[self.place], receipts


def list_stages(trial: Trial) -> tuple[Stage, ...]:
    """
    Return a stage for each kind and role of a step that the sample invoices have.

    A plain invoice comes first; another one is used only for the steps that no earlier one has. A
    declared kind that no sample invoice has is recorded as not proved.
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
    """Return functions that make trials whose plans together have every kind of step."""
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
