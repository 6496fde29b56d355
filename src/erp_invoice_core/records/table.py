"""The table of the loaded records, in the database of the queue."""

from __future__ import annotations

import json
import sqlite3
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ..message_template import MessageTemplate
from ..stores.errors import StoreFault
from ..stores.finding_rows import build_finding
from ..stores.record_rows import (
    AMONG,
    FACTS_TABLE,
    OLDER_TABLE,
    RECORD_TABLES,
    RecordRows,
    SqliteRows,
)
from ..stores.unreadable_rows import set_aside_record
from ..wire.procore import Company, LoadedRecord, Reading, compute_digest, read_company
from .kinds import RecordKind, read_if_possible
from .numbers import NumberIndex, build_similarity_key
from .older_table import move_older_records

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    import psycopg

    from ..documents import Commitment, Invoice
    from ..stores import Finding


_PUT = """
    INSERT INTO erp_records (kind, id, digest, commitment_id, number, invoice_number,
            similarity_key, commitment_number, vendor_id, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE
        SET digest = excluded.digest, commitment_id = excluded.commitment_id,
            number = excluded.number, invoice_number = excluded.invoice_number,
            similarity_key = excluded.similarity_key,
            commitment_number = excluded.commitment_number, vendor_id = excluded.vendor_id,
            body = excluded.body
        WHERE erp_records.digest <> excluded.digest OR erp_records.body <> excluded.body
"""
#: The number of records whose text is read in one query.
_TOGETHER = 100
#: Gives the invoices of a commitment its present vendor and number.
_BELONG = """
    UPDATE erp_records SET vendor_id = ?, commitment_number = ? WHERE commitment_id = ?
        AND (vendor_id = ? AND commitment_number = ?) IS NOT TRUE
"""
_COLUMNS = "commitment_id, number, invoice_number, similarity_key, commitment_number, vendor_id"
_READ_COLUMNS = f"SELECT {_COLUMNS} FROM erp_records WHERE kind = 'requisition' AND id = ?"  # noqa: S608 - only constants
_WRITE_COLUMNS = """
    UPDATE erp_records SET commitment_id = ?, number = ?, invoice_number = ?, similarity_key = ?,
            commitment_number = ?, vendor_id = ? WHERE kind = 'requisition' AND id = ?
"""
#: Of the columns, the number of those that do not depend on the commitment.
_OWN_COLUMNS = 4

#: A connection to the database of the records, or its rows.
RecordDatabase: TypeAlias = "sqlite3.Connection | psycopg.Connection[Any] | RecordRows"


def open_rows(where: RecordDatabase) -> RecordRows:
    """Return the access to the tables of the records; it begins and commits no transaction."""
    if isinstance(where, RecordRows):
        return where
    if isinstance(where, sqlite3.Connection):
        return SqliteRows(where)
    from ..stores.postgres.record_rows import PostgresRows  # noqa: PLC0415 - psycopg is an extra

    return PostgresRows(where)


RECORD_UNREADABLE = MessageTemplate(
    "document.unreadable",
    "The stored record of {kind} {document} cannot be read, and nothing can be decided about invoice"
    " {id} without it. Load it again.",
)


