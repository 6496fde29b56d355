"""Verdicts: denials and notices with their remedies."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from .values import Value, begin, finish
from .vocabulary import Action

if TYPE_CHECKING:
    from collections.abc import Iterable


_LETTERS = "abcdefghijklmnopqrstuvwxyz_"
_LETTERS_AND_DIGITS = f"{_LETTERS}0123456789"


class Source(Enum):
    """The origin of a denial: a kind of rule, a person or the ERP; it orders the denials."""

    FEATURE = "feature"  #: The ERP integration does not support it.
    PERMISSION = "permission"  #: The person lacks a permission.
    STATUS = "status"  #: The action is not possible from this status.
    CONDITION = "condition"  #: The document or the entry is not ready for it.
    ADAPTER = "adapter"  #: The adapter's own check.
    PERSON = "person"  #: A person rejected it.
    ERP = "erp"  #: The ERP refused it.


_RANK = {source: rank for rank, source in enumerate(Source)}


@lru_cache(maxsize=1024)
def _is_code(value: str) -> bool:
    first, *others = value.split(".")
    # The first word may be the key of an adapter, which may have digits.
    if not first or first[0] not in _LETTERS or first.strip(_LETTERS_AND_DIGITS):
        return False
    return bool(others) and not any(not word or word.strip(_LETTERS) for word in others)


def _check_code(_instance: object, _attribute: object, value: str) -> None:
    if not _is_code(value):
        msg = f"A reason code must be at least two lower-case words joined by dots, not {value!r}."
        raise ValueError(msg)


def _freeze_facts(facts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(facts))


def _check_remedy_code(_instance: object, _attribute: object, value: str) -> None:
    if any(not word or word.strip(_LETTERS) for word in value.split(".")):
        msg = f"A remedy code must be lower-case words joined by dots, not {value!r}."
        raise ValueError(msg)


@attrs.frozen(eq=False, repr=False)
class Remedy(Value):
    """
    One thing that a person can do to remove a denial, and who can do it.

    Attributes:
        code: Stable and public, as the code of a denial; it may be retired and is never reused.
        action: The action of this library that does it; ``None`` if it is done elsewhere.
        fact: The fact of the case that has to change; ``None`` if it is not a single one.
        who: The permissions that the policy requires for ``action``; without an action, the person
            or program, such as the company administrator.
        message: One sentence with the thing to do.
        facts: Every value in the message, from which a host can make its own translation.

    Raises:
        ValueError: The code is malformed.
    """

    code: str = attrs.field(validator=_check_remedy_code)
    action: Action | None
    fact: str | None
    who: str
    message: str
    facts: Mapping[str, str] = attrs.field(factory=dict, converter=_freeze_facts, hash=False)


def _freeze_alternatives(
    remedies: Iterable[Iterable[Remedy]],
) -> tuple[tuple[Remedy, ...], ...]:
    if isinstance(remedies, tuple) and all(map(_is_alternative, remedies)):
        return remedies
    rows = tuple(remedies)
    if any(isinstance(row, (Remedy, str)) for row in rows):
        raise TypeError(_SHAPE)
    alternatives = tuple(map(tuple, rows))
    if not all(map(_is_alternative, alternatives)):
        raise TypeError(_SHAPE)
    return alternatives


def _is_alternative(row: object) -> bool:
    if not isinstance(row, tuple) or not row:
        return False
    for each in row:  # noqa: SIM110 - a generator would cost more than the rest of a denial
        if not isinstance(each, Remedy):
            return False
    return True


_SHAPE = (
    "Remedies must be a tuple of alternatives. Each alternative is a tuple of the remedies that are"
    " needed together, as in ((first, second), (instead,))."
)


@attrs.frozen(eq=False, repr=False)
class Denial(Value):
    r"""
    One reason against an action.

    Attributes:
        code: Stable and public: ``[a-z_][a-z0-9_]*(\.[a-z_]+)+``. It may be retired and is never
            reused. Only the first word may have digits, as the key of an adapter may.
        message: The reason and the thing to do, for a person, complete without context.
        source: The origin of the denial: a kind of rule, a person or the ERP.
        facts: Every value in the message, as text; code and facts determine the message.
        remedies: Ways to remove the denial. Each alternative is a tuple of the remedies that are
            all needed, in their order.

    Raises:
        ValueError: The code is malformed.
        TypeError: The remedies are not a tuple of tuples.
    """

    code: str = attrs.field(validator=_check_code)
    message: str
    source: Source
    facts: Mapping[str, str] = attrs.field(factory=dict, converter=_freeze_facts, hash=False)
    remedies: tuple[tuple[Remedy, ...], ...] = attrs.field(
        default=(), converter=_freeze_alternatives
    )


def build_denial(
    code: str,
    message: str,
    source: Source,
    facts: Mapping[str, str],
    remedies: tuple[tuple[Remedy, ...], ...],
) -> Denial:
    """Return the denial of a rule, whose code and remedies need no check (benchmark 1c)."""
    denial = begin(Denial)
    denial.code = code
    denial.message = message
    denial.source = source
    denial.facts = _freeze_facts(facts)
    denial.remedies = remedies
    return finish(Denial, denial)


@attrs.frozen(eq=False, repr=False)
class Notice(Value):
    """
    A remark that does not affect ``allowed``: a loss, an earlier invoice, tax.

    Attributes:
        code: Its code, as ``loss.dropped``.
        message: The sentence for people.
        source: Who says it.
        facts: The values in the sentence, by name.
    """

    code: str = attrs.field(validator=_check_code)
    message: str
    source: Source
    facts: Mapping[str, str] = attrs.field(factory=dict, converter=_freeze_facts, hash=False)


def _sort_denials(denials: Iterable[Denial]) -> tuple[Denial, ...]:
    found = tuple(denials)
    if len(found) < 2:  # noqa: PLR2004 - as most often, and then there is nothing to sort
        return found
    return tuple(sorted(found, key=lambda denial: _RANK[denial.source]))


def _freeze_notices(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    return tuple(notices)


@attrs.frozen(eq=False, repr=False)
class Verdict(Value):
    """
    The answer of ``decide``: allowed or not, with every denial, in the order of :class:`Source`.

    ``allowed`` and ``bool()`` follow from the denials, so that every refusal has a reason. ``&``
    joins the denials and notices of two verdicts; ``ALLOWED`` has neither.

    Attributes:
        denials: The reasons against it.
        notices: Remarks that do not change the answer.
    """

    denials: tuple[Denial, ...] = attrs.field(default=(), converter=_sort_denials)
    notices: tuple[Notice, ...] = attrs.field(default=(), converter=_freeze_notices)

    @property
    def allowed(self) -> bool:
        """Return whether there is no denial."""
        return not self.denials

    def __bool__(self) -> bool:
        return not self.denials

    def __and__(self, other: Verdict) -> Verdict:
        if not (other.denials or other.notices):
            return self
        if not (self.denials or self.notices):
            return other
        return Verdict((*self.denials, *other.denials), (*self.notices, *other.notices))

    def require(self) -> None:
        """Raise :class:`Denied` unless allowed."""
        if self.denials:
            raise Denied(self)


#: The verdict without denials and notices.
ALLOWED = Verdict()


def deny(*denials: Denial) -> Verdict:
    """Return the verdict with these denials."""
    return Verdict(denials)


class Denied(Exception):
    """An action was refused; ``verdict`` has the reasons."""

    def __init__(self, verdict: Verdict) -> None:
        """Store the verdict; the text of the exception is its messages."""
        super().__init__(" ".join(denial.message for denial in verdict.denials))
        self.verdict = verdict
