"""Doubt ends by the clock of the call: settle moments, replays, the schedule of look-ups."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from erp_invoice_core.declaration import Declaration, LookUp, Replay, StepTerms
from erp_invoice_core.documents import Answer, CallKind, Key, QueueEntry
from erp_invoice_core.flow import answered, conclusive_from, replayable, start
from erp_invoice_core.flow.doubt import (
    asks_a_person,
    first_look_up,
    next_look_up,
    settles_at,
)
from erp_invoice_core.flow.patience import Patience

from .samples import CREATE, ERP, LEASE, POST, after, claimed, created, declared, started, unknown


def test_absence_counts_from_the_nominal_end_of_the_lease() -> None:
    """Lease until 60, executed or dead by 30 later, visible 5 after that: from second 95 on."""
    (call,) = started().calls

    assert after(95) == conclusive_from(call, declared(settles=30, visible=5))


def test_lease_given_back_early_changes_nothing() -> None:
    """The lost answer gave the lease back at once; the moment stays."""
    entry = unknown(at=0)

    assert entry.lease is None
    assert after(90) == conclusive_from(entry.calls[0], ERP)


def test_renewed_lease_counts_for_the_call_that_renewed_it() -> None:
    """A call started 50 s into the claim has a lease until second 110."""
    entry = started(created(), POST, at=50)

    assert after(140) == conclusive_from(entry.calls[1], ERP)


def test_lease_of_a_look_up_does_not_count() -> None:
    """A later claim for a look-up moves no settle moment."""
    entry = claimed(unknown(), at=90)

    assert after(90) == conclusive_from(entry.calls[0], ERP)


@pytest.mark.parametrize("erp", [declared(settles=None), None])
def test_absence_never_counts_without_a_bound(erp: Declaration | None) -> None:
    """Without a declared settle moment, or an adapter, no absence is conclusive."""
    assert conclusive_from(unknown().calls[0], erp) is None


def test_last_settle_moment_of_all_calls_in_doubt_counts() -> None:
    """Two calls in doubt settle at the seconds 90 and 140: absence may be ruled from 140 on."""
    entry = started(created(), POST, at=50)
    calls = tuple(attrs.evolve(call, answer=None) for call in entry.calls)
    both = attrs.evolve(entry, calls=calls)

    assert after(140) == settles_at(both, ERP)
    assert settles_at(both, declared(settles=None)) is None
    assert settles_at(created(), ERP) is None


def test_call_may_be_repeated_where_every_answer_is_repeated() -> None:
    """Only an ERP that repeats every answer lets the same key be sent again."""
    entry = unknown()

    assert replayable(entry, after(0), declared(replay=Replay.EVERYTHING))
    assert not replayable(entry, after(0), declared(replay=Replay.SUCCESSES))
    assert not replayable(entry, after(0), declared())
    assert not replayable(entry, after(0), None)


def test_call_may_be_repeated_for_as_long_as_declared() -> None:
    """An ERP that keeps keys for an hour forgets them after it."""
    erp = declared(replay=Replay.EVERYTHING, replay_for=3600)

    assert replayable(unknown(), after(3599), erp)
    assert not replayable(unknown(), after(3600), erp)


def test_withdrawal_is_never_repeated_as_a_replay() -> None:
    """Removing is no write under a key."""
    entry = unknown()
    call = attrs.evolve(entry.calls[0], kind=CallKind.WITHDRAW)

    erp = declared(replay=Replay.EVERYTHING)
    assert not replayable(attrs.evolve(entry, calls=(call,)), after(0), erp)


@pytest.mark.parametrize("key", [Key("5000", 1, 2, "create"), Key("5000", 2, 1, "create")])
def test_key_of_another_try_is_never_repeated(key: Key) -> None:
    """Only the standing try's keys may be sent again."""
    entry = unknown()
    call = attrs.evolve(entry.calls[0], key=key)

    erp = declared(replay=Replay.EVERYTHING)
    assert not replayable(attrs.evolve(entry, calls=(call,)), after(0), erp)


def test_step_that_has_its_receipt_is_never_repeated() -> None:
    """Its repeat had an answer; only a look-up, or a person, ends the doubt of the first call."""
    erp = declared(replay=Replay.EVERYTHING)
    entry = created()
    calls = (attrs.evolve(entry.calls[0], answer=None), *entry.calls)

    assert not replayable(attrs.evolve(entry, calls=calls), after(0), erp)


