"""Why not: the one type through which every refusal speaks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from .values import Value
from .vocabulary import Action

if TYPE_CHECKING:
    from collections.abc import Iterable


_LETTERS = "abcdefghijklmnopqrstuvwxyz_"


class Source(Enum):
    """Which kind of rule spoke, in the order in which reasons are given."""

    FEATURE = "feature"  #: The ERP integration does not support it.
    PERMISSION = "permission"  #: The person may not.
    STATUS = "status"  #: Not from this status.
    CONDITION = "condition"  #: The document or the entry is not ready for it.
    ADAPTER = "adapter"  #: The adapter's own check.
    PERSON = "person"  #: Somebody rejected it.
    ERP = "erp"  #: The ERP refused it.


_RANK = {source: rank for rank, source in enumerate(Source)}


def _code(_instance: object, _attribute: object, value: str) -> None:
    words = value.split(".")
    if len(words) == 1 or any(not word or word.strip(_LETTERS) for word in words):
        msg = f"{value!r} is no reason code: lower-case words joined by dots, at least two of them."
        raise ValueError(msg)


def _facts(facts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(facts))


def _remedy_code(_instance: object, _attribute: object, value: str) -> None:
    if any(not word or word.strip(_LETTERS) for word in value.split(".")):
        msg = f"{value!r} is no remedy code: lower-case words joined by dots."
        raise ValueError(msg)


@attrs.frozen(eq=False, repr=False)
class Remedy(Value):
    """
    One thing that helps to remove a denial, and who can do it.

    Attributes:
        code: Stable, public, like the code of a denial: retired one day perhaps, never reused.
        action: The action of ours that does it; ``None``: it happens elsewhere.
        fact: The fact of the case that has to change; ``None``: the remedy concerns no single one.
        who: The permissions that the policy asks for, where an action of ours does it; else a role.
        message: One sentence that tells what to do.
        facts: Every value of the message, for a host's own translation.

    Raises:
        ValueError: The code is malformed.
    """

    code: str = attrs.field(validator=_remedy_code)
    action: Action | None
    fact: str | None
    who: str
    message: str
    facts: Mapping[str, str] = attrs.field(factory=dict, converter=_facts, hash=False)


def _alternatives(
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
    "Give remedies as a tuple of alternatives, each of them a tuple of the remedies that are"
    " needed together: ((first, second), (instead,))."
)


@attrs.frozen(eq=False, repr=False)
class Denial(Value):
    r"""
    One reason why not.

    Attributes:
        code: Stable, public: ``[a-z_]+(\\.[a-z_]+)+``. Retired one day perhaps, never reused.
        message: One sentence that tells a person what to do, complete without context.
        source: Which kind of rule spoke.
        facts: Every value of the message, as text: code and facts determine the sentence.
        remedies: What would remove the denial: alternatives, each a tuple of the remedies that are
            all needed, in their order.

    Raises:
        ValueError: The code is malformed.
        TypeError: The remedies are no tuple of tuples.
    """

    code: str = attrs.field(validator=_code)
    message: str
    source: Source
    facts: Mapping[str, str] = attrs.field(factory=dict, converter=_facts, hash=False)
    remedies: tuple[tuple[Remedy, ...], ...] = attrs.field(default=(), converter=_alternatives)


@attrs.frozen(eq=False, repr=False)
class Notice(Value):
    """Something worth knowing that never affects ``allowed``: a loss, an earlier invoice, tax."""

    code: str = attrs.field(validator=_code)
    message: str
    source: Source
    facts: Mapping[str, str] = attrs.field(factory=dict, converter=_facts, hash=False)


def _ordered(denials: Iterable[Denial]) -> tuple[Denial, ...]:
    return tuple(sorted(denials, key=lambda denial: _RANK[denial.source]))


def _kept(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    return tuple(notices)


@attrs.frozen(eq=False, repr=False)
class Verdict(Value):
    """
    An answer with all its reasons, in the order of :class:`Source`.

    ``allowed`` and ``bool()`` are derived from the denials, so nothing is refused without a reason.
    ``&`` joins two verdicts and loses nothing; ``ALLOWED`` is its identity.
    """

    denials: tuple[Denial, ...] = attrs.field(default=(), converter=_ordered)
    notices: tuple[Notice, ...] = attrs.field(default=(), converter=_kept)

    @property
    def allowed(self) -> bool:
        """Return whether nothing speaks against it."""
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
    """Return the verdict that these denials make."""
    return Verdict(denials)


class Denied(Exception):
    """An act was refused; ``verdict`` says why."""

    def __init__(self, verdict: Verdict) -> None:
        """Keep the verdict; the text is its messages."""
        super().__init__(" ".join(denial.message for denial in verdict.denials))
        self.verdict = verdict