@attrs.frozen(slots=False)
class RecordTable:
    """
    The loaded records in a database, over an open connection.

    A record that cannot be read is logged and counts as missing. Nothing is begun or committed,
    so writes are part of the caller's transaction.
    """

    db: RecordDatabase

    @cached_property
    def rows(self) -> RecordRows:
        """The access to the tables by SQL statements."""
        return open_rows(self.db)

    def create(self) -> None:
        """Create missing tables, and move the records out of those of an older version."""
        rows = self.rows
        if all(map(rows.has_table, RECORD_TABLES)) and not rows.has_table(OLDER_TABLE):
            return
        rows.create()
        move_older_records(rows)

    @cached_property
    def numbers(self) -> NumberIndex:
        """The invoice numbers, by vendor."""
        return NumberIndex(self.rows)

    def read_company(self) -> Company | None:
        """Return the company of the records, or ``None`` if nothing was loaded."""
        found = self.rows.query("SELECT id, body FROM erp_company")
        if not found:
            return None
        try:
            return read_company(json.loads(found[0][1]))
        except Exception as error:  # noqa: BLE001 - as for any record
            why = f"{type(error).__name__}: {error}"
            set_aside_record("company", str(found[0][0]), why, found[0][1])
            return None

    def read_company_id(self) -> str | None:
        """Return the id of the company, even if the rest of its record cannot be read."""
        found = self.rows.query("SELECT id FROM erp_company")
        return str(found[0][0]) if found else None

    def put_company(self, company: LoadedRecord[Company]) -> None:
        """
        Store the company.

        Raises:
            StoreFault: The database has records of another company.
        """
        there = self._find_company_ids()
        if there and company.id not in there:
            msg = (
                f"The database is that of company {min(there)!a}, and this file is of company {company.id!a}."
                " Load files of one company only, or restore a damaged database from a backup."
            )
            raise StoreFault(msg)
        self.rows.count(
            "INSERT INTO erp_company (only_one, id, body) VALUES (1, ?, ?)"
            " ON CONFLICT (only_one) DO UPDATE SET id = excluded.id, body = excluded.body",
            company.id,
            company.encode(),
        )

    def _find_company_ids(self) -> set[str]:
        """
        Return the id of the company; if its row is missing or was edited, that of the kept facts.

        Without kept facts an edited row has two ids, of which either may be the right one.
        """
        found = {str(id_) for (id_,) in self.rows.query("SELECT id FROM erp_company")}
        company = self.read_company() if found else None
        if company is not None:
            found.add(company.id)
        return found if len(found) == 1 else self._find_kept_company() or found

    def _find_kept_company(self) -> set[str]:
        """Return the id of the company in the kept facts of an invoice, if it can be read."""
        if not self.rows.has_table(FACTS_TABLE):  # a database of version 0.4
            return set()
        for (sources,) in self.rows.query(f"SELECT sources FROM {FACTS_TABLE} LIMIT 1"):  # noqa: S608 - only a constant
            try:
                _, company_id, _ = json.loads(sources)
            except (TypeError, ValueError):  # a row that was edited by hand
                return set()
            return {str(company_id)}
        return set()

    def put(
        self, kind: RecordKind, record: LoadedRecord[Any], commitment: Commitment | None = None
    ) -> bool:
        """
        Store a record; return whether it is new or changed.

        Args:
            kind: Its kind.
            record: The record.
            commitment: The commitment, if the record is an invoice.
        """
        summary = (
            (None,) * 6
            if kind is not RecordKind.REQUISITION
            else _summarize(record.value, commitment)
        )
        body = record.encode()
        digest = compute_digest(body)
        if self.rows.count(_PUT, kind.value, record.id, digest, *summary, body) > 0:
            return True
        return kind is RecordKind.REQUISITION and self._correct_columns(record.id, summary)

    def _correct_columns(self, id_: str, summary: tuple[str | int | None, ...]) -> bool:
        """Write the columns of an invoice that were edited by hand; return whether any were."""
        if self.rows.query(_READ_COLUMNS, id_) == [summary]:
            return False
        return self.rows.count(_WRITE_COLUMNS, *summary, id_) > 0

    def put_all(
        self, reading: Reading, *, keep: Collection[str] = ()
    ) -> Mapping[RecordKind, Sequence[str]]:
        """
        Store all records of a reading; return the ids of new and changed ones, by kind.

        Args:
            reading: A reading without problems.
            keep: The ids of invoices whose stored records must not be changed.
        """
        assert reading.company is not None, "A reading with problems has no records to store."
        self.put_company(reading.company)
        commitments = self._find_commitments(reading)
        changed = {}
        for kind, records in group_by_kind(reading).items():
            kept = keep if kind is RecordKind.REQUISITION else ()
            changed[kind] = [
                record.id
                for record in records
                if record.id not in kept
                and self.put(
                    kind, record, commitments.get(getattr(record.value, "commitment_id", ""))
                )
            ]
        for record in reading.commitments:
            present = record.value.vendor_id, record.value.number
            self.rows.count(_BELONG, *present, record.id, *present)
        return changed

    def _find_commitments(self, reading: Reading) -> dict[str, Commitment]:
        """Return by id the commitments of a reading, and the stored ones that its invoices bill."""
        given = {each.id: each.value for each in reading.commitments}
        others = {each.value.commitment_id for each in reading.requisitions} - given.keys()
        return self.get_many(RecordKind.COMMITMENT, sorted(others)) | given

    def find_equal(self, kind: RecordKind, records: Sequence[LoadedRecord[Any]]) -> set[str]:
        """Return the ids of the given records that are stored with the same values already."""
        stored = (
            f"SELECT id, body, digest, {_COLUMNS} FROM erp_records WHERE kind = ? AND id {AMONG}"  # noqa: S608 - only constants
        )
        equal = set()
        for place in range(0, len(records), _TOGETHER):
            given = {each.id: each for each in records[place : place + _TOGETHER]}
            for id_, body, digest, *columns in self.rows.query(stored, kind.value, list(given)):
                record = given[str(id_)]
                own = tuple(columns[:_OWN_COLUMNS])
                if (
                    body == record.encode()
                    and digest == compute_digest(body)
                    and (kind is not RecordKind.REQUISITION or own == _summarize_own(record.value))
                ):
                    equal.add(str(id_))
        return equal

    def get(self, kind: RecordKind, identity: str) -> Any:  # noqa: ANN401 - a record of any kind
        """Return a record, or ``None`` if it is missing."""
        found = self.rows.query(
            "SELECT body FROM erp_records WHERE kind = ? AND id = ?", kind.value, identity
        )
        return read_if_possible(kind, identity, found[0][0]) if found else None

    def get_many(self, kind: RecordKind, identities: Iterable[str]) -> dict[str, Any]:
        """Return the existing records among the ids, by id, with one query."""
        return self._read(kind, f"kind = ? AND id {AMONG}", kind.value, list(identities))

    def get_all(self, kind: RecordKind) -> dict[str, Any]:
        """Return every record of a kind, by id, in the order of the ids."""
        return self._read(kind, "kind = ?", kind.value)

    def read_digests(self, kind: RecordKind) -> dict[str, str]:
        """Return the digest of every record of a kind, by id."""
        return dict(
            self.rows.query(
                "SELECT id, digest FROM erp_records WHERE kind = ? ORDER BY id", kind.value
            )
        )

    def _read(self, kind: RecordKind, condition: str, *among: str | list[str]) -> dict[str, Any]:
        found = self.rows.query(
            f"SELECT id, body FROM erp_records WHERE {condition} ORDER BY id",  # noqa: S608 - a constant condition
            *among,
        )
        read = {
            str(identity): read_if_possible(kind, str(identity), body) for identity, body in found
        }
        return {identity: value for identity, value in read.items() if value is not None}

    def find_ids(self, kind: RecordKind, identities: Iterable[str]) -> set[str]:
        """Return those of the ids that have a record, even one that cannot be read."""
        found = self.rows.query(
            f"SELECT id FROM erp_records WHERE kind = ? AND id {AMONG}",  # noqa: S608 - only a placeholder
            kind.value,
            list(identities),
        )
        return {str(identity) for (identity,) in found}

    def find_unreadable(self, kind: RecordKind, identities: Iterable[str]) -> tuple[str, ...]:
        """Return those of the ids that have a record which cannot be read."""
        found = self.find_ids(kind, identities)
        return tuple(sorted(found - self.get_many(kind, found).keys()))

    def find_damage(self) -> Iterator[Finding]:
        """
        Yield each record that cannot be read, or was edited after it was loaded.

        The record of the company is only looked for.
        """
        if self.read_company_id() is None and self.rows.query("SELECT 1 FROM erp_records LIMIT 1"):
            kept = "".join(self._find_kept_company())
            yield build_finding(kept, "document.lost", company=ascii(kept or "?"))
        commitments = self.get_all(RecordKind.COMMITMENT)
        for kind in RecordKind:
            found = self.rows.query(
                f"SELECT id, body, digest, {_COLUMNS} FROM erp_records WHERE kind = ? ORDER BY id",  # noqa: S608 - only constants
                kind.value,
            )
            for key, body, digest, *columns in found:
                identity = str(key)
                facts = {"kind": kind.value, "id": identity}
                value = read_if_possible(kind, identity, body)
                if value is None:
                    yield build_finding(identity, "document.unreadable", **facts)
                elif compute_digest(body) != digest:
                    yield build_finding(identity, "document.edited", **facts)
                    if kind is RecordKind.COMMITMENT:
                        del commitments[identity]  # it decides no column of its invoices
                elif kind is RecordKind.REQUISITION and not _is_summary(
                    columns, value, commitments
                ):
                    yield build_finding(identity, "document.edited", **facts)


