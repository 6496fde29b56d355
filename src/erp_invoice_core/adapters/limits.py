"""
Limits and retry policy of an ERP connection, read from settings.

The limits of a connection are its rate, its concurrency and its circuit breaker. A settings file
has them in the table ``pace``. The retry policy is in the table ``patience``: waiting times in
seconds, and the counts after which a person is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from ..documents import Problem
from ..flow import RetryPolicy
from .settings import InvalidSettings

if TYPE_CHECKING:
    from typing import Any

_WHOLE = ("at_once", "failures")
#: No limit and no pause is larger: seconds of more than thirty years, calls of any machine.
_MOST = 1_000_000_000
#: The name of the waiting times in a table of a retry policy, and the largest values in it.
_WAITS = "look_ups"
_LARGEST_COUNT = 1_000_000
_LONGEST_WAIT = timedelta(days=365).total_seconds()


def _positive(_: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not 0 < value <= _MOST:
        msg = f"Give {attribute.name} more than nothing, and no more than {_MOST:,}."
        raise ValueError(msg)


@attrs.frozen(kw_only=True)
class Limits:
    """
    The limits of one connection, for each worker process.

    Attributes:
        at_once: So many calls at the same time at most; ``None``: as many as the worker has lanes.
        calls_per_minute: So many calls a minute at most; ``None``: as they come.
        failures: After so many calls in a row without an answer the ERP is left alone.
        pause: For so many seconds at first; twice as long after each trial that fails.
        longest_pause: For so many seconds at most.

    Raises:
        ValueError: Something is not above nothing, is above a thousand million, or the longest
            pause is the shorter one.
    """

    at_once: int | None = attrs.field(default=None, validator=_positive)
    calls_per_minute: float | None = attrs.field(default=None, validator=_positive)
    failures: int = attrs.field(default=5, validator=_positive)
    pause: float = attrs.field(default=5.0, validator=_positive)
    longest_pause: float = attrs.field(default=300.0, validator=_positive)

    def __attrs_post_init__(self) -> None:
        if self.longest_pause < self.pause:
            msg = "Give longest_pause no less than pause."
            raise ValueError(msg)


def limits_from(table: object, path: str) -> Limits:
    """
    Return the limits that a table of settings describes.

    Args:
        table: Names and numbers.
        path: Where the table stands, as a prefix of each problem's path.

    Raises:
        InvalidSettings: With every problem.
    """
    if not isinstance(table, Mapping):
        raise InvalidSettings(
            [Problem(path, "setting.kind", "Write the limits under `pace` as a table.")]
        )
    names = [field.name for field in attrs.fields(Limits)]
    problems = [
        Problem(f"{path}.{name}", "setting.unknown", f"Remove it; there are: {', '.join(names)}.")
        for name in table
        if name not in names
    ]
    for name, value in table.items():
        is_number = isinstance(value, int) or (isinstance(value, float) and name not in _WHOLE)
        if name in names and (isinstance(value, bool) or not is_number):
            kind = "a whole number" if name in _WHOLE else "a number"
            problems.append(Problem(f"{path}.{name}", "setting.kind", f"Write {kind}."))
    if problems:
        raise InvalidSettings(problems)
    try:
        return Limits(**table)
    except ValueError as error:
        raise InvalidSettings([Problem(path, "setting.kind", str(error))]) from error


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _find_problem(name: str, value: object) -> str | None:
    """Return what to write instead if the value is not valid."""
    if name != _WAITS:
        is_sane = type(value) is int and value <= _LARGEST_COUNT
        return None if is_sane else f"Write a whole number of {_LARGEST_COUNT:,} at most."
    if not isinstance(value, list) or not all(map(_is_number, value)):
        return "Write a list of waiting times, in seconds."
    if not all(0 < seconds <= _LONGEST_WAIT for seconds in value):
        return "Write waiting times above 0 and of at most a year, in seconds."
    return None


def retry_policy_from(table: object, path: str) -> RetryPolicy:
    """
    Return the retry policy that a table of settings describes.

    Args:
        table: Under ``look_ups`` waiting times in seconds, else names and whole numbers.
        path: The path of the table, the prefix of each problem's path.

    Raises:
        InvalidSettings: With every problem.
    """
    if not isinstance(table, Mapping):
        raise InvalidSettings(
            [Problem(path, "setting.kind", "Write the retry policy under `patience` as a table.")]
        )
    names = [field.name for field in attrs.fields(RetryPolicy)]
    problems = []
    for name, value in table.items():
        if name not in names:
            sentence = f"Remove it; there are: {', '.join(names)}."
            problems.append(Problem(f"{path}.{name}", "setting.unknown", sentence))
        elif sentence_ := _find_problem(name, value):
            problems.append(Problem(f"{path}.{name}", "setting.kind", sentence_))
    if problems:
        raise InvalidSettings(problems)
    given = dict(table)
    if _WAITS in given:
        given[_WAITS] = [timedelta(seconds=wait) for wait in given[_WAITS]]
    try:
        return RetryPolicy(**given)
    except ValueError as error:
        raise InvalidSettings([Problem(path, "setting.kind", str(error))]) from error
