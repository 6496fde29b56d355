"""An error of foreign code ends its call, and nothing else."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.adapters.containment import (
    Raised,
    call_contained,
    describe_exception,
    format_traceback,
    read_class_name,
    watch_handlers,
)
from erp_invoice_core.adapters.redaction import Redaction

if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


class Mute(Exception):
    """An exception whose text cannot be read."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class Ends(BaseException):
    """An exception whose text ends the process, unless that is prevented."""

    def __str__(self) -> str:
        raise SystemExit(3)


ODD = [
    ValueError("no"),
    SystemExit(1),
    KeyboardInterrupt(),
    GeneratorExit(),
    asyncio.CancelledError(),
    MemoryError(),
    RecursionError(),
    StopIteration(5),
    Mute(),
    Ends(),
    BaseExceptionGroup("several", [KeyboardInterrupt(), ValueError("no")]),
]


def raise_error(error: BaseException) -> NoReturn:
    """Raise it."""
    raise error


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
def test_whatever_is_raised_is_contained(error: BaseException) -> None:
    """Every kind of exception is returned, and can be named and formatted."""
    outcome = call_contained(lambda: raise_error(error))
    assert Raised(error) == outcome
    name = type(error).__name__
    assert name == read_class_name(error)
    assert describe_exception(error).startswith(name)
    assert name in format_traceback(error)


def test_a_value_is_returned() -> None:
    """The return value of a call without an exception is returned."""
    assert 5 == call_contained(lambda: 5)


def test_an_unreadable_text_is_replaced() -> None:
    """The message for an exception whose text raises has its class."""
    assert "Mute (its text cannot be read)" == describe_exception(Mute())
    assert "Ends (its text cannot be read)" == describe_exception(Ends())


def test_tracebacks_have_no_secret() -> None:
    """Neither the messages nor the lines of code in a traceback have a secret."""
    outcome = call_contained(lambda: raise_error(RuntimeError("401 for tok-12345678")))
    assert isinstance(outcome, Raised)
    text = format_traceback(outcome.error, Redaction(("tok-12345678",)))
    assert "RuntimeError: 401 for [secret]" in text
    assert "tok-12345678" not in text


def test_long_errors_are_cut() -> None:
    """Of an error of 20 MB a readable part is kept."""
    error = RuntimeError("x" * 20_000_000)
    assert 2100 > len(describe_exception(error))
    assert 20_100 > len(format_traceback(error))


def test_the_process_own_signals_are_not_contained() -> None:
    """An exception from a handler of SIGINT is raised: it is meant for the process."""

    def interrupt() -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        call_contained(interrupt)
    assert before is signal.getsignal(signal.SIGINT)


def test_a_handler_that_raises_nothing_contains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a handler only notes the signal, later exceptions are contained."""
    seen: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        seen.append(number)

    def interrupt() -> None:
        signal.raise_signal(signal.SIGTERM)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, note)
    try:
        assert isinstance(call_contained(interrupt), Raised)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert [signal.SIGTERM] == seen


def test_calls_share_the_watch_around_them() -> None:
    """Inside of a watch a call replaces no handler, and still raises what is for the process."""

    def interrupt() -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with watch_handlers():
        watching = signal.getsignal(signal.SIGINT)
        assert before is not watching
        assert watching is call_contained(lambda: signal.getsignal(signal.SIGINT))
        assert isinstance(call_contained(lambda: raise_error(KeyboardInterrupt())), Raised)
        with pytest.raises(KeyboardInterrupt):
            call_contained(interrupt)
    assert before is signal.getsignal(signal.SIGINT)


def test_an_earlier_signal_does_not_concern_a_later_call() -> None:
    """Once the exception of a handler was raised, later exceptions are contained."""

    def interrupt() -> None:
        signal.raise_signal(signal.SIGINT)

    with watch_handlers():
        with pytest.raises(KeyboardInterrupt):
            call_contained(interrupt)
        assert isinstance(call_contained(lambda: raise_error(ValueError("no"))), Raised)


def test_a_handler_set_inside_of_a_watch_is_watched() -> None:
    """The called code may set a handler of its own: it stays, and its exceptions are raised."""
    ending = SystemExit(143)

    def end(_number: int, _frame: FrameType | None) -> None:
        raise ending

    def terminate() -> None:
        signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    try:
        with watch_handlers():
            call_contained(lambda: signal.signal(signal.SIGTERM, end))
            with pytest.raises(SystemExit):
                call_contained(terminate)
        assert end is signal.getsignal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_other_threads_leave_the_handlers_alone() -> None:
    """Only the main thread may replace handlers; a call in another thread is contained."""
    seen: list[object] = []

    def call() -> None:
        before = signal.getsignal(signal.SIGINT)
        seen.append(call_contained(lambda: signal.getsignal(signal.SIGINT) is before))
        seen.append(call_contained(lambda: raise_error(KeyboardInterrupt())))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    same, raised = seen
    assert same is True
    assert isinstance(raised, Raised)
