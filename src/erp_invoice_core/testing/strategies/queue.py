"""Strategies for the data of the queue: documents, receipts, calls, entries, events."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ...documents import (
    Acceptance,
    Answer,
    Call,
    CallKind,
    ExportDocument,
    ExportLine,
    Holding,
    Key,
    Lease,
    MappedId,
    MappingKind,
    QueueEntry,
    Receipt,
    Step,
)
from ...events import AuditEvent
from ...verdict import Denial, Notice, Remedy, Source
from ...vocabulary import Action, ExportStatus, ItemType, Role
from .documents import attachments
from .words import amounts, days, ids, moments, names, optional_ids

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_CODES = ("person.rejected", "erp.period_closed", "vendor.not_synced")
_REMEDIES = ("action.reject", "hold.release", "wait")
_TEXTS = st.dictionaries(names(), names(), max_size=2)


@cache
def denials() -> SearchStrategy[Denial]:
    """Denials, with facts and remedies."""
    codes, values = st.sampled_from(_REMEDIES), st.none() | names()
    actions = st.none() | st.sampled_from(Action)
    remedy = st.builds(Remedy, codes, actions, values, names(), names(), _TEXTS)
    together = st.lists(remedy, min_size=1, max_size=2).map(tuple)
    remedies = st.lists(together, max_size=2).map(tuple)
    return st.builds(
        Denial, st.sampled_from(_CODES), names(), st.sampled_from(Source), _TEXTS, remedies
    )


@cache
def steps() -> SearchStrategy[Step]:
    """Steps of an export."""
    return st.builds(Step, names(), names(), st.none() | st.sampled_from(Role))


@cache
def receipts() -> SearchStrategy[Receipt]:
    """Receipts of an ERP."""
    return st.builds(
        Receipt,
        step=names(),
        erp_id=ids(),
        role=st.none() | st.sampled_from(Role),
        number=st.none() | names(),
        state=st.sampled_from([None, "draft", "posted", "on_hold"]),
        digest=st.sampled_from(["", "ab" * 32]),
    )


@cache
def _keys(entry_id: str) -> SearchStrategy[Key]:
    few = st.integers(1, 3)
    return st.builds(Key, st.just(entry_id), few, few, names())


@cache
def holdings(entry_id: str = "5000") -> SearchStrategy[Holding]:
    """Receipts of an entry with the keys of their calls; some of their documents are gone."""
    return st.builds(Holding, receipts(), _keys(entry_id), st.booleans())


@cache
def calls(entry_id: str = "5000") -> SearchStrategy[Call]:
    """Calls, settled or in doubt."""
    return st.builds(
        Call,
        key=_keys(entry_id),
        kind=st.sampled_from(CallKind),
        step_kind=names(),
        digest=st.just("ab" * 32),
        fencing=st.integers(1, 9),
        started_at=moments(),
        lease_until=moments(),
        erp_id=optional_ids(),
        answer=st.none() | st.sampled_from(Answer),
    )


@cache
def export_documents() -> SearchStrategy[ExportDocument]:
    """Export documents with any amounts."""
    line = st.builds(
        ExportLine,
        item_id=ids(),
        item_type=st.sampled_from(ItemType),
        line_item_id=ids(),
        description=names(),
        gross=amounts(),
        retained=amounts(),
        released=amounts(),
        tax=amounts(),
        tax_code=optional_ids(),
    )
    return st.builds(
        ExportDocument,
        invoice_id=ids(),
        company_id=ids(),
        currency=st.just("USD"),
        project_id=ids(),
        job_origin_id=optional_ids(),
        vendor_id=ids(),
        vendor_name=names(),
        vendor_origin_id=optional_ids(),
        commitment_id=ids(),
        commitment_kind=st.sampled_from(["subcontract", "purchase_order"]),
        commitment_number=names(),
        commitment_origin_id=optional_ids(),
        number=st.integers(1, 99),
        lines=st.lists(line, max_size=3).map(tuple),
        invoice_number=st.none() | names(),
        billing_date=st.none() | days(),
        attachments=st.lists(attachments(), max_size=1).map(tuple),
    )


@cache
def entries(entry_id: str = "5000") -> SearchStrategy[QueueEntry]:
    """Entries in any state, also in states that no events lead to."""
    mapped = st.builds(MappedId, kind=st.sampled_from(MappingKind), code=names(), erp_id=names())
    acceptance = st.builds(
        Acceptance,
        by=ids(),
        at=moments(),
        digest=st.just("ab" * 32),
        declaration=st.just("cd" * 32),
        losses=st.just("ef" * 32),
        fields=_TEXTS,
        attachments=st.lists(st.tuples(ids(), optional_ids()), max_size=2).map(tuple),
        direct=st.booleans(),
        number=st.none() | names(),
        mapped=st.lists(mapped, max_size=2).map(tuple),
    )
    lease = st.builds(Lease, holder=names(), fencing=st.integers(1, 9), until=moments())
    return st.builds(
        QueueEntry,
        id=st.just(entry_id),
        connection=optional_ids(),
        status=st.sampled_from(ExportStatus),
        version=st.integers(0, 99),
        generation=st.integers(1, 3),
        attempt=st.integers(1, 3),
        document=st.none() | export_documents(),
        digest=st.sampled_from(["", "ab" * 32]),
        sent_by=optional_ids(),
        acceptance=st.none() | acceptance,
        plan=st.lists(steps(), max_size=2).map(tuple),
        calls=st.lists(calls(entry_id), max_size=2).map(tuple),
        holdings=st.lists(holdings(entry_id), max_size=2).map(tuple),
        lease=st.none() | lease,
        fencing=st.integers(0, 9),
        due_at=st.none() | moments(),
        withdrawing=st.booleans(),
        slot=st.none() | names(),
        refusal=st.lists(denials(), max_size=1).map(tuple),
    )


@cache
def events() -> SearchStrategy[AuditEvent]:
    """Single audit events, which form no history with each other."""
    notice = st.builds(Notice, st.sampled_from(_CODES), names(), st.sampled_from(Source), _TEXTS)
    return st.builds(
        AuditEvent,
        entry_id=ids(),
        seq=st.integers(1, 99),
        at=moments(),
        actor=ids(),
        action=st.sampled_from(Action),
        before=st.sampled_from(ExportStatus),
        after=st.sampled_from(ExportStatus),
        version=st.integers(0, 99),
        denials=st.lists(denials(), max_size=2).map(tuple),
        notices=st.lists(notice, max_size=1).map(tuple),
        facts=_TEXTS,
        command=optional_ids(),
    )
