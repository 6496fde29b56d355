"""Stages, which together have every kind of step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.contract.stages import list_forms, list_stages
from erp_invoice_core.testing.contract.trial import open_trial

from .honest import Honest, build_target
from .odd import TwoDocuments

if TYPE_CHECKING:
    from pathlib import Path


def test_every_kind_of_step_with_every_role_is_a_stage(tmp_path: Path) -> None:
    """Steps that only invoices with files, with retainage or below zero have are among them."""
    plugin = TwoDocuments()
    with open_trial(build_target(plugin), erp.Adapter(plugin), tmp_path) as trial:
        stages = list_stages(trial)

        assert ["bill", "post", "attach", "hold", "bill"] == [stage.kind for stage in stages]
        assert [0, 1, 1, 1, 0] == [stage.place for stage in stages]
        assert 4 == len(list_forms(trial))
        assert {} == trial.rows.left


def test_stage_is_reached_with_a_new_invoice(tmp_path: Path) -> None:
    """The steps before it are carried out, and each time another invoice is used."""
    with open_trial(build_target(Honest()), erp.Adapter(Honest()), tmp_path) as trial:
        stage = list_stages(trial)[1]
        one, step, receipts = stage.reach()
        other, _, _ = stage.reach()

        assert ("post", ["bill"]) == (step.name, [receipt.step for receipt in receipts])
        assert "terms.post" == stage.row
        assert one.request.document.invoice_id != other.request.document.invoice_id


def test_kind_that_no_invoice_has_is_left(tmp_path: Path) -> None:
    """Its words are not proved, with the reason; a plan that is put off has no stage."""

    class Rare(Honest):
        def declare(self) -> erp.Declaration:
            declared = super().declare()
            return attrs.evolve(declared, terms={**declared.terms, "void": erp.StepTerms()})

        @erp.hookimpl
        def erp_steps(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:
            if request.document.due < 0:
                raise LookupError(request.document.invoice_id)
            return (*self.plan_bill(request), *self.plan_post())

    plugin = Rare()
    with open_trial(build_target(plugin), erp.Adapter(plugin), tmp_path) as trial:
        assert ["bill", "post"] == [stage.kind for stage in list_stages(trial)]
        assert {"terms.attach", "terms.void"} == set(trial.rows.left)
