"""Doubt ends by the clock of the call: settle moments, replays, the schedule of look-ups."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from erp_invoice_core.declaration import Declaration, LookUp, Replay, StepTerms
from erp_invoice_core.documents import Answer, CallKind, Key, QueueEntry, Receipt, Restore
from erp_invoice_core.flow import (
    add_holding,
    add_receipt,
    build_holding,
    can_repeat,
    claim,
    conclude,
    find_settle_time,
    mark_gone,
    record_answer,
    start,
)
from erp_invoice_core.flow.knowledge import find_last_settle_time, is_gone, needs_person
from erp_invoice_core.flow.look_up import plan_first_look_up, plan_next_look_up
from erp_invoice_core.flow.retry_policy import RetryPolicy
from erp_invoice_core.vocabulary import Role

from .samples import (
    CREATE,
    ERP,
    LEASE,
    POST,
    apply,
    build_claimed,
    build_created,
    build_declaration,
    build_receipt,
    build_started,
    build_unknown,
)


def test_absence_counts_from_the_nominal_end_of_the_lease() -> None:
    """Lease until 60, executed or dead by 30 later, visible 5 after that: from second 95 on."""
    (call,) = build_started().calls

    assert apply(95) == find_settle_time(call, build_declaration(settles=30, visible=5))


def test_lease_given_back_early_changes_nothing() -> None:
    """The lost answer gave the lease back at once; the moment stays."""
    entry = build_unknown(at=0)

    assert entry.lease is None
    assert apply(90) == find_settle_time(entry.calls[0], ERP)


def test_renewed_lease_counts_for_the_call_that_renewed_it() -> None:
    """A call started 50 s into the claim has a lease until second 110."""
    entry = build_started(build_created(), POST, at=50)

    assert apply(140) == find_settle_time(entry.calls[1], ERP)


def test_lease_of_a_look_up_does_not_count() -> None:
    """A later claim for a look-up moves no settle moment."""
    entry = build_claimed(build_unknown(), at=90)

    assert apply(90) == find_settle_time(entry.calls[0], ERP)


@pytest.mark.parametrize("erp", [build_declaration(settles=None), None])
def test_absence_never_counts_without_a_bound(erp: Declaration | None) -> None:
    """Without a declared settle moment, or an adapter, no absence is conclusive."""
    assert find_settle_time(build_unknown().calls[0], erp) is None


def test_last_settle_moment_of_all_calls_in_doubt_counts() -> None:
    """Two calls in doubt settle at seconds 90 and 140: absence may be resolved from 140 on."""
    entry = build_started(build_created(), POST, at=50)
    calls = tuple(attrs.evolve(call, answer=None) for call in entry.calls)
    both = attrs.evolve(entry, calls=calls)

    assert apply(140) == find_last_settle_time(both, ERP)
    assert find_last_settle_time(both, build_declaration(settles=None)) is None
    assert find_last_settle_time(build_created(), ERP) is None


def test_after_a_restore_requests_that_are_not_on_record_count() -> None:
    """The slowest kind of step counts, from the restore at second 1000; without a bound none."""
    restore = Restore(number=1, at=apply(1000), why="of Monday")
    slow = StepTerms(settles_within=timedelta(seconds=50), visible_after=timedelta(seconds=7))
    two = attrs.evolve(ERP, terms={"create": ERP.terms_of("create"), "post": slow})

    assert apply(1057) == find_last_settle_time(build_created(), two, restore)
    assert apply(1000) == find_last_settle_time(
        build_created(), build_declaration(settles=None), restore
    )
    assert find_last_settle_time(build_created(), None, restore) is None


def test_call_may_be_repeated_where_every_answer_is_repeated() -> None:
    """Only an ERP that repeats every answer lets the same key be sent again."""
    entry = build_unknown()

    assert can_repeat(entry, apply(0), build_declaration(replay=Replay.EVERYTHING))
    assert not can_repeat(entry, apply(0), build_declaration(replay=Replay.SUCCESSES))
    assert not can_repeat(entry, apply(0), build_declaration())
    assert not can_repeat(entry, apply(0), None)


def test_call_may_be_repeated_for_as_long_as_declared() -> None:
    """An ERP that keeps keys for an hour forgets them after it."""
    erp = build_declaration(replay=Replay.EVERYTHING, replay_for=3600)

    assert can_repeat(build_unknown(), apply(3599), erp)
    assert not can_repeat(build_unknown(), apply(3600), erp)


def test_withdrawal_is_never_repeated_as_a_replay() -> None:
    """Removing is no write under a key."""
    entry = build_unknown()
    call = attrs.evolve(entry.calls[0], kind=CallKind.WITHDRAW)

    erp = build_declaration(replay=Replay.EVERYTHING)
    assert not can_repeat(attrs.evolve(entry, calls=(call,)), apply(0), erp)


@pytest.mark.parametrize("key", [Key("5000", 1, 2, "create"), Key("5000", 2, 1, "create")])
def test_key_of_another_try_is_never_repeated(key: Key) -> None:
    """Only the standing try's keys may be sent again."""
    entry = build_unknown()
    call = attrs.evolve(entry.calls[0], key=key)

    erp = build_declaration(replay=Replay.EVERYTHING)
    assert not can_repeat(attrs.evolve(entry, calls=(call,)), apply(0), erp)


