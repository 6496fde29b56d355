"""A resolution states for each call in doubt whether it happened, and names no other steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.documents import Answer, Holding
from erp_invoice_core.flow import Resolution, add_holding, resolve
from erp_invoice_core.flow.resolve import apply_resolution
from erp_invoice_core.verdict import Source
from erp_invoice_core.vocabulary import ExportStatus, Role

from .samples import (
    CREATE,
    PERSON,
    PLAN,
    apply,
    build_accepted,
    build_case,
    build_claimed,
    build_created,
    build_draft_left,
    build_failed,
    build_post_in_doubt,
    build_receipt,
    build_removal_in_doubt,
    build_unknown,
)

if TYPE_CHECKING:
    from datetime import datetime

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import Change

RELEASE = attrs.evolve(CREATE, name="release", role=Role.RELEASE)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"absent": True, "synced": {"": "B-1"}},
        {"absent": True, "happened": {"create": "B-1"}},
        {"synced": {"": "B-1"}, "steps_absent": ("post",)},
    ],
)
def test_resolution_states_one_thing(said: dict[str, object]) -> None:
    """Nothing at all, or several things at once, is no ruling."""
    with pytest.raises(ValueError, match="Give one of"):
        Resolution(**said)  # type: ignore[arg-type]  # what a caller may give by mistake


def test_step_cannot_both_have_happened_and_not() -> None:
    """A contradiction is no ruling."""
    with pytest.raises(ValueError, match="cannot both"):
        Resolution(happened={"create": "B-1"}, steps_absent=("create",))


def test_absence_of_everything_settles_every_call() -> None:
    """Nothing is there: no call happened."""
    known = apply_resolution(Resolution(absent=True), build_unknown())

    assert Resolution(absent=True).settles_all(build_unknown())
    assert [Answer.ABSENT] == [call.answer for call in known.calls]
    assert () == known.holdings


def test_synced_gives_every_step_its_receipt() -> None:
    """One ERP id for the bill; the posting acted on it."""
    known = apply_resolution(Resolution(synced={"": "B-9"}), build_unknown())

    assert [("create", "B-9", Role.BILL), ("post", "B-9", None)] == [
        (held.receipt.step, held.receipt.erp_id, held.receipt.role) for held in known.holdings
    ]
    assert [Answer.RECEIPT] == [call.answer for call in known.calls]


def test_synced_keeps_the_receipts_that_stand() -> None:
    """The draft is known; the resolution is about the posting."""
    known = apply_resolution(Resolution(synced={"bill": "B-1"}), build_post_in_doubt())

    assert [("create", "B-1"), ("post", "B-1")] == [
        (held.receipt.step, held.receipt.erp_id) for held in known.holdings
    ]


def test_synced_with_another_document_leaves_both() -> None:
    """The one on record is there as well: two documents of one role."""
    known = apply_resolution(Resolution(synced={"bill": "B-2"}), build_post_in_doubt())

    assert ["B-1", "B-2", "B-1"] == [held.receipt.erp_id for held in known.holdings]


def test_synced_must_name_every_document() -> None:
    """An id for the bill says nothing of the release."""
    entry = attrs.evolve(build_unknown(), plan=(CREATE, RELEASE))

    assert not Resolution(synced={"bill": "B-1"}).settles_all(entry)
    assert Resolution(synced={"bill": "B-1", "release": "R-1"}).settles_all(entry)


def test_synced_need_not_name_what_stands() -> None:
    """The bill is on record already: the id of the release is all that was missing."""
    entry = attrs.evolve(build_post_in_doubt(), plan=(CREATE, RELEASE))

    assert Resolution(synced={"release": "R-1"}).settles_all(entry)
    assert not Resolution(synced={"credit": "C-1"}).settles_all(entry)


def test_synced_without_a_plan_is_one_bill() -> None:
    """An entry that never started knows no steps: a bill is what there is."""
    known = apply_resolution(Resolution(synced={"": "B-9"}), build_accepted())

    assert [("bill", Role.BILL)] == [(step.name, step.role) for step in known.plan]
    assert ["B-9"] == [held.receipt.erp_id for held in known.standing]


def test_steps_are_resolved_one_by_one() -> None:
    """The draft is there, the posting did not happen."""
    resolution = Resolution(steps_absent=("post",))

    known = apply_resolution(resolution, build_post_in_doubt())

    assert resolution.settles_all(build_post_in_doubt())
    assert [Answer.RECEIPT, Answer.ABSENT] == [call.answer for call in known.calls]
    assert ["create"] == [held.receipt.step for held in known.standing]


def test_step_that_happened_gets_its_receipt() -> None:
    """The posting is there, on the draft."""
    known = apply_resolution(Resolution(happened={"post": "B-1"}), build_post_in_doubt())

    assert ["create", "post"] == [held.receipt.step for held in known.standing]


def test_every_call_in_doubt_must_be_resolved() -> None:
    """A word about another step leaves the call in doubt unruled."""
    assert not Resolution(happened={"post": "B-1"}).settles_all(build_unknown())


def test_step_that_does_not_exist_cannot_be_resolved() -> None:
    """A misspelt step resolves nothing."""
    resolution = Resolution(happened={"create": "B-1"}, steps_absent=("psot",))

    assert not resolution.settles_all(build_unknown())


def test_absence_is_stated_of_anything_that_did_not_happen() -> None:
    """Of everything, of a step, and of a removal that a synced document excludes."""
    assert Resolution(absent=True).rules_absent(build_unknown())
    assert Resolution(steps_absent=("create",)).rules_absent(build_unknown())
    assert Resolution(synced={"": "B-1"}).rules_absent(build_removal_in_doubt())
    assert not Resolution(synced={"": "B-1"}).rules_absent(build_unknown())
    assert not Resolution(happened={"create": "B-1"}).rules_absent(build_unknown())


def test_resolution_names_the_documents_that_it_denies() -> None:
    """A receipt is on record: its document must be shown gone first."""
    assert ["B-1"] == [
        one.erp_id for one in Resolution(absent=True).list_denied_receipts(build_draft_left())
    ]
    assert ["B-1"] == [
        one.erp_id
        for one in Resolution(steps_absent=("create",)).list_denied_receipts(build_draft_left())
    ]
    assert () == Resolution(steps_absent=("post",)).list_denied_receipts(build_draft_left())
    assert () == Resolution(synced={"": "B-1"}).list_denied_receipts(build_draft_left())


def test_a_step_that_did_not_happen_is_said_of_this_try() -> None:
    """The resolution of a step as absent does not concern a document of a former attempt."""
    next_try = attrs.evolve(build_draft_left(), attempt=2)

    assert () == Resolution(steps_absent=("create",)).list_denied_receipts(next_try)
    assert ["B-1"] == [one.erp_id for one in Resolution(absent=True).list_denied_receipts(next_try)]


def test_denied_document_is_known_to_be_gone() -> None:
    """A document that was shown to be gone stays gone."""
    assert () == apply_resolution(Resolution(absent=True), build_draft_left()).living


def test_removal_that_happened_takes_its_document_away() -> None:
    """The call is answered, the document known to be gone."""
    known = apply_resolution(
        Resolution(happened={"withdraw create": "B-1"}), build_removal_in_doubt()
    )

    assert Answer.RECEIPT is known.calls[-1].answer
    assert () == known.living


def test_removal_that_did_not_happen_leaves_its_document() -> None:
    """The draft is still there."""
    known = apply_resolution(
        Resolution(steps_absent=("withdraw create",)), build_removal_in_doubt()
    )

    assert Answer.ABSENT is known.calls[-1].answer
    assert ["B-1"] == [held.receipt.erp_id for held in known.living]


def test_synced_document_was_not_removed() -> None:
    """Who says that it is there says that the removal did not happen."""
    known = apply_resolution(Resolution(synced={"": "B-1"}), build_removal_in_doubt())

    assert Answer.ABSENT is known.calls[-1].answer


def test_absence_of_everything_means_that_the_removal_happened() -> None:
    """The document is shown to be gone, however it was removed."""
    known = apply_resolution(Resolution(absent=True), build_removal_in_doubt())

    assert Answer.RECEIPT is known.calls[-1].answer
    assert () == known.living


def test_settled_calls_keep_their_answers() -> None:
    """A resolution does not replace an answer."""
    known = apply_resolution(Resolution(absent=True), build_post_in_doubt())

    assert Answer.RECEIPT is known.calls[0].answer
    assert PLAN == known.plan


def _build_leftover(entry: QueueEntry) -> QueueEntry:
    former = attrs.evolve(
        build_created().holdings[0], key=attrs.evolve(entry.build_key("create"), attempt=9)
    )
    return attrs.evolve(entry, holdings=(former,))


def test_document_of_another_try_answers_no_call() -> None:
    """A document of a former attempt does not answer the call in doubt."""
    entry = _build_leftover(build_unknown())

    assert not Resolution(synced={"": "B-1"}).settles_all(entry)
    assert not Resolution(happened={"create": "B-1"}).settles_all(entry)
    assert Resolution(synced={"": "B-2"}).settles_all(entry)


def test_document_of_another_try_settles_nothing_for_certain() -> None:
    """The answer is absent, and not unknown."""
    (held,) = build_created().holdings
    former = attrs.evolve(held, key=attrs.evolve(held.key, attempt=9))
    entry = attrs.evolve(build_unknown(), holdings=(former,))

    assert Resolution(synced={"": "B-1"}).settles_all(entry) is False


def test_document_of_another_try_stays_what_it_is() -> None:
    """Where nothing is in doubt it may be named: it is left there, and no receipt of this try."""
    entry = _build_leftover(build_failed())
    resolution = Resolution(synced={"": "B-1"})

    assert resolution.settles_all(entry)
    assert entry.holdings == apply_resolution(resolution, entry).holdings


def test_equal_resolutions_are_one() -> None:
    """Resolutions can be compared and kept in sets, whatever ids they name."""
    assert 1 == len({Resolution(synced={"": "B-1"}), Resolution(synced={"": "B-1"})})
    assert 1 == len({Resolution(happened={"post": "B-1"}), Resolution(happened={"post": "B-1"})})


LATER = 100


def _resolve(
    entry: QueueEntry,
    resolution: Resolution,
    *,
    at: float = LATER,
    **given: Any,  # noqa: ANN401 - the case's own fields, checked when it is built
) -> Change:
    facts = {
        "rules_absent": resolution.rules_absent(entry),
        "settles_all": resolution.settles_all(entry),
        "denies_receipt": bool(resolution.list_denied_receipts(entry)),
    }
    case = build_case(entry, apply(at), **{**facts, **given})
    return resolve(
        entry, case, resolution, at=apply(at), actor=PERSON, evidence="Seen there.", command="c"
    )


def test_synced_resolution_syncs() -> None:
    """The bill is there: synced, with the evidence on record."""
    change = _resolve(build_unknown(), Resolution(synced={"": "B-9"}))

    assert (ExportStatus.SYNCED, None) == (change.after.status, change.after.due_at)
    assert {"evidence": "Seen there."} == dict(change.event.facts)
    assert "c" == change.command


def test_synced_resolution_takes_the_slot() -> None:
    """A document that exists holds its number slot, also if no call was started."""
    change = _resolve(build_accepted(), Resolution(synced={"": "B-9"}))

    assert "6:ledger6:V-ACME7:ACME-77" == change.after.slot


def test_synced_resolution_takes_no_slot_that_another_holds() -> None:
    """Evidence is taken all the same."""
    change = _resolve(build_accepted(), Resolution(synced={"": "B-9"}), slot_is_free=False)

    assert (ExportStatus.SYNCED, None) == (change.after.status, change.after.slot)


def test_synced_resolution_keeps_the_slot_that_it_has() -> None:
    """The number was taken at the first start."""
    change = _resolve(attrs.evolve(build_unknown(), slot="s"), Resolution(synced={"": "B-9"}))

    assert "s" == change.after.slot


def test_synced_resolution_works_where_the_adapter_is_gone() -> None:
    """A person can settle it without any adapter."""
    change = _resolve(build_accepted(), Resolution(synced={"": "B-9"}), erp=None)

    assert (ExportStatus.SYNCED, None) == (change.after.status, change.after.slot)


def test_resolution_that_goes_on_takes_no_slot() -> None:
    """The draft is there, and its posting is not: the next start takes the number."""
    change = _resolve(build_unknown(), Resolution(happened={"create": "B-9"}))

    assert (ExportStatus.ACCEPTED, None) == (change.after.status, change.after.slot)


def test_resolution_about_one_step_keeps_the_plan_of_the_document() -> None:
    """The draft is there, and its try goes on with the posting that did not happen."""
    change = _resolve(build_post_in_doubt(), Resolution(steps_absent=("post",)))

    assert (ExportStatus.ACCEPTED, 1, PLAN) == (
        change.after.status,
        change.after.attempt,
        change.after.plan,
    )


def test_resolution_that_leaves_two_documents_of_a_role_fails() -> None:
    """B-2 is on record and B-9 was seen: which of them stays, a person decides."""
    entry = build_unknown()
    second = attrs.evolve(build_receipt(erp_id="B-2"), digest=entry.digest)
    entry = add_holding(entry, Holding(second, entry.build_key("create")))

    change = _resolve(entry, Resolution(synced={"": "B-9"}))

    assert (ExportStatus.FAILED, ["export.draft_left"]) == (
        change.after.status,
        [denial.code for denial in change.after.refusal],
    )
    assert "B-2, B-9" == change.after.refusal[0].facts["erp_id"]
    assert change.after.refusal == change.event.denials


@pytest.mark.parametrize(
    ("resolution", "due"),
    [
        (Resolution(absent=True), None),
        (Resolution(synced={"": "B-9"}), None),
        (Resolution(happened={"create": "B-9"}), apply(LATER)),
    ],
)
def test_resolution_ends_the_look_ups(resolution: Resolution, due: datetime | None) -> None:
    """Nothing is looked up any more; what goes on is due at once, and its counts begin anew."""
    entry = attrs.evolve(build_claimed(build_unknown(), at=90), lookups=6)

    change = _resolve(entry, resolution, at=LATER, leased=False)

    assert (0, None) == (change.after.lookups, change.after.lease)
    if due is not None:
        assert due == change.after.due_at


@pytest.mark.parametrize("entry", [build_unknown(), build_accepted(), build_failed()])
def test_absence_fails_and_begins_a_new_try_if_something_was_called(entry: QueueEntry) -> None:
    """Nothing is there: a person decides between retry and reject."""
    change = _resolve(entry, Resolution(absent=True))

    assert [("export.ruled_absent", Source.PERSON)] == [
        (denial.code, denial.source) for denial in change.after.refusal
    ]
    assert ExportStatus.FAILED is change.after.status
    assert (1 + len(entry.calls), ()) == (change.after.attempt, change.after.plan)


def test_absence_waits_for_the_settle_moment() -> None:
    """A late request could still be carried out."""
    change = _resolve(build_unknown(), Resolution(absent=True), at=89)

    assert ["export.not_settled"] == [denial.code for denial in change.verdict.denials]
    assert ExportStatus.UNKNOWN is change.after.status


def test_presence_waits_for_nothing() -> None:
    """A document that was seen exists."""
    assert (
        ExportStatus.SYNCED
        is _resolve(build_unknown(), Resolution(synced={"": "B"}), at=1).after.status
    )


def test_absence_of_a_document_on_record_is_refused() -> None:
    """A receipt can be denied only if its document is shown to be gone."""
    change = _resolve(build_draft_left(), Resolution(absent=True))

    assert ["export.document_stands"] == [denial.code for denial in change.verdict.denials]


def test_absence_of_a_document_shown_gone_is_taken() -> None:
    """Read by its id it is not there any more: nothing is left."""
    change = _resolve(build_draft_left(), Resolution(absent=True), denies_receipt=False)

    assert (ExportStatus.FAILED, ()) == (change.after.status, change.after.living)
    assert 2 == change.after.attempt


def test_draft_goes_on_where_only_its_posting_did_not_happen() -> None:
    """A worker posts the draft, in the same try."""
    change = _resolve(build_post_in_doubt(), Resolution(steps_absent=("post",)))

    assert (ExportStatus.ACCEPTED, apply(LATER), 1) == (
        change.after.status,
        change.after.due_at,
        change.after.attempt,
    )


def test_document_resolved_as_existing_without_an_acceptance_is_left() -> None:
    """It is on record, and must be withdrawn."""
    entry = attrs.evolve(build_unknown(), acceptance=None)

    change = _resolve(entry, Resolution(synced={"": "B-9"}))

    (denial,) = change.after.refusal
    assert (ExportStatus.FAILED, "export.draft_left", Source.PERSON) == (
        change.after.status,
        denial.code,
        denial.source,
    )
    assert "B-9. Withdraw them" in denial.message


def test_resolution_on_a_removal_syncs_only_once_it_is_settled() -> None:
    """A late removal could still take the document away."""
    entry = build_removal_in_doubt()
    resolution = Resolution(synced={"": "B-1"})

    assert ["export.not_settled"] == [
        one.code for one in _resolve(entry, resolution, at=60).verdict.denials
    ]
    assert ExportStatus.SYNCED is _resolve(entry, resolution).after.status


def test_resolution_on_an_old_version_is_refused() -> None:
    """The version that the person saw is not the current one."""
    change = _resolve(build_unknown(), Resolution(absent=True), version_seen=3)

    assert ["entry.changed"] == [denial.code for denial in change.verdict.denials]
    assert {"evidence": "Seen there."} == dict(change.facts)


def test_resolution_keeps_the_ids_that_were_given_to_it() -> None:
    """The mapping is copied, and cannot be changed."""
    ids = {"": "B-9"}
    resolution = Resolution(synced=ids)

    ids[""] = "B-8"

    assert {"": "B-9"} == dict(resolution.synced)
    with pytest.raises(TypeError):
        resolution.synced[""] = "B-8"  # type: ignore[index]  # what a caller may try
