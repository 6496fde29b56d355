"""Keys resolved as absent are looked up daily, in every status in which nothing else happens."""

from __future__ import annotations

from datetime import timedelta

import attrs

from erp_invoice_core.documents import Answer, QueueEntry
from erp_invoice_core.flow import (
    apply_transition,
    count_watch,
    find_watched_calls,
    find_watched_in_generation,
    is_resting,
    watch,
)
from erp_invoice_core.flow.knowledge import record_answer
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import (
    apply,
    build_draft_left,
    build_failed,
    build_ready,
    build_removal_in_doubt,
    build_unknown,
)

DAY = timedelta(days=1)


def _build_absent() -> QueueEntry:
    return record_answer(build_unknown(), 0, Answer.ABSENT)


def _build_failed() -> QueueEntry:
    entry = _build_absent()
    to = ExportStatus.FAILED
    change = apply_transition(
        Action.RULE, entry, at=apply(0), actor="ann", to=to, calls=entry.calls, due_at=None
    )
    return change.after


def test_call_that_did_not_happen_is_watched() -> None:
    """A key resolved as absent may still be carried out late."""
    assert ["create"] == [call.key.step for call in find_watched_calls(_build_absent())]


def test_call_of_a_former_generation_stays_watched() -> None:
    """An unlinked invoice has new keys, and what the old ones left may still turn up."""
    unlinked = attrs.evolve(_build_absent(), generation=2)

    assert [1] == [call.key.generation for call in find_watched_calls(unlinked)]
    assert () == find_watched_in_generation(unlinked)


def test_latest_call_is_looked_up_first() -> None:
    """Where a number alone is found, it is of the generation that stands rather than of another."""
    entry = _build_absent()
    (first,) = entry.calls
    second = attrs.evolve(first, key=attrs.evolve(first.key, generation=2))

    both = attrs.evolve(entry, generation=2, calls=(first, second))
    assert [2, 1] == [call.key.generation for call in find_watched_calls(both)]
    assert (second,) == find_watched_in_generation(both)


def test_refused_call_is_not_watched() -> None:
    """A definite no leaves nothing to watch."""
    assert () == find_watched_calls(record_answer(build_unknown(), 0, Answer.REFUSED))


def test_removal_that_did_not_happen_is_not_watched() -> None:
    """A key is watched for a document that may turn up late; a removal makes none."""
    entry = build_removal_in_doubt()
    absent = record_answer(entry, len(entry.calls) - 1, Answer.ABSENT)

    assert [None, Answer.ABSENT] == [removal.calls[-1].answer for removal in (entry, absent)]
    assert () == find_watched_calls(absent)


def test_entry_that_comes_to_rest_is_due_a_day_later() -> None:
    """The first look at a watched key is planned with the move that ends the export."""
    entry = _build_failed()

    assert (apply(0) + DAY, 0) == (entry.due_at, entry.lookups)


def test_entry_without_watched_keys_is_not_due() -> None:
    """If nothing was resolved as absent, no worker looks anything up."""
    assert build_failed().due_at is None
    assert build_ready().due_at is None


def test_watching_ends_after_five_looks() -> None:
    """Five days later no look-up is due."""
    entry, dues = _build_failed(), []

    for day in range(1, 6):
        entry = watch(entry, at=apply(0) + day * DAY).after
        entry = count_watch(entry, at=apply(0) + day * DAY).after
        dues.append(entry.due_at and (entry.due_at - apply(0)).days)

    assert [2, 3, 4, 5, None] == dues


def test_look_without_an_answer_does_not_count() -> None:
    """Its worker stopped, or the ERP did not answer: the next day it is the same look again."""
    entry = _build_failed()

    for day in range(1, 30):
        change = watch(entry, at=apply(0) + day * DAY)
        entry = change.after
        assert "1" == change.event.facts["watch"]
        assert (0, apply(0) + (day + 1) * DAY) == (entry.lookups, entry.due_at)


def test_next_status_begins_the_watch_anew() -> None:
    """A rejected invoice is watched as long as a failed one, whatever was looked before."""
    entry = attrs.evolve(_build_failed(), lookups=5, due_at=None)
    to = ExportStatus.REJECTED

    change = apply_transition(Action.REJECT, entry, at=apply(7), actor="ann", to=to)

    assert (0, apply(7) + DAY) == (change.after.lookups, change.after.due_at)


def test_entry_whose_withdrawal_is_asked_for_does_not_rest() -> None:
    """A worker has something to do with it."""
    entry = build_draft_left()

    assert is_resting(entry)
    assert not is_resting(attrs.evolve(entry, withdrawing=True))
    assert not is_resting(build_unknown())


def test_doubt_that_waits_for_a_person_is_not_watched() -> None:
    """A former key was resolved as absent; a person settles the call that is in doubt now."""
    (first,) = _build_absent().calls
    doubt = attrs.evolve(first, key=attrs.evolve(first.key, attempt=2), answer=None)
    entry = attrs.evolve(build_unknown(), attempt=2, calls=(first, doubt))

    change = apply_transition(Action.RECORD, entry, at=apply(9), actor="w", due_at=None)

    assert ((first,), None) == (find_watched_calls(change.after), change.after.due_at)


def test_planned_look_is_not_put_off_by_what_happens_meanwhile() -> None:
    """Late evidence an hour later does not change the status."""
    change = apply_transition(Action.RECORD, _build_failed(), at=apply(3600), actor="w")

    assert apply(0) + DAY == change.after.due_at


def test_looks_of_a_former_status_are_forgotten_where_nothing_is_watched() -> None:
    """The count of look-ups begins anew in the next status."""
    entry = attrs.evolve(build_failed(), lookups=3)

    change = apply_transition(
        Action.REJECT, entry, at=apply(7), actor="ann", to=ExportStatus.REJECTED
    )

    assert (0, None) == (change.after.lookups, change.after.due_at)


def test_counted_look_leaves_the_time_that_was_planned_before_it() -> None:
    """The ERP answers an hour later: the next look stays a day after the last one began."""
    entry = watch(_build_failed(), at=apply(0) + DAY).after

    change = count_watch(entry, at=apply(3600) + DAY)

    assert (1, apply(0) + 2 * DAY) == (change.after.lookups, change.after.due_at)
