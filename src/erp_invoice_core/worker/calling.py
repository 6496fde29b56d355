"""The seam between a worker and what it waits for outside: calls, each bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Caller", "TookTooLong", "nothing", "unheard"]

_T = TypeVar("_T")


class TookTooLong(Exception):
    """A call was left behind: what it answers in the end goes to its ``late``."""


def nothing() -> None:
    """Do nothing: a call with nothing to do meanwhile."""


def unheard(_answer: object) -> None:
    """Take no notice: an answer that came too late and changes nothing."""


class Caller(Protocol):
    """
    Who makes the calls of one line to an ERP, one after the other, in one thread.

    This is the seam between a worker and everything outside that it waits for.
    """

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
        Make a call and return what it returns, or raise what it raises.

        Once it is handed over ``meanwhile`` is done, and then ``beat`` every so many seconds, both
        in the thread that waits. What they raise leaves the call behind and is raised here. After
        a call was left behind this caller takes no other.

        Args:
            act: The call.
            seconds: After so many the call is left behind.
            every: How often to beat, in seconds.
            beat: Says that the call is still waited for.
            late: Told what a call that was left behind returned; never what it raised.
            meanwhile: Done while the call is made, before it is waited for.

        Raises:
            TookTooLong: The call was left behind.
        """
        ...

    def close(self) -> None:
        """Take no other call; one that was left behind is not waited for."""
        ...
