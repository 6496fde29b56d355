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
    from collections.abc import Callable, Iterator
    from types import FrameType


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

    An object of a plugin may raise even when its class is read, so ``act`` returns it in a tuple.

    An exception that a handler of SIGINT or SIGTERM raises during the call is raised here, because
    it is meant for the process. Python runs such handlers in the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        try:
            return act()
        except ProcessEnd:
            raise
        except BaseException as error:  # noqa: BLE001 - the caller judges it
            return Raised(error)
    with _watch_handlers() as raised:
        try:
            return act()
        except ProcessEnd:
            raise
        except BaseException as error:  # noqa: BLE001 - the caller judges it
            if not raised:
                return Raised(error)
    raise raised[-1]


@contextmanager
def _watch_handlers() -> Iterator[list[BaseException]]:
    """Record the exceptions of signal handlers inside of the block."""
    raised: list[BaseException] = []
    watched = {}
    for number in _SIGNALS:
        handler = signal.getsignal(number)
        if callable(handler):
            watched[number] = handler, _wrap_handler(handler, raised)
    try:
        for number, (_, watching) in watched.items():
            signal.signal(number, watching)
        yield raised
    finally:
        for number, (handler, watching) in watched.items():
            if (
                signal.getsignal(number) is watching
            ):  # otherwise the called code has set a handler of its own
                signal.signal(number, handler)


def _wrap_handler(
    handler: Callable[[int, FrameType | None], object], raised: list[BaseException]
) -> Callable[[int, FrameType | None], object]:
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
