"""A check of an adapter: the words that it proves, the lie that it catches, its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from .result import Result

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .trial import Trial
    from .words import Word


def _read_sentence(check: Check) -> str:
    """Return the sentence of a check: the docstring of the function that makes it."""
    return (check.run.__doc__ or "").strip()


@attrs.frozen(kw_only=True)
class Check:
    """
    A check of an adapter.

    Attributes:
        name: Its name, as ``look_up.finds_what_was_written``.
        sentence: The behaviour that is checked, and why it matters to money.
        lie: The false adapter that it catches.
        words: The words that it proves, as patterns: ``features.retainage: full``. It is made if
            the declaration has one of them. A check without words is made for every adapter.
        has_faults: True if it injects faults into the requests of the adapter.
        run: Makes the check.
    """

    name: str
    run: Callable[[Trial], Any] = attrs.field(repr=False)
    lie: str
    words: tuple[str, ...]
    has_faults: bool = False
    sentence: str = attrs.field(default=attrs.Factory(_read_sentence, takes_self=True))

    def list_proved(self, words: Iterable[Word]) -> tuple[Word, ...]:
        """Return those of the words that the check proves."""
        return tuple(
            word for word in words if any(fnmatchcase(str(word), pattern) for pattern in self.words)
        )


@attrs.frozen(kw_only=True)
class Finding:
    """
    The end of one check.

    Attributes:
        check: The check.
        result: How it ended.
        why: The observation, or why it could not be tried; empty if it is proved.
        words: The words of the declaration that the check is about.
        left: Those of them that the check could not try here, each with the reason.
    """

    check: Check
    result: Result
    why: str = ""
    words: tuple[Word, ...] = ()
    left: Mapping[Word, str] = MappingProxyType({})

    def find_result(self, word: Word) -> Result:
        """Return how the check ended for one of its words."""
        is_left = word in self.left and self.result is Result.PROVED
        return Result.NOT_PROVED if is_left else self.result

    def explain(self, word: Word) -> str:
        """Return why the check does not prove one of its words; empty if it does."""
        return "" if self.find_result(word) is Result.PROVED else self.left.get(word, self.why)
