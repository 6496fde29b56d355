"""The contract of an ERP adapter: a test suite to subclass."""

from __future__ import annotations

import time
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import attrs
import pytest

from ..adapters import (
    Absent,
    Adapter,
    Adapters,
    AttachmentForm,
    Connection,
    Contents,
    Deferred,
    Done,
    ExportRequest,
    Feature,
    Found,
    Gone,
    InvalidAdapter,
    LookUp,
    Receipt,
    Refused,
    Replay,
    Session,
    Step,
    StepTerms,
    Support,
    UnlinkForm,
    WithdrawForm,
    build_connection,
)
from ..documents import normalize_number
from .samples import sample_attachments, sample_document, sample_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..adapters import ExportDocument, Outcome, Sighting

_PATIENCE = timedelta(seconds=5)


@attrs.frozen(kw_only=True)
class Trial:
    """An adapter with a session, and a request that is to be exported through it."""

    adapter: Adapter
    connection: Connection
    session: Session
    request: ExportRequest

    @property
    def steps(self) -> tuple[Step, ...]:
        """The plan."""
        plan = self.adapter.steps(self.request)
        assert not isinstance(plan, Deferred), plan.why
        return plan

    def find_terms(self, step: Step) -> StepTerms:
        """Return what the adapter declares of the step's kind."""
        return self.adapter.declaration.terms_of(step.kind)

    def write(
        self, step: Step, receipts: Sequence[Receipt] = (), request: ExportRequest | None = None
    ) -> Outcome:
        """Carry out a step of this request, or of another one under the same key."""
        return self.adapter.write(self.session, request or self.request, step, receipts)

    def find(self, step: Step) -> Sighting:
        """Look the step up by its key."""
        keys = (self.request.key(step).text,)
        return self.adapter.find(self.session, self.request, step, keys)

    def export(self, until: Step | None = None) -> list[Receipt]:
        """Carry out the steps in order, up to and with one of them; return their receipts."""
        receipts: list[Receipt] = []
        for step in self.steps:
            outcome = self.write(step, receipts)
            assert isinstance(outcome, Done), f"Step {step.name} came to {outcome}."
            receipts.append(outcome.receipt)
            if step == until:
                break
        return receipts