def test_key_of_another_content_is_never_repeated() -> None:
    """The same key with another digest is refused."""
    entry = attrs.evolve(unknown(), digest="other")

    assert not replayable(entry, after(0), declared(replay=Replay.EVERYTHING))


BLIND = declared(look_up=LookUp.NONE)


def test_doubt_that_nothing_can_end_asks_a_person_at_once() -> None:
    """There is no look-up, and a repeat would make a second document."""
    assert asks_a_person(unknown(), after(0), BLIND)
    assert first_look_up(unknown(), after(0), BLIND) is None


@pytest.mark.parametrize("look_up", [LookUp.KEY, LookUp.NUMBER])
def test_doubt_that_a_look_up_can_end_asks_nobody(look_up: LookUp) -> None:
    """The ERP is looked up first."""
    assert not asks_a_person(unknown(), after(0), declared(look_up=look_up))


def test_doubt_that_a_repeat_can_end_asks_nobody() -> None:
    """For as long as the ERP keeps its answers; then a person."""
    erp = declared(look_up=LookUp.NONE, replay=Replay.EVERYTHING, replay_for=3600)

    assert not asks_a_person(unknown(), after(0), erp)
    assert asks_a_person(unknown(), after(3600), erp)


def test_adapter_that_is_gone_may_come_back() -> None:
    """Nobody knows whether it looks up: the schedule goes on."""
    assert not asks_a_person(unknown(), after(0), None)


def test_removal_in_doubt_is_read_back() -> None:
    """That needs no look-up."""
    entry = unknown()
    call = attrs.evolve(entry.calls[0], kind=CallKind.WITHDRAW)

    assert not asks_a_person(attrs.evolve(entry, calls=(call,)), after(0), BLIND)


def test_one_call_that_can_be_looked_up_is_enough() -> None:
    """Of two calls in doubt one may still be found."""
    entry = unknown()
    kinds = {"create": StepTerms(look_up=LookUp.NONE), "post": StepTerms(look_up=LookUp.KEY)}
    second = attrs.evolve(entry.calls[0], step_kind="post")

    both = attrs.evolve(entry, calls=(*entry.calls, second))
    assert not asks_a_person(both, after(0), attrs.evolve(BLIND, terms=kinds))


def test_first_look_up_waits_until_absence_could_count() -> None:
    """At second 0 the moment is 90: sooner there is nothing to learn."""
    assert after(90) == first_look_up(unknown(), after(0), ERP)


def test_first_look_up_comes_within_five_minutes() -> None:
    """Where the moment is later, or there is none, the first look is after five minutes."""
    assert after(300) == first_look_up(unknown(), after(0), declared(settles=3600))
    assert after(300) == first_look_up(unknown(), after(0), declared(settles=None))


def test_first_look_up_is_at_once_where_absence_counts_already() -> None:
    """The moment is over: look now."""
    assert after(200) == first_look_up(unknown(), after(200), ERP)


def test_first_look_up_is_at_once_where_nothing_is_in_doubt() -> None:
    """There is only a conclusion to draw."""
    entry = answered(unknown(), 0, Answer.REFUSED)

    assert after(7) == first_look_up(entry, after(7), ERP)


def test_first_look_up_waits_for_the_last_of_several_calls() -> None:
    """Before the youngest call is settled the look-up could not end the doubt."""
    entry = claimed(unknown(), at=90)
    second = start(attrs.evolve(entry, lookups=0), CREATE, at=after(95), lease=LEASE).after

    assert after(185) == first_look_up(second, after(100), ERP)


def _at(lookups: int) -> QueueEntry:
    return attrs.evolve(unknown(), lookups=lookups)


def test_look_ups_follow_five_minutes_an_hour_and_five_days() -> None:
    """Then nobody looks any more, and a person is asked."""
    waits = [next_look_up(_at(count), after(0)) for count in range(8)]
    hours = [None if when is None else (when - after(0)) / timedelta(hours=1) for when in waits]

    assert [5 / 60, 1, 24, 24, 24, 24, 24, None] == hours


def test_look_ups_follow_the_waiting_times_that_were_chosen() -> None:
    """The first one bounds the first look-up, and after the last a person is asked."""
    chosen = Patience(look_ups=[timedelta(seconds=30), timedelta(seconds=90)])
    waits = [next_look_up(_at(count), after(0), chosen) for count in range(3)]

    assert [after(30), after(90), None] == waits
    assert after(40) == first_look_up(unknown(), after(10), None, chosen)
