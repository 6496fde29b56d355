"""
Shortening of the longest array of a JSON text, for ``Fault.CUT_LIST``.

A look-up that does not notice the cut reports a document as absent that the ERP has.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[][{},]', re.DOTALL)


@attrs.define
class _Array:
    """An array of a text: where its content starts, and where each of its elements ends."""

    start: int
    ends: list[int] = attrs.Factory(list)


def shorten_longest_list(body: bytes) -> bytes:
    """
    Return a JSON text whose longest array has lost its second half.

    All other bytes stay, the hints of paging too: a total, a link to the next page. Of two arrays
    of the same length the outer or first one is shortened. An array of one element becomes empty. A
    text without an array, or that is not UTF-8, is returned unchanged.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    longest = max(_find_arrays(text), key=lambda array: len(array.ends), default=None)
    if longest is None or not longest.ends:
        return body
    kept = len(longest.ends) // 2
    first = longest.ends[kept - 1] if kept else longest.start
    return (text[:first] + text[longest.ends[-1] :]).encode()


def _find_arrays(text: str) -> list[_Array]:
    """Return the arrays of a JSON text in the order of their first bracket."""
    arrays: list[_Array] = []
    open_: list[_Array | None] = []
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark == "[":
            arrays.append(_Array(token.end()))
            open_.append(arrays[-1])
        elif mark == "{":
            open_.append(None)
        elif mark in {"]", "}"} and open_:
            array = open_.pop()
            if array is not None and text[array.start : token.start()].strip():
                array.ends.append(token.start())
        elif mark == "," and open_ and (array := open_[-1]) is not None:
            array.ends.append(token.start())
    return arrays
