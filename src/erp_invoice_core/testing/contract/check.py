"""
A check of an adapter: the words it proves, and its result.

A word is one statement of the declaration, such as ``zero: refused``. A check exports sample
invoices through the adapter, and compares the effects with the words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from .result import CheckResult

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
        name: Its name, such as ``look_up.found_after``.
        sentence: The behaviour that is checked, and why it matters to money: the docstring of
            ``run``.
        lie: The wrong behaviour of an adapter that the check detects, as a sentence.
        words: The words that it proves, as patterns such as ``features.*: full``. The check is made
            if the declaration has one of them. A check without words is made for every adapter.
        has_faults: True if it injects faults into the requests of the adapter.
        needs: The overrides of the contract without which the check is not proved, such as ``pay``.
        run: Makes the check with a trial; raises ``Refuted`` or ``NotProved`` if it fails.
    """

    name: str
    run: Callable[[Trial], Any] = attrs.field(repr=False)
    lie: str
    words: tuple[str, ...]
    has_faults: bool = False
    needs: tuple[str, ...] = ()
    sentence: str = attrs.field(default=attrs.Factory(_read_sentence, takes_self=True))

    @property
    def link(self) -> str:
        """The section about the check in the documentation, as a path from its root."""
        return f"reference/checks.md#{self.name.replace('.', '')}"

    def list_proved(self, words: Iterable[Word]) -> tuple[Word, ...]:
        """Return those of the words that the check can prove: they match one of its patterns."""
        return tuple(
            word for word in words if any(fnmatchcase(str(word), pattern) for pattern in self.words)
        )


@attrs.frozen(kw_only=True)
class CheckFinding:
    """
    The result of one check of an adapter.

    Attributes:
        check: The check.
        result: How the check ended.
        why: The observation, or why the check could not be tried. A proved check has a text only if
            it does not prove every word, or if calls were made again.
        words: The words of the declaration that the check is about.
        left: The words among these that the check does not prove, each with the reason.
    """

    check: Check
    result: CheckResult
    why: str = ""
    words: tuple[Word, ...] = ()
    left: Mapping[Word, str] = MappingProxyType({})

    def find_result(self, word: Word) -> CheckResult:
        """
        Return the result for one word, which is that of the check.

        There is one exception: a word in ``left`` of a proved check is not proved.
        """
        is_left = word in self.left and self.result is CheckResult.PROVED
        return CheckResult.NOT_PROVED if is_left else self.result

    def explain(self, word: Word) -> str:
        """Return why the check does not prove one of its words; empty if it does."""
        return "" if self.find_result(word) is CheckResult.PROVED else self.left.get(word, self.why)
