"""The facts of loaded invoices, for the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules.case import Case
from .kinds import RecordKind
from .table import RecordTable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from ..documents import Commitment, Invoice, Project, Vendor
    from .table import RecordDatabase


def _select_none(_ids: Collection[str]) -> Collection[str]:
    return ()


def build_cases(
    connection: RecordDatabase,
    ids: Iterable[str],
    *,
    unsynced: Callable[[Collection[str]], Collection[str]] = _select_none,
) -> dict[str, Case]:
    """
    Return the facts of the loaded invoices among the ids, by id, with at most seven queries.

    An invoice has no facts if a record that it needs cannot be read.

    Args:
        connection: The database connection; nothing is written.
        ids: The invoices; one that is not loaded has no facts.
        unsynced: Returns which of the given ids are not synced. It is called once, for all invoices
            of the commitments concerned.
    """
    table = RecordTable(connection)
    company_id = table.read_company_id()
    invoices: dict[str, Invoice] = table.get_many(RecordKind.REQUISITION, ids)
    if company_id is None or not invoices:
        return {}
    wanted = sorted({invoice.commitment_id for invoice in invoices.values()})
    siblings = table.get_requisitions(wanted)
    commitments, vendors, projects = _read_records(table, wanted)
    waiting = frozenset(unsynced(siblings.keys()))
    together = _group_by_commitment(siblings.values())
    usable = list(_join_records(invoices.values(), commitments, vendors, projects))
    numbers = table.numbers.find_alike([invoice for invoice, *_ in usable], commitments)
    cases = {}
    for invoice, commitment, vendor, project in usable:
        others = together[invoice.commitment_id]
        cases[invoice.id] = Case.of(
            invoice,
            commitment,
            vendor=vendor,
            project=project,
            company_id=company_id,
            previous=siblings.get(invoice.previous_id or ""),
            siblings=others,
            unsynced=[other.id for other in others if other.id in waiting],
            numbers=table.numbers.select_for(numbers, invoice, commitment),
        )
    return cases


def _read_records(
    table: RecordTable, ids: Iterable[str]
) -> tuple[dict[str, Commitment], dict[str, Vendor], dict[str, Project]]:
    """Return the commitments with their vendors and projects, each by id."""
    commitments: dict[str, Commitment] = table.get_many(RecordKind.COMMITMENT, ids)
    used = commitments.values()
    vendors = table.get_many(RecordKind.VENDOR, {one.vendor_id for one in used})
    projects = table.get_many(RecordKind.PROJECT, {one.project_id for one in used})
    return commitments, vendors, projects


def _group_by_commitment(invoices: Iterable[Invoice]) -> dict[str, list[Invoice]]:
    groups: dict[str, list[Invoice]] = {}
    for invoice in invoices:
        groups.setdefault(invoice.commitment_id, []).append(invoice)
    return groups


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
