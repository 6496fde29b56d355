"""Calls in a thread of their own, left behind when they take too long."""

from __future__ import annotations

import os
import threading
import time
import weakref
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from .calling import TookTooLong, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ThreadCaller", "left_behind"]

_T = TypeVar("_T")
#: The calls of this process that nobody waits for, and that are under way still.
_LEFT: set[int] = set()


def left_behind() -> int:
    """Return how many calls of this process were left behind and are under way still."""
    return len(_LEFT)


@attrs.frozen
class _Value(Generic[_T]):
    """What a call returned."""

    value: _T


@attrs.define
class _Task(Generic[_T]):
    """A call, and its answer: a value or an error, told to whoever waits, else to ``late``."""

    act: Callable[[], _T]
    late: Callable[[_T], None]
    answers: SimpleQueue[_Value[_T] | BaseException] = attrs.Factory(SimpleQueue)
    lock: threading.Lock = attrs.Factory(threading.Lock)
    is_left: bool = False

    def run(self) -> bool:
        """Make the call; return whether anybody waited for its answer."""
        answer: _Value[_T] | BaseException
        try:
            answer = _Value(self.act())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            answer = error
        with self.lock:
            if not self.is_left:
                self.answers.put(answer)
                return True
        try:
            if isinstance(answer, _Value):
                self.late(answer.value)
        finally:
            _LEFT.discard(id(self))
        return False

    def leave(self) -> bool:
        """Wait no longer; return whether the call is under way still."""
        with self.lock:
            if not self.is_left and self.answers.empty():
                self.is_left = True
                _LEFT.add(id(self))
            return self.is_left


def _serve(tasks: SimpleQueue[_Task[object] | None]) -> None:
    """Make calls until told to end, or until one was left behind."""
    while (task := tasks.get()) is not None:
        if not task.run():
            return
        # What it returned, a document or a session, must not live until the next call comes.
        del task


class ThreadCaller:
    """Makes calls in a daemon thread of its own, which a process does not wait for at its end."""

    def __init__(self) -> None:
        """Begin no thread before the first call."""
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
        meanwhile: Callable[[], None] = nothing,
    ) -> _T:
        """
        Make a call.

        Raises:
            TookTooLong: The call was left behind.
        """
        task = _Task(act, late)
        ends = time.monotonic() + seconds
        self._hand_over(task)  # type: ignore[arg-type]  # the thread hands each its own back
        try:
            meanwhile()
            answer = _waited(task, ends, every, beat)
        except BaseException:
            # An answer that is here already is no less true for what broke off the waiting.
            if not task.leave():
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


def _waited(
    task: _Task[_T], ends: float, every: float, beat: Callable[[], None]
) -> _Value[_T] | BaseException:
    while True:
        left = ends - time.monotonic()
        try:
            return task.answers.get(timeout=max(0.0, min(every, left)))
        except Empty:
            if left > every:
                beat()
            elif task.leave():
                raise TookTooLong from None
