"""Callers under a test's hand: calls that take as long as the test says, without waiting for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

import attrs

from erp_invoice_core.worker import TookTooLong
from erp_invoice_core.worker.callers import do_nothing

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Passing", "Patient"]

_T = TypeVar("_T")


class Passing(Protocol):
    """Time that passes when it is told to."""

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""


@attrs.define
class Patient:
    """
    Makes calls in the caller's own thread; time passes on the clock, in slices.

    Attributes:
        takes: How many seconds the call of that number takes; 0 where nothing is said.
        made: How many calls were made.
        left: What calls that were left behind will say, when they are let go on.
    """

    clock: Passing
    takes: dict[int, float] = attrs.Factory(dict)
    made: int = 0
    left: list[Callable[[], None]] = attrs.Factory(list)

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
        Let the call's time pass, then make it.

        Raises:
            TookTooLong: Its time is more than it was given.
        """
        takes = self.takes.get(self.made, 0.0)
        self.made += 1
        meanwhile()
        passed = 0.0
        while passed + every < min(takes, seconds):
            passed += every
            self.clock.advance(every)
            try:
                beat()
            except BaseException:
                self.left.append(lambda: late(act()))
                raise
        if takes >= seconds:
            self.clock.advance(seconds - passed)
            self.left.append(lambda: late(act()))
            raise TookTooLong
        self.clock.advance(takes - passed)
        return act()

    def close(self) -> None:
        """Take no other call."""
