"""Contained calls of plugins and hosts: an exception is returned, not raised."""

from __future__ import annotations

import signal
import threading
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import attrs

from .redaction import NO_SECRETS, Redaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import FrameType

    _Handler = Callable[[int, FrameType | None], object]

_T = TypeVar("_T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: The most frames and characters of a traceback that are kept.
_FRAMES = 20
_LONGEST = 20_000


class ProcessEnd(BaseException):
    """The simulation raises this to end a process; it is never contained."""


@attrs.frozen
class Raised:
    """The exception that a call raised."""

    error: BaseException


def call_contained(act: Callable[[], _T]) -> _T | Raised:
    """
    Return the result of a call, or its exception of any kind as :class:`Raised`.

    Callers test the result with ``isinstance``, and an object of a plugin may raise even then. An
    ``act`` that returns such an object therefore returns it in a tuple.

    An exception that a handler of SIGINT or SIGTERM raises during the call is raised here, because
    it is meant for the process. If the called code has replaced the watched handlers, an exception
    that is not an :class:`Exception` is raised here, too: it may come from a new handler.
    """
    watch = _watch if threading.current_thread() is threading.main_thread() else _NO_WATCH
    if watch is None:
        with watch_handlers():
            return call_contained(act)
    before = len(watch.raised)
    try:
        return act()
    except ProcessEnd:
        raise
    except BaseException as error:
        if len(watch.raised) == before:
            # Only now, because to ask for the handlers takes longer than most calls (benchmark 4a).
            if not isinstance(error, Exception) and not watch.is_installed():
                raise
            return Raised(error)
    raise watch.raised[-1]


@attrs.frozen(eq=False)
class _Watch:
    """
    The signal handlers that replace those of the process and record the exceptions they raise.

    Attributes:
        handlers: The handler of each watched signal; one that is not a function is not replaced.
        raised: The exceptions that these handlers have raised.
    """

    handlers: Mapping[signal.Signals, object]
    raised: list[BaseException]

    def is_installed(self) -> bool:
        """Return whether these are still the handlers of the process."""
        return all(signal.getsignal(each) is handler for each, handler in self.handlers.items())


#: The watch of the main thread, if there is one.
_watch: _Watch | None = None
#: Python runs handlers in the main thread only, so that in another one there is nothing to watch.
_NO_WATCH = _Watch({}, [])


@contextmanager
def watch_handlers() -> Iterator[list[BaseException]]:
    """
    Record the exceptions of the process's signal handlers inside of the block.

    Yields the list of the recorded exceptions. A block inside of another one uses the outer list,
    because replacing the handlers takes longer than most calls. Python runs handlers in the main
    thread only; in another thread nothing is recorded.
    """
    global _watch  # noqa: PLW0603 - the handlers belong to the process, too
    if threading.current_thread() is not threading.main_thread():
        yield []
        return
    outer = _watch
    if outer is not None and outer.is_installed():
        yield outer.raised
        return
    raised: list[BaseException] = []
    former = {number: signal.getsignal(number) for number in _SIGNALS}
    watching = {
        number: _wrap_handler(handler, raised) if callable(handler) else handler
        for number, handler in former.items()
    }
    replaced = [number for number in _SIGNALS if watching[number] is not former[number]]
    try:
        for number in replaced:
            signal.signal(number, watching[number])
        _watch = _Watch(watching, raised)
        yield raised
    finally:
        _watch = outer
        for number in replaced:
            there = signal.signal(number, former[number])
            if there is not watching[number]:  # the called code has set a handler of its own
                signal.signal(number, there)


def _wrap_handler(handler: _Handler, raised: list[BaseException]) -> _Handler:
    def handle(number: int, frame: FrameType | None) -> object:
        try:
            return handler(number, frame)
        except BaseException as error:
            raised.append(error)
            raise

    return handle


def read_class_name(error: BaseException) -> str:
    """Return the name of an exception's class."""
    name = call_contained(lambda: str.__str__(type(error).__name__))
    return "Exception" if isinstance(name, Raised) else name


def describe_exception(error: BaseException, redaction: Redaction = NO_SECRETS) -> str:
    """Return the class and the text of an exception, without secrets."""
    words = call_contained(lambda: str.__str__(str(error)))
    kind = redaction.redact(read_class_name(error))
    if isinstance(words, Raised):
        return f"{kind} (its text cannot be read)"
    return f"{kind}: {redaction.redact(words)}" if words.strip() else kind


def format_traceback(error: BaseException, redaction: Redaction = NO_SECRETS) -> str:
    """Return the traceback of an exception as text, without secrets."""

    def format_lines() -> str:
        lines = traceback.TracebackException.from_exception(error, limit=-_FRAMES, compact=True)
        return "".join(lines.format())

    text = call_contained(format_lines)
    if isinstance(text, Raised):
        return describe_exception(error, redaction)
    return redaction.redact(text, _LONGEST)
