"""A worker takes an entry, gives it back, or has to say no."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from erp_invoice_core.flow import (
    Patience,
    claim,
    hand_back,
    postpone,
    refuse,
    start,
)
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import (
    CREATE,
    ERP,
    LEASE,
    NO,
    accepted,
    after,
    claimed,
    created,
    declared,
    draft_left,
    exporting,
    ready,
    started,
    unknown,
)

WHY = {"why": "Busy."}


def test_accepted_entry_is_claimed_for_export() -> None:
    """The claim leases it to one worker, under a number that grows."""
    entry = exporting(at=3)

    assert entry.lease is not None
    assert (ExportStatus.EXPORTING, "w1", 1, after(63)) == (
        entry.status,
        entry.lease.holder,
        entry.lease.fencing,
        entry.lease.until,
    )
    assert entry.due_at is None


def test_claim_says_who_holds_it_under_which_number() -> None:
    """The history tells which worker had the entry."""
    change = claim(accepted(), at=after(3), holder="w1", lease=LEASE)

    assert {"holder": "w1", "fencing": "1"} == dict(change.event.facts)


def test_unknown_entry_is_claimed_for_a_look_up_only() -> None:
    """It stays unknown and due, and the look is counted."""
    entry = claimed(unknown(), at=90)

    assert (ExportStatus.UNKNOWN, 2, 1, after(90)) == (
        entry.status,
        entry.fencing,
        entry.lookups,
        entry.due_at,
    )


def test_entry_whose_withdrawal_is_asked_for_is_claimed() -> None:
    """It stays failed while the worker removes what was left."""
    waiting = attrs.evolve(draft_left(), withdrawing=True, due_at=after(0))

    entry = claimed(waiting, at=1)

    assert (ExportStatus.FAILED, 0) == (entry.status, entry.lookups)


@pytest.mark.parametrize(
    ("entry", "codes"),
    [(ready(), ["status.claim", "export.not_due"]), (accepted(at=9), ["export.not_due"])],
)
def test_entry_that_is_not_due_is_not_claimed(entry: object, codes: list[str]) -> None:
    """Nobody takes what waits for a person, or for a later time."""
    change = claim(entry, at=after(1), holder="w1", lease=LEASE)  # type: ignore[arg-type]  # parametrised

    assert codes == [denial.code for denial in change.verdict.denials]


def test_leased_entry_is_not_claimed() -> None:
    """One worker at a time."""
    entry = claimed(unknown(), at=90)

    change = claim(entry, at=after(100), holder="w2", lease=LEASE)

    assert ["export.not_due"] == [denial.code for denial in change.verdict.denials]


def test_lease_that_ran_out_lets_the_next_one_look() -> None:
    """The next claim has the next number."""
    entry = claimed(claimed(unknown(), at=90), at=150, holder="w2")

    assert entry.lease is not None
    assert ("w2", 3) == (entry.lease.holder, entry.lease.fencing)


def test_refusal_before_any_write_fails() -> None:
    """The reasons stay with the entry, and nobody holds it."""
    change = refuse(exporting(), NO, at=after(1), erp=ERP, facts={"a": "b"})

    assert (ExportStatus.FAILED, None, None) == (
        change.after.status,
        change.after.lease,
        change.after.due_at,
    )
    assert NO.denials == change.after.refusal
    assert NO.denials == change.event.denials


def test_refusal_while_another_call_is_in_doubt_is_unknown() -> None:
    """A no to one call says nothing of the other."""
    change = refuse(started(), NO, at=after(1), erp=ERP)

    assert (Action.LOSE, ExportStatus.UNKNOWN) == (change.action, change.after.status)


def test_deferral_waits_twice_as_long_each_time() -> None:
    """5 s, 10 s, 20 s …, an hour at most."""
    entry, waits = exporting(), []

    for _ in range(12):
        back = hand_back(entry, at=after(0), erp=ERP, until=None, facts=WHY).after
        assert back.due_at is not None
        waits.append((back.due_at - after(0)).total_seconds())
        entry = claimed(attrs.evolve(back, due_at=after(0)))

    assert [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600] == waits


def test_deferral_waits_until_the_moment_that_the_erp_named() -> None:
    """Never sooner, and never at once."""
    entry = exporting()

    later = hand_back(entry, at=after(0), erp=ERP, until=after(77), facts=WHY).after
    past = hand_back(entry, at=after(50), erp=ERP, until=after(1), facts=WHY).after

    assert (ExportStatus.ACCEPTED, after(77)) == (later.status, later.due_at)
    assert after(51) == past.due_at


def test_deferral_keeps_the_receipts() -> None:
    """What is there stays there."""
    back = hand_back(created(), at=after(0), erp=ERP, until=None, facts=WHY).after

    assert ["create"] == [held.receipt.step for held in back.standing]


def test_export_is_given_up_after_twenty_deferrals() -> None:
    """The twentieth is a refusal that says why."""
    entry = attrs.evolve(exporting(), deferrals=19)

    change = hand_back(entry, at=after(0), erp=ERP, until=after(9), facts=WHY)

    (denial,) = change.after.refusal
    assert (ExportStatus.FAILED, "export.gave_up") == (change.after.status, denial.code)
    assert "(Busy.)" in denial.message
    assert {"times": "20", "why": "Busy."} == dict(denial.facts)


def test_deferral_without_a_word_is_given_up_too() -> None:
    """Where no reason was kept the refusal says that it was deferred."""
    entry = attrs.evolve(exporting(), deferrals=19)

    change = hand_back(entry, at=after(0), erp=ERP, until=None, facts={})

    assert "(deferred)" in change.after.refusal[0].message


def test_deferral_while_another_call_is_in_doubt_is_unknown() -> None:
    """A repeat that was not sent settles nothing of the first call."""
    change = hand_back(started(), at=after(0), erp=ERP, until=None, facts=WHY)

    assert ExportStatus.UNKNOWN is change.after.status
    assert 1 == len(change.after.in_doubt)


def test_unreachable_erp_is_asked_again_on_the_schedule() -> None:
    """An unknown entry that could not be looked up waits its next turn."""
    entry = claimed(unknown(), at=90)

    change = postpone(entry, at=after(90), facts=WHY)

    assert (None, after(90) + timedelta(hours=1)) == (change.after.lease, change.after.due_at)


def test_unknown_entry_waits_for_a_person_once_the_schedule_is_over() -> None:
    """Nobody could be asked, seven times."""
    entry = attrs.evolve(claimed(unknown(), at=90), lookups=7)

    assert postpone(entry, at=after(90), facts=WHY).after.due_at is None


def test_withdrawal_is_asked_for_daily_while_the_erp_is_unreachable() -> None:
    """A withdrawal that was asked for is not forgotten."""
    entry = attrs.evolve(draft_left(), withdrawing=True, lookups=7)

    change = postpone(entry, at=after(0), facts=WHY)

    assert after(86400) == change.after.due_at


def test_stale_start_is_a_programmers_error() -> None:
    """Nothing is started without a lease."""
    with pytest.raises(ValueError, match="not claimed"):
        start(accepted(), CREATE, at=after(0), lease=LEASE)


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
    entry = attrs.evolve(exporting(), deferrals=deferrals)
    change = hand_back(entry, at=after(100), erp=ERP, until=None, facts=WHY, chance=chance)
    assert after(100 + seconds) == change.after.due_at


def test_moment_that_the_erp_names_is_kept() -> None:
    """Where the ERP says when, chance moves nothing."""
    change = hand_back(exporting(), at=after(9), erp=ERP, until=after(99), facts=WHY, chance=1.0)
    assert after(99) == change.after.due_at


HASTY = Patience(look_ups=(timedelta(seconds=7),))


def test_doubt_of_another_call_is_looked_up_as_patience_says() -> None:
    """A no, or a not now, to a repeat leaves the first call in doubt, on the schedule chosen."""
    entry = started()
    erp = declared(settles=None)

    no = refuse(entry, NO, at=after(9), erp=erp, patience=HASTY).after
    later = hand_back(
        entry, at=after(9), erp=erp, until=None, facts=dict(WHY), patience=HASTY
    ).after

    assert (ExportStatus.UNKNOWN, ExportStatus.UNKNOWN) == (no.status, later.status)
    assert (after(16), after(16)) == (no.due_at, later.due_at)