def test_step_that_has_its_receipt_is_never_repeated() -> None:
    """Its repeat had an answer; only a look-up, or a person, ends the doubt of the first call."""
    erp = build_declaration(replay=Replay.EVERYTHING)
    entry = build_created()
    calls = (attrs.evolve(entry.calls[0], answer=None), *entry.calls)

    assert not can_repeat(attrs.evolve(entry, calls=calls), apply(0), erp)


def test_key_of_another_content_is_never_repeated() -> None:
    """The same key with another digest is refused."""
    entry = attrs.evolve(build_unknown(), digest="other")

    assert not can_repeat(entry, apply(0), build_declaration(replay=Replay.EVERYTHING))


BLIND = build_declaration(look_up=LookUp.NONE)


def test_doubt_that_nothing_can_end_asks_a_person_at_once() -> None:
    """There is no look-up, and a repeat would make a second document."""
    assert needs_person(build_unknown(), apply(0), BLIND)
    assert plan_first_look_up(build_unknown(), apply(0), BLIND) is None


@pytest.mark.parametrize("look_up", [LookUp.KEY, LookUp.NUMBER])
def test_doubt_that_a_look_up_can_end_asks_no_person(look_up: LookUp) -> None:
    """The ERP is looked up first."""
    assert not needs_person(build_unknown(), apply(0), build_declaration(look_up=look_up))


def test_doubt_that_a_repeat_can_end_asks_no_person() -> None:
    """For as long as the ERP keeps its answers; then a person."""
    erp = build_declaration(look_up=LookUp.NONE, replay=Replay.EVERYTHING, replay_for=3600)

    assert not needs_person(build_unknown(), apply(0), erp)
    assert needs_person(build_unknown(), apply(3600), erp)


def test_adapter_that_is_gone_may_come_back() -> None:
    """Without a known declaration the schedule of look-ups continues."""
    assert not needs_person(build_unknown(), apply(0), None)


def test_removal_in_doubt_is_read_back() -> None:
    """That needs no look-up."""
    entry = build_unknown()
    call = attrs.evolve(entry.calls[0], kind=CallKind.WITHDRAW)

    assert not needs_person(attrs.evolve(entry, calls=(call,)), apply(0), BLIND)


def test_one_call_that_can_be_looked_up_is_enough() -> None:
    """Of two calls in doubt one may still be found."""
    entry = build_unknown()
    kinds = {"create": StepTerms(look_up=LookUp.NONE), "post": StepTerms(look_up=LookUp.KEY)}
    second = attrs.evolve(entry.calls[0], step_kind="post")

    both = attrs.evolve(entry, calls=(*entry.calls, second))
    assert not needs_person(both, apply(0), attrs.evolve(BLIND, terms=kinds))


def test_first_look_up_waits_until_absence_could_count() -> None:
    """At second 0 the moment is 90: sooner there is nothing to learn."""
    assert apply(90) == plan_first_look_up(build_unknown(), apply(0), ERP)


