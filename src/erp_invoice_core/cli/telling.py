"""How verdicts and results are told to a person: every reason, what to do, who can do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..flow import WaitFor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..flow import Wait
    from ..verdict import Denial, Notice, Verdict
    from .text import Screen

__all__ = ["tell_answer", "tell_denial", "tell_notice", "tell_wait"]

_FOR = {
    WaitFor.TIME: "a worker",
    WaitFor.LOOK_UP: "a look-up",
    WaitFor.PERSON: "a person",
    WaitFor.ADAPTER: "an adapter",
}


def tell_denial(screen: Screen, reason: Denial) -> None:
    """Write the reason's code and sentence, then what would remove it and who can do that."""
    screen.line(f"{reason.code} ({reason.source.value})", style="red", indent=2)
    screen.line(reason.message, indent=4)
    for number, together in enumerate(reason.remedies):
        for place, remedy in enumerate(together):
            heading = "Then" if place else "Or" if number else "To do"
            screen.line(f"{heading}: {remedy.message}", indent=4)
            screen.line(f"Who: {remedy.who}", indent=4)


def tell_notice(screen: Screen, note: Notice) -> None:
    """Write the notice's code and sentence."""
    screen.line(f"{note.code} (notice)", style="yellow", indent=2)
    screen.line(note.message, indent=4)


def tell_wait(screen: Screen, wait: Wait, id_: str | None = None, *, indent: int = 0) -> None:
    """Write what an invoice waits for, why, and when a worker looks at it next."""
    name = "" if id_ is None else f"{id_}: "
    screen.line(f"{name}waits for {_FOR[wait.waits_for]} ({wait.code})", indent=indent)
    screen.line(wait.message, indent=indent + 4)
    if wait.until is not None:
        moment = wait.until.strftime("%Y-%m-%d %H:%M:%S")
        screen.line(f"Next: {moment} UTC", indent=indent + 4)


def tell_answer(screen: Screen, heading: str, verdict: Verdict) -> None:
    """Write what was answered for one invoice, with all its reasons and notices."""
    screen.line(heading, style="bold green" if verdict.allowed else "bold red")
    _all(screen, verdict.denials, verdict.notices)


def _all(screen: Screen, denials: Iterable[Denial], notices: Iterable[Notice]) -> None:
    for reason in denials:
        tell_denial(screen, reason)
    for note in notices:
        tell_notice(screen, note)
