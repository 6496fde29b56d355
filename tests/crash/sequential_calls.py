"""Calls in the thread that waits for them: points have one order."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from erp_invoice_core.adapters.callers import do_nothing

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class SequentialCalls:
    """Makes each call in the waiting thread, after the function that runs meanwhile."""

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
        """Make a call without a time limit."""
        meanwhile()
        return act()

    def close(self) -> None:
        """Do nothing: there is no thread to end."""