def test_first_look_up_comes_within_five_minutes() -> None:
    """If the moment is later or not known, the first look-up is after five minutes."""
    assert apply(300) == plan_first_look_up(
        build_unknown(), apply(0), build_declaration(settles=3600)
    )
    assert apply(300) == plan_first_look_up(
        build_unknown(), apply(0), build_declaration(settles=None)
    )


def test_first_look_up_is_at_once_where_absence_counts_already() -> None:
    """The moment is over: look now."""
    assert apply(200) == plan_first_look_up(build_unknown(), apply(200), ERP)


def test_first_look_up_is_at_once_where_nothing_is_in_doubt() -> None:
    """There is only a conclusion to draw."""
    entry = record_answer(build_unknown(), 0, Answer.REFUSED)

    assert apply(7) == plan_first_look_up(entry, apply(7), ERP)


def test_first_look_up_waits_for_the_last_of_several_calls() -> None:
    """Before the youngest call is settled the look-up could not end the doubt."""
    entry = build_unknown()
    second = attrs.evolve(entry.calls[0], started_at=apply(95), lease_until=apply(155))
    entry = attrs.evolve(entry, calls=(*entry.calls, second))

    assert apply(185) == plan_first_look_up(entry, apply(100), ERP)


def _at(lookups: int) -> QueueEntry:
    return attrs.evolve(build_unknown(), lookups=lookups)


def test_look_ups_follow_five_minutes_an_hour_and_five_days() -> None:
    """Afterwards no look-up is planned, and a person is asked."""
    waits = [plan_next_look_up(_at(count), apply(0)) for count in range(8)]
    hours = [None if when is None else (when - apply(0)) / timedelta(hours=1) for when in waits]

    assert [5 / 60, 1, 24, 24, 24, 24, 24, None] == hours


def test_look_ups_follow_the_waiting_times_that_were_chosen() -> None:
    """The first one bounds the first look-up, and after the last a person is asked."""
    chosen = RetryPolicy(look_ups=[timedelta(seconds=30), timedelta(seconds=90)])
    waits = [plan_next_look_up(_at(count), apply(0), chosen) for count in range(3)]

    assert [apply(30), apply(90), None] == waits
    assert apply(40) == plan_first_look_up(build_unknown(), apply(10), None, chosen)


REPLAYED = build_declaration(replay=Replay.EVERYTHING)


def _twice_in_doubt() -> QueueEntry:
    entry = build_unknown(erp=REPLAYED)
    entry = conclude(entry, entry, at=apply(90), erp=REPLAYED).after
    entry = claim(entry, at=apply(90), holder="w2", lease=LEASE).after
    return start(entry, CREATE, at=apply(90), lease=LEASE).after


def test_answer_settles_its_own_call_alone() -> None:
    """An answer to one call of a key says nothing of another call of the same key."""
    entry = record_answer(_twice_in_doubt(), 1, Answer.DEFERRED)

    assert [None, Answer.DEFERRED] == [call.answer for call in entry.calls]


def test_receipt_settles_its_own_call_alone() -> None:
    """Where the ERP does not enforce its keys both calls may have made a document."""
    entry = add_receipt(_twice_in_doubt(), 1, build_receipt(), REPLAYED)

    assert [None, Answer.RECEIPT] == [call.answer for call in entry.calls]


def test_receipt_settles_every_call_of_an_enforced_key() -> None:
    """Where the ERP makes one document per key there is nothing left to doubt."""
    entry = add_receipt(_twice_in_doubt(), 1, build_receipt(), build_declaration(enforces_key=True))

    assert [Answer.RECEIPT, Answer.RECEIPT] == [call.answer for call in entry.calls]


def test_receipt_says_nothing_of_another_key() -> None:
    """An enforced key names one document; what was asked under another key stays in doubt."""
    entry = _twice_in_doubt()
    first, second = entry.calls
    other = attrs.evolve(first, key=entry.build_key("post"))

    known = add_receipt(
        attrs.evolve(entry, calls=(other, second)),
        1,
        build_receipt(),
        build_declaration(enforces_key=True),
    )

    assert [None, Answer.RECEIPT] == [call.answer for call in known.calls]


