"""A lease goes on, is given back, or runs out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.declaration import Replay
from erp_invoice_core.documents import Answer
from erp_invoice_core.flow import (
    Patience,
    conclude,
    expire,
    release,
    renew,
)
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import (
    ERP,
    LEASE,
    accepted,
    after,
    claimed,
    created,
    declared,
    draft_left,
    exporting,
    started,
    unknown,
)

if TYPE_CHECKING:
    from erp_invoice_core.documents import QueueEntry


def test_lease_that_ran_out_before_any_call_frees_the_entry() -> None:
    """The next worker may take it at once."""
    change = expire(exporting(), at=after(60), erp=ERP)

    assert (Action.RELEASE, ExportStatus.ACCEPTED) == (change.action, change.after.status)
    assert (None, after(60), 1) == (
        change.after.lease,
        change.after.due_at,
        change.after.lost_claims,
    )
    assert {"holder": "w1"} == dict(change.facts)


def test_lease_that_ran_out_in_a_call_is_unknown() -> None:
    """Nobody knows what the call did."""
    change = expire(started(), at=after(60), erp=ERP)

    assert (Action.LOSE, ExportStatus.UNKNOWN, 1) == (
        change.action,
        change.after.status,
        change.after.lost_claims,
    )
    assert after(90) == change.after.due_at


def test_export_is_given_up_after_five_lost_claims() -> None:
    """The fifth worker that stops without an answer was one too many."""
    entry = attrs.evolve(exporting(), lost_claims=4)

    change = expire(entry, at=after(60), erp=ERP)

    assert ["export.gave_up"] == [denial.code for denial in change.after.refusal]


def test_patience_says_after_how_many_lost_claims_and_when_it_is_looked_up() -> None:
    """After the first one, if a host chooses so; in doubt after seven seconds."""
    hasty = Patience(look_ups=(timedelta(seconds=7),), lost_claims=1)
    free = expire(exporting(), at=after(60), erp=ERP, patience=hasty).after
    doubt = expire(started(), at=after(60), erp=declared(settles=None), patience=hasty).after

    (reason,) = free.refusal
    assert {"times": "1", "why": "its workers stopped without an answer"} == dict(reason.facts)
    assert (ExportStatus.UNKNOWN, after(67)) == (doubt.status, doubt.due_at)


@pytest.mark.parametrize(
    "entry", [exporting(), started(), attrs.evolve(exporting(), lost_claims=4)]
)
def test_event_of_a_lease_that_ran_out_names_the_holder(entry: QueueEntry) -> None:
    """Free, in doubt or given up: the history tells which worker had it."""
    assert {"holder": "w1"} == dict(expire(entry, at=after(60), erp=ERP).event.facts)


def test_lost_claims_in_doubt_wait_for_the_look_up_and_are_given_up_then() -> None:
    """While something is in doubt nothing is refused; once it is known, a person decides."""
    entry = expire(attrs.evolve(started(), lost_claims=4), at=after(60), erp=ERP).after
    absent = attrs.evolve(entry, calls=(attrs.evolve(entry.calls[0], answer=Answer.ABSENT),))

    change = conclude(entry, absent, at=after(90), erp=ERP)

    assert ExportStatus.UNKNOWN is entry.status
    assert (ExportStatus.FAILED, ["export.gave_up"]) == (
        change.after.status,
        [denial.code for denial in change.after.refusal],
    )


def test_lost_claims_in_doubt_are_not_repeated_for_ever() -> None:
    """A key that may be repeated is not, once its answers were lost five times."""
    erp = declared(replay=Replay.EVERYTHING)
    entry = expire(attrs.evolve(started(), lost_claims=4), at=after(60), erp=erp).after

    change = conclude(entry, entry, at=after(90), erp=erp)

    assert (Action.RECORD, ExportStatus.UNKNOWN) == (change.action, change.after.status)


def test_entry_whose_lease_is_gone_already_is_freed_all_the_same() -> None:
    """Freeing twice does no harm."""
    entry = attrs.evolve(exporting(), lease=None)

    assert {"holder": ""} == dict(expire(entry, at=after(60), erp=ERP).facts)


def test_renewed_lease_holds_from_now_on() -> None:
    """The same claim under the same number, for 60 s more; nothing that a person must know."""
    before = started(exporting(), at=10)
    change = renew(before, at=after(30), lease=LEASE)

    assert change.after.lease is not None
    assert (Action.RECORD, "w1", 1, after(90)) == (
        change.action,
        change.after.lease.holder,
        change.after.lease.fencing,
        change.after.lease.until,
    )
    assert {"lease": "renewed", "fencing": "1"} == dict(change.facts)
    assert (before.version, before.seq + 1) == (change.after.version, change.after.seq)


def test_renewal_moves_no_promise() -> None:
    """The nominal end under which a call began, from which absence counts, stays."""
    before = started(exporting(), at=10)
    change = renew(before, at=after(30), lease=LEASE)

    assert before.calls == change.after.calls
    assert [after(70)] == [call.lease_until for call in change.after.calls]


def test_renewal_never_shortens() -> None:
    """A clock that went back takes nothing away."""
    change = renew(exporting(at=20), at=after(5), lease=LEASE)
    assert change.after.lease is not None
    assert after(80) == change.after.lease.until


def test_what_nobody_holds_is_not_renewed() -> None:
    """Only a claimed entry has a lease."""
    with pytest.raises(ValueError, match="not claimed"):
        renew(accepted(), at=after(1), lease=LEASE)


def test_export_is_released_as_it_was() -> None:
    """Given back, it is accepted and due at once, with its receipts; nothing is counted."""
    change = release(created(), at=after(20), why="Asked to stop.")
    entry = change.after

    assert (Action.RELEASE, ExportStatus.ACCEPTED, None, after(20)) == (
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
    change = release(claimed(unknown(), at=90), at=after(91), why="Asked to stop.")
    entry = change.after

    assert (Action.RECORD, ExportStatus.UNKNOWN, None, 0, after(91)) == (
        change.action,
        entry.status,
        entry.lease,
        entry.lookups,
        entry.due_at,
    )


def test_withdrawal_is_released() -> None:
    """What is to be withdrawn stays failed, and waits for the next worker."""
    waiting = attrs.evolve(draft_left(), withdrawing=True, due_at=after(0))
    entry = release(claimed(waiting, at=1), at=after(2), why="Asked to stop.").after

    assert (ExportStatus.FAILED, True, None) == (entry.status, entry.withdrawing, entry.lease)


def test_export_in_doubt_is_not_released() -> None:
    """Only its own answer, or a look-up, ends the doubt of a call."""
    with pytest.raises(ValueError, match="in doubt"):
        release(started(exporting(), at=10), at=after(11), why="Asked to stop.")
