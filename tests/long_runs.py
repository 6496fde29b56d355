"""Choice of the rows of a test that every run takes; the long runs take the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from _pytest.mark.structures import ParameterSet


def keep_rows(rows: Iterable[Any], kept: Collection[Any]) -> list[ParameterSet]:
    """
    Return the rows of a parametrized test; those that are not kept have the mark ``soak``.

    Raises:
        ValueError: A kept row is not among the rows, so that it was renamed or removed.
    """
    given = list(rows)
    if unknown := [row for row in kept if row not in given]:
        msg = f"These rows do not exist: {unknown}."
        raise ValueError(msg)
    return [
        pytest.param(
            *(row if isinstance(row, tuple) else (row,)),
            marks=() if row in kept else pytest.mark.soak,
        )
        for row in given
    ]
