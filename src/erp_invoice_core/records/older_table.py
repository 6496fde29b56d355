"""The move of loaded records out of the tables before version 0.4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..stores.record_rows import AMONG, OLDER_TABLE
from .kinds import RecordKind, read_if_possible
from .numbers import build_similarity_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..stores.record_rows import RecordRows


_MOVE = f"""
    INSERT INTO erp_records (kind, id, commitment_id, body, digest)
        SELECT kind, id, commitment_id, body, digest FROM {OLDER_TABLE} ORDER BY kind, id
"""  # noqa: S608 - only a constant
_SUMMARIZE = """
    UPDATE erp_records SET number = ?, invoice_number = ?, similarity_key = ?,
        commitment_number = ?, vendor_id = ? WHERE kind = 'requisition' AND id = ?
"""
#: The number of records that are read in one query.
_TOGETHER = 100


def move_older_records(database: RecordRows) -> None:
    """
    Move the records into the tables of this version, and drop the older tables.

    If an invoice cannot be read, its columns for number and vendor stay empty until it is loaded
    again.
    """
    if not database.has_table(OLDER_TABLE):
        return
    database.count(_MOVE)
    commitments = {
        id_: (commitment.number, commitment.vendor_id)
        for id_, commitment in _read_all(database, RecordKind.COMMITMENT)
    }
    for id_, invoice in _read_all(database, RecordKind.REQUISITION):
        database.count(
            _SUMMARIZE,
            invoice.number,
            invoice.invoice_number,
            build_similarity_key(invoice.invoice_number),
            *commitments.get(invoice.commitment_id, (None, None)),
            id_,
        )
    database.count(f"DROP TABLE {OLDER_TABLE}")
    database.count("DROP TABLE IF EXISTS erp_invoice_numbers")


def _read_all(database: RecordRows, kind: RecordKind) -> Iterator[tuple[str, Any]]:
    """Yield the records of a kind that can be read, with their ids."""
    ids = database.query("SELECT id FROM erp_records WHERE kind = ? ORDER BY id", kind.value)
    bodies = f"SELECT id, body FROM erp_records WHERE kind = ? AND id {AMONG} ORDER BY id"  # noqa: S608 - only a placeholder
    for place in range(0, len(ids), _TOGETHER):
        some = [str(id_) for (id_,) in ids[place : place + _TOGETHER]]
        for id_, body in database.query(bodies, kind.value, some):
            value = read_if_possible(kind, str(id_), body)
            if value is not None:
                yield str(id_), value
