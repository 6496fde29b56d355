"""Strategies for the documents of a project: commitments, vendors, holds, people."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from ...documents import (
    Actor,
    Attachment,
    ChangeOrderPackage,
    CommitmentLine,
    CostCode,
    Hold,
    Project,
    PurchaseOrder,
    Subcontract,
    Vendor,
)
from ...vocabulary import (
    AccountingMethod,
    Blocks,
    Level,
    Privilege,
    PurchaseOrderStatus,
    SubcontractStatus,
)
from .words import amounts, currencies, ids, names, optional_ids, percents

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from ...documents import Commitment


@cache
def holds() -> SearchStrategy[Hold]:
    """Payment holds; each blocks sending, accepting or exporting, and the actions after it."""
    return st.builds(
        Hold,
        code=st.sampled_from(["lien_waiver", "insurance", "dispute"]),
        message=names(),
        blocks=st.sampled_from(Blocks),
        released_by=names(),
    )


@cache
def projects(*, synced: bool | None = None) -> SearchStrategy[Project]:
    """Projects; with *synced* given, all or none of them have a job in the ERP."""
    return st.builds(Project, id=ids(), name=names(), origin_id=_origins(synced))


@cache
def vendors(*, synced: bool | None = None) -> SearchStrategy[Vendor]:
    """
    Contract companies; with *synced* given, all or none of them have an id in the ERP.

    Those with *synced* true have no holds.
    """
    few = st.just(()) if synced else st.lists(holds(), max_size=1).map(tuple)
    return st.builds(Vendor, id=ids(), name=names(), origin_id=_origins(synced), holds=few)


@cache
def attachments() -> SearchStrategy[Attachment]:
    """Attachments, with or without the digest of their content."""
    digest = st.none() | st.just("ab" * 32)
    return st.builds(Attachment, id=ids(), filename=names(), digest=digest)


@cache
def actors() -> SearchStrategy[Actor]:
    """People with any levels and privileges; some have a level on project 10."""
    level = st.sampled_from(Level)
    return st.builds(
        Actor,
        id=ids(),
        name=names(),
        commitments=st.dictionaries(st.just("10") | ids(), level, max_size=3),
        erp_integrations=level,
        privileges=st.frozensets(st.sampled_from(Privilege)),
        rights=st.frozensets(st.sampled_from(["release", "audit"])),
    )


@cache
def _origins(synced: bool | None) -> SearchStrategy[str | None]:  # noqa: FBT001 - yes, no, any
    if synced is None:
        return optional_ids()
    return ids() if synced else st.none()


@st.composite
def commitment_lines(
    draw: DrawFn, currency: str = "USD", *, synced: bool | None = None
) -> CommitmentLine:
    """
    Lines with amounts of zero and more.

    Each has the id ``line``, which :func:`commitments` replaces by a number.
    """
    cost_code = st.builds(CostCode, full_code=names(), origin_id=_origins(synced))
    return CommitmentLine(
        id="line",
        amount=draw(amounts(currency, least=0)),
        description=draw(names()),
        cost_code=draw(cost_code if synced else st.none() | cost_code),
        origin_id=draw(_origins(synced)),
    )


@st.composite
def commitments(draw: DrawFn, *, synced: bool | None = None) -> Commitment:
    """
    Subcontracts and purchase orders with one to four lines and up to two change orders.

    With *synced* given, each part of a commitment has an ERP id, or no part has one. A synced
    commitment has no holds.
    """
    currency = draw(currencies())
    line = commitment_lines(currency, synced=synced)
    counts = [draw(st.integers(1, 4)), *draw(st.lists(st.integers(1, 2), max_size=2))]
    rows, count = [], 0
    for size in counts:
        rows.append(tuple(_renumber(draw(line), count + place) for place in range(1, size + 1)))
        count += size
    changes = tuple(
        ChangeOrderPackage(
            id=f"co{place}",
            number=str(place),
            status="approved",
            origin_id=draw(_origins(synced)),
            lines=lines,
        )
        for place, lines in enumerate(rows[1:], 1)
    )
    facts: dict[str, Any] = {
        "id": draw(ids()),
        "project_id": draw(ids()),
        "vendor_id": draw(ids()),
        "number": draw(names()),
        "currency": currency,
        "title": draw(names()),
        "accounting_method": draw(st.sampled_from(AccountingMethod)),
        "retainage_percent": draw(percents()),
        "origin_id": draw(_origins(synced)),
        "lines": rows[0],
        "payment_terms": draw(st.none() | names()),
        "change_orders": changes,
        "holds": () if synced else tuple(draw(st.lists(holds(), max_size=1))),
    }
    if draw(st.booleans()):
        return Subcontract(status=draw(st.sampled_from(SubcontractStatus)), **facts)
    return PurchaseOrder(status=draw(st.sampled_from(PurchaseOrderStatus)), **facts)


def _renumber(line: CommitmentLine, number: int) -> CommitmentLine:
    return CommitmentLine(
        id=str(number),
        amount=line.amount,
        description=line.description,
        cost_code=line.cost_code,
        origin_id=line.origin_id,
    )
