"""A trial: the adapter under test, connected, with one invoice to export."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from ...adapters import Connection, Session, build_connection, find_undeclared
from ...declaration import LookUp
from ...documents import ExportDocument, Receipt, Step
from ...exchange import (
    Absent,
    CannotTell,
    Contents,
    Deferred,
    Done,
    ExportRequest,
    Found,
    Gone,
    Outcome,
    Refused,
    Sighting,
)
from ...rules.used_features import list_features_of_document
from ..faults import FaultProxy, FaultTransport
from ..samples import sample_document
from .documents import SampleDocuments, fit_currency
from .patient_adapter import Patience, PatientAdapter
from .result import NotProved, refute
from .tried_rows import TriedRows

if TYPE_CHECKING:
    from ...adapters import Adapter
    from ...declaration import Declaration, StepTerms
    from ...verdict import Verdict

_NONE: Mapping[str, str] = MappingProxyType({})
#: The setting that is the address of an ERP over HTTP.
_URL = "base_url"
#: The beginning of the reason if there is no session.
UNREACHED = "The ERP cannot be reached: "
#: How often a step that was put off is tried again.
_TRIES = 3


def _give_no_settings(_folder: Path) -> Mapping[str, object]:
    return {}


def _pay_nothing(_receipt: Receipt, _amount: Decimal) -> bool:
    return False


def _reverse_nothing(_receipt: Receipt) -> bool:
    return False


def _give_no_documents() -> Sequence[ExportDocument]:
    return ()


def _no_days() -> Sequence[date]:
    return ()


@attrs.frozen(kw_only=True)
class Target:
    """
    The adapter under test, and how its ERP is reached.

    Attributes:
        plugin: The module or instance whose hooks are tested.
        settings: Returns the settings of a connection; its argument is a folder for that connection
            alone.
        environ: Environment variables that give further settings.
        document: Returns an invoice whose vendor, job, commitment and cost codes exist in the ERP.
        refused_documents: Returns invoices that the adapter refuses with reasons of its own.
        run: A text that no other run against the same ERP has.
        numbers: Gives each invoice of the run a number of its own.
        is_shared: True if other people see the ERP: nothing is written that the declaration says
            the ERP refuses.
        other_vendor: The ERP id of a second vendor; ``None``: the ERP has only one.
        list_length: How many bills of one vendor the checks of long lists make.
        lists_have_totals: False if a list of the ERP has no total, number of rows or end by which
            the adapter could notice that rows are missing. Such a list is not cut.
        largest_file: The bytes of the largest attachment that the checks send.
        tax_codes: The ids of tax codes in the ERP, besides those of ``document``.
        closed_days: Returns days of accounting periods that are closed in the ERP. The days between
            two of them in one month count as closed too.
        transport: Returns the transport of the adapter's requests, for the checks with faults. An
            adapter with a setting ``base_url`` needs none: its requests pass a proxy.
        patience: The longest time that a check waits for the ERP.
        pay: Pays an amount of a document in the ERP, without the adapter; an amount of the opposite
            sign voids the payments of the document. Returns the day of the payment, or true; false
            if it cannot pay.
        reverse: Reverses, voids or deletes a document in the ERP, without the adapter. Returns
            false if it cannot.
        edit: Gives a document another number in the ERP, without the adapter, as a person does.
            Returns false if it cannot.
        pause: The wait before another try of a call that the ERP put off without naming a time.
    """

    plugin: object
    settings: Callable[[Path], Mapping[str, object]] = _give_no_settings
    environ: Mapping[str, str] = _NONE
    document: Callable[[], ExportDocument] = sample_document
    refused_documents: Callable[[], Sequence[ExportDocument]] = _give_no_documents
    run: str = "T"
    numbers: Iterator[int] = attrs.field(factory=lambda: count(1))
    is_shared: bool = False
    other_vendor: str | None = "V-OTHER"
    list_length: int = 30
    lists_have_totals: bool = True
    largest_file: int = 1_000_000
    tax_codes: tuple[str, ...] = ()
    closed_days: Callable[[], Sequence[date]] = _no_days
    transport: Callable[[], FaultTransport] | None = None
    patience: timedelta = timedelta(seconds=5)
    pay: Callable[[Receipt, Decimal], bool | date] = _pay_nothing
    reverse: Callable[[Receipt], bool] = _reverse_nothing
    edit: Callable[[Receipt], bool] = _reverse_nothing
    pause: timedelta = timedelta(seconds=0.5)


@attrs.frozen(kw_only=True)
class Trial:
    """
    The adapter under test with a session, and a request that is to be exported through it.

    Attributes:
        target: The adapter under test, and the way to its ERP.
        samples: Makes further invoices.
        transport: The transport into which faults can be injected; ``None`` without one.
        rows: The rows of the declaration that the check tried; the trials of a check share them.
    """

    target: Target
    adapter: PatientAdapter
    connection: Connection
    session: Session
    request: ExportRequest
    samples: SampleDocuments
    transport: FaultTransport | None = None
    rows: TriedRows = attrs.field(factory=TriedRows, eq=False)

    def plan(self) -> tuple[Step, ...] | Deferred:
        """Return the steps that ``erp_steps`` plans, or :class:`Deferred` if it cannot plan now."""
        return self.adapter.steps(self.request, self.session)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the plan; if there is no plan, the check ends as refuted."""
        plan = self.plan()
        if isinstance(plan, Deferred):
            refute("Each invoice has a plan.", plan.why, "erp_steps")
        return plan

    def find_terms(self, step: Step) -> StepTerms:
        """Return the terms that the adapter declares for the kind of the step."""
        return self.adapter.declaration.terms_of(step.kind)

    def renew(self, document: ExportDocument, **request: Any) -> Trial:  # noqa: ANN401 - the request's own fields
        """Return a trial of another invoice in this session; *request* replaces request fields."""
        new = attrs.evolve(self.samples.build_request(document), **request)
        return attrs.evolve(self, request=new)

    def renew_plain(self) -> Trial:
        """Return a trial of another invoice that uses nothing unusual."""
        return self.renew(self.samples.build_plain())

    def reconnect(self) -> Trial:
        """Return a trial of the same invoice in a session of its own."""
        session = self.adapter.connect(self.connection)
        if isinstance(session, Deferred):
            msg = f"{UNREACHED}{session.why}"
            raise NotProved(msg)
        return attrs.evolve(self, session=session)

    # ── hooks ───────────────────────────────────────────────────────────────────────────────────

    def check(self) -> Verdict:
        """Return the verdict of ``erp_check``; without one the check ends as not proved."""
        verdict = self.adapter.check(self.session, self.request)
        if isinstance(verdict, Deferred):
            msg = f"erp_check could not answer: {verdict.why}"
            raise NotProved(msg)
        return verdict

    def write(
        self, step: Step, receipts: Sequence[Receipt] = (), request: ExportRequest | None = None
    ) -> Outcome:
        """
        Carry out a step once, for this request or for another *request* under the same key.

        If other people see the ERP, the check ends as not proved before anything is written that
        the declaration lacks.
        """
        sent = request or self.request
        if self.target.is_shared:
            lacking = _list_lacking(sent, self.adapter.declaration)
            if lacking:
                msg = f"Other people see the ERP (is_shared), so this is not sent: {lacking[0]}"
                raise NotProved(msg)
        return self.adapter.write(self.session, sent, step, receipts)

    def carry_out(self, step: Step, receipts: Sequence[Receipt] = ()) -> Outcome:
        """Carry out a step as a worker does: one that is put off is tried again."""
        outcome = self.write(step, receipts)
        for _ in range(_TRIES - 1):
            if not isinstance(outcome, Deferred) or outcome.needs_person:
                break
            self._wait_until(outcome.until)
            outcome = self.write(step, receipts)
        return outcome

    def _wait_until(self, moment: datetime | None) -> None:
        wait = (moment - datetime.now(UTC)) if moment else timedelta(0)
        if wait > self.target.patience:
            msg = f"The ERP puts the step off for {wait}, longer than the checks wait."
            raise NotProved(msg)
        time.sleep(max(wait.total_seconds(), 0.0))

    def find(self, step: Step, *others: str) -> Sighting:
        """Look the step up by its own key and by *others*, the texts of further keys."""
        keys = (*others, self.request.key(step).text)
        return self.adapter.find(self.session, self.request, step, keys)

    def find_after_writing(self, step: Step) -> Sighting:
        """Wait for the declared ``visible_after`` of the step, then look the step up."""
        wait = self.find_terms(step).visible_after
        if wait > self.target.patience:
            msg = f"A document is visible after {wait} only, longer than the checks wait."
            raise NotProved(msg)
        time.sleep(wait.total_seconds())
        return self.find(step)

    # ── whole exports ───────────────────────────────────────────────────────────────────────────

    def export(self, until: Step | None = None) -> list[Receipt]:
        """Carry out the steps in order, up to and including *until*; return their receipts."""
        receipts: list[Receipt] = []
        for step in self.steps:
            outcome = self.carry_out(step, receipts)
            if not isinstance(outcome, Done):
                refute(
                    f"Step {step.name} of a supported invoice is carried out.",
                    describe_outcome(outcome),
                    "erp_write",
                )
            receipts.append(outcome.receipt)
            if step == until:
                break
        return receipts

    def find_refusal(self) -> Outcome:
        """Export the invoice; return the first outcome that is not done, or the last if all are."""
        return self.try_export()[0]

    def try_export(self) -> tuple[Outcome, list[Receipt]]:
        """
        Ask ``erp_check``, then carry out the steps until one of them is not done.

        Return the last outcome and the receipts of the steps that are done. Denials of the check
        are returned as :class:`Refused`.
        """
        receipts: list[Receipt] = []
        verdict = self.check()
        if verdict.denials:
            return Refused(verdict), receipts
        outcome: Outcome = Deferred(None, "The plan has no step.")
        for step in self.steps:
            outcome = self.carry_out(step, receipts)
            if not isinstance(outcome, Done):
                break
            receipts.append(outcome.receipt)
        return outcome, receipts

    def read(self, receipt: Receipt) -> Contents | Gone:
        """Return the document of a receipt as the ERP has it, or :class:`Gone` if it has none."""
        if not self.adapter.has_read:
            msg = "The adapter has no hook erp_read."
            raise NotProved(msg)
        shown = self.adapter.read(self.session, receipt)
        if not isinstance(shown, Contents | Gone):
            refute("A document that was written can be read by its id.", shown.why, "erp_read")
        return shown

    def read_all(self) -> dict[Receipt, Contents]:
        """Export the invoice, and return its documents as the ERP has them, by receipt."""
        found: dict[Receipt, Contents] = {}
        for receipt in self.export():
            if receipt.role is not None:
                found[receipt] = self.read_existing(receipt)
        return found

    def read_existing(self, receipt: Receipt) -> Contents:
        """Return the document of a receipt; if it is gone, end the check as refuted."""
        shown = self.read(receipt)
        if isinstance(shown, Gone):
            refute(
                "A document that was written can be read by its id.",
                f"document {receipt.erp_id} is gone",
                "erp_read",
            )
        return shown

    def list_looked_up(self) -> tuple[Step, ...]:
        """Return the steps whose documents can be looked up, as the declaration says."""
        return tuple(s for s in self.steps if self.find_terms(s).look_up is not LookUp.NONE)


