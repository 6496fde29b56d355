"""Conclusion from the known answers of an unknown or exporting entry."""

from __future__ import annotations

from datetime import timedelta

import attrs

from erp_invoice_core.declaration import LookUp, Replay
from erp_invoice_core.documents import Answer, QueueEntry
from erp_invoice_core.exchange import Unknown
from erp_invoice_core.flow import (
    RetryPolicy,
    add_receipt,
    conclude,
    lose,
    record,
    record_answer,
    start,
)
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import (
    CREATE,
    ERP,
    LEASE,
    POST,
    apply,
    build_claimed,
    build_created,
    build_declaration,
    build_exporting,
    build_receipt,
    build_started,
    build_unknown,
)

REPLAYED = build_declaration(replay=Replay.EVERYTHING)


def _post_in_doubt() -> QueueEntry:
    entry = build_started(build_created(), POST)
    return record(entry, 1, Unknown("Timeout."), at=apply(0), erp=ERP).after


def test_found_document_resumes_with_its_receipt() -> None:
    """The draft is there: the same try goes on with the posting."""
    entry = build_claimed(build_unknown(), at=90)

    change = conclude(entry, add_receipt(entry, 0, build_receipt(), ERP), at=apply(90), erp=ERP)

    assert (Action.RESUME, ExportStatus.ACCEPTED, apply(90)) == (
        change.action,
        change.after.status,
        change.after.due_at,
    )
    assert (1, entry.plan, None) == (change.after.attempt, change.after.plan, change.after.lease)


def test_found_posting_posts() -> None:
    """Every step has its receipt: nothing is written any more."""
    entry = build_claimed(_post_in_doubt(), at=90)

    change = conclude(
        entry, add_receipt(entry, 1, build_receipt("post"), ERP), at=apply(90), erp=ERP
    )

    assert (Action.POST, ExportStatus.SYNCED) == (change.action, change.after.status)


def test_conclusive_absence_begins_a_new_try() -> None:
    """New keys, a new plan, and the look-ups begin anew."""
    entry = build_claimed(build_unknown(), at=90)

    change = conclude(entry, record_answer(entry, 0, Answer.ABSENT), at=apply(90), erp=ERP)

    assert (Action.RESUME, 2, (), 0) == (
        change.action,
        change.after.attempt,
        change.after.plan,
        change.after.lookups,
    )


def test_absent_posting_goes_on_with_the_draft() -> None:
    """The draft lives: its try goes on, under its keys."""
    entry = build_claimed(_post_in_doubt(), at=90)

    change = conclude(entry, record_answer(entry, 1, Answer.ABSENT), at=apply(90), erp=ERP)

    assert (Action.RESUME, 1, ["create"]) == (
        change.action,
        change.after.attempt,
        [held.receipt.step for held in change.after.standing],
    )


def test_inconclusive_look_up_looks_again() -> None:
    """Still unknown: the next look is an hour later."""
    entry = build_claimed(build_unknown(), at=90)

    change = conclude(entry, entry, at=apply(90), erp=ERP)

    assert (Action.RECORD, ExportStatus.UNKNOWN, None) == (
        change.action,
        change.after.status,
        change.after.lease,
    )
    assert apply(90) + timedelta(hours=1) == change.after.due_at


def test_unknown_entry_waits_for_a_person_after_the_last_look_up() -> None:
    """Seven look-ups gave no answer."""
    entry = attrs.evolve(build_claimed(build_unknown(), at=90), lookups=7)

    assert conclude(entry, entry, at=apply(90), erp=ERP).after.due_at is None


def test_repeatable_call_resumes_and_its_doubt_stays() -> None:
    """The same key may be sent again; nothing is settled by that."""
    entry = build_claimed(build_unknown(erp=REPLAYED), at=90)

    change = conclude(entry, entry, at=apply(90), erp=REPLAYED)

    assert (Action.RESUME, 1, 1) == (
        change.action,
        change.after.attempt,
        len(change.after.in_doubt),
    )
    assert 1 == change.after.lookups


def test_finished_export_is_not_repeated_for_a_doubt_that_stays() -> None:
    """Every step has its receipt: there is nothing left to send again."""
    erp = build_declaration(replay=Replay.EVERYTHING, look_up=LookUp.NONE)
    entry = attrs.evolve(_post_in_doubt(), lookups=1)
    twice = attrs.evolve(entry, calls=(*entry.calls, entry.calls[1]))
    known = add_receipt(twice, 2, build_receipt("post"), erp)

    change = conclude(entry, known, at=apply(90), erp=erp)

    assert (Action.RECORD, ExportStatus.UNKNOWN) == (change.action, change.after.status)


def test_document_that_is_not_what_was_accepted_fails() -> None:
    """It is left there, and the reasons say why nothing goes on."""
    entry = attrs.evolve(build_claimed(build_unknown(), at=90), attempt=2)

    change = conclude(entry, add_receipt(entry, 0, build_receipt(), ERP), at=apply(90), erp=ERP)

    assert (Action.REFUSE, ExportStatus.FAILED, ["export.second_document"]) == (
        change.action,
        change.after.status,
        [denial.code for denial in change.after.refusal],
    )
    assert change.after.is_left


def test_reasons_against_a_document_stay_after_many_lost_answers() -> None:
    """That five answers were lost is no reason where the document itself is one."""
    entry = attrs.evolve(build_claimed(build_unknown(), at=90), attempt=2, lost_claims=5)

    change = conclude(entry, add_receipt(entry, 0, build_receipt(), ERP), at=apply(90), erp=ERP)

    assert ["export.second_document"] == [denial.code for denial in change.after.refusal]


