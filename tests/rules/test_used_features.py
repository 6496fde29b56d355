"""Features that a document uses, by the route from the invoice and that from the document."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given

from erp_invoice_core.documents import PurchaseOrder
from erp_invoice_core.rules import NEEDS
from erp_invoice_core.rules.facts import export_facts
from erp_invoice_core.rules.used_features import USES, list_features_of_document
from erp_invoice_core.testing.samples import sample_document
from erp_invoice_core.testing.strategies import dossiers
from erp_invoice_core.vocabulary import (
    AccountingMethod,
    Feature,
    ItemType,
    PurchaseOrderStatus,
)
from tests.rules.test_facts import SUBCONTRACT, case, item, of

if TYPE_CHECKING:
    from erp_invoice_core.documents import Commitment, Invoice, InvoiceItem
    from erp_invoice_core.testing.strategies import Dossier

#: Features that an action needs only if the document uses them, and the first of all.
_NEEDED_BY_DOCUMENTS = {need.feature for need in NEEDS if not need.always} | {Feature.INVOICES}
_ORDER = PurchaseOrder(
    id="100",
    project_id="10",
    vendor_id="7",
    number="PO-1",
    currency="USD",
    status=PurchaseOrderStatus.APPROVED,
)
_ALWAYS = {
    "subcontract": {Feature.INVOICES, Feature.SUBCONTRACTS},
    "order": {Feature.INVOICES, Feature.PURCHASE_ORDERS},
}
_NO_NEW_RETAINAGE = Decimal(0)
# fmt: off
#: The billed items, and the features that they use besides those of every such document.
_SAMPLES: tuple[tuple[tuple[InvoiceItem, ...], set[Feature]], ...] = (
    ((), set()),
    ((item(work_this_period="0"),), set()),
    ((item(),), {Feature.AMOUNT_BASED}),
    ((item(accounting_method=AccountingMethod.UNIT),), {Feature.UNIT_BASED}),
    ((item(ItemType.CHANGE_ORDER_ITEM, "9"),), {Feature.AMOUNT_BASED, Feature.CHANGE_ORDERS}),
    ((item(ItemType.CHANGE_ORDER_ITEM, "9", work_this_period="0"),), set()),
    ((item(stored="5"),), {Feature.AMOUNT_BASED, Feature.STORED_MATERIALS}),
    ((item(work_this_period="0", stored="5", stored_previous="5",
           stored_retainage_new=_NO_NEW_RETAINAGE),), set()),
    ((item(stored="5", stored_previous="5", stored_retainage_new=_NO_NEW_RETAINAGE),),
     {Feature.AMOUNT_BASED}),
    ((item(stored_previous="5", stored_retainage_new=_NO_NEW_RETAINAGE),),
     {Feature.AMOUNT_BASED, Feature.STORED_MATERIALS}),
    ((item(work_retainage_retained="4"),), {Feature.AMOUNT_BASED, Feature.RETAINAGE}),
    ((item(work_retainage_released="4"),), {Feature.AMOUNT_BASED, Feature.RETAINAGE_RELEASE}),
)
# fmt: on


def _list_by_both_routes(
    invoice: Invoice, commitment: Commitment
) -> tuple[frozenset[Feature] | None, frozenset[Feature]]:
    whole = case(invoice, commitment)
    assert whole.document is not None
    return whole.uses, export_facts(whole.document)["uses"]


@pytest.mark.parametrize("kind", _ALWAYS)
@pytest.mark.parametrize(("items", "used"), _SAMPLES)
def test_a_document_uses_what_its_lines_use(
    items: tuple[InvoiceItem, ...], used: set[Feature], kind: str
) -> None:
    """Both routes list the features of its commitment and lines; unchanged materials use none."""
    commitment = {"subcontract": SUBCONTRACT, "order": _ORDER}[kind]
    expected = frozenset(_ALWAYS[kind] | used)

    assert (expected, expected) == _list_by_both_routes(of(*items), commitment)


@given(dossiers())
def test_both_routes_list_the_same_features(dossier: Dossier) -> None:
    """The invoice with its commitment uses the features that its export document uses."""
    whole = dossier.case
    if whole.document is not None:
        assert whole.uses == list_features_of_document(whole.document)


@pytest.mark.parametrize("feature", [each for each in Feature if each in _NEEDED_BY_DOCUMENTS])
def test_every_feature_of_documents_is_used_by_a_sample(feature: Feature) -> None:
    """A feature that actions need only of documents that use it has its predicate and a sample."""
    samples = [*_ALWAYS.values(), *(used for _, used in _SAMPLES)]

    assert feature in USES
    assert any(feature in used for used in samples)


def test_features_of_withdrawal_and_unlink_depend_on_no_document() -> None:
    """They are needed always, so that no predicate decides about them."""
    assert _NEEDED_BY_DOCUMENTS == set(USES)


def test_a_retainage_that_is_not_known_is_not_used() -> None:
    """Another rule denies the invoice then, as its previous certificates are not known."""
    unknown = case(of(item(stored="5", stored_previous="5")))

    assert (None, False) == (unknown.document, unknown.previous_is_known)
    assert unknown.uses is not None
    assert Feature.RETAINAGE not in unknown.uses


def test_a_document_of_a_host_uses_what_its_lines_use() -> None:
    """A document that no invoice of ours gave is read by the same table."""
    document = sample_document()
    bare = tuple(
        attrs.evolve(line, retained=Decimal(0), released=Decimal(0)) for line in document.lines
    )

    assert Feature.RETAINAGE in list_features_of_document(document)
    assert Feature.RETAINAGE not in list_features_of_document(attrs.evolve(document, lines=bare))
