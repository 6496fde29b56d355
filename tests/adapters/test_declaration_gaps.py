"""An invoice is refused for each thing that the declaration does not have."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing import sample_document, sample_request

DECLARED = erp.Declaration(
    key="acme",
    name="Acme",
    features=dict.fromkeys(erp.Feature, erp.Support.FULL),
    terms={"bill": erp.StepTerms()},
    negative=erp.Handling.EXPORTED,
    currencies=frozenset({"USD", "CAD"}),
    tax=erp.TaxForm.KEPT,
    retainage=erp.RetainageForm.NATIVE,
)


def _build_line(**changes: object) -> erp.ExportLine:
    plain = {"gross": Decimal(1200), "work": Decimal(1200)}
    zero = dict.fromkeys(("stored", "retained", "released", "tax"), Decimal(0))
    return attrs.evolve(sample_document().lines[0], **{**zero, **plain, **changes})  # type: ignore[arg-type] # of any field


def _find(declared: erp.Declaration, line: erp.ExportLine, **changes: object) -> list[str]:
    given = {"commitment_kind": "subcontract", **changes}
    document = attrs.evolve(sample_document(), lines=(line,), **given)  # type: ignore[arg-type] # of any field
    verdict = erp.find_undeclared(sample_request(document), declared)
    return [each.code for each in verdict.denials]


def _lacks(*features: erp.Feature) -> erp.Declaration:
    lacking = dict.fromkeys(features, erp.Support.IMPOSSIBLE)
    return attrs.evolve(DECLARED, features={**DECLARED.features, **lacking})


@pytest.mark.parametrize(
    ("declared", "line", "changes", "codes"),
    [
        (DECLARED, _build_line(), {}, []),
        (DECLARED, _build_line(), {"currency": "EUR"}, ["acme.undeclared_currency"]),
        (attrs.evolve(DECLARED, currencies=None), _build_line(), {"currency": "EUR"}, []),
        (
            attrs.evolve(DECLARED, negative=erp.Handling.REFUSED),
            _build_line(gross=Decimal(-5), work=Decimal(-5)),
            {},
            ["acme.undeclared_credit"],
        ),
        (
            attrs.evolve(DECLARED, tax=erp.TaxForm.IMPOSSIBLE),
            _build_line(tax=Decimal(60)),
            {},
            ["acme.undeclared_tax"],
        ),
        (_lacks(erp.Feature.SUBCONTRACTS), _build_line(), {}, ["acme.undeclared_subcontracts"]),
        (
            _lacks(erp.Feature.PURCHASE_ORDERS),
            _build_line(),
            {"commitment_kind": "purchase_order"},
            ["acme.undeclared_purchase_orders"],
        ),
        (
            _lacks(erp.Feature.RETAINAGE, erp.Feature.RETAINAGE_RELEASE),
            _build_line(retained=Decimal(120), released=Decimal(60)),
            {"currency": "EUR"},
            [
                "acme.undeclared_currency",
                "acme.undeclared_retainage",
                "acme.undeclared_retainage_release",
            ],
        ),
    ],
    ids=[
        "everything declared", "another currency", "any currency", "a credit", "tax",
        "a subcontract", "a purchase order", "several",
    ],
)  # fmt: skip
def test_each_undeclared_thing_has_a_denial(
    declared: erp.Declaration, line: erp.ExportLine, changes: dict[str, object], codes: list[str]
) -> None:
    """Each thing that the invoice needs and the declaration lacks is named, and nothing else."""
    assert codes == _find(declared, line, **changes)


def test_a_denial_names_its_values() -> None:
    """The amounts and the currencies are in the sentence, with what to do."""
    document = attrs.evolve(
        sample_document(), lines=(_build_line(tax=Decimal("62.53")),), currency="EUR"
    )
    declared = attrs.evolve(DECLARED, tax=erp.TaxForm.IMPOSSIBLE)
    verdict = erp.find_undeclared(sample_request(document), declared)

    currency, tax = (each.message for each in verdict.denials)
    end = "Book this invoice without the integration."
    assert f"Acme takes no invoices in EUR. Its currencies are: CAD, USD. {end}" == currency
    assert f"Acme takes no tax, and the invoice has 62.53 EUR of it. {end}" == tax