def test_document_without_an_acceptance_fails() -> None:
    """Without a standing acceptance nothing is posted."""
    entry = attrs.evolve(build_claimed(_post_in_doubt(), at=90), acceptance=None)

    change = conclude(
        entry, add_receipt(entry, 1, build_receipt("post"), ERP), at=apply(90), erp=ERP
    )

    assert (ExportStatus.FAILED, ["export.not_accepted", "export.second_document"]) == (
        change.after.status,
        [denial.code for denial in change.after.refusal],
    )


def test_complete_export_with_a_document_too_many_fails() -> None:
    """A finished export is not posted beside another document of the entry."""
    entry = build_claimed(_post_in_doubt(), at=90)
    other = attrs.evolve(entry.holdings[0], key=attrs.evolve(entry.holdings[0].key, attempt=9))
    known = add_receipt(entry, 1, build_receipt("post"), ERP)

    change = conclude(
        entry, attrs.evolve(known, holdings=(*known.holdings, other)), at=apply(90), erp=ERP
    )

    assert ExportStatus.FAILED is change.after.status


def test_second_document_in_doubt_stays_unknown() -> None:
    """While a call is in doubt nothing is refused: there may be more to find."""
    entry = build_claimed(build_unknown(), at=90)
    other = attrs.evolve(
        build_created().holdings[0], key=attrs.evolve(entry.build_key("create"), attempt=9)
    )

    known = attrs.evolve(entry, holdings=(other,))
    change = conclude(entry, known, at=apply(90), erp=ERP)

    assert (Action.RECORD, ExportStatus.UNKNOWN) == (change.action, change.after.status)
    assert 1 == len(change.after.holdings)


def test_exporting_entry_with_nothing_new_stays_in_its_hands() -> None:
    """Nothing to conclude: the worker goes on."""
    entry = build_exporting()

    change = conclude(entry, entry, at=apply(1), erp=ERP)

    assert (Action.RECORD, ExportStatus.EXPORTING) == (change.action, change.after.status)
    assert entry.lease == change.after.lease


def test_exporting_entry_in_doubt_is_lost() -> None:
    """A worker that finished its steps while a call is in doubt cannot post."""
    entry = build_started()

    assert Action.LOSE is conclude(entry, entry, at=apply(1), erp=ERP).action


def test_loss_counts_and_is_looked_up() -> None:
    """Each lost answer counts; the first look-up is due once absence could count."""
    entry = build_started()

    change = lose(entry, entry, at=apply(1), erp=ERP, facts={"why": "Timeout."})

    assert (1, apply(90)) == (change.after.lost_claims, change.after.due_at)
    assert {"why": "Timeout."} == dict(change.facts)


def test_loss_after_the_last_look_up_waits_for_a_person() -> None:
    """A key that was repeated seven times in doubt is not looked up for ever."""
    entry = attrs.evolve(build_started(), lookups=7)

    assert lose(entry, entry, at=apply(1), erp=ERP, facts={}).after.due_at is None


def test_loss_that_nothing_can_look_up_waits_for_a_person_at_once() -> None:
    """There is nothing to schedule."""
    entry, blind = build_started(), build_declaration(look_up=LookUp.NONE)

    assert lose(entry, entry, at=apply(1), erp=blind, facts={}).after.due_at is None


def test_entry_whose_answers_are_no_longer_repeated_waits_for_a_person() -> None:
    """The look-up came after the ERP forgot its keys, and there is no other one."""
    entry = build_claimed(build_unknown(), at=3600)
    erp = build_declaration(replay=Replay.EVERYTHING, replay_for=3600, look_up=LookUp.NONE)

    change = conclude(entry, entry, at=apply(3600), erp=erp)

    assert (ExportStatus.UNKNOWN, None) == (change.after.status, change.after.due_at)


def test_event_of_every_conclusion_has_the_facts_of_its_look_up() -> None:
    """Resumed, posted, failed, looked up again or lost, the event has what was found."""
    looked, posting = build_claimed(build_unknown(), at=90), build_claimed(_post_in_doubt(), at=90)
    absent = record_answer(looked, 0, Answer.ABSENT)
    tried = attrs.evolve(looked, lost_claims=5)
    twice = start(build_started(), CREATE, at=apply(1), lease=LEASE).after
    ends = [
        (looked, add_receipt(looked, 0, build_receipt(), ERP), Action.RESUME),
        (looked, absent, Action.RESUME),
        (posting, add_receipt(posting, 1, build_receipt("post"), ERP), Action.POST),
        (looked, looked, Action.RECORD),
        (tried, record_answer(tried, 0, Answer.ABSENT), Action.REFUSE),
        (build_exporting(), build_exporting(), Action.RECORD),
        (twice, add_receipt(twice, 1, build_receipt(), ERP), Action.LOSE),
    ]

    for entry, known, action in ends:
        event = conclude(entry, known, at=apply(95), erp=ERP, facts={"found": "it"}).event
        assert (action, {"found": "it"}) == (event.action, dict(event.facts))


def test_conclusion_follows_the_retry_policy_that_was_chosen() -> None:
    """The second look comes seven seconds later; one lost answer is one too many."""
    hasty = RetryPolicy(look_ups=(timedelta(seconds=5), timedelta(seconds=7)), lost_claims=1)
    entry = build_claimed(build_unknown(), at=90)

    again = conclude(entry, entry, at=apply(90), erp=ERP, retry_policy=hasty).after
    gone = record_answer(entry, 0, Answer.ABSENT)
    given_up = conclude(entry, gone, at=apply(90), erp=ERP, retry_policy=hasty).after

    assert (ExportStatus.UNKNOWN, apply(97)) == (again.status, again.due_at)
    (reason,) = given_up.refusal
    assert {"times": "1", "why": "", "cause": "answers_lost"} == dict(reason.facts)
