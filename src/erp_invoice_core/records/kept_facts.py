"""
Kept facts: computed at the load of an invoice, and stored.

Later decisions use them, and need not read the lines of the invoice. A row has the own facts of an
invoice, the digests of the records from which they were computed, and the number of the
computation's format. It is used only if the texts of these records have the same digests now. If a
row is missing, older or edited, the facts are computed from the records.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ..canonical import InvalidData
from ..stores.record_rows import AMONG, FACTS_TABLE
from ..stores.unreadable_rows import set_aside_record
from .invoice_records import join_records
from .kinds import RecordKind
from .own_facts import OwnInvoiceFacts, decode_own_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..documents import Invoice
    from ..stores.record_rows import RecordRows
    from .invoice_records import InvoiceRecords, RecordName
    from .table import RecordTable


#: The format of the computation. A change of the facts that the same records give increases it.
FORMAT = 3

#: Kind, id and digest of a record; no digest if it is not loaded.
_Source: TypeAlias = tuple[str, str, str | None]

_FIND = f"SELECT id, sources, digest, body, document FROM {FACTS_TABLE} WHERE id {AMONG}"  # noqa: S608 - only constants
_READ = f"SELECT kind, id, body FROM erp_records WHERE kind {AMONG} AND id {AMONG}"  # noqa: S608 - only placeholders
_DIGESTS = f"SELECT kind, id, digest FROM erp_records WHERE kind {AMONG} AND id {AMONG}"  # noqa: S608 - the same
_ALL = f"SELECT id, sources, digest, body, document FROM {FACTS_TABLE} ORDER BY id"  # noqa: S608 - the same
_KEEP = f"""
    INSERT INTO {FACTS_TABLE} (id, sources, digest, body, document) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET sources = excluded.sources, digest = excluded.digest,
            body = excluded.body, document = excluded.document
