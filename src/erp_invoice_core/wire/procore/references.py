"""What records refer to: found in the document, or known from before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ...documents import (
    ChangeOrderPackage,
    Commitment,
    Project,
    Vendor,
)
from ...vocabulary import ItemType
from .known import KINDS, Records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .fields import Scope

__all__ = ["References"]

T = TypeVar("T")

_NAMES = {
    ItemType.CONTRACT_ITEM: "own lines",
    ItemType.CONTRACT_DETAIL_ITEM: "own lines",
    ItemType.CHANGE_ORDER_ITEM: "change-order lines",
    ItemType.WHOLE_CHANGE_ORDER_ITEM: "change-order packages",
}


@attrs.define
class References:
    """
    The records of the document by id, ``None`` for a wrong one; behind them the known ones.

    A reference to a wrong record is no problem of its own.
    """

    known: Records
    projects: dict[str, Project | None] = attrs.field(factory=dict)
    vendors: dict[str, Vendor | None] = attrs.field(factory=dict)
    commitments: dict[str, Commitment | None] = attrs.field(factory=dict)
    _targets: dict[str, dict[tuple[ItemType, str], ChangeOrderPackage | None]] = attrs.field(
        factory=dict
    )

    def commitment(self, identity: str) -> Commitment | None:
        """Return a commitment, ``None`` where it is not there or wrong."""
        if identity in self.commitments:
            return self.commitments[identity]
        return self.known.commitments.get(identity)

    def _find(
        self,
        scope: Scope,
        name: str,
        identity: str | None,
        pools: tuple[Mapping[str, T | None], Mapping[str, T]],
    ) -> T | None:
        here, known = pools
        if identity is None or identity in here:
            return here.get(identity or "")
        found = known.get(identity)
        if found is None:
            sentence = f"Name one that is there: {identity!a} is neither in the file nor loaded."
            scope.problem(name, "reference.dangling", sentence)
        return found

    def of_commitment(self, scope: Scope, found: Mapping[str, Any]) -> None:
        """Report a project or vendor that is not there."""
        projects, vendors = (self.projects, self.known.projects), (self.vendors, self.known.vendors)
        self._find(scope, "project_id", found.get("project_id"), projects)
        self._find(scope, "vendor_id", found.get("vendor_id"), vendors)

    def of_requisition(self, scope: Scope, found: Mapping[str, Any]) -> None:
        """Report a project or commitment that is not there, or that does not fit."""
        projects = (self.projects, self.known.projects)
        self._find(scope, "project_id", found.get("project_id"), projects)
        pools = (self.commitments, self.known.commitments)
        commitment = self._find(scope, "commitment_id", found.get("commitment_id"), pools)
        kind = scope.get("commitment_type")
        if kind is not None and (not isinstance(kind, str) or kind not in KINDS):
            sentence = f"Use one of {', '.join(KINDS)}."
            scope.problem("commitment_type", "value.unknown", sentence)
            kind = None
        if commitment is None:
            return
        if kind and not isinstance(commitment, KINDS[kind]):
            sentence = f"Name the commitment's own type: {commitment.id!a} is of the other one."
            scope.problem("commitment_type", "reference.type", sentence)
        if found.get("project_id", commitment.project_id) != commitment.project_id:
            sentence = f"Name the commitment's project, {commitment.project_id!a}."
            scope.problem("project_id", "reference.other_project", sentence)
        if found["currency"] != commitment.currency:
            sentence = f"Bill in the commitment's currency, {commitment.currency}."
            scope.problem("currency_configuration.currency_iso_code", "currency.two", sentence)

    def of_item(self, scope: Scope, found: Mapping[str, Any], commitment_id: str | None) -> None:
        """Report a line that is not the commitment's, or whose change order is not approved."""
        commitment = self.commitment(commitment_id) if commitment_id else None
        line, kind = found.get("line_item_id"), found.get("item_type")
        if commitment is None or line is None or kind is None:
            return
        targets = self._targets.get(commitment.id)
        if targets is None:
            targets = self._targets[commitment.id] = _targets(commitment)
        if (kind, line) not in targets:
            sentence = f"Name what the commitment has: {line!a} is none of its {_NAMES[kind]}."
            scope.problem("line_item_id", "reference.dangling", sentence)
            return
        package = targets[kind, line]
        if package and not package.is_approved:
            sentence = f"Bill approved change orders only: {package.number!a} is not approved."
            scope.problem("line_item_id", "change_order.not_approved", sentence)


def _targets(commitment: Commitment) -> dict[tuple[ItemType, str], ChangeOrderPackage | None]:
    """Return what items of each type may name, with the package that has to be approved."""
    targets: dict[tuple[ItemType, str], ChangeOrderPackage | None] = {}
    for line in commitment.lines:
        targets[ItemType.CONTRACT_ITEM, line.id] = None
        targets[ItemType.CONTRACT_DETAIL_ITEM, line.id] = None
    for package in commitment.change_orders:
        targets[ItemType.WHOLE_CHANGE_ORDER_ITEM, package.id] = package
        for line in package.lines:
            targets[ItemType.CHANGE_ORDER_ITEM, line.id] = package
    return targets
