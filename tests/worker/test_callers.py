"""Calls are bounded: made in a thread of their own, left behind when they take too long."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.worker import ThreadCaller, TookTooLong
from erp_invoice_core.worker.callers import count_abandoned, do_nothing, ignore

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 10.0


def made(
    caller: ThreadCaller,
    act: Callable[[], object],
    *,
    seconds: float = PATIENCE,
    every: float = 1.0,
    beat: Callable[[], None] = do_nothing,
    late: Callable[[object], None] = ignore,
    meanwhile: Callable[[], None] = do_nothing,
) -> object:
    """Make a call that may take ten seconds, unless told otherwise."""
    return caller.call(act, seconds=seconds, every=every, beat=beat, late=late, meanwhile=meanwhile)


def comes(true: Callable[[], bool]) -> bool:
    """Wait until something is true; return whether that came."""
    ends = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.005)
    return True


def gone(name: str) -> bool:
    """Wait until no thread has that id any more; return whether none has."""
    return comes(lambda: name not in {str(thread.ident) for thread in threading.enumerate()})


def test_calls_are_made_in_one_other_thread() -> None:
    """Every call of a caller is made in the same thread, and not in the one that waits."""
    caller = ThreadCaller()
    first, second = made(caller, threading.get_ident), made(caller, threading.get_ident)

    assert first == second
    assert threading.get_ident() != first
    caller.close()
    assert gone(str(first))


def test_a_caller_that_nobody_has_any_more_ends_its_thread() -> None:
    """A caller that was forgotten, not closed, leaves no thread behind."""
    caller = ThreadCaller()
    thread = made(caller, threading.get_ident)
    del caller

    assert gone(str(thread))


def test_a_process_does_not_wait_for_a_caller() -> None:
    """The thread is a daemon: a process ends though a call hangs."""
    caller = ThreadCaller()
    assert True is made(caller, lambda: threading.current_thread().daemon)
    caller.close()


def test_what_a_call_raises_is_raised_where_it_is_waited_for() -> None:
    """An interrupt inside a call reaches the one who made it; the caller serves on."""
    caller = ThreadCaller()

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(caller, interrupted)
    assert 3 == made(caller, lambda: 3)
    caller.close()


def test_a_call_that_takes_too_long_is_count_abandoned() -> None:
    """After its limit nobody waits for a call; what it returns in the end is told all the same."""
    caller, go, told = ThreadCaller(), threading.Event(), threading.Event()
    heard: list[object] = []

    def late(answer: object) -> None:
        heard.append(answer)
        told.set()

    def slow() -> str:
        go.wait(PATIENCE)
        return "at last"

    assert comes(lambda: count_abandoned() == 0)  # those of other tests are over
    with pytest.raises(TookTooLong):
        made(caller, slow, seconds=0.01, late=late)
    assert ([], 1) == (heard, count_abandoned())
    go.set()

    assert told.wait(PATIENCE)
    assert ["at last"] == heard
    assert comes(lambda: count_abandoned() == 0)


def test_what_a_call_left_behind_raises_is_not_told() -> None:
    """Nothing is known of a call that failed after it was left behind."""
    caller, go = ThreadCaller(), threading.Event()
    heard: list[object] = []
    thread = made(caller, threading.get_ident)

    def failing() -> None:
        go.wait(PATIENCE)
        raise ValueError

    with pytest.raises(TookTooLong):
        made(caller, failing, seconds=0.01, late=heard.append)
    go.set()

    assert gone(str(thread))
    assert [] == heard


def test_beats_come_while_a_call_is_waited_for() -> None:
    """Whoever waits says so again and again, and no more once there is an answer."""
    caller, go = ThreadCaller(), threading.Event()
    beats: list[float] = []

    def beat() -> None:
        beats.append(time.monotonic())
        if len(beats) == 3:
            go.set()

    made(caller, lambda: go.wait(PATIENCE), every=0.01, beat=beat)

    assert 3 <= len(beats) < 100
    assert all(later - earlier >= 0.009 for earlier, later in pairwise(beats))
    caller.close()


def test_a_beat_can_break_off_the_waiting() -> None:
    """What a beat raises leaves the call behind, and its answer is told later."""
    caller, go, told = ThreadCaller(), threading.Event(), threading.Event()

    def beat() -> None:
        raise TookTooLong

    with pytest.raises(TookTooLong):
        made(
            caller,
            lambda: go.wait(PATIENCE),
            every=0.01,
            beat=beat,
            late=lambda _answer: told.set(),
        )
    go.set()
    assert told.wait(PATIENCE)


def test_an_answer_that_is_here_when_the_waiting_breaks_off_is_told() -> None:
    """An interrupt between a call's end and its record loses no answer."""
    caller, answered = ThreadCaller(), threading.Event()
    heard: list[object] = []

    def meanwhile() -> None:
        assert answered.wait(PATIENCE)
        time.sleep(0.05)
        raise KeyboardInterrupt

    def act() -> str:
        answered.set()
        return "booked"

    with pytest.raises(KeyboardInterrupt):
        made(caller, act, late=heard.append, meanwhile=meanwhile)
    assert ["booked"] == heard
    caller.close()


def test_something_is_done_meanwhile() -> None:
    """While a call is under way the one who waits does something else first."""
    caller, begun = ThreadCaller(), threading.Event()
    assert True is made(caller, lambda: begun.wait(PATIENCE), meanwhile=begun.set)
    caller.close()
