"""The facts of an invoice, derived from the documents that describe it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..billing import (
    LINE_8,
    differences,
    export_document,
    line_8,
    notices,
    over_billed,
    over_released,
    period,
)
from .fact_types import AmountFacts, DocumentFacts, SequenceFacts
from .number_facts import number_facts
from .place_facts import number_text, place_facts, text
from .record_facts import record_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..documents import Commitment, Difference, Invoice, NumberUse, Project, Vendor

__all__ = ["facts_of"]


def _is_line_8(difference: Difference) -> bool:
    return difference.code == "billing.summary_differs" and difference.name == LINE_8


def _amounts(invoice: Invoice, previous: Invoice | None, commitment: Commitment) -> AmountFacts:
    total = period(invoice).total
    said = {notice.code for notice in notices(invoice, previous)}
    stated, excesses = differences(invoice, previous, commitment), over_billed(invoice)
    return AmountFacts(
        currency=invoice.currency,
        gross=total.gross,
        retained=total.retained,
        released=total.released,
        stored=total.stored,
        taxed=invoice.is_taxed,
        over_billed=bool(excesses),
        over_billed_items=excesses,
        over_released=over_released(invoice),
        line_8=line_8(invoice, previous) if "billing.previous_differs" in said else None,
        differences=stated,
        line_8_difference=next((each for each in stated if _is_line_8(each)), None),
        previous_is_known="billing.previous_unknown" not in said,
        # What is not known cannot be said to differ: `previous_is_known` speaks, and alone.
        previous_agrees="billing.previous_differs" not in said,
    )


def _sequence(
    invoice: Invoice, siblings: Sequence[Invoice] | None, unsynced: Collection[str]
) -> SequenceFacts:
    if siblings is None:
        return SequenceFacts(is_latest=None, earlier_unsynced=())
    others = [
        other
        for other in siblings
        if other.id != invoice.id and other.commitment_id == invoice.commitment_id
    ]
    earlier = sorted(
        other.number for other in others if other.number < invoice.number and other.id in unsynced
    )
    return SequenceFacts(
        is_latest=all(other.number < invoice.number for other in others),
        earlier_unsynced=tuple(str(number) for number in earlier),
    )


def facts_of(
    invoice: Invoice,
    commitment: Commitment,
    *,
    vendor: Vendor,
    project: Project,
    company_id: str,
    previous: Invoice | None = None,
    siblings: Sequence[Invoice] | None = None,
    unsynced: Collection[str] = (),
    numbers: Collection[NumberUse] = (),
) -> DocumentFacts:
    """
    Return the facts that documents tell, by the names of a case.

    The document is ``None`` where the retainage of the period cannot be told; the rest then
    tells why.

    Args:
        invoice: The invoice.
        commitment: The commitment that it bills.
        vendor: The commitment's contract company.
        project: The commitment's project.
        company_id: The company.
        previous: The commitment's previous invoice, where it is known.
        siblings: The commitment's other invoices; ``None``: they are not known, which denies.
        unsynced: Ids of those siblings that are not synced.
        numbers: The numbers of the vendor's invoices, of whichever commitment.
    """
    amounts = _amounts(invoice, previous, commitment)
    document = None
    if amounts["retained"] is not None:
        document = export_document(
            invoice, commitment, vendor=vendor, project=project, company_id=company_id
        )
    return {
        **amounts,
        **place_facts(invoice, commitment, vendor, project),
        **_sequence(invoice, siblings, unsynced),
        **record_facts(invoice, commitment),
        **number_facts(invoice, commitment, siblings=siblings, numbers=numbers),
        "invoice_id": invoice.id,
        "invoice_number": number_text(invoice.invoice_number),
        "project_id": invoice.project_id,
        "invoice_status": invoice.status,
        "document": document,
        "has_period": text(invoice.period_id) is not None,
        "attachments": len(invoice.attachments),
    }
