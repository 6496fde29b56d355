"""
Callers: calls to code outside the worker, each with a time limit.

A worker reaches the ERP and the host's attachments through a :class:`Caller` alone. A call that
exceeds its limit is abandoned: the worker goes on, and the answer, if one comes, is passed to
``late``. Tests and the simulation use callers of their own.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
#: The abandoned calls of this process that are still running.
_ABANDONED: set[int] = set()


class TookTooLong(Exception):
    """A call was abandoned; its answer, if one comes, is passed to its ``late``."""


def do_nothing() -> None:
    """Do nothing while a call is waited for."""


def ignore(_answer: object) -> None:
    """Ignore an answer that came too late and changes nothing."""


class Caller(Protocol):
    """Makes calls one after the other, in one thread."""

    def call(
        self,
        act: Callable[[], _T],
        *,
        seconds: float,
        every: float,
        beat: Callable[[], None],
        late: Callable[[_T], None],
        meanwhile: Callable[[], None] = do_nothing,
    ) -> _T:
        """
        Make a call and return what it returns, or raise what it raises.

        Once the call is handed over the waiting thread does ``meanwhile``, and then ``beat`` every
        ``every`` seconds. If one of them raises, the call is abandoned and the error raised here.
        After it abandoned a call this caller takes no other.

        Args:
            act: The call.
            seconds: The time limit.
            every: The interval of ``beat``, in seconds.
            beat: Called while the call is waited for.
            late: Called with what an abandoned call returned; never with what it raised.
            meanwhile: Called once, before the call is waited for.

        Raises:
            TookTooLong: The call exceeded its limit.
        """
        ...

    def close(self) -> None:
        """Take no other call; an abandoned one is not waited for."""
        ...


def count_abandoned() -> int:
    """Return the number of abandoned calls of this process that are still running."""
    return len(_ABANDONED)


@attrs.frozen
class _Value(Generic[_T]):
    """The value that a call returned."""

    value: _T


@attrs.define
class _Task(Generic[_T]):
    """A call and its answer, a value or an error: for the thread that waits, or for ``late``."""

    act: Callable[[], _T]
    late: Callable[[_T], None]
    answers: SimpleQueue[_Value[_T] | BaseException] = attrs.Factory(SimpleQueue)
    lock: threading.Lock = attrs.Factory(threading.Lock)
    is_abandoned: bool = False

    def run(self) -> bool:
        """Make the call; return whether its answer was waited for."""
        answer: _Value[_T] | BaseException
        try:
            answer = _Value(self.act())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            answer = error
        with self.lock:
            if not self.is_abandoned:
                self.answers.put(answer)
                return True
        try:
            if isinstance(answer, _Value):
                self.late(answer.value)
        finally:
            _ABANDONED.discard(id(self))
        return False

    def abandon(self) -> bool:
        """Stop waiting; return whether the call is still running."""
        with self.lock:
            if not self.is_abandoned and self.answers.empty():
                self.is_abandoned = True
                _ABANDONED.add(id(self))
            return self.is_abandoned


def _serve(tasks: SimpleQueue[_Task[object] | None]) -> None:
    """Make calls until ``None`` comes, or until a call was abandoned."""
    while (task := tasks.get()) is not None:
        if not task.run():
            return
        # Drop the result (a document or a session), so that it is not kept until the next call.
        del task


class ThreadCaller:
    """Makes calls in a daemon thread of its own, which a process does not wait for at its end."""

    def __init__(self) -> None:
        """Start no thread before the first call."""
        self._tasks: SimpleQueue[_Task[object] | None] = SimpleQueue()
        self._pid = 0
        weakref.finalize(self, self._tasks.put, None)

    def call(
        self,
        act: Callable[[], _T],
        *,
        seconds: float,
        every: float,
        beat: Callable[[], None],
        late: Callable[[_T], None],
        meanwhile: Callable[[], None] = do_nothing,
    ) -> _T:
        """
        Make a call.

        Raises:
            TookTooLong: The call exceeded its limit.
        """
        task = _Task(act, late)
        ends = time.monotonic() + seconds
        self._hand_over(task)  # type: ignore[arg-type]  # the thread hands each its own back
        try:
            meanwhile()
            answer = _wait(task, ends, every, beat)
        except BaseException:
            # An answer that is here already counts, whatever ended the waiting.
            if not task.abandon():
                answer = task.answers.get()
                if isinstance(answer, _Value):
                    late(answer.value)
            raise
        if isinstance(answer, _Value):
            return answer.value
        raise answer

    def _hand_over(self, task: _Task[object]) -> None:
        if self._pid != os.getpid():  # the first call, or the first after a fork
            self._pid = os.getpid()
            threading.Thread(
                target=_serve, args=[self._tasks], name="erp-call", daemon=True
            ).start()
        self._tasks.put(task)

    def close(self) -> None:
        """End the thread after its present call."""
        self._tasks.put(None)


def _wait(
    task: _Task[_T], ends: float, every: float, beat: Callable[[], None]
) -> _Value[_T] | BaseException:
    while True:
        left = ends - time.monotonic()
        try:
            return task.answers.get(timeout=max(0.0, min(every, left)))
        except Empty:
            if left > every:
                beat()
            elif task.abandon():
                raise TookTooLong from None
