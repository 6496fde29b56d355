"""
Callers: calls to code outside the worker, each with a time limit.

A worker calls the ERP and the host's attachments only through a :class:`Caller`. A call that
exceeds its limit is abandoned. The worker continues, and a later answer is passed to ``late``.
Tests and the simulation use callers of their own.
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
#: The abandoned calls of this process that still run.
_ABANDONED: set[int] = set()


class TookTooLong(Exception):
    """
    A call was abandoned, because of its time limit or the end of a shutdown's grace period.

    An answer that arrives later is passed to the function ``late`` of the call.
    """


def do_nothing() -> None:
    """Do nothing; for a call that needs no ``meanwhile`` or no ``beat``."""


def ignore(_answer: object) -> None:
    """Do nothing with a late answer; for a call whose late answer has no effect."""


class Caller(Protocol):
    """Makes calls one after another in one thread, each with a time limit."""

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
        Make a call, and return its value or raise its exception.

        After the call has started, the waiting thread calls ``meanwhile`` once, and then ``beat``
        every ``every`` seconds. If one of them raises, the call is abandoned and the error is
        raised here. A caller makes no more calls after an abandoned one.

        Args:
            act: The function that makes the call.
            seconds: The time limit.
            every: The interval of ``beat``, in seconds.
            beat: Called repeatedly during the call.
            late: Called with the value of an abandoned call, but not with its exception.
            meanwhile: Called once, during the call.

        Raises:
            TookTooLong: The call exceeded its limit.
        """
        ...

    def close(self) -> None:
        """Make no more calls, and do not wait for an abandoned one."""
        ...


def count_abandoned() -> int:
    """Return the number of abandoned calls of this process that still run."""
    return len(_ABANDONED)


@attrs.frozen
class _Value(Generic[_T]):
    """The value that a call returned."""

    value: _T


@attrs.define
class _Task(Generic[_T]):
    """A call and its value or error, for the waiting thread or for ``late``."""

    act: Callable[[], _T]
    late: Callable[[_T], None]
    answers: SimpleQueue[_Value[_T] | BaseException] = attrs.Factory(SimpleQueue)
    lock: threading.Lock = attrs.Factory(threading.Lock)
    is_abandoned: bool = False

    def run(self) -> bool:
        """Make the call; return whether a thread waited for its answer."""
        answer: _Value[_T] | BaseException
        try:
            answer = _Value(self.act())
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
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
        """Stop waiting; return whether the call still runs."""
        with self.lock:
            if not self.is_abandoned and self.answers.empty():
                self.is_abandoned = True
                _ABANDONED.add(id(self))
            return self.is_abandoned


def _serve(tasks: SimpleQueue[_Task[object] | None]) -> None:
    """Make the calls of a queue until ``None`` is taken from it, or until a call is abandoned."""
    while (task := tasks.get()) is not None:
        if not task.run():
            return
        # Drop the result (a document or a session), so that it is not kept until the next call.
        del task


class ThreadCaller:
    """Makes calls in a daemon thread, so that a running call cannot keep the process alive."""

    def __init__(self) -> None:
        """Set up without a thread; the first call starts it."""
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
        Make a call, as :meth:`Caller.call` does.

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
            # An answer that has arrived counts, even if the waiting ended for another reason.
            if not task.abandon():
                answer = task.answers.get()
                if isinstance(answer, _Value):
                    late(answer.value)
            raise
        if isinstance(answer, _Value):
            return answer.value
        raise answer

    def _hand_over(self, task: _Task[object]) -> None:
        if self._pid != os.getpid():  # the first call of a process, which may be a fork
            self._pid = os.getpid()
            threading.Thread(
                target=_serve, args=[self._tasks], name="erp-call", daemon=True
            ).start()
        self._tasks.put(task)

    def close(self) -> None:
        """End the thread after the current call."""
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
