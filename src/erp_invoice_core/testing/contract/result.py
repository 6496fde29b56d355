"""The results of a check: proved, refuted, not proved, not declared."""

from __future__ import annotations

from enum import Enum
from typing import NoReturn


class CheckResult(Enum):
    """How a check ended."""

    PROVED = "proved"  #: The adapter does what its declaration says.
    REFUTED = "refuted"  #: It does not.
    NOT_PROVED = "not_proved"  #: It could not be tried here.
    NOT_DECLARED = "not_declared"  #: The declaration says nothing that the check is about.


class Refuted(AssertionError):
    """The adapter does not do what its declaration says."""

    def __init__(self, declared: str, seen: object, look_at: str) -> None:
        """
        Store the promise and the answer that breaks it, and build the message from both.

        Args:
            declared: The promise of the declaration or the hook, as a sentence.
            seen: The answer of the adapter, or the content of the ERP, that breaks the promise.
            look_at: The line of the declaration or the hook to look at.
        """
        # The seen act is often a sentence of the adapter, which has its full stop.
        super().__init__(f"{declared} Seen: {str(seen).removesuffix('.')}. Look at {look_at}.")
        self.declared, self.seen, self.look_at = declared, str(seen), look_at


class NotProved(Exception):
    """The check could not be tried here; the text says why."""


def refute(declared: str, seen: object, look_at: str) -> NoReturn:
    """End a check as refuted, by raising :class:`Refuted`."""
    raise Refuted(declared, seen, look_at)


def require(condition: object, declared: str, seen: object, look_at: str) -> None:
    """End a check as refuted, by raising :class:`Refuted`, unless the condition is true."""
    if not condition:
        raise Refuted(declared, seen, look_at)
