"""What makes a request no transaction of the ledger, told before and at the writing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ...verdict import Denial, Source, Verdict
from .block import OPENED_ON
from .declared import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...exchange import ExportRequest

__all__ = ["objections"]

_FIRST_DAY = date.fromisoformat(OPENED_ON)


def _denial(code: str, message: str, **facts: str) -> Denial:
    return Denial(f"{KEY}.{code}", message, Source.ADAPTER, facts)


def _names(request: ExportRequest) -> Iterator[str]:
    """Yield every text that the ledger would keep."""
    document = request.document
    texts = (
        document.invoice_id,
        document.vendor_name,
        document.vendor_origin_id,
        document.commitment_number,
        document.commitment_title,
        document.commitment_origin_id,
        document.period_id,
        request.number,
    )
    attached = [text for each in request.attachments for text in (each.filename, each.url)]
    yield from (text for text in (*texts, *attached) if text)


def _found(request: ExportRequest) -> Iterator[Denial]:
    document, day = request.document, request.accounting_date
    if day is None:
        yield _denial("date_missing", "Give the invoice a billing date or an accounting date.")
    elif day < _FIRST_DAY:
        message = f"Date the invoice {OPENED_ON} or later; the ledger's accounts open then."
        yield _denial("date_early", message, date=day.isoformat())
    origins = {
        "the job": document.job_origin_id,
        "the vendor": document.vendor_origin_id,
        "the commitment": document.commitment_origin_id,
    }
    lacking = [name for name, origin in origins.items() if not origin]
    lacking += [
        f"cost code {line.cost_code or line.line_item_id}"
        for line in document.lines
        if not line.cost_code_origin_id
    ]
    if lacking:
        message = f"Link to the ledger first: {', '.join(dict.fromkeys(lacking))}."
        yield _denial("not_linked", message)
    try:
        "".join(_names(request)).encode()
    except UnicodeEncodeError:
        message = "Take the half character (a lone surrogate) out of the invoice's names."
        yield _denial("not_text", message)


def objections(request: ExportRequest) -> Verdict:
    """Return every objection to the request; codes begin with the adapter's key."""
    return Verdict(_found(request))
