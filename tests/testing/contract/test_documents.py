"""The sample invoices of a contract."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.rules.used_features import list_features_of_document
from erp_invoice_core.testing import sample_document
from erp_invoice_core.testing.contract.documents import SampleDocuments, fit_currency

from .honest import Honest

_OF_INVOICES = [each for each in erp.Feature if each.value not in {"withdraw", "unlink"}]


def _build(declaration: erp.Declaration | None = None) -> SampleDocuments:
    return SampleDocuments(
        base=sample_document(),
        declaration=declaration or Honest().declare(),
        run="R7",
        numbers=count(1),
    )


def test_no_two_invoices_share_a_number() -> None:
    """Ids and numbers begin with the run, so that an ERP that keeps its bills can be used again."""
    samples = _build()
    one, other = samples.build_plain(), samples.build_plain()

    assert (("R7-1", "R7001"), ("R7-2", "R7002")) == (
        (one.invoice_id, one.invoice_number),
        (other.invoice_id, other.invoice_number),
    )


def test_number_fits_the_limit_of_the_erp() -> None:
    """A short limit keeps the part that differs."""
    short = erp.FieldRule(
        field="invoice_number", validator=erp.Validator.MAX_LENGTH, limit=4, truncates=True
    )
    samples = _build(attrs.evolve(Honest().declare(), field_rules=(short,)))

    assert (4, "7001") == (samples.find_number_limit(), samples.build_plain().invoice_number)


@pytest.mark.parametrize("feature", _OF_INVOICES, ids=lambda each: each.value)
def test_invoice_uses_the_feature(feature: erp.Feature) -> None:
    """The invoice uses it, and besides it only what every invoice does."""
    used = list_features_of_document(_build().build_using(feature))

    usual = {erp.Feature.INVOICES, erp.Feature.SUBCONTRACTS, erp.Feature.AMOUNT_BASED}
    assert feature in used
    assert len(used - usual - {feature}) == 0


def test_plain_invoice_uses_what_is_supported() -> None:
    """An ERP that takes purchase orders by units alone gets such an invoice."""
    supported = (erp.Feature.INVOICES, erp.Feature.PURCHASE_ORDERS, erp.Feature.UNIT_BASED)
    samples = _build(
        erp.Declaration(
            key="units", name="Units", features=dict.fromkeys(supported, erp.Support.FULL)
        )
    )
    document = samples.build_plain(Decimal(800))

    assert set(supported) == list_features_of_document(document)
    assert (Decimal(4), Decimal(200)) == (
        document.lines[0].quantity,
        document.lines[0].unit_price,
    )


@pytest.mark.parametrize(
    ("declared", "currency", "gross"),
    [
        (None, "USD", "22250.50"),
        (frozenset({"USD", "CAD"}), "USD", "22250.50"),
        (frozenset({"JPY", "KRW"}), "JPY", "0"),
    ],
    ids=["any", "declared", "other"],
)
def test_invoice_is_in_a_declared_currency(
    declared: frozenset[str] | None, currency: str, gross: str
) -> None:
    """Without a currency of the vendor's choice, it is one that the adapter declares."""
    erp_of_yen = attrs.evolve(Honest().declare(), currencies=declared)
    document = fit_currency(sample_document(), erp_of_yen)

    assert (currency, Decimal(gross)) == (document.currency, document.gross)
    assert currency == _build_of(document, erp_of_yen).build_plain().currency


def _build_of(document: erp.ExportDocument, declaration: erp.Declaration) -> SampleDocuments:
    return attrs.evolve(_build(declaration), base=document)
