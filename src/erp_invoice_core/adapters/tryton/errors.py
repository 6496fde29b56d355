"""The errors of a request to Tryton: not sent, lost answer, rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...exchange import Deferred

if TYPE_CHECKING:
    from datetime import datetime


class TrytonError(Exception):
    """A request to Tryton failed, or Tryton lacks something that a setting names."""


class NotSent(TrytonError):
    """Tryton has not carried the request out and never will, so it may be sent again."""

    def __init__(
        self, why: str, *, until: datetime | None = None, needs_person: bool = False
    ) -> None:
        """Store the reason, the time to wait for, and whether only a person can repair it."""
        super().__init__(why)
        self.until, self.needs_person = until, needs_person


class AnswerLost(TrytonError):
    """No valid answer arrived, so Tryton may have carried the request out."""


class Rejected(TrytonError):
    """Tryton rejected the request and wrote nothing; the text is Tryton's own sentence."""

    def __init__(self, why: str, status: int) -> None:
        """Store the sentence and the status."""
        super().__init__(why)
        self.status = status


class WrongSetting(TrytonError):
    """A setting of the connection names a record that Tryton lacks, or Tryton lacks a module."""


def defer(error: TrytonError) -> Deferred:
    """Return the deferral of a step for an error that came before the step wrote anything."""
    if isinstance(error, NotSent):
        return Deferred(error.until, str(error), needs_person=error.needs_person)
    return Deferred(None, str(error), needs_person=not isinstance(error, AnswerLost))
