"""The records that a document may refer to without holding them."""

from __future__ import annotations

from collections.abc import Container, Mapping

import attrs

from ...documents import (
    Actor,
    Commitment,
    CostCode,
    Invoice,
    Project,
    PurchaseOrder,
    Subcontract,
    Vendor,
)

#: Our class by the name of Procore's.
KINDS: dict[str, type[Commitment]] = {
    "WorkOrderContract": Subcontract,
    "PurchaseOrderContract": PurchaseOrder,
}


@attrs.frozen(kw_only=True)
class Company:
    """The company; ``currency`` counts wherever a commitment or requisition names none."""

    id: str
    name: str
    currency: str


@attrs.frozen(kw_only=True)
class Records:
    """
    Records by id, as they were loaded before. Each mapping may read on demand.

    With a company, a document of another company is refused. ``sent`` has the ids of requisitions
    that were sent or are synced: what is stale about one of them is a warning.
    """

    company: Company | None = None
    projects: Mapping[str, Project] = attrs.field(factory=dict)
    vendors: Mapping[str, Vendor] = attrs.field(factory=dict)
    users: Mapping[str, Actor] = attrs.field(factory=dict)
    commitments: Mapping[str, Commitment] = attrs.field(factory=dict)
    requisitions: Mapping[str, Invoice] = attrs.field(factory=dict)
    cost_codes: Mapping[str, CostCode] = attrs.field(factory=dict)
    sent: Container[str] = frozenset()
