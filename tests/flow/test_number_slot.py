"""A number slot is taken from the first start until no document lives."""

from __future__ import annotations

import attrs
import pytest

from erp_invoice_core.documents import Answer, MappedId, MappingKind, QueueEntry
from erp_invoice_core.exchange import Deferred, Refused
from erp_invoice_core.flow import find_slot, record
from erp_invoice_core.flow.knowledge import mark_gone, record_answer
from erp_invoice_core.flow.number_slot import free_slot

from .samples import (
    CUTTING,
    DOCUMENT,
    ERP,
    NO,
    SCOPED,
    apply,
    build_accepted,
    build_created,
    build_exporting,
    build_ready,
    build_started,
    build_synced,
)


def test_slot_names_connection_vendor_and_number() -> None:
    """The slot is written injectively: each part with its length."""
    assert "6:ledger6:V-ACME7:ACME-77" == find_slot(build_ready(), ERP)


def test_slot_names_the_commitment_if_the_erp_distinguishes_commitments() -> None:
    """A number may be used once per commitment there."""
    assert "6:ledger6:V-ACME7:ACME-775:C-100" == find_slot(build_ready(), SCOPED)


def test_slot_holds_the_number_as_it_will_be_written() -> None:
    """Two numbers that are cut to the same text share a slot."""
    assert "6:ledger6:V-ACME4:ACME" == find_slot(build_ready(), CUTTING)


def test_slot_takes_our_own_ids_where_there_are_none_of_the_erp() -> None:
    """A vendor and a commitment without an ERP id are identified by our ids."""
    document = attrs.evolve(DOCUMENT, vendor_origin_id=None, commitment_origin_id=None)
    entry = attrs.evolve(build_ready(document=document), connection=None)

    assert "0:1:77:ACME-773:100" == find_slot(entry, SCOPED)


def test_slot_is_the_canonical_form_of_what_is_written() -> None:
    """The number is cut as the ERP cuts it, and then compared as a person reads it."""
    document = attrs.evolve(DOCUMENT, invoice_number="\ufeffACME\u201177")

    assert "6:ledger6:V-ACME7:ACME-77" == find_slot(build_ready(document=document), ERP)
    assert "6:ledger6:V-ACME3:ACM" == find_slot(build_ready(document=document), CUTTING)


@pytest.mark.parametrize("number", [None, "", " ", "\u200b\u00a0"])
def test_no_number_needs_no_slot(number: str | None) -> None:
    """An invoice without a number holds nothing."""
    entry = build_ready(document=attrs.evolve(DOCUMENT, invoice_number=number))

    assert find_slot(entry, ERP) is None


def test_entry_that_was_never_sent_needs_no_slot() -> None:
    """Without a document there is nothing to hold."""
    assert find_slot(QueueEntry(id="5000"), ERP) is None


def test_slot_is_held_while_a_call_is_in_doubt() -> None:
    """An entry that may have a document holds its number slot."""
    entry = build_started(slot="s")

    assert "s" == free_slot(entry).slot


def test_slot_is_held_while_a_document_lives() -> None:
    """A leftover document holds its number slot, also if it is not exported."""
    entry = attrs.evolve(build_created(), slot="s", lease=None)

    assert "s" == free_slot(entry).slot
    assert "s" == free_slot(attrs.evolve(build_synced(), slot="s")).slot


def test_slot_is_held_while_it_is_exported_or_synced() -> None:
    """Between its calls, and where the id of its document is not on record."""
    exported = attrs.evolve(build_synced(), slot="s", holdings=())

    assert "s" == free_slot(attrs.evolve(build_exporting(), slot="s")).slot
    assert "s" == free_slot(exported).slot
    assert free_slot(attrs.evolve(build_ready(), slot="s")).slot is None


def test_slot_is_freed_by_a_definite_no() -> None:
    """Nothing of a refused export lives: its number is free again."""
    entry = build_started(slot="s")

    assert record(entry, 0, Refused(NO), at=apply(1), erp=ERP).after.slot is None


def test_slot_is_freed_by_a_deferral() -> None:
    """Nothing was sent: another invoice may have the number."""
    entry = build_started(slot="s")

    assert record(entry, 0, Deferred(None, "Busy."), at=apply(1), erp=ERP).after.slot is None


def test_slot_is_freed_once_the_last_document_is_gone() -> None:
    """A withdrawn document holds no number."""
    entry = attrs.evolve(build_created(), slot="s", status=build_ready().status)

    assert "s" == free_slot(entry).slot
    assert free_slot(mark_gone(entry, "B-1")).slot is None


def test_slot_is_freed_once_absence_is_certain() -> None:
    """A call that did not happen holds no number."""
    entry = attrs.evolve(build_started(slot="s"), status=build_ready().status)

    assert free_slot(record_answer(entry, 0, Answer.ABSENT)).slot is None


def test_slot_is_that_of_the_accepted_number_and_vendor() -> None:
    """Both are what the ERP will have; the number of the invoice stays free."""
    entry = build_accepted()
    assert entry.acceptance is not None
    vendor = MappedId(kind=MappingKind.VENDOR, code=DOCUMENT.vendor_id, erp_id="V-9")
    acceptance = attrs.evolve(entry.acceptance, number="R-1", mapped=(vendor,))
    document = attrs.evolve(DOCUMENT, vendor_origin_id="V-9", invoice_number="R-1")
    other = attrs.evolve(entry, document=document)

    assert find_slot(attrs.evolve(entry, acceptance=acceptance), ERP) == find_slot(other, ERP)
    assert find_slot(entry, ERP) != find_slot(other, ERP)
