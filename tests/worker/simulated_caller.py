"""Callers for tests: a call takes as long as the test says, on the test's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

import attrs

from erp_invoice_core.adapters.callers import do_nothing
from erp_invoice_core.worker import TookTooLong

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AdvanceableClock", "SimulatedCaller"]

_T = TypeVar("_T")


class AdvanceableClock(Protocol):
    """A clock that moves when it is asked to."""

    def advance(self, seconds: float) -> None:
        """Move the clock forward by a number of seconds."""


@attrs.define
class SimulatedCaller:
    """
    Makes calls in the thread of its user; time passes on the clock, in slices.

    Attributes:
        takes: How many seconds the call with that number takes; 0 if it is absent.
        made: How many calls were made.
        left: The abandoned calls; calling one lets it finish and deliver its answer.
    """

    clock: AdvanceableClock
    durations: dict[int, float] = attrs.Factory(dict)
    count: int = 0
    abandoned: list[Callable[[], None]] = attrs.Factory(list)

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
        Let the time of the call pass, then make it.

        Raises:
            TookTooLong: The call takes longer than its limit.
        """
        takes = self.durations.get(self.count, 0.0)
        self.count += 1
        meanwhile()
        passed = 0.0
        while passed + every < min(takes, seconds):
            passed += every
            self.clock.advance(every)
            try:
                beat()
            except BaseException:
                self.abandoned.append(lambda: late(act()))
                raise
        if takes >= seconds:
            self.clock.advance(seconds - passed)
            self.abandoned.append(lambda: late(act()))
            raise TookTooLong
        self.clock.advance(takes - passed)
        return act()

    def close(self) -> None:
        """Do nothing: there is no thread to end."""
