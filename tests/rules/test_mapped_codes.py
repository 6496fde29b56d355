"""The codes that a connection can map are those of the invoice."""

from __future__ import annotations

from erp_invoice_core.documents import MappingKind
from erp_invoice_core.rules import Case
from erp_invoice_core.rules.mapped_codes import CODES, list_codes


def test_codes_of_tax() -> None:
    """Those of the lines; an invoice without any has none."""
    assert ("GST", "PST") == list_codes(Case(tax_codes=("GST", "PST")))[MappingKind.TAX_CODE]
    assert () == list_codes(Case())[MappingKind.TAX_CODE]


def test_every_kind_has_codes() -> None:
    """A kind that cannot be found in an invoice could not be mapped."""
    assert set(MappingKind) == set(CODES)
