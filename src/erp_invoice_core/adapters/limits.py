"""
Limits and retry policy of an ERP connection, read from settings.

The limits of a connection are its rate, its concurrency and its circuit breaker. A settings file
has them in the table ``pace``. The retry policy is in the table ``patience``: waiting times in
seconds, and the counts after which a person is asked.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import attrs

from ..documents.field_types import refuse_wrong_types
from ..flow import RetryPolicy
from ..values import Value
from .settings import WrongSetting, build_converter, is_number, read_table

#: The largest limit or pause: 30 years in seconds, more calls than any machine makes.
_MOST: Final = 1_000_000_000
_LONGEST_WAIT: Final = 365 * 24 * 3600


def _check_positive(_: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if (
        isinstance(value, int | float) and not 0 < value <= _MOST
    ):  # __attrs_post_init__ checks types
        msg = f"{attribute.name} is {value}. Give a number above 0 and at most {_MOST:,}."
        raise ValueError(msg)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Limits(Value):
    """
    The limits of one connection, for each worker process.

    Attributes:
        at_once: The most calls at the same time; ``None`` for the number of the worker's lanes.
        calls_per_minute: The most calls a minute; ``None`` for no limit.
        failures: The number of calls in a row without an answer that open the circuit breaker.
        pause: How long the breaker is open at first, in seconds; doubled after each failed trial.
        longest_pause: The longest time for which the breaker is open, in seconds.

    Raises:
        TypeError: A field is not of its type.
        ValueError: A value is not above 0, or is above 1,000,000,000; or ``longest_pause`` is
            shorter than ``pause``.
    """

    at_once: int | None = attrs.field(default=None, validator=_check_positive)
    calls_per_minute: float | None = attrs.field(default=None, validator=_check_positive)
    failures: int = attrs.field(default=5, validator=_check_positive)
    pause: float = attrs.field(default=5.0, validator=_check_positive)
    longest_pause: float = attrs.field(default=300.0, validator=_check_positive)

    def __attrs_post_init__(self) -> None:
        refuse_wrong_types(self)
        if self.longest_pause < self.pause:
            msg = (
                f"longest_pause is {self.longest_pause:g} s, shorter than pause, {self.pause:g} s."
                " Make it at least as long."
            )
            raise ValueError(msg)


def _is_wait(value: object) -> bool:
    return is_number(value) and 0 < value <= _LONGEST_WAIT


def _read_waits(value: object, _kind: object) -> list[timedelta]:
    waits: list[Any] = value if isinstance(value, list) else [value]
    wrong = [wait for wait in waits if not _is_wait(wait)]
    if wrong or not waits or waits is not value:
        sentence = (
            "Found {value}. Write a list of one or more waiting times in seconds, each above 0 and"
            " at most {most:,}."
        )
        raise WrongSetting("setting.kind", sentence, [*wrong, value][0], most=_LONGEST_WAIT)
    return [timedelta(seconds=wait) for wait in waits]


_CONVERTER: Final = build_converter(look_ups=_read_waits)


def read_limits(table: object, path: str) -> Limits:
    """
    Return the limits that a settings table describes.

    Args:
        table: The table ``pace``.
        path: The path of the table, with which the path of each problem begins.

    Raises:
        InvalidSettings: With every problem.
    """
    return read_table(table, Limits, path, converter=_CONVERTER)


def read_retry_policy(table: object, path: str) -> RetryPolicy:
    """
    Return the retry policy that a settings table describes.

    Args:
        table: The table ``patience``.
        path: The path of the table, with which the path of each problem begins.

    Raises:
        InvalidSettings: With every problem.
    """
    return read_table(table, RetryPolicy, path, converter=_CONVERTER)
