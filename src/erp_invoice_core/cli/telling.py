"""How verdicts and results are told to a person: every reason, what to do, who can do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..verdict import Denial, Notice, Verdict
    from .text import Screen

__all__ = ["tell_answer", "tell_denial", "tell_notice"]


def tell_denial(screen: Screen, reason: Denial) -> None:
    """Write the reason's code and sentence, then what would remove it and who can do that."""
    screen.line(f"{reason.code} ({reason.source.value})", style="red", indent=2)
    screen.line(reason.message, indent=4)
    for remedy in reason.remedies:
        screen.line(f"To do: {remedy.do}", indent=4)
        screen.line(f"Who: {remedy.who}", indent=4)


def tell_notice(screen: Screen, note: Notice) -> None:
    """Write the notice's code and sentence."""
    screen.line(f"{note.code} (notice)", style="yellow", indent=2)
    screen.line(note.message, indent=4)


def tell_answer(screen: Screen, heading: str, verdict: Verdict) -> None:
    """Write what was answered for one invoice, with all its reasons and notices."""
    screen.line(heading, style="bold green" if verdict.allowed else "bold red")
    _all(screen, verdict.denials, verdict.notices)


def _all(screen: Screen, denials: Iterable[Denial], notices: Iterable[Notice]) -> None:
    for reason in denials:
        tell_denial(screen, reason)
    for note in notices:
        tell_notice(screen, note)
