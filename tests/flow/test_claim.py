"""A worker takes an entry, gives it back, or has to say no."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.declaration import Replay
from erp_invoice_core.documents import Answer
from erp_invoice_core.flow import (
    RetryPolicy,
    claim,
    claim_again,
    conclude,
    defer,
    expire,
    postpone,
    refuse,
    release,
    renew,
    start,
)
from erp_invoice_core.verdict import Source
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import (
    CREATE,
    ERP,
    LEASE,
    NO,
    apply,
    build_accepted,
    build_claimed,
    build_created,
    build_declaration,
    build_draft_left,
    build_exporting,
    build_ready,
    build_started,
    build_unknown,
)

if TYPE_CHECKING:
    from erp_invoice_core.documents import QueueEntry

WHY = {"why": "Busy."}


def test_accepted_entry_is_claimed_for_export() -> None:
    """The claim leases it to one worker, under a number that grows."""
    entry = build_exporting(at=3)

    assert entry.lease is not None
    assert (ExportStatus.EXPORTING, "w1", 1, apply(63)) == (
        entry.status,
        entry.lease.holder,
        entry.lease.fencing,
        entry.lease.until,
    )
    assert entry.due_at is None


def test_claim_says_who_holds_it_under_which_number() -> None:
    """The event names the worker that had the entry."""
    change = claim(build_accepted(), at=apply(3), holder="w1", lease=LEASE)

    assert {"holder": "w1", "fencing": "1"} == dict(change.event.facts)


def test_an_allowed_claim_is_made_again_later() -> None:
    """It is the claim that would have been allowed at that time."""
    entry = build_accepted()

    again = claim_again(entry, at=apply(5), holder="w1", lease=LEASE)

    assert claim(entry, at=apply(5), holder="w1", lease=LEASE) == again
    assert again.after.lease is not None
    assert apply(65) == again.after.lease.until


def test_unknown_entry_is_claimed_for_a_look_up_only() -> None:
    """It stays unknown and due, and the look is counted."""
    entry = build_claimed(build_unknown(), at=90)

    assert (ExportStatus.UNKNOWN, 2, 1, apply(90)) == (
        entry.status,
        entry.fencing,
        entry.lookups,
        entry.due_at,
    )


def test_entry_whose_withdrawal_is_asked_for_is_claimed() -> None:
    """It stays failed while the worker removes what was left."""
    waiting = attrs.evolve(build_draft_left(), withdrawing=True, due_at=apply(0))

    entry = build_claimed(waiting, at=1)

    assert (ExportStatus.FAILED, 0) == (entry.status, entry.lookups)


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        (build_ready(), ["status.claim", "export.not_due"]),
        (build_accepted(at=9), ["export.not_due"]),
    ],
)
def test_entry_that_is_not_due_is_not_claimed(entry: object, codes: list[str]) -> None:
    """No worker claims an entry that waits for a person or for a later time."""
    change = claim(entry, at=apply(1), holder="w1", lease=LEASE)  # type: ignore[arg-type]  # parametrised

    assert codes == [denial.code for denial in change.verdict.denials]


def test_leased_entry_is_not_claimed() -> None:
    """One worker at a time."""
    entry = build_claimed(build_unknown(), at=90)

    change = claim(entry, at=apply(100), holder="w2", lease=LEASE)

    assert ["export.not_due"] == [denial.code for denial in change.verdict.denials]


def test_lease_that_ran_out_lets_the_next_one_look() -> None:
    """The next claim has the next number."""
    entry = build_claimed(build_claimed(build_unknown(), at=90), at=150, holder="w2")

    assert entry.lease is not None
    assert ("w2", 3) == (entry.lease.holder, entry.lease.fencing)


def test_refusal_before_any_write_fails() -> None:
    """The reasons stay with the entry, and it is not leased."""
    change = refuse(build_exporting(), NO, at=apply(1), erp=ERP, facts={"a": "b"})

    assert (ExportStatus.FAILED, None, None) == (
        change.after.status,
        change.after.lease,
        change.after.due_at,
    )
    assert NO.denials == change.after.refusal
    assert NO.denials == change.event.denials


def test_refusal_while_another_call_is_in_doubt_is_unknown() -> None:
    """A no to one call says nothing of the other."""
    change = refuse(build_started(), NO, at=apply(1), erp=ERP)

    assert (Action.LOSE, ExportStatus.UNKNOWN) == (change.action, change.after.status)


def test_deferral_waits_twice_as_long_each_time() -> None:
    """5 s, 10 s, 20 s …, an hour at most."""
    entry, waits = build_exporting(), []

    for _ in range(12):
        back = defer(entry, at=apply(0), erp=ERP, until=None, facts=WHY).after
        assert back.due_at is not None
        waits.append((back.due_at - apply(0)).total_seconds())
        entry = build_claimed(attrs.evolve(back, due_at=apply(0)))

    assert [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600] == waits


def test_deferral_waits_until_the_moment_that_the_erp_named() -> None:
    """Never sooner, and never at once."""
    entry = build_exporting()

    later = defer(entry, at=apply(0), erp=ERP, until=apply(77), facts=WHY).after
    past = defer(entry, at=apply(50), erp=ERP, until=apply(1), facts=WHY).after

    assert (ExportStatus.ACCEPTED, apply(77)) == (later.status, later.due_at)
    assert apply(51) == past.due_at


def test_deferral_keeps_the_receipts() -> None:
    """The document in the ERP stays."""
    back = defer(build_created(), at=apply(0), erp=ERP, until=None, facts=WHY).after

    assert ["create"] == [held.receipt.step for held in back.standing]


def test_export_is_given_up_after_twenty_deferrals() -> None:
    """The twentieth is a refusal that says why."""
    entry = attrs.evolve(build_exporting(), deferrals=19)

    change = defer(entry, at=apply(0), erp=ERP, until=apply(9), facts=WHY)

    (denial,) = change.after.refusal
    assert (ExportStatus.FAILED, "export.gave_up") == (change.after.status, denial.code)
    assert "The last reason is: Busy." in denial.message
    assert {"times": "20", "why": "Busy."} == dict(denial.facts)
    assert Source.ERP is denial.source


def test_deferral_without_a_word_is_given_up_too() -> None:
    """Without a reason the refusal names the number of tries alone."""
    entry = attrs.evolve(build_exporting(), deferrals=19)

    change = defer(entry, at=apply(0), erp=ERP, until=None, facts={})

    assert (
        "The ERP was tried 20 times without success. Find out the cause, then retry or reject the"
        " export."
    ) == change.after.refusal[0].message


def test_deferral_while_another_call_is_in_doubt_is_unknown() -> None:
    """A repeat that was not sent settles nothing of the first call."""
    change = defer(build_started(), at=apply(0), erp=ERP, until=None, facts=WHY)

    assert ExportStatus.UNKNOWN is change.after.status
    assert 1 == len(change.after.in_doubt)


def test_unreachable_erp_is_asked_again_on_the_schedule() -> None:
    """An unknown entry that could not be looked up waits its next turn."""
    entry = build_claimed(build_unknown(), at=90)

    change = postpone(entry, at=apply(90), facts=WHY)

    assert (None, apply(90) + timedelta(hours=1)) == (change.after.lease, change.after.due_at)


def test_unknown_entry_waits_for_a_person_once_the_schedule_is_over() -> None:
    """The ERP could not be asked seven times."""
    entry = attrs.evolve(build_claimed(build_unknown(), at=90), lookups=7)

    assert postpone(entry, at=apply(90), facts=WHY).after.due_at is None


def test_withdrawal_is_asked_for_after_the_last_waiting_time_of_the_schedule() -> None:
    """The schedule is over, and its last waiting time is repeated."""
    schedule = RetryPolicy(look_ups=[timedelta(seconds=30), timedelta(seconds=90)])
    entry = attrs.evolve(build_draft_left(), withdrawing=True, lookups=2)

    change = postpone(entry, at=apply(0), facts=WHY, retry_policy=schedule)

    assert apply(90) == change.after.due_at


def test_withdrawal_is_asked_for_daily_while_the_erp_is_unreachable() -> None:
    """A withdrawal that was asked for is not forgotten."""
    entry = attrs.evolve(build_draft_left(), withdrawing=True, lookups=7)

    change = postpone(entry, at=apply(0), facts=WHY)

    assert apply(86400) == change.after.due_at


def test_stale_start_is_a_programmers_error() -> None:
    """Nothing is started without a lease."""
    with pytest.raises(ValueError, match="not claimed"):
        start(build_accepted(), CREATE, at=apply(0), lease=LEASE)


# A holder that is still at it, and one that is asked to stop.


@pytest.mark.parametrize(
    ("deferrals", "chance", "seconds"),
    [
        (0, 0.0, 5.0),
        (0, 1.0, 2.5),
        (1, 0.5, 7.5),
        (9, 0.0, 2560.0),
        (10, 0.0, 3600.0),
        (15, 1.0, 1800.0),
    ],
)
def test_waits_are_spread(deferrals: int, chance: float, seconds: float) -> None:
    """Each wait is twice the one before, an hour at most; chance takes up to half of it away."""
    entry = attrs.evolve(build_exporting(), deferrals=deferrals)
    change = defer(entry, at=apply(100), erp=ERP, until=None, facts=WHY, chance=chance)
    assert apply(100 + seconds) == change.after.due_at


def test_moment_that_the_erp_names_is_kept() -> None:
    """Where the ERP says when, chance moves nothing."""
    change = defer(build_exporting(), at=apply(9), erp=ERP, until=apply(99), facts=WHY, chance=1.0)
    assert apply(99) == change.after.due_at


HASTY = RetryPolicy(look_ups=(timedelta(seconds=7),))


def test_doubt_of_another_call_is_looked_up_as_retry_policy_says() -> None:
    """A no, or a not now, to a repeat leaves the first call in doubt, on the schedule chosen."""
    entry = build_started()
    erp = build_declaration(settles=None)

    no = refuse(entry, NO, at=apply(9), erp=erp, retry_policy=HASTY).after
    later = defer(
        entry, at=apply(9), erp=erp, until=None, facts=dict(WHY), retry_policy=HASTY
    ).after

    assert (ExportStatus.UNKNOWN, ExportStatus.UNKNOWN) == (no.status, later.status)
    assert (apply(16), apply(16)) == (no.due_at, later.due_at)


def test_lease_that_ran_out_before_any_call_frees_the_entry() -> None:
    """The next worker may take it at once."""
    change = expire(build_exporting(), at=apply(60), erp=ERP)

    assert (Action.RELEASE, ExportStatus.ACCEPTED) == (change.action, change.after.status)
    assert (None, apply(60), 1) == (
        change.after.lease,
        change.after.due_at,
        change.after.lost_claims,
    )
    assert {"holder": "w1"} == dict(change.facts)


def test_lease_that_ran_out_in_a_call_is_unknown() -> None:
    """It is not known what the call did."""
    change = expire(build_started(), at=apply(60), erp=ERP)

    assert (Action.LOSE, ExportStatus.UNKNOWN, 1) == (
        change.action,
        change.after.status,
        change.after.lost_claims,
    )
    assert apply(90) == change.after.due_at


def test_export_is_given_up_after_five_lost_claims() -> None:
    """The fifth worker that stops without an answer was one too many."""
    entry = attrs.evolve(build_exporting(), lost_claims=4)

    change = expire(entry, at=apply(60), erp=ERP)

    (denial,) = change.after.refusal
    assert ("export.gave_up", Source.ERP) == (denial.code, denial.source)


def test_retry_policy_says_after_how_many_lost_claims_and_when_it_is_looked_up() -> None:
    """After the first one, if a host chooses so; in doubt after seven seconds."""
    hasty = RetryPolicy(look_ups=(timedelta(seconds=7),), lost_claims=1)
    free = expire(build_exporting(), at=apply(60), erp=ERP, retry_policy=hasty).after
    doubt = expire(
        build_started(), at=apply(60), erp=build_declaration(settles=None), retry_policy=hasty
    ).after

    (reason,) = free.refusal
    assert {"times": "1", "why": "", "cause": "workers_stopped"} == dict(reason.facts)
    assert (ExportStatus.UNKNOWN, apply(67)) == (doubt.status, doubt.due_at)


@pytest.mark.parametrize(
    "entry", [build_exporting(), build_started(), attrs.evolve(build_exporting(), lost_claims=4)]
)
def test_event_of_a_lease_that_ran_out_names_the_holder(entry: QueueEntry) -> None:
    """The event names the worker, whether the entry is free, in doubt or given up."""
    assert {"holder": "w1"} == dict(expire(entry, at=apply(60), erp=ERP).event.facts)


def test_lost_claims_in_doubt_wait_for_the_look_up_and_are_given_up_then() -> None:
    """While something is in doubt nothing is refused; once it is known, a person decides."""
    entry = expire(attrs.evolve(build_started(), lost_claims=4), at=apply(60), erp=ERP).after
    absent = attrs.evolve(entry, calls=(attrs.evolve(entry.calls[0], answer=Answer.ABSENT),))

    change = conclude(entry, absent, at=apply(90), erp=ERP)

    assert ExportStatus.UNKNOWN is entry.status
    assert (ExportStatus.FAILED, ["export.gave_up"]) == (
        change.after.status,
        [denial.code for denial in change.after.refusal],
    )


def test_lost_claims_in_doubt_are_not_repeated_for_ever() -> None:
    """A key that may be repeated is not, once its answers were lost five times."""
    erp = build_declaration(replay=Replay.EVERYTHING)
    entry = expire(attrs.evolve(build_started(), lost_claims=4), at=apply(60), erp=erp).after

    change = conclude(entry, entry, at=apply(90), erp=erp)

    assert (Action.RECORD, ExportStatus.UNKNOWN) == (change.action, change.after.status)


def test_entry_whose_lease_is_gone_already_is_freed_all_the_same() -> None:
    """Freeing twice does no harm."""
    entry = attrs.evolve(build_exporting(), lease=None)

    assert {"holder": ""} == dict(expire(entry, at=apply(60), erp=ERP).facts)


def test_renewed_lease_holds_from_now_on() -> None:
    """The same claim under the same number, for 60 s more; nothing that a person must know."""
    before = build_started(build_exporting(), at=10)
    change = renew(before, at=apply(30), lease=LEASE)

    assert change.after.lease is not None
    assert (Action.RECORD, "w1", 1, apply(90)) == (
        change.action,
        change.after.lease.holder,
        change.after.lease.fencing,
        change.after.lease.until,
    )
    assert {"lease": "renewed", "fencing": "1"} == dict(change.facts)
    assert (before.version, before.seq + 1) == (change.after.version, change.after.seq)


def test_renewal_moves_no_promise() -> None:
    """The nominal end under which a call began, from which absence counts, stays."""
    before = build_started(build_exporting(), at=10)
    change = renew(before, at=apply(30), lease=LEASE)

    assert before.calls == change.after.calls
    assert [apply(70)] == [call.lease_until for call in change.after.calls]


def test_renewal_never_shortens() -> None:
    """A clock that went back takes nothing away."""
    change = renew(build_exporting(at=20), at=apply(5), lease=LEASE)
    assert change.after.lease is not None
    assert apply(80) == change.after.lease.until


def test_what_is_not_claimed_is_not_renewed() -> None:
    """Only a claimed entry has a lease."""
    with pytest.raises(ValueError, match="not claimed"):
        renew(build_accepted(), at=apply(1), lease=LEASE)


def test_export_is_released_as_it_was() -> None:
    """Given back, it is accepted and due at once, with its receipts; nothing is counted."""
    change = release(build_created(), at=apply(20), why="Asked to stop.")
    entry = change.after

    assert (Action.RELEASE, ExportStatus.ACCEPTED, None, apply(20)) == (
        change.action,
        entry.status,
        entry.lease,
        entry.due_at,
    )
    assert (0, 0, ["create"]) == (
        entry.lost_claims,
        entry.deferrals,
        [held.receipt.step for held in entry.standing],
    )
    assert {"why": "Asked to stop."} == dict(change.facts)


def test_look_up_is_released_without_a_look() -> None:
    """An unknown entry stays unknown and due; the look that was not made is not counted."""
    change = release(build_claimed(build_unknown(), at=90), at=apply(91), why="Asked to stop.")
    entry = change.after

    assert (Action.RECORD, ExportStatus.UNKNOWN, None, 0, apply(91)) == (
        change.action,
        entry.status,
        entry.lease,
        entry.lookups,
        entry.due_at,
    )


def test_withdrawal_is_released() -> None:
    """An entry with a pending withdrawal stays failed and waits for the next worker."""
    waiting = attrs.evolve(build_draft_left(), withdrawing=True, due_at=apply(0))
    entry = release(build_claimed(waiting, at=1), at=apply(2), why="Asked to stop.").after

    assert (ExportStatus.FAILED, True, None) == (entry.status, entry.withdrawing, entry.lease)


def test_export_in_doubt_is_not_released() -> None:
    """Only its own answer, or a look-up, ends the doubt of a call."""
    with pytest.raises(ValueError, match="in doubt"):
        release(build_started(build_exporting(), at=10), at=apply(11), why="Asked to stop.")


def test_event_of_a_postponed_look_up_says_why() -> None:
    """The event has the reason why the ERP could not be asked."""
    entry = build_claimed(build_unknown(), at=90)

    change = postpone(entry, at=apply(95), facts={"why": "Busy."})

    assert {"why": "Busy."} == dict(change.facts)
