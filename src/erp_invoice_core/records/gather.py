"""
The search for all rows that the facts of invoices need, with one statement.

A server answers it in one round trip (line 4f of the benchmarks). Other invoices are found by the
columns of the asked invoices, so the caller must compare these with the facts before it uses them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from ..stores.record_rows import AMONG, FACTS_TABLE
from .numbers import build_similarity_key, index_numbers
from .siblings import Siblings, index_siblings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..documents import NumberUse
    from ..stores.record_rows import RecordRows
    from .own_facts import OwnInvoiceFacts


# Of the siblings, only those with the largest number, and the unsynced ones before the asked
# invoices matter, however many there are. The planner of SQLite keeps the order of a CROSS JOIN.
_GATHER = f"""
    WITH own AS (
        SELECT id, commitment_id, number, vendor_id, similarity_key FROM erp_records
            WHERE kind = 'requisition' AND id {AMONG}
    )
    SELECT 'company' AS part, id, body, NULL, NULL, NULL, NULL, CAST(NULL AS BIGINT)
        FROM erp_company
    UNION ALL
    SELECT 'facts', id, sources, digest, body, document, NULL, NULL
        FROM {FACTS_TABLE} WHERE id {AMONG}
    UNION ALL
    SELECT 'own', id, commitment_id, vendor_id, similarity_key, NULL, NULL, number FROM own
    UNION ALL
    SELECT 'last', other.id, other.commitment_id, NULL, NULL, NULL, NULL, other.number
        FROM (SELECT DISTINCT commitment_id FROM own) AS asked CROSS JOIN erp_records AS other
        WHERE other.commitment_id = asked.commitment_id AND other.number = (
            SELECT max(number) FROM erp_records WHERE commitment_id = asked.commitment_id)
    UNION ALL
    SELECT 'unsynced', other.id, other.commitment_id, NULL, NULL, NULL, NULL, other.number
        FROM (SELECT commitment_id, max(number) AS number FROM own GROUP BY commitment_id) AS asked
        CROSS JOIN erp_records AS other
        LEFT JOIN erp_entries AS entry ON entry.company = '' AND entry.id = other.id
        WHERE other.commitment_id = asked.commitment_id AND other.number < asked.number
            AND (entry.status = 'synced') IS NOT TRUE
    UNION ALL
    SELECT 'number', other.id, other.vendor_id, other.similarity_key, other.invoice_number,
            other.commitment_id, other.commitment_number, NULL
        FROM (SELECT DISTINCT vendor_id, similarity_key FROM own WHERE similarity_key <> '') AS asked
        CROSS JOIN erp_records AS other
        WHERE other.vendor_id = asked.vendor_id AND other.similarity_key = asked.similarity_key
"""  # noqa: S608 - only constants


@attrs.frozen
class Gathered:
    """
    The rows that the facts of some invoices need.

    Attributes:
        company_id: The id of the company; ``None`` if nothing was loaded, or if the row of the
            company was removed or its id was edited.
        kept: The rows of kept facts: id, sources, digest, body, document.
        columns: By id of each asked invoice, its columns: commitment, number, vendor and
            similarity key.
        siblings: The siblings that matter, by id of the commitment.
        numbers: The invoices with similar numbers, by vendor and similarity key.
    """

    company_id: str | None
    kept: Sequence[tuple[Any, ...]]
    columns: Mapping[str, tuple[Any, ...]]
    siblings: Mapping[str, Siblings]
    numbers: Mapping[tuple[str, str], list[NumberUse]]

    def is_for(self, facts: Iterable[OwnInvoiceFacts]) -> bool:
        """Return whether the other invoices were found by the values that the facts have."""
        return all(
            self.columns.get(each.invoice.id)
            == (
                each.invoice.commitment_id,
                each.invoice.number,
                each.vendor_id,
                build_similarity_key(each.invoice.invoice_number),
            )
            for each in facts
        )


def gather(rows: RecordRows, ids: Sequence[str]) -> Gathered:
    """Return what the facts of the invoices need, with one query."""
    parts: dict[str, list[tuple[Any, ...]]] = {}
    for part, *columns in rows.query(_GATHER, ids, ids):
        parts.setdefault(part, []).append(tuple(columns))
    company = parts.get("company")
    unsynced = [(id_, it, number, False) for id_, it, *_, number in parts.get("unsynced", ())]
    last = [(id_, it, number, True) for id_, it, *_, number in parts.get("last", ())]
    return Gathered(
        company_id=_read_company_id(*company[0][:2]) if company else None,
        kept=[row[:5] for row in parts.get("facts", ())],
        columns={str(row[0]): (row[1], row[6], row[2], row[3]) for row in parts.get("own", ())},
        siblings=index_siblings(rows, [*last, *unsynced]),
        numbers=index_numbers(
            (vendor, key, id_, number, commitment, name)
            for id_, vendor, key, number, commitment, name, _ in sorted(parts.get("number", ()))
        ),
    )


def _read_company_id(id_: str, body: str) -> str | None:
    """Return the id of the company, unless its record has another one."""
    try:
        return id_ if json.loads(body)["id"] == id_ else None
    except (LookupError, TypeError, ValueError):
        return id_  # only its name and its options cannot be read
