"""Records loaded before, to which a document may refer."""

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
from ...values import Value

#: The class by the type name of Procore.
KINDS: dict[str, type[Commitment]] = {
    "WorkOrderContract": Subcontract,
    "PurchaseOrderContract": PurchaseOrder,
}


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Company(Value):
    """The company, with the currency of commitments and requisitions that state none."""

    id: str
    name: str
    currency: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Records(Value):
    """
    The records loaded before, by id. A mapping may read them on demand.

    If ``company`` is given, a document of another company is refused. ``sent`` has the ids of
    requisitions that were sent or are synced; for an outdated reference of one of these there is
    only a warning.
    """

    company: Company | None = None
    projects: Mapping[str, Project] = attrs.field(factory=dict)
    vendors: Mapping[str, Vendor] = attrs.field(factory=dict)
    users: Mapping[str, Actor] = attrs.field(factory=dict)
    commitments: Mapping[str, Commitment] = attrs.field(factory=dict)
    requisitions: Mapping[str, Invoice] = attrs.field(factory=dict)
    cost_codes: Mapping[str, CostCode] = attrs.field(factory=dict)
    sent: Container[str] = frozenset()
