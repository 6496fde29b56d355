"""The facts of loaded invoices, which the queue asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..stores.errors import StoreFault
from .gather import gather
from .invoice_records import join_records
from .kept_facts import read_kept_facts
from .kinds import RecordKind
from .siblings import NO_SIBLINGS, find_siblings
from .table import RecordTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..documents import Invoice, NumberUse
    from ..rules import Case
    from .own_facts import OwnInvoiceFacts
    from .siblings import Siblings
    from .table import RecordDatabase


_NO_COMPANY = (
    "The stored row of the company is missing, or its id was edited. Load a file with this company"
    " again, or restore a database backup in which verify finds nothing."
)


def build_cases(
    db: RecordDatabase, ids: Iterable[str], *, has_kept: bool = True
) -> dict[str, Case]:
    """
    Return the case of each loaded invoice among the ids, by id.

    It needs two queries, and more if some invoices have no usable kept facts. An invoice has no
    case if a record that it needs cannot be read.

    Args:
        db: A connection to a database with the tables of the records and of the queue, or
            the :class:`RecordRows` over one; nothing is written.
        ids: The invoices; one that is not loaded has no case.
        has_kept: False if the database is of version 0.4, which kept no facts.

    Raises:
        StoreFault: Invoices are loaded, and the row of their company is missing, or its
            id was edited.
    """
    table = RecordTable(db)
    wanted = list(ids)
    gathered = gather(table.rows, wanted) if has_kept else None
    company_id = gathered.company_id if gathered else table.read_company_id()
    if company_id is None:
        if gathered and gathered.columns:
            raise StoreFault(_NO_COMPANY)
        return {}
    own: dict[str, OwnInvoiceFacts] = {}
    if gathered:
        own = read_kept_facts(table.rows, gathered.kept, company_id)
    own |= _compute_facts(table, [id_ for id_ in wanted if id_ not in own], company_id)
    if not own:
        return {}
    siblings: Mapping[str, Siblings]
    numbers: Mapping[tuple[str, str], list[NumberUse]]
    if gathered and gathered.is_for(own.values()):
        siblings, numbers = gathered.siblings, gathered.numbers
    else:
        siblings = find_siblings(table.rows, [each.invoice for each in own.values()])
        numbers = table.numbers.find_alike(
            (each.vendor_id, each.invoice.invoice_number) for each in own.values()
        )
    cases = {}
    for id_, facts in own.items():
        commitment_id, number = facts.invoice.commitment_id, facts.invoice.invoice_number
        alike = table.numbers.select_for(numbers, facts.vendor_id, number, commitment_id)
        cases[id_] = facts.complete(siblings.get(commitment_id, NO_SIBLINGS), alike)
    return cases


def _compute_facts(
    table: RecordTable, ids: Sequence[str], company_id: str
) -> dict[str, OwnInvoiceFacts]:
    """Return the facts of invoices, computed from their records; by id."""
    if not ids:
        return {}
    invoices: dict[str, Invoice] = table.get_many(RecordKind.REQUISITION, ids)
    found = join_records(table, invoices, {})
    return {each.invoice.id: each.compute_facts(company_id) for each in found}
