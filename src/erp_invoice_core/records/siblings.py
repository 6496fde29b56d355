"""
The other invoices of a commitment on which an invoice's facts depend.

The facts say whether an invoice is the latest one of its commitment, and which earlier ones are not
synced. Therefore they depend on later invoices, and on earlier ones that are not synced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import InvoiceSummary
from ..stores.record_rows import AMONG
from ..stores.rows import from_column, to_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..stores.record_rows import RecordRows


# An invoice depends on the later ones of its commitment, and on the earlier ones that are not
# synced. There are few of these, however many siblings there are.
_FIND = f"""
    SELECT erp_records.id, commitment_id, number, (status = 'synced') IS TRUE
        FROM erp_records LEFT JOIN erp_entries ON erp_entries.company = ''
            AND erp_entries.id = erp_records.id
        WHERE commitment_id {AMONG} AND (number >= ? OR (status = 'synced') IS NOT TRUE)
"""  # noqa: S608 - only a placeholder
_SYNCED = f"SELECT id FROM erp_entries WHERE company = '' AND status = 'synced' AND id {AMONG}"  # noqa: S608 - the same


@attrs.frozen
class Siblings:
    """The invoices of a commitment that decisions need, and the ids of the unsynced ones."""

    invoices: tuple[InvoiceSummary, ...] = ()
    unsynced: frozenset[str] = frozenset()


#: The siblings of an invoice whose commitment has none that matter.
NO_SIBLINGS = Siblings()


def find_siblings(database: RecordRows, invoices: Iterable[InvoiceSummary]) -> dict[str, Siblings]:
    """
    Return the siblings on which the invoices depend, by id of the commitment, with one query.

    Their invoice numbers are left out; :class:`NumberIndex` finds them.
    """
    given = list(invoices)
    wanted = sorted({invoice.commitment_id for invoice in given})
    first = min((invoice.number for invoice in given), default=1)
    rows = [
        (str(id_), str(commitment), number, bool(is_synced))
        for id_, commitment, number, is_synced in database.query(_FIND, wanted, first)
        if number is not None  # the invoice could not be read when its table was moved
    ]
    return index_siblings(database, rows)


def index_siblings(
    database: RecordRows, rows: Sequence[tuple[str, str, int, bool]]
) -> dict[str, Siblings]:
    """
    Return the siblings of rows, by id of the commitment.

    A row has id, commitment, number, and whether the invoice is known not to be unsynced.
    """
    synced = {id_ for id_, _, _, is_synced in rows if is_synced} | _find_escaped(database, rows)
    found: dict[str, list[InvoiceSummary]] = {}
    # By id, which costs the database more than here (line 4i of the benchmarks).
    for id_, commitment, number, _ in sorted(rows):
        summary = InvoiceSummary(id=id_, commitment_id=commitment, number=number)
        found.setdefault(commitment, []).append(summary)
    return {
        commitment: Siblings(tuple(summaries), frozenset(each.id for each in summaries) - synced)
        for commitment, summaries in found.items()
    }


def _find_escaped(database: RecordRows, rows: Iterable[tuple[str, str, int, bool]]) -> set[str]:
    """
    Return those ids of the rows that are escaped in the table of entries and are synced there.

    The query for siblings compares unescaped ids, so it does not find these invoices as synced.
    """
    escaped = [to_column(id_) for id_, *_ in rows if id_ != to_column(id_)]
    if not escaped:
        return set()
    return {from_column(str(id_)) for (id_,) in database.query(_SYNCED, escaped)}
