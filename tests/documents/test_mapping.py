"""A mapped document has the ids of the ERP, and the digest of the one that was sent."""

from __future__ import annotations

from decimal import Decimal

import attrs

from erp_invoice_core.documents import MappedId, MappingKind, find_vendor, index_ids, map_document
from erp_invoice_core.testing import sample_document

GST = MappedId(kind=MappingKind.TAX_CODE, code="GST", erp_id="G5")


def test_without_mapped_ids_it_is_the_same_object() -> None:
    """No line of a stored document is read for nothing."""
    document = sample_document()
    assert document is map_document(document, ())


def test_tax_codes_get_their_ids() -> None:
    """A line without the code stays as it is; amounts and digest do not change."""
    first, second = sample_document().lines
    taxed = attrs.evolve(first, tax_code="GST", tax=Decimal("1050.00"))
    document = attrs.evolve(sample_document(), lines=(taxed, second))

    mapped = map_document(document, (GST,))

    assert ["G5", None] == [line.tax_code_origin_id for line in mapped.lines]
    assert second is mapped.lines[1]
    assert (document.digest, document.stored_json) == (mapped.digest, mapped.stored_json)
    assert (document.due, document.tax, document.vendor_name, document.attachments) == (
        mapped.due,
        mapped.tax,
        mapped.vendor_name,
        mapped.attachments,
    )


def test_ids_are_found_by_kind_and_code() -> None:
    """Of one kind alone."""
    assert {"GST": "G5"} == index_ids((GST,), MappingKind.TAX_CODE)
    assert {} == index_ids((), MappingKind.TAX_CODE)


def test_records_get_their_ids() -> None:
    """A mapped id takes precedence over that of the record; other records keep theirs."""
    rows = {
        MappingKind.COST_CODE: ("05-120", "C1"),
        MappingKind.COST_TYPE: ("SUB", "S1"),
        MappingKind.JOB: ("10", "J1"),
        MappingKind.VENDOR: ("7", "V1"),
    }
    mapped = tuple(
        MappedId(kind=kind, code=code, erp_id=erp_id) for kind, (code, erp_id) in rows.items()
    )
    document = sample_document()

    found = map_document(document, mapped)

    assert ("V1", "J1", document.commitment_origin_id) == (
        found.vendor_origin_id,
        found.job_origin_id,
        found.commitment_origin_id,
    )
    assert [("C1", "S1"), ("05-130", "S1")] == [
        (line.cost_code_origin_id, line.cost_type_origin_id) for line in found.lines
    ]
    assert (document.digest, document.stored_sha256) == (found.digest, found.stored_sha256)
    assert ("V1", "V-ACME") == (find_vendor(document, mapped), find_vendor(document, ()))


def test_ids_of_other_records_change_nothing() -> None:
    """The document has none of them."""
    others = tuple(MappedId(kind=kind, code="other", erp_id="X") for kind in MappingKind)
    document = sample_document()
    assert document == map_document(document, others)
