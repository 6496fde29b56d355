"""A synced invoice is parted from documents that are gone, and begins a new generation."""

from __future__ import annotations

import attrs

from erp_invoice_core.flow import unlink
from erp_invoice_core.vocabulary import ExportStatus

from .samples import PERSON, apply, build_case, build_synced


def test_unlinked_invoice_can_be_sent_anew_under_new_keys() -> None:
    """Not sent, next generation, first try, nothing left, no number held."""
    entry = attrs.evolve(build_synced(), slot="s")

    change = unlink(
        entry, build_case(entry, apply(9)), at=apply(9), actor=PERSON, evidence="Deleted there."
    )

    assert (ExportStatus.NOT_SENT, 2, 1, None) == (
        change.after.status,
        change.after.generation,
        change.after.attempt,
        change.after.slot,
    )
    assert (None, (), ()) == (change.after.acceptance, change.after.plan, change.after.living)
    assert "5000/2/1/create" == change.after.build_key("create").text
    assert {"evidence": "Deleted there."} == dict(change.facts)


def test_document_that_is_still_there_denies_the_unlink() -> None:
    """It must be deleted in the ERP first."""
    entry = build_synced()

    change = unlink(entry, build_case(entry, apply(9), gone=False), at=apply(9), actor=PERSON)

    assert ["export.not_gone"] == [denial.code for denial in change.verdict.denials]
    assert {} == dict(change.facts)


def test_refused_unlink_keeps_the_evidence() -> None:
    """The event has the evidence, also if it was not enough."""
    entry = build_synced()
    case = build_case(entry, apply(9), gone=False)

    change = unlink(entry, case, at=apply(9), actor=PERSON, evidence="Deleted there.")

    assert {"evidence": "Deleted there."} == dict(change.event.facts)
    assert attrs.evolve(entry, seq=entry.seq + 1) == change.after


def test_unlinked_invoice_begins_with_the_first_try() -> None:
    """The number of the try that synced it belongs to the former generation."""
    entry = attrs.evolve(build_synced(), attempt=3)

    change = unlink(entry, build_case(entry, apply(9)), at=apply(9), actor=PERSON)

    assert (2, 1) == (change.after.generation, change.after.attempt)