def test_receipt_says_nothing_of_a_call_of_another_kind() -> None:
    """A document that was written is in the ERP until its removal is known."""
    entry = _twice_in_doubt()
    first, second = entry.calls
    removal = attrs.evolve(first, kind=CallKind.WITHDRAW, erp_id="B-1")

    known = add_receipt(
        attrs.evolve(entry, calls=(removal, second)),
        1,
        build_receipt(),
        build_declaration(enforces_key=True),
    )

    assert [None, Answer.RECEIPT] == [call.answer for call in known.calls]


def test_receipt_changes_no_answer_of_another_call() -> None:
    """A call that was answered before keeps its answer, under an enforced key as well."""
    entry = record_answer(_twice_in_doubt(), 0, Answer.DEFERRED)

    known = add_receipt(entry, 1, build_receipt(), build_declaration(enforces_key=True))

    assert [Answer.DEFERRED, Answer.RECEIPT] == [call.answer for call in known.calls]


def test_receipt_without_its_adapter_settles_its_own_call_alone() -> None:
    """The declaration does not say that the key is enforced."""
    entry = add_receipt(_twice_in_doubt(), 0, build_receipt(), None)

    assert [Answer.RECEIPT, None] == [call.answer for call in entry.calls]


def test_receipt_is_kept_under_its_key_with_the_digest_that_was_sent() -> None:
    """The digest that was sent counts, and not the one in the answer."""
    entry = build_unknown()
    said = attrs.evolve(build_receipt(), digest="theirs")

    (held,) = add_receipt(entry, 0, said, ERP).holdings

    assert (entry.build_key("create"), entry.digest) == (held.key, held.receipt.digest)


def test_same_receipt_is_kept_once() -> None:
    """A receipt that is recorded twice is one."""
    entry = build_created()

    assert entry is add_holding(entry, entry.holdings[0])


def test_role_of_a_document_is_the_one_planned() -> None:
    """A receipt that forgets the role of what it made is a bill all the same."""
    said = Receipt(step="create", erp_id="B-1")

    held = build_holding(build_unknown(), build_unknown().build_key("create"), said, "d")

    assert Role.BILL is held.receipt.role


def test_receipt_is_of_the_step_whose_key_made_it() -> None:
    """A receipt that names another step is kept under the step that was asked for."""
    held = build_holding(
        build_unknown(), build_unknown().build_key("create"), build_receipt("post"), "d"
    )

    assert ("create", "d", Role.BILL) == (held.receipt.step, held.receipt.digest, held.receipt.role)


def test_document_stays_gone_whatever_is_removed_next() -> None:
    """The bill was removed first, and the second document after it."""
    entry = add_holding(
        build_created(),
        build_holding(
            build_created(), build_created().build_key("create"), build_receipt(erp_id="B-2"), "d"
        ),
    )

    both = mark_gone(mark_gone(entry, "B-1"), "B-2")

    assert [True, True] == [held.gone for held in both.holdings]


def test_role_of_a_former_attempt_is_the_given_one() -> None:
    """The plan of a former try is not kept."""
    said = Receipt(step="create", erp_id="B-1", role=Role.CREDIT)

    held = build_holding(build_unknown(), Key("5000", 1, 9, "create"), said, "d")

    assert Role.CREDIT is held.receipt.role


def test_document_known_to_be_gone_stays_gone() -> None:
    """A late receipt of a removed document brings nothing back to life."""
    entry = mark_gone(build_created(), "B-1")

    held = build_holding(entry, entry.build_key("post"), build_receipt("post"), "d")

    assert is_gone(entry, "B-1")
    assert held.gone


def test_only_the_named_document_is_withdrawn() -> None:
    """Another document of the entry lives on."""
    entry = add_holding(
        build_created(),
        build_holding(
            build_created(), build_created().build_key("create"), build_receipt(erp_id="B-2"), "d"
        ),
    )

    assert [False, True] == [held.gone for held in mark_gone(entry, "B-2").holdings]
    assert [True, True] == [held.gone for held in mark_gone(entry, None).holdings]
