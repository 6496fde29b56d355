"""What an adapter must keep when it writes: receipts, keys, deadlines, refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from ..adapters import Absent, Deferred, Done, LookUp, Refused, Replay
from .adapter_samples import sample_request
from .adapter_trial import OnTrial, Trial

if TYPE_CHECKING:
    from pathlib import Path

    from ..adapters import Outcome

__all__ = ["WritingContract"]


class WritingContract(OnTrial):
    """Receipts, keys, deadlines, refusals."""

    def test_export_leaves_a_receipt_per_step(self, tmp_path: Path) -> None:
        """Each step comes to a receipt of that step and role, with the digest of what was sent."""
        trial = self.trial(tmp_path)
        verdict = trial.adapter.check(trial.session, trial.request)
        assert not isinstance(verdict, Deferred)
        assert verdict.denials == ()
        receipts = trial.export()
        asked = [(step.name, step.role, trial.request.digest) for step in trial.steps]
        assert asked == [(r.step, r.role, r.digest) for r in receipts]
        made = [receipt.erp_id for receipt in receipts if receipt.role is not None]
        assert len(made) == len(set(made))

    def test_other_documents_have_other_ids(self, tmp_path: Path) -> None:
        """Two invoices never share a document over there."""
        trial = self.trial(tmp_path)
        first = {r.erp_id for r in trial.export() if r.role is not None}
        other = attrs.evolve(
            trial.request.document, invoice_id="5001", number=2, invoice_number="ACME-78"
        )
        second = attrs.evolve(trial, request=sample_request(other)).export()
        assert set() == first & {r.erp_id for r in second if r.role is not None}

    def test_too_late_writes_nothing(self, tmp_path: Path) -> None:
        """A request past its deadline is not handed over."""
        trial = self.trial(tmp_path)
        step = trial.steps[0]
        late = attrs.evolve(trial.request, deadline=trial.request.deadline - timedelta(hours=1))
        assert isinstance(trial.write(step, request=late), Deferred)
        if trial.terms(step).look_up is not LookUp.NONE:
            assert isinstance(trial.find(step), Absent)

    def test_same_key_twice_is_one_document(self, tmp_path: Path) -> None:
        """Where the declaration promises it, a repeated key is answered with the same document."""
        trial = self.trial(tmp_path)
        step = trial.steps[0]
        terms = trial.terms(step)
        if terms.replay is Replay.NONE and not terms.enforces_key:
            pytest.skip("It promises nothing for a repeated key.")
        outcomes = [trial.write(step), trial.write(step)]
        ids = [outcome.receipt.erp_id for outcome in outcomes if isinstance(outcome, Done)]
        assert len(set(ids)) == 1, outcomes
        if terms.replay is not Replay.NONE:
            assert len(outcomes) == len(ids)

    def test_same_key_with_other_content_is_refused(self, tmp_path: Path) -> None:
        """Where bodies are compared, a key cannot be used for another content."""
        trial = self.trial(tmp_path)
        step = trial.steps[0]
        if not trial.terms(step).compares_body:
            pytest.skip("It does not compare bodies.")
        trial.export(until=step)
        line, *rest = trial.request.document.lines
        dearer = attrs.evolve(line, gross=line.gross + 1, work=line.work + 1)
        document = attrs.evolve(trial.request.document, lines=(dearer, *rest))
        outcome = trial.write(step, request=sample_request(document))
        assert isinstance(outcome, Refused), outcome
        self._speaks_for_itself(trial, outcome)

    def test_refused_documents_are_refused(self, tmp_path: Path) -> None:
        """What the adapter says it refuses, it refuses with reasons of its own."""
        trial = self.trial(tmp_path)
        for document in self.refused_documents():
            request = sample_request(document)
            verdict = trial.adapter.check(trial.session, request)
            assert not isinstance(verdict, Deferred)
            outcome: Outcome = (
                Refused(verdict)
                if verdict.denials
                else trial.write(trial.steps[0], request=request)
            )
            assert isinstance(outcome, Refused), outcome
            self._speaks_for_itself(trial, outcome)

    def _speaks_for_itself(self, trial: Trial, outcome: Refused) -> None:
        """Assert that each reason is a sentence, under the adapter's own key."""
        for denial in outcome.verdict.denials:
            assert trial.adapter.key == denial.code.partition(".")[0]
            assert denial.message.strip()
