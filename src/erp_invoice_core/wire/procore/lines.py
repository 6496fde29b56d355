"""The lines and change orders that invoice items may bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ...values import Value
from ...vocabulary import ItemType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...documents import ChangeOrderPackage, Commitment, CommitmentLine


#: The field in which an item names its line; older names do not say which kind of line.
LINE = "line_item_id"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class NamedLine(Value):
    """
    A line or change order that an item bills.

    Attributes:
        id: The id of the line, or of a change order that is billed as a whole.
        line: The line, if the commitment has it.
        package: The change order that must be approved, if it is known.
        is_shown: True if the commitment has the named line or change order.
    """

    id: str
    line: CommitmentLine | None = None
    package: ChangeOrderPackage | None = None
    is_shown: bool = True


class Lines:
    """
    The lines and change orders of a commitment, by the type of the items that may bill them.

    Some answers lack two kinds of lines: those of a detailed schedule of values, and those of a
    change order. Items may bill them nevertheless.
    """

    def __init__(self, commitment: Commitment) -> None:
        """Index a commitment once for all items of its invoices."""
        self._packages = {package.id: package for package in commitment.change_orders}
        self._own = {line.id: line for line in commitment.lines}
        self._named: dict[tuple[ItemType, str], NamedLine] = {}
        for line in commitment.lines:
            named = NamedLine(id=line.id, line=line)
            self._named[ItemType.CONTRACT_ITEM, line.id] = named
            self._named[ItemType.CONTRACT_DETAIL_ITEM, line.id] = named
        for package in commitment.change_orders:
            whole = NamedLine(id=package.id, package=package)
            self._named[ItemType.WHOLE_CHANGE_ORDER_ITEM, package.id] = whole
            for line in package.lines:
                named = NamedLine(id=line.id, line=line, package=package)
                self._named[ItemType.CHANGE_ORDER_ITEM, line.id] = named

    def find(
        self, kind: ItemType, names: Mapping[str, str], package_id: str | None
    ) -> NamedLine | None:
        """
        Return the line or change order that an item bills; ``None`` if the commitment lacks it.

        If Procore's answer may have left the line out, it is returned with ``is_shown`` False.

        Args:
            kind: The type of the item.
            names: The ids of the billed line or change order, by the field of the item; at least
                one.
            package_id: The id of the change order that the item names in addition.
        """
        for name in names.values():
            if (kind, name) in self._named:
                return self._named[kind, name]
        first = next(iter(names.values()))
        if kind is ItemType.CONTRACT_DETAIL_ITEM:
            return NamedLine(id=first, is_shown=False)
        if kind is not ItemType.CHANGE_ORDER_ITEM:
            return None
        package = self._packages.get(package_id or "")
        if package is not None and package.lines and LINE in names:
            return None
        if package is None:
            hidden = [each for each in self._packages.values() if not each.lines]
            if not hidden:
                return None
            if len(hidden) == 1 or not any(each.is_approved for each in hidden):
                package = hidden[0]
        return NamedLine(id=first, package=package, is_shown=False)

    def find_contract_line(self, names: Mapping[str, str]) -> CommitmentLine | None:
        """Return the contract line that has one of the ids in ``names``, or ``None``."""
        found = (self._own[name] for name in names.values() if name in self._own)
        return next(found, None)
