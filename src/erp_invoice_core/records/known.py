"""The stored documents as records that a later document may refer to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from ..wire.procore import Records
from .table import DocumentKind, DocumentTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .table import Documents


T = TypeVar("T")


@attrs.frozen
class _OnDemand(Mapping[str, T], Generic[T]):
    """The documents of a kind by id, each read when it is asked for."""

    table: DocumentTable
    kind: DocumentKind

    def __getitem__(self, identity: str) -> T:
        found: T | None = self.table.get(self.kind, identity)
        if found is None:
            raise KeyError(identity)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.digests(self.kind))

    def __len__(self) -> int:
        return len(self.table.digests(self.kind))


def records(connection: Documents) -> Records:
    """Return everything that is stored; all but the cost codes is read when it is asked for."""
    table = DocumentTable(connection)
    return Records(
        company=table.company(),
        projects=_OnDemand(table, DocumentKind.PROJECT),
        vendors=_OnDemand(table, DocumentKind.VENDOR),
        users=_OnDemand(table, DocumentKind.USER),
        commitments=_OnDemand(table, DocumentKind.COMMITMENT),
        requisitions=_OnDemand(table, DocumentKind.REQUISITION),
        cost_codes=table.all(DocumentKind.COST_CODE),
    )
