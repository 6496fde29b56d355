"""
References between records in the files and the database.

An id in a record must be that of another record, in the files or loaded before. Wrong references
are reported while the records are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from ...vocabulary import ItemType
from .cost_codes import CostCodes, read_own_cost_code
from .known_records import KINDS, Records
from .lines import Lines
from .values import build_unknown, find_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...documents import Commitment, Project, Vendor
    from .fields import Scope
    from .lines import NamedLine


T = TypeVar("T")

#: The fact that names the records among which the billed one of each type of items is missing.
_NAMES = {
    ItemType.CONTRACT_ITEM: "own_lines",
    ItemType.CONTRACT_DETAIL_ITEM: "own_lines",
    ItemType.CHANGE_ORDER_ITEM: "change_order_lines",
    ItemType.WHOLE_CHANGE_ORDER_ITEM: "change_orders",
}


@attrs.define
class References:
    """
    The records of the files, and the records loaded before, to which an id may refer.

    A record of the files with a problem is ``None`` here. A reference to it is not reported in
    addition.
    """

    known: Records
    projects: dict[str, Project | None] = attrs.field(factory=dict)
    vendors: dict[str, Vendor | None] = attrs.field(factory=dict)
    commitments: dict[str, Commitment | None] = attrs.field(factory=dict)
    cost_codes: CostCodes = attrs.field(
        default=attrs.Factory(lambda self: CostCodes(self.known.cost_codes), takes_self=True)
    )
    _lines: dict[str, Lines] = attrs.field(factory=dict)

    def find_commitment(self, identity: str) -> Commitment | None:
        """Return a commitment, or ``None`` if it is missing or has a problem."""
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
        if identity is None:
            return None
        if identity in here:
            return here[identity]
        found = known.get(identity)
        if found is None:
            scope.report_problem(name, "reference.dangling", id=ascii(identity))
        return found

    def check_commitment(self, scope: Scope, found: Mapping[str, Any]) -> None:
        """Report a project or vendor of a commitment that does not exist."""
        projects, vendors = (self.projects, self.known.projects), (self.vendors, self.known.vendors)
        self._find(scope, "project_id", found.get("project_id"), projects)
        self._find(scope, "vendor_id", found.get("vendor_id"), vendors)

    def is_sent(self, found: Mapping[str, Any]) -> bool:
        """Return whether a requisition is sent or synced: wrong references only warn then."""
        return found.get("origin_id") is not None or found.get("id") in self.known.sent

    def _report(
        self, scope: Scope, found: Mapping[str, Any], name: str, code: str, /, **facts: object
    ) -> None:
        """
        Report a wrong reference; for a sent or synced requisition, as a warning.

        ``found`` has the values of the requisition; ``name`` is the field.
        """
        report = scope.warn if self.is_sent(found) else scope.report_problem
        report(name, code, **facts)

    def check_requisition(self, scope: Scope, found: Mapping[str, Any]) -> None:
        """
        Report a project or commitment that does not exist, and values that contradict it.

        The requisition must have the type, project, currency and vendor of its commitment, if it
        states them.
        """
        projects = (self.projects, self.known.projects)
        self._find(scope, "project_id", found.get("project_id"), projects)
        pools = (self.commitments, self.known.commitments)
        commitment = self._find(scope, "commitment_id", found.get("commitment_id"), pools)
        kind = scope.get("commitment_type")
        if kind is not None and (not isinstance(kind, str) or kind not in KINDS):
            wrong = build_unknown(KINDS, kind)
            scope.report_problem("commitment_type", wrong.code, **wrong.facts)
            kind = None
        if commitment is None:
            return
        if kind and not isinstance(commitment, KINDS[kind]):
            own = next(name for name, each in KINDS.items() if isinstance(commitment, each))
            facts = {"commitment": ascii(commitment.id), "type": own}
            self._report(scope, found, "commitment_type", "reference.type", **facts)
        if found.get("project_id", commitment.project_id) != commitment.project_id:
            project = ascii(commitment.project_id)
            self._report(scope, found, "project_id", "reference.other_project", project=project)
        if found["currency"] != commitment.currency:
            name = "currency_configuration.currency_iso_code"
            facts = {"currency": found["currency"], "commitment_currency": commitment.currency}
            scope.report_problem(name, "currency.two", **facts)
        self._check_vendor(scope, found, commitment)

    def _check_vendor(self, scope: Scope, found: Mapping[str, Any], commitment: Commitment) -> None:
        name, given = "vendor_id", scope.look("vendor_id")
        if given is None and isinstance(vendor := scope.look("vendor"), dict):
            name, given = "vendor.id", vendor.get("id")
        vendor_id = find_id(given)
        if vendor_id is not None and vendor_id != commitment.vendor_id:
            facts = {"vendor": ascii(vendor_id), "commitment": ascii(commitment.id)}
            other = ascii(commitment.vendor_id)
            self._report(scope, found, name, "reference.other_vendor", **facts, other=other)

    def settle_item(self, scope: Scope, found: dict[str, Any], above: Mapping[str, Any]) -> None:
        """
        Add to ``found`` the line that an item bills, and the item's cost code if the line has none.

        Report a line that the commitment does not have, and a change order that is not approved.
        ``found`` has the values of the item, and ``above`` those of the requisition.
        """
        names, kind = found.get("names"), found.get("item_type")
        commitment = self.find_commitment(above.get("commitment_id") or "")
        package_id = find_id(scope.look("change_order_package_id"))
        if names:
            found["line_item_id"] = next(iter(names.values()))
        if commitment is None or not names or kind is None:
            return
        lines = self._lines.get(commitment.id)
        if lines is None:
            lines = self._lines[commitment.id] = Lines(commitment)
        named = lines.find(kind, names, package_id)
        if named is None:
            facts = {"line": ascii(found["line_item_id"]), "among": _NAMES[kind]}
            self._report(scope, above, "line_item_id", "reference.dangling", **facts)
            return
        found["line_item_id"] = named.id
        if named.package and not named.package.is_approved:
            number = ascii(named.package.number)
            self._report(scope, above, "line_item_id", "change_order.not_approved", number=number)
        self._keep_own(scope, found, named, lines)

    def _keep_own(
        self, scope: Scope, found: dict[str, Any], named: NamedLine, lines: Lines
    ) -> None:
        """
        Add to ``found`` the values of the billed line that its commitment does not show.

        The item states them: its cost code, its change order, and the id of the line in the ERP.
        """
        contract_line = lines.find_contract_line(found["names"])
        if not named.is_shown:
            found["change_order_id"] = named.package.id if named.package else None
            origin_id = scope.look("commitment_line_item_origin_id")
            if contract_line is None:
                found["line_origin_id"] = find_id(origin_id)
        bare = named.package is not None and not named.package.lines
        if not named.is_shown or bare or (named.line and named.line.cost_code is None):
            own = read_own_cost_code(scope, self.cost_codes)
            found["cost_code"] = own or (contract_line.cost_code if contract_line else None)
