"""What an adapter must keep of what it wrote: found, read back, removed."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ..adapters import Absent, Contents, Done, Found, Gone, LookUp, Receipt, WithdrawForm
from ..documents import canonical_number
from .adapter_trial import OnTrial, Trial

if TYPE_CHECKING:
    from pathlib import Path

    from ..adapters import ExportRequest, Step

__all__ = ["KeepingContract"]

_PATIENCE = timedelta(seconds=5)


class KeepingContract(OnTrial):
    """Found, read back, removed."""

    def _awaited(self, step: Step, trial: Trial) -> None:
        wait = trial.terms(step).visible_after
        if wait > _PATIENCE:
            pytest.skip(f"A document is visible after {wait} only.")
        time.sleep(wait.total_seconds())

    def test_look_up_finds_what_was_written(self, tmp_path: Path) -> None:
        """Before the writing a step is absent, after it the same document is found."""
        trial = self.trial(tmp_path)
        receipts: list[Receipt] = []
        for step in trial.steps:
            if trial.terms(step).look_up is LookUp.NONE:
                pytest.skip("It declares no look-up.")
            assert isinstance(trial.find(step), Absent)
            outcome = trial.write(step, receipts)
            assert isinstance(outcome, Done), outcome
            receipts.append(outcome.receipt)
            self._awaited(step, trial)
            sighting = trial.find(step)
            assert isinstance(sighting, Found), sighting
            assert outcome.receipt.erp_id == sighting.receipt.erp_id
            self._holds(trial.request, sighting.contents)

    def test_document_reads_back_as_sent(self, tmp_path: Path) -> None:
        """A document holds the vendor, number, amount and date that were sent."""
        trial = self.trial(tmp_path)
        if not trial.adapter.has_read:
            pytest.skip("It reads no documents.")
        for receipt in trial.export():
            if receipt.role is not None:
                contents = trial.adapter.read(trial.session, receipt)
                assert isinstance(contents, Contents), contents
                self._holds(trial.request, contents)

    def _holds(self, request: ExportRequest, contents: Contents) -> None:
        number = canonical_number(request.number or "")
        sent = (request.document.vendor_origin_id, number, request.document.due)
        found = canonical_number(contents.number or "")
        assert sent == (contents.vendor, found, contents.amount)
        assert request.accounting_date == contents.date

    def test_unknown_document_is_gone(self, tmp_path: Path) -> None:
        """A document that was never there reads as gone, not as an error."""
        trial = self.trial(tmp_path)
        if not trial.adapter.has_read:
            pytest.skip("It reads no documents.")
        step = next(step for step in trial.steps if step.role is not None)
        never = Receipt(step=step.name, erp_id="never-there", role=step.role)
        assert isinstance(trial.adapter.read(trial.session, never), Gone)

    def test_withdrawn_document_is_gone(self, tmp_path: Path) -> None:
        """What the adapter removes is gone when it is read."""
        trial = self.trial(tmp_path)
        if trial.adapter.declaration.withdraw is not WithdrawForm.FULL:
            pytest.skip("It removes nothing.")
        first = trial.steps[0]
        receipt = trial.export(until=first)[0]
        outcome = trial.adapter.withdraw(trial.session, receipt)
        assert isinstance(outcome, Done), outcome
        if trial.adapter.has_read:
            assert isinstance(trial.adapter.read(trial.session, receipt), Gone)
        assert isinstance(trial.adapter.withdraw(trial.session, receipt), Done)
