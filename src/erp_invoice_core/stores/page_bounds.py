"""The bounds of a page: its limit and its position."""

from __future__ import annotations

from typing import Final

#: The largest limit or position: the largest integer that a database stores.
LARGEST: Final = 2**63 - 1


def bound_position(name: str, value: object) -> int:
    """
    Return a position or a limit of a page, at most :data:`LARGEST`.

    No page has more rows than that, and none begins after it, so a larger number means the same.

    Args:
        name: The name of the argument, for the message.
        value: The number that the caller gave.

    Raises:
        TypeError: The value is not a whole number; ``True`` and ``False`` are not numbers.
        ValueError: The number is negative.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"{name} must be a whole number, and not of type {type(value).__name__}."
        raise TypeError(msg)
    if value < 0:
        msg = f"{name} must be at least 0, and is {value}."
        raise ValueError(msg)
    return min(int(value), LARGEST)


def bound_limit(limit: int | None) -> int | None:
    """
    Return a limit that may be ``None``, which means no limit, at most :data:`LARGEST`.

    Raises:
        TypeError: The limit is neither a whole number nor ``None``.
        ValueError: The limit is negative.
    """
    return None if limit is None else bound_position("limit", limit)
