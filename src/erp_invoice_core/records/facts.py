"""The facts of loaded invoices, for the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules.case import Case
from .kinds import RecordKind
from .siblings import NO_SIBLINGS, find_siblings
from .table import RecordTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..documents import Commitment, Invoice, Project, Vendor
    from .table import RecordDatabase


def build_cases(connection: RecordDatabase, ids: Iterable[str]) -> dict[str, Case]:
    """
    Return the facts of the loaded invoices among the ids, by id, with at most eight queries.

    An invoice has no facts if a record that it needs cannot be read.

    Args:
        connection: A connection to a database with the tables of the records and of the queue, or
            its rows; nothing is written.
        ids: The invoices; one that is not loaded has no facts.
    """
    table = RecordTable(connection)
    company_id = table.read_company_id()
    invoices: dict[str, Invoice] = table.get_many(RecordKind.REQUISITION, ids)
    if company_id is None or not invoices:
        return {}
    wanted = {invoice.commitment_id for invoice in invoices.values()}
    commitments, vendors, projects = _read_records(table, sorted(wanted))
    previous = _read_previous(table, invoices)
    siblings = find_siblings(table.rows, invoices.values())
    usable = list(_join_records(invoices.values(), commitments, vendors, projects))
    numbers = table.numbers.find_alike([invoice for invoice, *_ in usable], commitments)
    cases = {}
    for invoice, commitment, vendor, project in usable:
        others = siblings.get(commitment.id, NO_SIBLINGS)
        cases[invoice.id] = Case.of(
            invoice,
            commitment,
            vendor=vendor,
            project=project,
            company_id=company_id,
            previous=previous.get(invoice.previous_id or ""),
            siblings=others.invoices,
            unsynced=others.unsynced,
            numbers=table.numbers.select_for(numbers, invoice, commitment),
        )
    return cases


def _read_previous(table: RecordTable, invoices: Mapping[str, Invoice]) -> dict[str, Invoice]:
    """Return the previous invoices on the same commitments, by id."""
    ids = {invoice.previous_id for invoice in invoices.values() if invoice.previous_id}
    wanted = {invoice.commitment_id for invoice in invoices.values()}
    others: dict[str, Invoice] = {}
    if ids - invoices.keys():
        others = table.get_many(RecordKind.REQUISITION, sorted(ids - invoices.keys()))
    return {
        id_: found
        for id_ in ids
        if (found := invoices.get(id_) or others.get(id_)) and found.commitment_id in wanted
    }


def _read_records(
    table: RecordTable, ids: Iterable[str]
) -> tuple[dict[str, Commitment], dict[str, Vendor], dict[str, Project]]:
    """Return the commitments with their vendors and projects, each by id."""
    commitments: dict[str, Commitment] = table.get_many(RecordKind.COMMITMENT, ids)
    used = commitments.values()
    vendors = table.get_many(RecordKind.VENDOR, {one.vendor_id for one in used})
    projects = table.get_many(RecordKind.PROJECT, {one.project_id for one in used})
    return commitments, vendors, projects


def _join_records(
    invoices: Iterable[Invoice],
    commitments: Mapping[str, Commitment],
    vendors: Mapping[str, Vendor],
    projects: Mapping[str, Project],
) -> Iterator[tuple[Invoice, Commitment, Vendor, Project]]:
    """Yield each invoice with its records, without those of which a record cannot be read."""
    for invoice in invoices:
        commitment = commitments.get(invoice.commitment_id)
        vendor = vendors.get(commitment.vendor_id) if commitment else None
        project = projects.get(commitment.project_id) if commitment else None
        if commitment and vendor and project:
            yield invoice, commitment, vendor, project