class AdapterContract:
    """
    The tests of an adapter; subclass it, name the ``plugin``, and give its settings.

    Each test takes a connection of its own (``settings``) and a document of its own
    (``document``), so that a suite may run against an ERP that keeps what it was sent.
    """

    #: The module or instance whose hooks are tested.
    plugin: object
    #: The names of the secret settings, whose texts must never be shown.
    environ: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Return the settings of a fresh connection."""
        del tmp_path
        return {}

    def document(self) -> ExportDocument:
        """Return an invoice that the ERP takes, with a new number if the ERP remembers numbers."""
        return sample_document()

    def refused_documents(self) -> Sequence[ExportDocument]:
        """Return invoices that the adapter refuses, in its check or as it writes."""
        return ()

    def trial(self, tmp_path: Path) -> Trial:
        """Return the adapter, loaded and connected, with a request."""
        adapter = self._load()
        connection = build_connection(
            adapter.key, self.settings(tmp_path), self.environ, Adapters(self.plugin)
        )
        session = adapter.connect(connection)
        assert isinstance(session, Session), session
        request = sample_request(self.document())
        return Trial(adapter=adapter, connection=connection, session=session, request=request)

    def _load(self) -> Adapter:
        """Return the adapter; a test of one that does not load is skipped with the reason."""
        try:
            return Adapter(self.plugin)
        except InvalidAdapter as invalid:
            reason = str(invalid)
        pytest.skip(f"The adapter does not load. {reason}")

    def test_adapter_loads(self) -> None:
        """The required hooks are there, none is misspelt, and the declaration is valid."""
        try:
            Adapter(self.plugin)
        except InvalidAdapter as invalid:
            reason = str(invalid)
        else:
            return
        pytest.fail(f"The adapter does not load. {reason}", pytrace=False)

    def test_every_feature_is_declared(self) -> None:
        """Each feature is supported, impossible or missing: none is left undeclared."""
        declaration = self._load().declaration
        left = [f.value for f in Feature if declaration.support(f) is Support.UNDECLARED]
        assert left == []

    def test_absent_hooks_are_declared_absent(self) -> None:
        """A capability is declared if and only if its hook is there."""
        adapter = self._load()
        declaration = adapter.declaration
        looks_up = any(terms.look_up is not LookUp.NONE for terms in declaration.terms.values())
        assert looks_up == adapter.has_find
        removes = declaration.withdraw is WithdrawForm.FULL
        assert not removes or adapter.has_withdraw
        possible = declaration.withdraw is not WithdrawForm.IMPOSSIBLE
        assert possible == (declaration.support(Feature.WITHDRAW) is Support.FULL)
        unlinks = declaration.unlink is not UnlinkForm.IMPOSSIBLE
        assert unlinks == (declaration.support(Feature.UNLINK) is Support.FULL)
        assert declaration.unlink is not UnlinkForm.DELETE_FIRST or adapter.has_read

    def test_no_secret_is_shown(self, tmp_path: Path) -> None:
        """Neither the connection nor the session nor the adapter shows a secret setting."""
        trial = self.trial(tmp_path)
        shown = f"{trial.connection} {trial.session} {trial.session.value!r} {trial.adapter}"
        assert [secret for secret in trial.connection.secrets if secret in shown] == []

    def test_plan_follows_from_the_request(self, tmp_path: Path) -> None:
        """Equal requests give equal plans, each step with terms and a name of its own."""
        trial = self.trial(tmp_path)
        assert trial.steps == trial.steps
        assert {step.name for step in trial.steps} == set(
            dict.fromkeys(s.name for s in trial.steps)
        )
        undeclared = {step.kind for step in trial.steps} - set(trial.adapter.declaration.terms)
        assert set() == undeclared
        assert any(step.role is not None for step in trial.steps)

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
        """Two invoices never share a document in the ERP."""
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
        if trial.find_terms(step).look_up is not LookUp.NONE:
            assert isinstance(trial.find(step), Absent)

    def test_same_key_twice_is_one_document(self, tmp_path: Path) -> None:
        """A repeated key leads to the same document, if the adapter declares it."""
        trial = self.trial(tmp_path)
        step = trial.steps[0]
        terms = trial.find_terms(step)
        if terms.replay is Replay.NONE and not terms.enforces_key:
            pytest.skip("It promises nothing for a repeated key.")
        outcomes = [trial.write(step), trial.write(step)]
        ids = [outcome.receipt.erp_id for outcome in outcomes if isinstance(outcome, Done)]
        assert len(set(ids)) == 1, outcomes
        if terms.replay is not Replay.NONE:
            assert len(outcomes) == len(ids)

    def test_same_key_with_other_content_is_refused(self, tmp_path: Path) -> None:
        """A key cannot be used for another content, if the adapter compares bodies."""
        trial = self.trial(tmp_path)
        step = trial.steps[0]
        if not trial.find_terms(step).compares_body:
            pytest.skip("It does not compare bodies.")
        trial.export(until=step)
        line, *rest = trial.request.document.lines
        dearer = attrs.evolve(line, gross=line.gross + 1, work=line.work + 1)
        document = attrs.evolve(trial.request.document, lines=(dearer, *rest))
        outcome = trial.write(step, request=sample_request(document))
        assert isinstance(outcome, Refused), outcome
        self._check_codes(trial, outcome)

    def test_refused_documents_are_refused(self, tmp_path: Path) -> None:
        """The documents that the adapter refuses are refused with reasons of its own."""
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
            self._check_codes(trial, outcome)

    def _check_codes(self, trial: Trial, outcome: Refused) -> None:
        """Assert that each reason is a sentence, under the adapter's own key."""
        for denial in outcome.verdict.denials:
            assert trial.adapter.key == denial.code.partition(".")[0]
            assert denial.message.strip()

    def _wait_until_visible(self, step: Step, trial: Trial) -> None:
        wait = trial.find_terms(step).visible_after
        if wait > _PATIENCE:
            pytest.skip(f"A document is visible after {wait} only.")
        time.sleep(wait.total_seconds())

    def test_look_up_finds_what_was_written(self, tmp_path: Path) -> None:
        """A step is absent before it is written, and afterwards its document is found."""
        trial = self.trial(tmp_path)
        receipts: list[Receipt] = []
        for step in trial.steps:
            if trial.find_terms(step).look_up is LookUp.NONE:
                pytest.skip("It declares no look-up.")
            assert isinstance(trial.find(step), Absent)
            outcome = trial.write(step, receipts)
            assert isinstance(outcome, Done), outcome
            receipts.append(outcome.receipt)
            self._wait_until_visible(step, trial)
            sighting = trial.find(step)
            assert isinstance(sighting, Found), sighting
            assert outcome.receipt.erp_id == sighting.receipt.erp_id
            self._check_contents(trial.request, sighting.contents)

    def test_document_reads_back_as_sent(self, tmp_path: Path) -> None:
        """A document holds the vendor, number, amount and date that were sent."""
        trial = self.trial(tmp_path)
        if not trial.adapter.has_read:
            pytest.skip("It reads no documents.")
        for receipt in trial.export():
            if receipt.role is not None:
                contents = trial.adapter.read(trial.session, receipt)
                assert isinstance(contents, Contents), contents
                self._check_contents(trial.request, contents)

    def _check_contents(self, request: ExportRequest, contents: Contents) -> None:
        number = normalize_number(request.number or "")
        sent = (request.document.vendor_origin_id, number, request.document.due)
        found = normalize_number(contents.number or "")
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
        """A document that the adapter removed is gone when it is read."""
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

    def _build_trial_with_files(self, tmp_path: Path) -> Trial:
        trial = self.trial(tmp_path)
        if trial.adapter.declaration.attachments is not AttachmentForm.FILES:
            pytest.skip("It declares that it takes no files.")
        request = attrs.evolve(trial.request, attachments=sample_attachments())
        return attrs.evolve(trial, request=request)

    def test_each_file_is_a_step_of_its_own(self, tmp_path: Path) -> None:
        """The plan names each file in one step, after a step that makes a document."""
        trial = self._build_trial_with_files(tmp_path)
        assert sorted(step.attachment for step in trial.steps if step.attachment) == ["1", "2"]
        assert trial.steps[0].attachment is None

    def test_files_are_exported(self, tmp_path: Path) -> None:
        """Every step comes to a receipt, the steps of files too."""
        trial = self._build_trial_with_files(tmp_path)
        assert [step.name for step in trial.steps] == [one.step for one in trial.export()]
