"""Loaded records, read from the database when a file refers to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from ..wire.procore import Records
from .kinds import RecordKind
from .table import RecordTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .table import RecordDatabase


T = TypeVar("T")


@attrs.frozen
class _LazyRecords(Mapping[str, T], Generic[T]):
    """The records of a kind by id, each read at its first use."""

    table: RecordTable
    kind: RecordKind

    def __getitem__(self, identity: str) -> T:
        found: T | None = self.table.get(self.kind, identity)
        if found is None:
            raise KeyError(identity)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.read_digests(self.kind))

    def __len__(self) -> int:
        return len(self.table.read_digests(self.kind))


def open_records(db: RecordDatabase) -> Records:
    """Return the loaded records, each read at its first use; cost codes are read at once."""
    table = RecordTable(db)
    return Records(
        company=table.read_company(),
        projects=_LazyRecords(table, RecordKind.PROJECT),
        vendors=_LazyRecords(table, RecordKind.VENDOR),
        users=_LazyRecords(table, RecordKind.USER),
        commitments=_LazyRecords(table, RecordKind.COMMITMENT),
        requisitions=_LazyRecords(table, RecordKind.REQUISITION),
        cost_codes=table.get_all(RecordKind.COST_CODE),
    )
