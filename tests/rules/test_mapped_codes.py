"""The codes that a connection can map are those of the invoice."""

from __future__ import annotations

import attrs

from erp_invoice_core.declaration import Declaration, Prerequisite, TaxForm
from erp_invoice_core.documents import MappingKind
from erp_invoice_core.rules import Case
from erp_invoice_core.rules.mapped_codes import CODES, Code, list_codes, list_needed_codes
from erp_invoice_core.testing import sample_document


def test_codes_of_tax() -> None:
    """Those of the lines; an invoice without any has none."""
    assert (Code("GST"), Code("PST")) == (
        list_codes(Case(tax_codes=("GST", "PST")))[MappingKind.TAX_CODE]
    )
    assert {()} == set(list_codes(Case()).values())


def test_codes_of_records() -> None:
    """Each is there once, and says whether its record has an id in an ERP."""
    document = sample_document()
    first, second = document.lines
    bare = attrs.evolve(second, cost_code_origin_id=" ", cost_type_origin_id=None)
    lines = (first, first, bare, attrs.evolve(bare, cost_code=None))
    changed = attrs.evolve(document, lines=lines, vendor_origin_id=None)

    assert {
        MappingKind.TAX_CODE: (),
        MappingKind.COST_CODE: (Code("05-120", has_id=True), Code("05-130")),
        MappingKind.COST_TYPE: (Code("SUB"),),
        MappingKind.JOB: (Code("10", has_id=True),),
        MappingKind.VENDOR: (Code("7"),),
    } == list_codes(Case(document=changed))


def test_every_kind_has_codes() -> None:
    """A kind that cannot be found in an invoice could not be mapped."""
    assert set(MappingKind) == set(CODES)


def test_needed_codes() -> None:
    """A record with an id of its own needs no other; what needs one depends on the ERP."""
    document = sample_document()
    first, second = document.lines
    lines = (first, attrs.evolve(second, cost_code_origin_id=None))
    bare = attrs.evolve(document, lines=lines, vendor_origin_id=None)
    case = Case(document=bare, tax_codes=("GST",))
    modest = Declaration(key="erp", name="The ERP", prerequisites=frozenset())
    strict = attrs.evolve(
        modest, tax=TaxForm.KEPT, prerequisites=frozenset({Prerequisite.COST_CODES})
    )

    assert [] == list(list_needed_codes(case, modest, ()))
    assert [(MappingKind.TAX_CODE, "GST"), (MappingKind.COST_CODE, "05-130")] == list(
        list_needed_codes(case, strict, ())
    )
    covered = (MappingKind.COST_TYPE, MappingKind.VENDOR)
    assert [(MappingKind.COST_TYPE, "SUB"), (MappingKind.VENDOR, "7")] == list(
        list_needed_codes(case, modest, covered)
    )
