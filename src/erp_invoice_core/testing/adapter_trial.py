"""An adapter on trial: loaded, connected, with a request that is to be exported through it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import attrs

from ..adapters import (
    Adapter,
    Adapters,
    Connection,
    Deferred,
    Done,
    ExportRequest,
    Receipt,
    Session,
    Step,
    StepTerms,
    connection_from,
)
from .adapter_samples import sample_document, sample_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..adapters import ExportDocument, Outcome, Sighting

__all__ = ["OnTrial", "Trial"]


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

    def terms(self, step: Step) -> StepTerms:
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


class OnTrial:
    """What a vendor says so that an adapter can be tried; the suites build on it."""

    #: The module or instance whose hooks are tried.
    plugin: object
    #: Settings whose kind is secret, by name: their texts must never be shown.
    environ: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Return the settings of a fresh connection."""
        del tmp_path
        return {}

    def document(self) -> ExportDocument:
        """Return an invoice that the ERP takes; not the same number twice where it remembers."""
        return sample_document()

    def refused_documents(self) -> Sequence[ExportDocument]:
        """Return invoices that the adapter refuses, in its check or as it writes."""
        return ()

    def trial(self, tmp_path: Path) -> Trial:
        """Return the adapter, loaded and connected, with a request."""
        adapter = Adapter(self.plugin)
        connection = connection_from(
            adapter.key, self.settings(tmp_path), self.environ, Adapters(self.plugin)
        )
        session = adapter.connect(connection)
        assert isinstance(session, Session), session
        request = sample_request(self.document())
        return Trial(adapter=adapter, connection=connection, session=session, request=request)
