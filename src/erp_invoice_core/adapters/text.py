"""Text from outside that every store can keep: of bounded length, without what none can store."""

from __future__ import annotations

import re
from typing import Final

#: The largest number of characters kept of a text from outside.
BOUND: Final = 2000
#: Half of a surrogate pair is no character, and PostgreSQL stores no NUL.
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Return whether every store can keep the text as it is."""
    return _NOT_STORABLE.search(text) is None


def replace_unstorable(text: str) -> str:
    """Return the text with a replacement character for each one that cannot be stored."""
    return _NOT_STORABLE.sub("\ufffd", text)


def shorten(text: str, bound: int = BOUND, *, cut_from: int | None = None) -> str:
    """
    Return the text, cut to its bound with a mark that says how long it was.

    Args:
        text: The text, or as much of it as was read.
        bound: How many characters are kept.
        cut_from: How long the whole text was, if less than that was read.
    """
    if cut_from is None and len(text) <= bound:
        return text
    return f"{text[:bound]}… (cut: {cut_from or len(text):,} characters in all)"
