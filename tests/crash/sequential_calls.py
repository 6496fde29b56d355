"""Calls in the thread that waits for them: points have one order."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from erp_invoice_core.worker.callers import do_nothing

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class SequentialCalls:
    """Makes each call in the thread that waits, after what is to be done meanwhile."""

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
        """Make a call; it has all the time that it takes."""
        meanwhile()
        return act()

    def close(self) -> None:
        """Take no other call."""
