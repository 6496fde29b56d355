"""A connection's patience, as a table of settings describes it: waiting times in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import attrs

from ..documents import Problem
from ..flow import RetryPolicy
from .settings import InvalidSettings

__all__ = ["patience_from"]

_WAITS = "look_ups"
_MOST = 1_000_000
_LONGEST = timedelta(days=365).total_seconds()


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(name: str, value: object) -> str | None:
    """Return what to write instead, if it is nothing of the sort."""
    if name != _WAITS:
        is_sane = type(value) is int and value <= _MOST
        return None if is_sane else f"Write a whole number of {_MOST:,} at most."
    if not isinstance(value, list) or not all(map(_is_number, value)):
        return "Write a list of waiting times, in seconds."
    if not all(0 < seconds <= _LONGEST for seconds in value):
        return "Write waiting times above nothing, of a year at most, in seconds."
    return None


def patience_from(table: object, path: str) -> RetryPolicy:
    """
    Return the patience that a table of settings describes.

    Args:
        table: Under ``look_ups`` waiting times in seconds, else names and whole numbers.
        path: Where the table stands, as a prefix of each problem's path.

    Raises:
        InvalidSettings: With every problem.
    """
    if not isinstance(table, Mapping):
        raise InvalidSettings([Problem(path, "setting.kind", "Write the patience as a table.")])
    names = [field.name for field in attrs.fields(RetryPolicy)]
    problems = []
    for name, value in table.items():
        if name not in names:
            sentence = f"Remove it; there are: {', '.join(names)}."
            problems.append(Problem(f"{path}.{name}", "setting.unknown", sentence))
        elif sentence_ := _wrong(name, value):
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
