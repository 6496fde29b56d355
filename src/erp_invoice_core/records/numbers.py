"""The search for invoices of a vendor with similar numbers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import attrs

from ..documents import NumberUse, compute_similarity_key
from ..stores.record_rows import AMONG

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..stores.record_rows import RecordRows


#: The longest key of an index; for a longer text, its digest is the key.
_LONGEST = 100
_FIND = f"""
    SELECT vendor_id, similarity_key, id, invoice_number, commitment_id, commitment_number
        FROM erp_records WHERE vendor_id {AMONG} AND similarity_key {AMONG} ORDER BY id
"""  # noqa: S608 - only placeholders


def build_similarity_key(number: str | None) -> str:
    """Return the key that similar invoice numbers share, such as ``INV-7`` and ``inv 7``."""
    key = compute_similarity_key(number or "")
    if len(key) <= _LONGEST:
        return key
    return "sha256 " + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def index_numbers(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, str], list[NumberUse]]:
    """
    Return the invoices of rows by vendor id and similarity key.

    A row has vendor, similarity key, id, number, commitment and number of the commitment.
    """
    found: dict[tuple[str, str], list[NumberUse]] = {}
    for vendor, key, id_, number, commitment, name in rows:
        use = NumberUse(
            invoice_id=id_, number=number, commitment_id=commitment, commitment_number=name
        )
        found.setdefault((vendor, key), []).append(use)
    return found


@attrs.frozen
class NumberIndex:
    """The invoice numbers of the loaded invoices, found by vendor and similarity key."""

    database: RecordRows

    def find_alike(
        self, given: Iterable[tuple[str, str | None]]
    ) -> dict[tuple[str, str], list[NumberUse]]:
        """
        Return the invoices whose numbers equal or resemble given ones of vendors, with one query.

        Args:
            given: The vendor id and the number of each invoice.

        Returns:
            The invoices by vendor id and similarity key; :meth:`select_for` selects those for an
                invoice.
        """
        wanted = {
            (vendor, key) for vendor, number in given if (key := build_similarity_key(number))
        }
        if not wanted:
            return {}
        vendors, keys = (sorted({pair[place] for pair in wanted}) for place in (0, 1))
        rows = self.database.query(_FIND, vendors, keys)
        return index_numbers(row for row in rows if row[:2] in wanted)

    @staticmethod
    def select_for(
        found: Mapping[tuple[str, str], list[NumberUse]],
        vendor_id: str,
        number: str | None,
        commitment_id: str,
    ) -> list[NumberUse]:
        """
        Return those of the found invoices of a vendor whose numbers resemble the given number.

        The invoices of the commitment come first. ``found`` is a result of :meth:`find_alike`.
        """
        alike = found.get((vendor_id, build_similarity_key(number)), ())
        return sorted(alike, key=lambda use: use.commitment_id != commitment_id)
