"""Calls are bounded: each runs in a thread, and is abandoned if it takes too long."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.adapters.callers import count_abandoned, do_nothing, ignore
from erp_invoice_core.worker import ThreadCaller, TookTooLong

if TYPE_CHECKING:
    from collections.abc import Callable

TIME_LIMIT = 10.0


def make_call(
    caller: ThreadCaller,
    act: Callable[[], object],
    *,
    seconds: float = TIME_LIMIT,
    every: float = 1.0,
    beat: Callable[[], None] = do_nothing,
    late: Callable[[object], None] = ignore,
    meanwhile: Callable[[], None] = do_nothing,
) -> object:
    """Make a call that may take ten seconds by default."""
    return caller.call(act, seconds=seconds, every=every, beat=beat, late=late, meanwhile=meanwhile)


def wait_until(true: Callable[[], bool]) -> bool:
    """Wait until a condition is true; return whether it became true."""
    ends = time.monotonic() + TIME_LIMIT
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.005)
    return True


def wait_until_ended(name: str) -> bool:
    """Wait until no thread has that id; return whether none has."""
    return wait_until(lambda: name not in {str(thread.ident) for thread in threading.enumerate()})


def test_calls_are_made_in_one_other_thread() -> None:
    """A caller makes every call in the same thread, which is not the thread that waits."""
    caller = ThreadCaller()
    first, second = make_call(caller, threading.get_ident), make_call(caller, threading.get_ident)

    assert first == second
    assert threading.get_ident() != first
    caller.close()
    assert wait_until_ended(str(first))


def test_a_collected_caller_ends_its_thread() -> None:
    """A caller that was garbage-collected without being closed leaves no thread behind."""
    caller = ThreadCaller()
    thread = make_call(caller, threading.get_ident)
    del caller

    assert wait_until_ended(str(thread))


def test_a_process_does_not_wait_for_a_caller() -> None:
    """The thread is a daemon: a process ends although a call hangs."""
    caller = ThreadCaller()
    assert True is make_call(caller, lambda: threading.current_thread().daemon)
    caller.close()


def test_what_a_call_raises_is_raised_where_it_is_waited_for() -> None:
    """An interrupt inside a call is raised in the waiting thread; the caller can be used again."""
    caller = ThreadCaller()

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_call(caller, interrupt)
    assert 3 == make_call(caller, lambda: 3)
    caller.close()


def test_a_call_that_takes_too_long_is_abandoned() -> None:
    """After its limit a call is not waited for; its late result is still delivered."""
    caller, go, delivered = ThreadCaller(), threading.Event(), threading.Event()
    heard: list[object] = []

    def answer_late(answer: object) -> None:
        heard.append(answer)
        delivered.set()

    def slow() -> str:
        go.wait(TIME_LIMIT)
        return "at last"

    assert wait_until(lambda: count_abandoned() == 0)  # calls that other tests abandoned have ended
    with pytest.raises(TookTooLong):
        make_call(caller, slow, seconds=0.01, late=answer_late)
    assert ([], 1) == (heard, count_abandoned())
    go.set()

    assert delivered.wait(TIME_LIMIT)
    assert ["at last"] == heard
    assert wait_until(lambda: count_abandoned() == 0)


def test_the_error_of_an_abandoned_call_is_not_delivered() -> None:
    """If an abandoned call fails, nothing is delivered."""
    caller, go = ThreadCaller(), threading.Event()
    heard: list[object] = []
    thread = make_call(caller, threading.get_ident)

    def fail() -> None:
        go.wait(TIME_LIMIT)
        raise ValueError

    with pytest.raises(TookTooLong):
        make_call(caller, fail, seconds=0.01, late=heard.append)
    go.set()

    assert wait_until_ended(str(thread))
    assert [] == heard


def test_beats_come_while_a_call_is_waited_for() -> None:
    """The caller beats at intervals during a call, and stops when the answer is there."""
    caller, go = ThreadCaller(), threading.Event()
    beats: list[float] = []

    def beat() -> None:
        beats.append(time.monotonic())
        if len(beats) == 3:
            go.set()

    make_call(caller, lambda: go.wait(TIME_LIMIT), every=0.01, beat=beat)

    assert 3 <= len(beats) < 100
    assert all(later - earlier >= 0.009 for earlier, later in pairwise(beats))
    caller.close()


def test_a_beat_can_break_off_the_waiting() -> None:
    """An error that a beat raises abandons the call, and the answer is delivered later."""
    caller, go, delivered = ThreadCaller(), threading.Event(), threading.Event()

    def beat() -> None:
        raise TookTooLong

    with pytest.raises(TookTooLong):
        make_call(
            caller,
            lambda: go.wait(TIME_LIMIT),
            every=0.01,
            beat=beat,
            late=lambda _answer: delivered.set(),
        )
    go.set()
    assert delivered.wait(TIME_LIMIT)


def test_an_answer_before_an_interrupt_is_delivered() -> None:
    """An interrupt between a call's end and its record loses no answer."""
    caller, answered = ThreadCaller(), threading.Event()
    heard: list[object] = []

    def work() -> None:
        assert answered.wait(TIME_LIMIT)
        time.sleep(0.05)
        raise KeyboardInterrupt

    def act() -> str:
        answered.set()
        return "booked"

    with pytest.raises(KeyboardInterrupt):
        make_call(caller, act, late=heard.append, meanwhile=work)
    assert ["booked"] == heard
    caller.close()


def test_something_is_done_meanwhile() -> None:
    """The waiting thread runs a function of its own while the call runs."""
    caller, begun = ThreadCaller(), threading.Event()
    assert True is make_call(caller, lambda: begun.wait(TIME_LIMIT), meanwhile=begun.set)
    caller.close()
