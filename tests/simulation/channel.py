"""Adapter calls in virtual time, on threads that a worker may abandon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import attrs

from erp_invoice_core.adapters.callers import TookTooLong, do_nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from .process import Process
    from .scheduler import Scheduler

_T = TypeVar("_T")


@attrs.define
class _Task(Generic[_T]):
    """A call and, once it is over, its answer: a value or an error."""

    act: Callable[[], _T]
    late: Callable[[_T], None]
    owner: Process
    answers: list[_T] = attrs.Factory(list)
    failures: list[Exception] = attrs.Factory(list)
    is_left: bool = False

    @property
    def is_over(self) -> bool:
        """Return whether it was answered."""
        return bool(self.answers or self.failures)

    def run(self, scheduler: Scheduler) -> None:
        """Make the call; wake the owner if it still waits, else give the answer to ``late``."""
        try:
            self.answers.append(self.act())
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            self.failures.append(error)
        if not self.is_left:
            scheduler.wake(self.owner)
        elif self.answers:
            self.late(self.answers[0])


class SimulatedChannel:
    """The channel of a worker to the fake ERPs, on the scheduler's time."""

    def __init__(self, scheduler: Scheduler) -> None:
        """Make calls on that scheduler."""
        self._scheduler = scheduler

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
        Make a call; outside of any process it is made without switching.

        Raises:
            TookTooLong: The call was abandoned.
        """
        owner = self._scheduler.current
        if owner is None:
            meanwhile()
            return act()
        task = _Task(act, late, owner)
        self._scheduler.spawn(f"{owner.name}, calling", lambda: task.run(self._scheduler), of=owner)
        try:
            meanwhile()
            self._wait(task, self._scheduler.after(seconds).timestamp(), every, beat)
        except Exception:
            if task.answers:
                late(task.answers[0])
            task.is_left = True
            raise
        if task.failures:
            raise task.failures[0]
        return task.answers[0]

    def _wait(self, task: _Task[_T], ends: float, every: float, beat: Callable[[], None]) -> None:
        while not task.is_over:
            left = ends - self._scheduler.now.timestamp()
            self._scheduler.sleep(max(0.0, min(every, left)))
            if task.is_over:
                return
            if left > every:
                beat()
            else:
                raise TookTooLong

    def close(self) -> None:
        """Take no other call; there is nothing to release."""
