"""
Denials of an invoice that needs more than its adapter declares.

The queue refuses such an invoice by itself. An adapter refuses it too, in ``erp_check``: it may be
called by another program, or with a declaration of another version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declaration import Handling, TaxForm
from ..verdict import Denial, Source, Verdict
from ..vocabulary import Feature, Support

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declaration import Declaration
    from ..documents import ExportDocument
    from ..exchange import ExportRequest

_KINDS = {"subcontract": Feature.SUBCONTRACTS, "purchase_order": Feature.PURCHASE_ORDERS}
#: The things that an invoice can use, by the feature that the ERP integration then needs.
_USED = {
    Feature.SUBCONTRACTS: "invoices of subcontracts",
    Feature.PURCHASE_ORDERS: "invoices of purchase orders",
    Feature.RETAINAGE: "retainage",
    Feature.RETAINAGE_RELEASE: "released retainage",
}


def find_undeclared(request: ExportRequest, declaration: Declaration) -> Verdict:
    """
    Return a verdict with a denial for each undeclared thing that the invoice needs.

    Checked are the currency, an amount below zero, tax, retainage, and the kind of the commitment.
    An adapter returns the verdict from ``erp_check``, alone or with denials of its own.

    Args:
        request: The request of the export.
        declaration: The declaration of the adapter.

    Returns:
        The verdict. The codes of its denials begin with the key of the adapter, as in
        ``acme.undeclared_tax``.
    """
    return Verdict(tuple(_list_denials(request.document, declaration)))


def _list_denials(document: ExportDocument, declaration: Declaration) -> Iterator[Denial]:
    erp = declaration.name
    taken = declaration.currencies
    if taken is not None and document.currency not in taken:
        yield _deny(
            declaration,
            "currency",
            f"{erp} takes no invoices in {document.currency}. Its currencies are:"
            f" {', '.join(sorted(taken))}. Book this invoice without the integration.",
        )
    if document.due < 0 and declaration.negative is Handling.REFUSED:
        yield _deny(
            declaration,
            "credit",
            f"{erp} takes no credits, and {document.due:f} {document.currency} is due. Book this"
            " credit without the integration.",
        )
    if document.tax and declaration.tax is TaxForm.IMPOSSIBLE:
        yield _deny(
            declaration,
            "tax",
            f"{erp} takes no tax, and the invoice has {document.tax:f} {document.currency} of it."
            " Book this invoice without the integration.",
        )
    for feature in _list_used(document):
        if declaration.support(feature) is not Support.FULL:
            yield _deny(
                declaration,
                feature.value,
                f"{erp} takes no {_USED[feature]}. Book this invoice without the integration.",
            )


def _list_used(document: ExportDocument) -> Iterator[Feature]:
    """Yield the used features that an ERP without them might silently ignore."""
    kind = _KINDS.get(document.commitment_kind)
    if kind is not None:
        yield kind
    if any(line.retained for line in document.lines):
        yield Feature.RETAINAGE
    if any(line.released for line in document.lines):
        yield Feature.RETAINAGE_RELEASE


def _deny(declaration: Declaration, what: str, message: str) -> Denial:
    return Denial(f"{declaration.key}.undeclared_{what}", message, Source.ADAPTER)
