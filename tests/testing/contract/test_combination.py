"""The invoices of a contract that use everything at once."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.money import find_unit
from erp_invoice_core.rules.used_features import list_features_of_document
from erp_invoice_core.testing.contract.combination import (
    MANY,
    TaxCode,
    build_combination,
    list_tax_codes,
)
from erp_invoice_core.testing.contract.documents import SampleDocuments

from .honest import Honest, build_sample
from .odd import KeepsTax

_AFTERWARDS = {erp.Feature.WITHDRAW, erp.Feature.UNLINK}


def _build(declaration: erp.Declaration | None = None, *codes: str) -> SampleDocuments:
    return SampleDocuments(
        base=build_sample(),
        declaration=declaration or KeepsTax().declare(),
        run="R7",
        numbers=count(1),
        tax_codes=codes,
    )


def test_one_invoice_uses_everything() -> None:
    """It has every feature, a line of zero, a negative one, and lines without tax under a code."""
    document = build_combination(_build())
    lines = document.lines

    used = list_features_of_document(document)
    assert set(erp.Feature) - _AFTERWARDS - {erp.Feature.PURCHASE_ORDERS} == used
    assert any(line.gross == 0 for line in lines)
    assert any(line.gross < 0 for line in lines)
    assert any(line.tax_code and not line.tax for line in lines)
    assert any(line.tax_code is None for line in lines)
    assert -6 == min(_count_exponent(line.quantity) for line in lines if line.quantity)
    assert 2 == len({line.cost_code for line in lines})
    assert len(lines) == len({line.description for line in lines})


def _count_exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent


def test_large_invoice_has_a_large_line() -> None:
    """Of more than a hundred lines one has eight digits and cents."""
    document = build_combination(_build(), MANY)

    assert (MANY, Decimal("12345678.91")) == (len(document.lines), document.lines[0].gross)
    assert document.gross > document.due


def test_credit_has_the_other_sign() -> None:
    """Each amount of a credit is that of the bill with the other sign."""
    samples = _build()
    bill, credit = build_combination(samples), build_combination(samples, is_credit=True)

    amounts = ("gross", "retained", "released", "tax", "due")
    assert [-getattr(bill, name) for name in amounts] == [getattr(credit, name) for name in amounts]
    assert credit.due < 0 < bill.released


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_amounts_have_the_digits_of_the_currency(currency: str) -> None:
    """Some amount has the last digit of the currency."""
    document = build_combination(_build(), currency=currency)

    unit = find_unit(currency)
    assert any(line.gross % (10 * unit) for line in document.lines)


def test_line_is_as_long_as_the_adapter_supports() -> None:
    """An ERP that bills units alone, and nothing else, gets neither retainage nor tax."""
    supported = (erp.Feature.INVOICES, erp.Feature.SUBCONTRACTS, erp.Feature.UNIT_BASED)
    declaration = erp.Declaration(
        key="units", name="Units", features=dict.fromkeys(supported, erp.Support.FULL)
    )
    document = build_combination(_build(declaration), MANY)

    assert set(supported) == list_features_of_document(document)
    assert all(line.gross > 0 and not line.tax_code for line in document.lines)


def test_tax_codes_are_those_of_the_vendor() -> None:
    """They are those of the vendor's invoice and the further ones, under codes of no ERP."""
    known = list_tax_codes(_build(None, "G5", "P7"))

    assert [("Source G5", "G5"), ("Source P7", "P7")] == [
        (each.code, each.origin_id) for each in known
    ]
    assert Decimal("62.53") == round(known[0].rate * Decimal("1250.50"), 2)
    assert Decimal("0.05") == known[1].rate


def test_code_without_a_tax_has_a_usual_rate() -> None:
    """A line of the vendor that has a code and no tax names no rate."""
    samples = _build()
    lines = [attrs.evolve(line, tax=Decimal(0)) for line in samples.base.lines]
    without = attrs.evolve(samples, base=attrs.evolve(samples.base, lines=tuple(lines)))

    assert (TaxCode("G5", Decimal("0.05")),) == list_tax_codes(without)


def test_erp_without_tax_gets_none() -> None:
    """Only an ERP that keeps tax gets tax codes."""
    document = build_combination(_build(Honest().declare()))

    assert not any(line.tax_code for line in document.lines)
