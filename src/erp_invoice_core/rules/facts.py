"""Facts of an invoice, derived from documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..billing import (
    LINE_8,
    build_export_document,
    compute_line_8,
    compute_period,
    find_differences,
    find_over_billed,
    find_over_released,
    list_billed_items,
    list_notices,
    split_taxes,
)
from ..documents import LinkDifference, NumberUse, compute_similarity_key, normalize_number
from ..money import ZERO, format_amount, has_currency_digits
from ..vocabulary import ItemType
from .fact_types import (
    AmountFacts,
    DocumentFacts,
    ExportFacts,
    NumberFacts,
    OwnFacts,
    RecordFacts,
    SequenceFacts,
)
from .prerequisite_facts import build_place_facts, number_text, text
from .used_features import list_features_of_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ..billing import InvoiceTaxes, Period
    from ..documents import (
        Commitment,
        Difference,
        ExportDocument,
        ExportLine,
        Invoice,
        InvoiceSummary,
        Project,
        Vendor,
    )


def _list_taxes(invoice: Invoice) -> Iterator[str]:
    """Yield the taxes of the invoice, then those of each item: ``#12 8.25 %``."""
    currency = invoice.currency
    if invoice.tax_applicable:
        yield f"{format_amount(invoice.tax_applicable, currency)} {currency}"
    for applied in invoice.taxes_applied:
        # A fraction of a minor unit is shown, as the invoice differs by it.
        is_exact = has_currency_digits(applied, currency)
        yield f"{format_amount(applied, currency) if is_exact else format(applied, 'f')} {currency}"
    for item in invoice.items:
        if item.taxes:
            yield f"#{item.id} {format_amount(item.taxes, currency)} {currency}"
        for rate in item.tax_rates:
            yield f"#{item.id} {rate:f} %"


def _propose_fields(invoice: Invoice, commitment: Commitment) -> dict[str, str] | None:
    """Return the values of export fields that the records state; ``None`` without any."""
    stated = {"due_date": invoice.due_date, "terms": commitment.payment_terms}
    return {name: found for name, value in stated.items() if (found := text(value))} or None


def build_record_facts(invoice: Invoice, commitment: Commitment) -> RecordFacts:
    """Return the facts of the record that can speak against the invoice."""
    paid_on = max((each.paid_on for each in invoice.payments if each.paid_on), default=None)
    return RecordFacts(
        # An invoice with an id in the ERP counts as synced, and its status is not read.
        erp_status=None if text(invoice.origin_id) else text(invoice.erp_status),
        is_paid=invoice.is_paid,
        payment_date=invoice.payment_date or paid_on,
        amount_paid=invoice.amount_paid,
        deleted_on=invoice.deleted_at,
        commitment_deleted_on=commitment.deleted_at,
        rejected_items=tuple(
            f"{item.id} ({item.description})" if item.description else item.id
            for item in invoice.items
            if item.status and item.status.strip().lower() == "rejected"
        ),
        taxes=tuple(_list_taxes(invoice)),
        is_simplified=invoice.is_simplified,
        billing_date=invoice.billing_date,
        proposed=_propose_fields(invoice, commitment),
    )


def _list_other_uses(
    invoice: Invoice | InvoiceSummary,
    commitment_number: str,
    siblings: Sequence[Invoice | InvoiceSummary],
    numbers: Iterable[NumberUse],
) -> list[NumberUse]:
    """Return the numbers of the vendor's other invoices, one for each invoice."""
    uses = {
        other.id: NumberUse(
            invoice_id=other.id,
            number=other.invoice_number,
            commitment_id=other.commitment_id,
            commitment_number=commitment_number,
        )
        for other in siblings
        if other.invoice_number and other.commitment_id == invoice.commitment_id
    }
    for use in numbers:
        uses.setdefault(use.invoice_id, use)
    uses.pop(invoice.id, None)
    return list(uses.values())


