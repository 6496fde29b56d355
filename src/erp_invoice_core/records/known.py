"""The loaded documents, as records to which another document may refer."""

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
class _LazyRecords(Mapping[str, T], Generic[T]):
    """The documents of a kind by id, each read at its first use."""

    table: DocumentTable
    kind: DocumentKind

    def __getitem__(self, identity: str) -> T:
        found: T | None = self.table.get(self.kind, identity)
        if found is None:
            raise KeyError(identity)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.read_digests(self.kind))

    def __len__(self) -> int:
        return len(self.table.read_digests(self.kind))


def open_records(connection: Documents) -> Records:
    """Return the known records, which are read at their first use, except cost codes."""
    table = DocumentTable(connection)
    return Records(
        company=table.read_company(),
        projects=_LazyRecords(table, DocumentKind.PROJECT),
        vendors=_LazyRecords(table, DocumentKind.VENDOR),
        users=_LazyRecords(table, DocumentKind.USER),
        commitments=_LazyRecords(table, DocumentKind.COMMITMENT),
        requisitions=_LazyRecords(table, DocumentKind.REQUISITION),
        cost_codes=table.get_all(DocumentKind.COST_CODE),
    )
