"""A loaded invoice with the records that its facts need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from .kinds import RecordKind
from .own_facts import OwnInvoiceFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..documents import Commitment, Invoice, Project, Vendor
    from .table import RecordTable


#: Kind and id of a record.
RecordName: TypeAlias = tuple[str, str]


@attrs.frozen
class InvoiceRecords:
    """An invoice with its commitment, vendor, project and previous invoice."""

    invoice: Invoice
    commitment: Commitment
    vendor: Vendor
    project: Project
    previous: Invoice | None = None

    def list_names(self) -> tuple[RecordName, ...]:
        """Return kind and id of each record, also of a previous invoice that is not loaded."""
        invoice, before = RecordKind.REQUISITION.value, self.invoice.previous_id
        return (
            (invoice, self.invoice.id),
            (RecordKind.COMMITMENT.value, self.commitment.id),
            (RecordKind.VENDOR.value, self.vendor.id),
            (RecordKind.PROJECT.value, self.project.id),
            *(((invoice, before),) if before else ()),
        )

    def compute_facts(self, company_id: str) -> OwnInvoiceFacts:
        """Return the facts of the invoice that follow from these records."""
        before = self.previous
        if before is not None and before.commitment_id != self.invoice.commitment_id:
            before = None
        return OwnInvoiceFacts.of(
            self.invoice,
            self.commitment,
            vendor=self.vendor,
            project=self.project,
            company_id=company_id,
            previous=before,
        )


def join_records(
    table: RecordTable,
    invoices: Mapping[str, Invoice],
    given: Mapping[RecordKind, Mapping[str, Any]],
) -> list[InvoiceRecords]:
    """
    Return each invoice with its records.

    An invoice is left out if its commitment, vendor or project is missing or cannot be read.

    Args:
        table: The table of the records.
        invoices: The invoices, by id.
        given: Records that the caller has in memory, by kind and id; they are not read.
    """

    def find(kind: RecordKind, wanted: set[str]) -> Mapping[str, Any]:
        there = given.get(kind, {})
        others = wanted - there.keys()
        return {**there, **table.get_many(kind, sorted(others))} if others else there

    commitments: Mapping[str, Commitment] = find(
        RecordKind.COMMITMENT, {each.commitment_id for each in invoices.values()}
    )
    used = [
        commitments[each.commitment_id]
        for each in invoices.values()
        if each.commitment_id in commitments
    ]
    vendors = find(RecordKind.VENDOR, {each.vendor_id for each in used})
    projects = find(RecordKind.PROJECT, {each.project_id for each in used})
    before = {each.previous_id for each in invoices.values() if each.previous_id}
    others = sorted(before - invoices.keys())
    previous = {**(table.get_many(RecordKind.REQUISITION, others) if others else {}), **invoices}
    return [
        InvoiceRecords(
            each,
            commitment,
            vendors[commitment.vendor_id],
            projects[commitment.project_id],
            previous.get(each.previous_id or ""),
        )
        for each in invoices.values()
        if (commitment := commitments.get(each.commitment_id))
        and commitment.vendor_id in vendors
        and commitment.project_id in projects
    ]