def build_number_facts(
    invoice: Invoice | InvoiceSummary,
    commitment_number: str,
    *,
    siblings: Sequence[Invoice | InvoiceSummary] | None = None,
    numbers: Iterable[NumberUse] = (),
) -> NumberFacts:
    """
    Return the facts that compare the invoice's number with those of the vendor's other invoices.

    Args:
        invoice: The invoice, or its summary.
        commitment_number: The number of the commitment that it bills.
        siblings: The commitment's other invoices; ``None``: they are not known.
        numbers: The numbers of the vendor's invoices, on any commitment.
    """
    own = normalize_number(invoice.invoice_number or "")
    if not own:
        return NumberFacts(number_is_unique=True, number_uses=(), similar_numbers=())
    key = compute_similarity_key(own)
    alike = [
        use
        for use in _list_other_uses(invoice, commitment_number, siblings or (), numbers)
        if compute_similarity_key(use.number) == key
    ]
    same = [use for use in alike if normalize_number(use.number) == own]
    is_unique = all(use.commitment_id != invoice.commitment_id for use in same)
    return NumberFacts(
        number_is_unique=None if is_unique and siblings is None else is_unique,
        number_uses=tuple(same),
        similar_numbers=tuple(use for use in alike if use not in same),
    )


def _is_line_8(difference: Difference) -> bool:
    return difference.code == "billing.summary_differs" and difference.name == LINE_8


def _build_amounts(
    invoice: Invoice,
    previous: Invoice | None,
    commitment: Commitment,
    period: Period,
    taxes: InvoiceTaxes,
) -> AmountFacts:
    total = period.total
    said = {notice.code for notice in list_notices(invoice, previous, period=period)}
    stated, excesses = find_differences(invoice, previous, commitment), find_over_billed(invoice)
    return AmountFacts(
        currency=invoice.currency,
        gross=total.gross,
        retained=total.retained,
        released=total.released,
        stored=total.stored,
        taxed=invoice.is_taxed,
        tax=taxes.stated,
        tax_codes=taxes.codes,
        over_billed=bool(excesses),
        over_billed_items=excesses,
        over_released=find_over_released(invoice),
        line_8=compute_line_8(invoice, previous) if "billing.previous_differs" in said else None,
        differences=stated,
        line_8_difference=next((each for each in stated if _is_line_8(each)), None),
        previous_is_known="billing.previous_unknown" not in said,
        # Unknown certificates do not differ; only `previous_is_known` denies then.
        previous_agrees="billing.previous_differs" not in said,
    )


def build_sequence_facts(
    invoice: Invoice | InvoiceSummary,
    siblings: Sequence[Invoice | InvoiceSummary] | None,
    unsynced: Collection[str] = (),
) -> SequenceFacts:
    """
    Return the facts of the invoice's place among those of its commitment.

    Args:
        invoice: The invoice, or its summary.
        siblings: The commitment's other invoices; ``None``: they are not known, which denies.
        unsynced: Ids of those siblings that are not synced.
    """
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


def _find_link_differences(
    invoice: Invoice, commitment: Commitment, vendor: Vendor, previous: Invoice | None
) -> tuple[LinkDifference, ...]:
    """
    Return the given records to which the invoice, or its commitment, does not refer.

    The given project is not compared here, but by the condition ``document.differs``, because the
    export document has its id.
    """
    links = [
        ("commitment", commitment.id, invoice.commitment_id),
        ("project of the commitment", commitment.project_id, invoice.project_id),
        ("vendor", vendor.id, commitment.vendor_id),
    ]
    if previous is not None:
        of_previous = "commitment of the previous invoice"
        links += [
            ("previous invoice", previous.id, invoice.previous_id or previous.id),
            (of_previous, previous.commitment_id, invoice.commitment_id),
        ]
    return tuple(
        LinkDifference(field=field, given=given, expected=expected)
        for field, given, expected in links
        if given != expected
    )


def build_document_facts(
    invoice: Invoice,
    commitment: Commitment,
    *,
    vendor: Vendor,
    project: Project,
    company_id: str,
    previous: Invoice | None = None,
    siblings: Sequence[Invoice | InvoiceSummary] | None = None,
    unsynced: Collection[str] = (),
    numbers: Collection[NumberUse] = (),
) -> DocumentFacts:
    """
    Return the facts from documents, by their names in a case.

    The document is ``None`` if the retainage of the period is not known; the other facts then
    show why.

    Args:
        invoice: The invoice.
        commitment: The commitment that it bills.
        vendor: The commitment's contract company.
        project: The commitment's project.
        company_id: The company.
        previous: The commitment's previous invoice, where it is known.
        siblings: The commitment's other invoices; ``None``: they are not known, which denies.
        unsynced: Ids of those siblings that are not synced.
        numbers: The numbers of the vendor's invoices, on any commitment.
    """
    return {
        **build_own_facts(
            invoice,
            commitment,
            vendor=vendor,
            project=project,
            company_id=company_id,
            previous=previous,
        ),
        **build_sequence_facts(invoice, siblings, unsynced),
        **build_number_facts(invoice, commitment.number, siblings=siblings, numbers=numbers),
    }


