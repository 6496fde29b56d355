"""
Features that an export document uses: one row per feature.

A case is built from an invoice and its commitment, or from an export document, and both ways ask
this table. A feature is used if the lines of the export document need it. Materials that were
stored before and did not change are not in the document, therefore they use nothing.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ..vocabulary import AccountingMethod, Feature, ItemType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from decimal import Decimal

    from ..billing import BilledItem
    from ..documents import ExportDocument


class BilledLine(NamedTuple):
    """A line of a billed document; ``retained`` is ``None`` if it is not known."""

    item_type: ItemType
    accounting_method: AccountingMethod
    stored: Decimal
    retained: Decimal | None
    released: Decimal


class BilledDocument(NamedTuple):
    """The part of an invoice or an export document that decides which features it uses."""

    is_order: bool
    lines: tuple[BilledLine, ...]


_IsUsed: TypeAlias = "Callable[[BilledDocument], bool]"


def _bills_by(method: AccountingMethod) -> _IsUsed:
    return lambda document: any(line.accounting_method is method for line in document.lines)


# fmt: off
#: The predicate of each feature that documents use; the other features do not depend on them.
USES: Mapping[Feature, _IsUsed] = MappingProxyType({
    # feature                  the document uses it
    Feature.INVOICES:          lambda _document: True,
    Feature.SUBCONTRACTS:      lambda document: not document.is_order,
    Feature.PURCHASE_ORDERS:   lambda document: document.is_order,
    Feature.AMOUNT_BASED:      _bills_by(AccountingMethod.AMOUNT),
    Feature.UNIT_BASED:        _bills_by(AccountingMethod.UNIT),
    Feature.CHANGE_ORDERS:     lambda document: any(line.item_type.is_change for line in document.lines),
    Feature.STORED_MATERIALS:  lambda document: any(line.stored for line in document.lines),
    Feature.RETAINAGE:         lambda document: any(line.retained for line in document.lines),
    Feature.RETAINAGE_RELEASE: lambda document: any(line.released for line in document.lines),
})
# fmt: on


def _list_used(document: BilledDocument) -> frozenset[Feature]:
    return frozenset(feature for feature, is_used in USES.items() if is_used(document))


def list_features_of_items(rows: Iterable[BilledItem], *, is_order: bool) -> frozenset[Feature]:
    """
    Return the features that billed items of a commitment use.

    ``is_order`` is True for a purchase order and False for a subcontract.
    """
    lines = (
        BilledLine(
            item_type=item.item_type,
            accounting_method=item.accounting_method,
            stored=amounts.stored,
            retained=amounts.retained,
            released=amounts.released,
        )
        for item, amounts, _places in rows
    )
    return _list_used(BilledDocument(is_order, tuple(lines)))


def list_features_of_document(document: ExportDocument) -> frozenset[Feature]:
    """Return the features that an export document uses."""
    lines = (
        BilledLine(
            item_type=line.item_type,
            accounting_method=line.accounting_method,
            stored=line.stored,
            retained=line.retained,
            released=line.released,
        )
        for line in document.lines
    )
    is_order = document.commitment_kind == "purchase_order"
    return _list_used(BilledDocument(is_order, tuple(lines)))
