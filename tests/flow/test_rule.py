"""A person's word, with evidence, settles what nobody else can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.documents import Holding
from erp_invoice_core.flow import Ruling, rule, with_holding
from erp_invoice_core.vocabulary import ExportStatus

from .samples import (
    PERSON,
    accepted,
    after,
    case_for,
    claimed,
    draft_left,
    failed,
    post_in_doubt,
    receipt,
    removal_in_doubt,
    unknown,
)

if TYPE_CHECKING:
    from datetime import datetime

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import Change

LATER = 100


def _ruled(
    entry: QueueEntry,
    ruling: Ruling,
    *,
    at: float = LATER,
    **given: Any,  # noqa: ANN401 - the case's own fields, checked when it is built
) -> Change:
    facts = {
        "rules_absent": ruling.rules_absent(entry),
        "settles_all": ruling.settles_all(entry),
        "denies_receipt": bool(ruling.denied(entry)),
    }
    case = case_for(entry, after(at), **{**facts, **given})
    return rule(
        entry, case, ruling, at=after(at), actor=PERSON, evidence="Seen there.", command="c"
    )


def test_synced_ruling_syncs() -> None:
    """The bill is there: synced, with the evidence on record."""
    change = _ruled(unknown(), Ruling(synced={"": "B-9"}))

    assert (ExportStatus.SYNCED, None) == (change.after.status, change.after.due_at)
    assert {"evidence": "Seen there."} == dict(change.event.facts)
    assert "c" == change.command


def test_synced_ruling_takes_the_slot() -> None:
    """What is there holds its number, also if nothing was started by us."""
    change = _ruled(accepted(), Ruling(synced={"": "B-9"}))

    assert "6:ledger6:V-ACME7:ACME-77" == change.after.slot


def test_synced_ruling_takes_no_slot_that_another_holds() -> None:
    """Evidence is taken all the same."""
    change = _ruled(accepted(), Ruling(synced={"": "B-9"}), slot_is_free=False)

    assert (ExportStatus.SYNCED, None) == (change.after.status, change.after.slot)


def test_synced_ruling_keeps_the_slot_that_it_has() -> None:
    """The number was taken at the first start."""
    change = _ruled(attrs.evolve(unknown(), slot="s"), Ruling(synced={"": "B-9"}))

    assert "s" == change.after.slot


def test_synced_ruling_works_where_the_adapter_is_gone() -> None:
    """A person can settle it without any adapter."""
    change = _ruled(accepted(), Ruling(synced={"": "B-9"}), erp=None)

    assert (ExportStatus.SYNCED, None) == (change.after.status, change.after.slot)


def test_ruling_that_goes_on_takes_no_slot() -> None:
    """The draft is there, and its posting is not: the next start takes the number."""
    change = _ruled(unknown(), Ruling(happened={"create": "B-9"}))

    assert (ExportStatus.ACCEPTED, None) == (change.after.status, change.after.slot)


def test_ruling_that_leaves_two_documents_of_a_role_fails() -> None:
    """B-2 is on record and B-9 was seen: which of them stays, a person decides."""
    entry = unknown()
    second = attrs.evolve(receipt(erp_id="B-2"), digest=entry.digest)
    entry = with_holding(entry, Holding(second, entry.key("create")))

    change = _ruled(entry, Ruling(synced={"": "B-9"}))

    assert (ExportStatus.FAILED, ["export.draft_left"]) == (
        change.after.status,
        [denial.code for denial in change.after.refusal],
    )
    assert "B-2, B-9" == change.after.refusal[0].facts["erp_id"]
    assert change.after.refusal == change.event.denials


@pytest.mark.parametrize(
    ("ruling", "due"),
    [
        (Ruling(absent=True), None),
        (Ruling(synced={"": "B-9"}), None),
        (Ruling(happened={"create": "B-9"}), after(LATER)),
    ],
)
def test_ruling_ends_the_look_ups(ruling: Ruling, due: datetime | None) -> None:
    """Nothing is looked up any more; what goes on is due at once, and its counts begin anew."""
    entry = attrs.evolve(claimed(unknown(), at=90), lookups=6)

    change = _ruled(entry, ruling, at=LATER, leased=False)

    assert (0, None) == (change.after.lookups, change.after.lease)
    if due is not None:
        assert due == change.after.due_at


@pytest.mark.parametrize("entry", [unknown(), accepted(), failed()])
def test_absence_fails_and_begins_a_new_try_if_something_was_called(entry: QueueEntry) -> None:
    """Nothing is there: a person decides between retry and reject."""
    change = _ruled(entry, Ruling(absent=True))

    assert ["export.ruled_absent"] == [denial.code for denial in change.after.refusal]
    assert ExportStatus.FAILED is change.after.status
    assert (1 + len(entry.calls), ()) == (change.after.attempt, change.after.plan)


def test_absence_waits_for_the_settle_moment() -> None:
    """A late request could still be carried out."""
    change = _ruled(unknown(), Ruling(absent=True), at=89)

    assert ["export.not_settled"] == [denial.code for denial in change.verdict.denials]
    assert ExportStatus.UNKNOWN is change.after.status


def test_presence_waits_for_nothing() -> None:
    """What was seen there is there."""
    assert ExportStatus.SYNCED is _ruled(unknown(), Ruling(synced={"": "B"}), at=1).after.status


def test_absence_of_a_document_on_record_is_refused() -> None:
    """Nobody rules away a receipt whose document is not shown gone."""
    change = _ruled(draft_left(), Ruling(absent=True))

    assert ["export.document_stands"] == [denial.code for denial in change.verdict.denials]


def test_absence_of_a_document_shown_gone_is_taken() -> None:
    """Read by its id it is not there any more: nothing is left."""
    change = _ruled(draft_left(), Ruling(absent=True), denies_receipt=False)

    assert (ExportStatus.FAILED, ()) == (change.after.status, change.after.living)
    assert 2 == change.after.attempt


def test_draft_goes_on_where_only_its_posting_did_not_happen() -> None:
    """A worker posts the draft, in the same try."""
    change = _ruled(post_in_doubt(), Ruling(steps_absent=("post",)))

    assert (ExportStatus.ACCEPTED, after(LATER), 1) == (
        change.after.status,
        change.after.due_at,
        change.after.attempt,
    )


def test_document_ruled_there_that_nobody_accepted_is_left() -> None:
    """It is on record, and must be withdrawn."""
    entry = attrs.evolve(unknown(), acceptance=None)

    change = _ruled(entry, Ruling(synced={"": "B-9"}))

    (denial,) = change.after.refusal
    assert (ExportStatus.FAILED, "export.draft_left") == (change.after.status, denial.code)
    assert "Withdraw B-9 from the ERP" in denial.message


def test_ruling_on_a_removal_syncs_only_once_it_is_settled() -> None:
    """A late removal could still take the document away."""
    entry = removal_in_doubt()
    ruling = Ruling(synced={"": "B-1"})

    assert ["export.not_settled"] == [
        one.code for one in _ruled(entry, ruling, at=60).verdict.denials
    ]
    assert ExportStatus.SYNCED is _ruled(entry, ruling).after.status


def test_ruling_on_an_old_version_is_refused() -> None:
    """What the person saw is not what is there."""
    change = _ruled(unknown(), Ruling(absent=True), version_seen=3)

    assert ["entry.changed"] == [denial.code for denial in change.verdict.denials]
    assert {"evidence": "Seen there."} == dict(change.facts)