def _list_lacking(request: ExportRequest, declaration: Declaration) -> list[str]:
    """Return sentences about what the invoice needs and the declaration lacks."""
    used = list_features_of_document(request.document) - declaration.supported
    return [
        *(denial.message for denial in find_undeclared(request, declaration).denials),
        *(f"The feature {name} is not declared." for name in sorted(each.value for each in used)),
    ]


def describe_outcome(outcome: Outcome | Sighting | Gone) -> str:
    """Return an answer of a hook in a few words."""
    match outcome:
        case Done(receipt):
            return f"done, document {receipt.erp_id}"
        case Found(receipt):
            return f"found document {receipt.erp_id}"
        case Refused(verdict):
            return f"refused: {verdict.denials[0].message}"
        case Absent() | Gone():
            return f"{type(outcome).__name__.lower()} as of {outcome.as_of.isoformat()}"
        case CannotTell():
            return f"no conclusive answer: {outcome.why}"
        case _:
            return f"{type(outcome).__name__.lower()}: {outcome.why}"


@contextmanager
def open_trial(
    target: Target, adapter: Adapter, folder: Path, *, with_faults: bool = False
) -> Iterator[Trial]:
    """
    Connect the adapter and yield a trial of a plain invoice.

    Args:
        target: The adapter, and how its ERP is reached.
        adapter: The loaded adapter.
        folder: A folder for the files of the connection.
        with_faults: True if its requests are to pass a transport into which faults can be injected.

    Raises:
        NotProved: The ERP cannot be reached.
    """
    settings = dict(target.settings(folder))
    transport = _build_transport(target, settings) if with_faults else None
    with transport or nullcontext():
        if isinstance(transport, FaultProxy):
            settings[_URL] = transport.url
        yield _connect(target, adapter, settings, transport)


def _build_transport(target: Target, settings: Mapping[str, object]) -> FaultTransport | None:
    if target.transport is not None:
        return target.transport()
    url = settings.get(_URL)
    return FaultProxy(url) if isinstance(url, str) else None


def _connect(
    target: Target,
    adapter: Adapter,
    settings: Mapping[str, object],
    transport: FaultTransport | None,
) -> Trial:
    connection = build_connection(adapter.key, settings, target.environ, {adapter.key: adapter})
    patience = Patience(
        pause=target.pause,
        limit=target.patience,
        has_faults=lambda: transport is not None and not transport.faults.is_empty,
    )
    patient = PatientAdapter(adapter, patience)
    session = patient.connect(connection)
    if isinstance(session, Deferred):
        msg = f"{UNREACHED}{session.why}"
        raise NotProved(msg)
    samples = SampleDocuments(
        base=fit_currency(target.document(), adapter.declaration),
        declaration=adapter.declaration,
        run=target.run,
        numbers=target.numbers,
        tax_codes=target.tax_codes,
    )
    return Trial(
        target=target,
        adapter=patient,
        connection=connection,
        session=session,
        request=samples.build_request(samples.build_plain()),
        samples=samples,
        transport=transport,
    )
