"""The index of invoice numbers of loaded invoices, by vendor."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import attrs

from ..documents import NumberUse, compute_similarity_key
from ..stores.document_rows import AMONG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..documents import Commitment, Invoice
    from ..stores.document_rows import DocumentRows


#: The longest key of an index; for a longer text, its digest is the key.
_LONGEST = 100
#: The number of invoices that are read in one query.
_TOGETHER = 500


def _build_key(number: str | None) -> str:
    """Return the key that similar numbers share."""
    key = compute_similarity_key(number or "")
    if len(key) <= _LONGEST:
        return key
    return "sha256 " + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


@attrs.frozen
class NumberTable:
    """The numbers in a database; writes are part of the caller's transaction."""

    database: DocumentRows

    def is_empty(self) -> bool:
        """Return whether no number is stored, as after loading with version 0.1."""
        return not self.database.query("SELECT 1 FROM erp_invoice_numbers LIMIT 1")

    def put(self, invoice: Invoice, commitment: Commitment) -> None:
        """Store the number of an invoice."""
        self.database.count(
            "INSERT INTO erp_invoice_numbers"
            " (id, commitment_id, commitment_number, vendor_id, alike, number)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET commitment_id = excluded.commitment_id,"
            " commitment_number = excluded.commitment_number, vendor_id = excluded.vendor_id,"
            " alike = excluded.alike, number = excluded.number",
            invoice.id,
            commitment.id,
            commitment.number,
            commitment.vendor_id,
            _build_key(invoice.invoice_number),
            invoice.invoice_number or "",
        )

    def keep(
        self,
        ids: Sequence[str],
        invoices: str,
        commitments: str,
        read: Callable[[str, str], Any],
    ) -> None:
        """
        Store the numbers of loaded invoices, except those that cannot be read.

        Args:
            ids: The invoices.
            invoices: The kind of invoices.
            commitments: The kind of commitments.
            read: Returns a document of a kind from its stored text; raises ``ValueError``.
        """
        for place in range(0, len(ids), _TOGETHER):
            some: list[Invoice] = self._read_readable(
                invoices, ids[place : place + _TOGETHER], read
            )
            wanted = {invoice.commitment_id for invoice in some}
            known = {
                each.id: each for each in self._read_readable(commitments, sorted(wanted), read)
            }
            for invoice in some:
                if invoice.commitment_id in known:
                    self.put(invoice, known[invoice.commitment_id])

    def _read_readable(
        self, kind: str, ids: Sequence[str], read: Callable[[str, str], Any]
    ) -> list[Any]:
        statement = f"SELECT body FROM erp_documents WHERE kind = ? AND id IN ({AMONG})"  # noqa: S608 - only a placeholder
        values = []
        for (body,) in self.database.query(statement, kind, ids):
            with suppress(ValueError):
                values.append(read(kind, body))
        return values

    def put_commitment(self, commitment: Commitment) -> None:
        """Store the present vendor and number of a commitment with its invoice numbers."""
        self.database.count(
            "UPDATE erp_invoice_numbers SET vendor_id = ?, commitment_number = ?"
            " WHERE commitment_id = ?",
            commitment.vendor_id,
            commitment.number,
            commitment.id,
        )

    def find_alike(
        self, invoices: Iterable[Invoice], commitments: Mapping[str, Commitment]
    ) -> dict[tuple[str, str], list[NumberUse]]:
        """
        Return the numbers that equal or resemble those of the invoices, with one query.

        Args:
            invoices: The invoices.
            commitments: Their commitments, by id.

        Returns:
            The numbers in use by vendor and key; :meth:`of` finds those of an invoice.
        """
        wanted = {
            (commitments[invoice.commitment_id].vendor_id, key)
            for invoice in invoices
            if (key := _build_key(invoice.invoice_number))
        }
        found: dict[tuple[str, str], list[NumberUse]] = {}
        if not wanted:
            return found
        for vendor, key, use in self._read_rows(wanted):
            if (vendor, key) in wanted:
                found.setdefault((vendor, key), []).append(use)
        return found

    def _read_rows(self, wanted: set[tuple[str, str]]) -> list[tuple[str, str, NumberUse]]:
        statement = (
            "SELECT vendor_id, alike, id, number, commitment_id, commitment_number"  # noqa: S608 - only a placeholder
            f" FROM erp_invoice_numbers WHERE vendor_id IN ({AMONG}) AND alike IN ({AMONG})"
            " ORDER BY id"
        )
        vendors, keys = (sorted({pair[place] for pair in wanted}) for place in (0, 1))
        try:
            rows = self.database.query(statement, vendors, keys)
        except sqlite3.OperationalError:
            return []  # a file of version 0.1 that is open for reading only
        return [
            (
                vendor,
                key,
                NumberUse(
                    invoice_id=id_, number=number, commitment_id=commitment, commitment_number=name
                ),
            )
            for vendor, key, id_, number, commitment, name in rows
        ]

    @staticmethod
    def select_for(
        found: Mapping[tuple[str, str], list[NumberUse]], invoice: Invoice, commitment: Commitment
    ) -> list[NumberUse]:
        """Return the numbers for an invoice, from the result of :meth:`find_alike`."""
        return found.get((commitment.vendor_id, _build_key(invoice.invoice_number)), [])