"""  # noqa: S608 - only constants
_DROP = f"DELETE FROM {FACTS_TABLE} WHERE id = ?"  # noqa: S608 - the same
#: The errors of reading a row that was edited, and of writing what no database stores.
_DAMAGES = (InvalidData, LookupError, TypeError, ValueError)
#: The number of invoices whose rows are compared in one query.
_TOGETHER = 100


@attrs.frozen
class _Row:
    """A row of the table of kept facts, with the values of its columns."""

    id: str
    sources: Any
    digest: Any
    body: Any
    document: Any

    def read_sources(self, company_id: str) -> list[_Source] | None:
        """
        Return kind, id and digest of each record from which the facts were computed.

        The result is ``None`` if the row is of another format or company.

        Raises:
            InvalidData: The row was edited after it was written.
        """
        if not (isinstance(self.sources, str) and isinstance(self.body, str)):
            msg = "Its columns are not texts."
            raise InvalidData(msg)
        if _compute_digest(self.sources, self.body) != self.digest:
            msg = "It was edited after it was written."
            raise InvalidData(msg)
        version, company, given = json.loads(self.sources)
        if (version, company) != (FORMAT, company_id):
            return None
        return [(kind, id_, digest) for kind, id_, digest in given]

    def read_facts(self) -> OwnInvoiceFacts:
        """
        Return the facts of the invoice.

        Raises:
            InvalidData: The column of the export document was edited.
        """
        return decode_own_facts(self.body, self.document)


def _find_rows(rows: RecordRows, ids: Iterable[str]) -> list[_Row]:
    return [_Row(str(id_), *columns) for id_, *columns in rows.query(_FIND, list(ids))]


def read_kept_facts(
    rows: RecordRows, found: Iterable[tuple[Any, ...]], company_id: str
) -> dict[str, OwnInvoiceFacts]:
    """
    Return the facts of the invoices whose row can be used, by id, with one query.

    Args:
        rows: The access to the tables.
        found: The rows of kept facts: id, sources, digest, body, document.
        company_id: The company.
    """
    usable: list[tuple[_Row, list[_Source]]] = []
    for id_, *columns in found:
        row = _Row(str(id_), *columns)
        try:
            sources = row.read_sources(company_id)
        except _DAMAGES as error:
            _set_aside(row, error)
            continue
        if sources is not None:
            usable.append((row, sources))
    names = {(kind, id_) for _, sources in usable for kind, id_, _ in sources}
    present = _compute_present_digests(rows, names)
    kept = {}
    for row, sources in usable:
        if all(present.get((kind, id_)) == digest for kind, id_, digest in sources):
            try:
                kept[row.id] = row.read_facts()
            except _DAMAGES as error:
                _set_aside(row, error)
    return kept


def _set_aside(row: _Row, error: Exception) -> None:
    why = f"{error} The facts are computed again."
    set_aside_record("facts of invoice", row.id, why, row)


def find_damaged_facts(rows: RecordRows) -> Iterator[str]:
    """Yield the id of each invoice whose row of kept facts was edited after it was written."""
    for id_, *columns in rows.query(_ALL):
        row = _Row(str(id_), *columns)
        try:
            if row.read_sources(_read_company(row)) is not None:
                row.read_facts()
        except _DAMAGES:
            yield row.id


def _read_company(row: _Row) -> str:
    return str(json.loads(row.sources)[1])


def keep_facts(
    table: RecordTable,
    invoices: Mapping[str, Invoice],
    company_id: str,
    given: Mapping[RecordKind, Mapping[str, Any]],
) -> None:
    """
    Compute and store the facts of invoices whose rows of kept facts cannot be used.

    Args:
        table: The table of the records.
        invoices: The invoices as they are stored, by id.
        company_id: The company.
        given: Other stored records that the caller has in memory, by kind and id.
    """
    found = join_records(table, invoices, given)
    for place in range(0, len(found), _TOGETHER):
        some = {each.invoice.id: each for each in found[place : place + _TOGETHER]}
        names = {id_: each.list_names() for id_, each in some.items()}
        wanted = {name for each in names.values() for name in each}
        digests = _query_named(table.rows, _DIGESTS, wanted)
        known = {row.id: row for row in _find_rows(table.rows, some)}
        for id_, each in some.items():
            sources = _write_sources(names[id_], digests, company_id)
            if not _is_sound(known.get(id_), sources):
                _keep(table.rows, id_, sources, _compute_facts(table, each, company_id))


def _is_sound(row: _Row | None, sources: str) -> bool:
    if row is None or row.sources != sources:
        return False
    try:
        row.read_sources("")
        row.read_facts()
    except _DAMAGES:
        return False
    return True


def _compute_facts(table: RecordTable, records: InvoiceRecords, company_id: str) -> OwnInvoiceFacts:
    """
    Return the facts of an invoice as they follow from the stored texts of its records.

    An amount in a loaded file may have trailing zeros, which the stored text does not have. Of the
    facts, only taxes and differences show such an amount. If the invoice has any, it is therefore
    read again from the store.
    """
    facts = records.compute_facts(company_id)
    if not (facts.case.taxes or facts.case.differences):
        return facts
    stored = table.get_many(RecordKind.REQUISITION, [records.invoice.id])
    (again,) = join_records(table, stored, {})
    return again.compute_facts(company_id)


def _keep(rows: RecordRows, id_: str, sources: str, facts: OwnInvoiceFacts) -> None:
    try:
        body, document = facts.encode()
        digest = _compute_digest(sources, body)
    except _DAMAGES:  # they are computed whenever they are needed
        rows.count(_DROP, id_)
        return
    rows.count(_KEEP, id_, sources, digest, body, document)


def _query_named(
    rows: RecordRows, statement: str, names: Iterable[RecordName]
) -> dict[RecordName, Any]:
    """
    Return the third column of the rows that the statement finds, by kind and id of the record.

    The statement searches by kinds and by ids, and thus may also find records that are not named.
    """
    kinds, ids = ({name[place] for name in names} for place in (0, 1))
    found = rows.query(statement, sorted(kinds), sorted(ids)) if ids else ()
    return {(str(kind), str(id_)): value for kind, id_, value in found}


def _compute_present_digests(rows: RecordRows, names: set[RecordName]) -> dict[RecordName, str]:
    """
    Return the digest of the text that each record has now, by kind and id of the record.

    It is computed, because a person may have edited the text but not the stored digest.
    """
    return {
        name: hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
        for name, body in _query_named(rows, _READ, names).items()
        if name in names and isinstance(body, str)
    }


def _write_sources(
    names: Sequence[RecordName], digests: Mapping[RecordName, str], company_id: str
) -> str:
    """Return the JSON of all that the facts depend on: format, company, records with digests."""
    given = [(kind, id_, digests.get((kind, id_))) for kind, id_ in names]
    return json.dumps([FORMAT, company_id, given], separators=(",", ":"))


def _compute_digest(sources: str, body: str) -> str:
    return hashlib.sha256(f"{sources}\n{body}".encode()).hexdigest()
