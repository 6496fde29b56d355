"""Limits of an ERP connection: rate, concurrency, circuit breaker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from ..documents import Problem
from .settings import InvalidSettings

if TYPE_CHECKING:
    from typing import Any

_WHOLE = ("at_once", "failures")
#: No limit and no pause is larger: seconds of more than thirty years, calls of any machine.
_MOST = 1_000_000_000


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