def build_own_facts(
    invoice: Invoice,
    commitment: Commitment,
    *,
    vendor: Vendor,
    project: Project,
    company_id: str,
    previous: Invoice | None = None,
) -> OwnFacts:
    """Return the facts that depend on no other invoice than the previous one."""
    period = compute_period(invoice)
    taxes = split_taxes(invoice, period)
    amounts = _build_amounts(invoice, previous, commitment, period, taxes)
    rows = list_billed_items(invoice, commitment, period=period)
    document = None
    if amounts["retained"] is not None:
        document = build_export_document(
            invoice,
            commitment,
            vendor=vendor,
            project=project,
            company_id=company_id,
            rows=rows,
            taxes=taxes,
        )
    return {
        **amounts,
        **build_place_facts(invoice, commitment, vendor, project, rows),
        **build_record_facts(invoice, commitment),
        "invoice_id": invoice.id,
        "invoice_number": number_text(invoice.invoice_number),
        "project_id": invoice.project_id,
        "invoice_status": invoice.status,
        "document": document,
        "link_differences": _find_link_differences(invoice, commitment, vendor, previous),
        "has_period": text(invoice.period_id) is not None,
        "attachments": len(invoice.attachments),
    }


def _is_synced_change(line: ExportLine) -> bool:
    is_whole = line.item_type is ItemType.WHOLE_CHANGE_ORDER_ITEM
    return text(line.change_order_origin_id if is_whole else line.line_origin_id) is not None


def _export_fields(document: ExportDocument) -> dict[str, str | None]:
    fields = {
        "number": document.number,
        "billing_date": document.billing_date,
        "period_id": document.period_id,
        "period_start": document.period_start,
        "period_end": document.period_end,
        "currency": document.currency,
        "commitment_number": document.commitment_number,
        "commitment_title": document.commitment_title,
        "commitment_origin_id": document.commitment_origin_id,
        "vendor_name": document.vendor_name,
        "vendor_origin_id": document.vendor_origin_id,
        "project_name": document.job_name,
        "job_origin_id": document.job_origin_id,
    }
    texts = {name: text(value) for name, value in fields.items()}
    return texts | {"invoice_number": number_text(document.invoice_number)}


def export_facts(document: ExportDocument) -> ExportFacts:
    """
    Return the facts that an export document contains, by their names in a case.

    A record counts as synced if the document has its id in the ERP. A change-order line needs its
    own id, as the document does not say whether the commitment lists the line.
    """
    unmapped = [line for line in document.lines if not text(line.cost_code_origin_id)]
    changes = [line for line in document.lines if line.item_type.is_change]
    unsynced = [line for line in changes if not _is_synced_change(line)]
    codes = (line.cost_code or line.description or f"line {line.line_item_id}" for line in unmapped)
    taxes = dict.fromkeys(line.tax_code for line in document.lines if line.tax_code)
    return {
        "invoice_id": document.invoice_id,
        "invoice_number": number_text(document.invoice_number),
        "project_id": document.project_id,
        "document": document,
        "uses": list_features_of_document(document),
        "currency": document.currency,
        "gross": document.gross,
        "retained": document.retained,
        "released": document.released,
        "stored": sum((line.stored for line in document.lines), ZERO),
        "tax": document.tax or None,
        "tax_codes": tuple(taxes) or None,
        "has_period": text(document.period_id) is not None,
        "attachments": len(document.attachments),
        "commitment_synced": text(document.commitment_origin_id) is not None,
        "vendor_synced": text(document.vendor_origin_id) is not None,
        "job_synced": text(document.job_origin_id) is not None,
        "cost_codes_synced": not unmapped,
        "change_orders_synced": not unsynced,
        "unsynced_cost_codes": tuple(dict.fromkeys(codes)),
        "unmapped_items": tuple(dict.fromkeys(line.item_id for line in unmapped)),
        "unsynced_change_orders": tuple(
            f"line {line.line_item_id} (item {line.item_id})" for line in unsynced
        ),
        "fields": _export_fields(document),
    }