def _summarize(invoice: Invoice, commitment: Commitment | None) -> tuple[str | int | None, ...]:
    """Return the values of the columns that summarize an invoice, in the order of :data:`_PUT`."""
    vendor = commitment.vendor_id if commitment else None
    return (*_summarize_own(invoice), commitment.number if commitment else None, vendor)


def _summarize_own(invoice: Invoice) -> tuple[str | int | None, ...]:
    """Return the values of the columns that do not depend on the commitment."""
    key = build_similarity_key(invoice.invoice_number)
    return invoice.commitment_id, invoice.number, invoice.invoice_number, key


def _is_summary(
    columns: Sequence[object], invoice: Invoice, commitments: Mapping[str, Commitment]
) -> bool:
    """Return whether the columns summarize the invoice, as far as its commitment is known."""
    commitment = commitments.get(invoice.commitment_id)
    if commitment is None:
        return tuple(columns[:_OWN_COLUMNS]) == _summarize_own(invoice)
    return tuple(columns) == _summarize(invoice, commitment)


def group_by_kind(reading: Reading) -> Mapping[RecordKind, Sequence[LoadedRecord[Any]]]:
    """Return the records of a reading, by kind."""
    return {
        RecordKind.PROJECT: reading.projects,
        RecordKind.VENDOR: reading.vendors,
        RecordKind.USER: reading.users,
        RecordKind.COMMITMENT: reading.commitments,
        RecordKind.REQUISITION: reading.requisitions,
        RecordKind.COST_CODE: reading.cost_codes,
    }
