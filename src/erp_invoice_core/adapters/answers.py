"""Answers of hooks, read: checked to the last field, and normalised before anything is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..documents import Receipt, Step
from ..exchange import (
    Absent,
    CannotTell,
    Contents,
    Deferred,
    Done,
    Found,
    Gone,
    Refused,
    Several,
    Unknown,
)
from ..vocabulary import Role
from .reading import LONGEST_ID, LONGEST_NUMBER, NotPromised, Values
from .reasons import read_verdict

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ..exchange import Outcome, Sighting
    from ..verdict import Verdict
    from .redaction import Redaction

__all__ = ["Answers", "NotPromised"]

_MOST_STEPS = 1000
_LONGEST_NAME = 1000


def _role(given: object) -> Role | None:
    if given is not None and not isinstance(given, Role):
        msg = "the role is not a Role"
        raise NotPromised(msg)
    return given


class Answers:
    """
    Reads the answers of hooks.

    Each method returns a new value of our own classes, never the object that the adapter gave, and
    raises :class:`NotPromised`. Moments come out in UTC and within bounds; texts are bounded and
    without secrets; what identifies something is taken unchanged or not at all.
    """

    def __init__(self, redaction: Redaction) -> None:
        self._values = Values(redaction)

    def plan(self, given: object, files: Collection[str] = ()) -> tuple[Step, ...]:
        """
        Return a plan: at least one step, each with a name of its own.

        A step that names an attachment must name one of those ``files``, by id.
        """
        if not isinstance(given, tuple | list) or not 0 < len(given) <= _MOST_STEPS:
            msg = f"it is not a tuple of 1 to {_MOST_STEPS} steps"
            raise NotPromised(msg)
        steps = tuple(self._step(one) for one in tuple(given))
        if len({step.name for step in steps}) < len(steps):
            msg = "two steps have the same name"
            raise NotPromised(msg)
        if any(step.attachment is not None and step.attachment not in files for step in steps):
            msg = "a step names an attachment of which no file is sent"
            raise NotPromised(msg)
        return steps

    def _step(self, given: object) -> Step:
        if not isinstance(given, Step):
            msg = "a step is not a Step"
            raise NotPromised(msg)
        name = self._values.identity(given.name, "the name of a step", _LONGEST_NAME)
        kind = self._values.identity(given.kind, "the kind of a step")
        attachment = self._values.identity_or_none(given.attachment, "the attachment of a step")
        return Step(name, kind, _role(given.role), attachment)

    def session(self, given: object) -> object:
        """Return the session as it is, or why there is none."""
        return self._deferred(given) if isinstance(given, Deferred) else given

    def verdict(self, given: object) -> Verdict | Deferred:
        """Return the verdict of a check, or why it cannot be made now."""
        if isinstance(given, Deferred):
            return self._deferred(given)
        return read_verdict(self._values, given)

    def outcome(self, given: object, step: str) -> Outcome:
        """Return an outcome of that step."""
        match given:
            case Done():
                return Done(self._receipt(given.receipt, step))
            case Refused():
                return Refused(read_verdict(self._values, given.verdict))
            case Deferred():
                return self._deferred(given)
            case Unknown():
                return Unknown(self._why(given.why))
        msg = "it is not an outcome"
        raise NotPromised(msg)

    def sighting(self, given: object, step: str) -> Sighting:
        """Return a sighting of that step's document."""
        match given:
            case Found():
                receipt = self._receipt(given.receipt, step)
                return Found(receipt, self._contents(given.contents))
            case Absent():
                return Absent(self._as_of(given.as_of))
            case Several():
                return Several(self._why(given.why))
            case CannotTell():
                return CannotTell(self._why(given.why))
        msg = "it is not a sighting"
        raise NotPromised(msg)

    def document(self, given: object) -> Contents | Gone:
        """Return what a document holds, or that it is gone."""
        if isinstance(given, Gone):
            return Gone(self._as_of(given.as_of))
        return self._contents(given)

    def _why(self, given: object) -> str:
        return self._values.words(given, "the reason")

    def _as_of(self, given: object) -> datetime:
        return self._values.moment(given, "the moment as of which it holds")

    def _deferred(self, given: Deferred) -> Deferred:
        flags = [field for field in attrs.fields(Deferred) if field.name not in {"until", "why"}]
        if not all(isinstance(getattr(given, flag.name), bool) for flag in flags):
            msg = "a flag of Deferred is not true or false"
            raise NotPromised(msg)
        until = given.until
        return Deferred(
            None if until is None else self._values.moment(until, "the moment to wait for"),
            self._why(given.why),
            **{flag.name: getattr(given, flag.name) for flag in flags},
        )

    def _receipt(self, given: object, step: str) -> Receipt:
        if not isinstance(given, Receipt):
            msg = "the receipt is not a Receipt"
            raise NotPromised(msg)
        values = self._values
        if values.plain(given.step, "the step of the receipt") != step:
            msg = "the receipt is of another step"
            raise NotPromised(msg)
        state = given.state
        return Receipt(
            step=step,
            erp_id=values.identity(given.erp_id, "the ERP id"),
            role=_role(given.role),
            number=values.identity_or_none(given.number, "the number in the ERP", LONGEST_NUMBER),
            state=None if state is None else values.words(state, "the state", LONGEST_ID),
            digest=values.identity(given.digest, "the digest"),
        )

    def _contents(self, given: object) -> Contents:
        if not isinstance(given, Contents):
            msg = "it is not Contents"
            raise NotPromised(msg)
        values = self._values
        return Contents(
            vendor=values.identity_or_none(given.vendor, "the vendor"),
            number=values.identity_or_none(given.number, "the number in the ERP", LONGEST_NUMBER),
            amount=values.amount(given.amount, "the amount"),
            date=values.day(given.date, "the date"),
            key=values.identity_or_none(given.key, "the key", LONGEST_NUMBER),
            digest=values.identity_or_none(given.digest, "the digest"),
        )
