"""Text of an adapter or a file, made storable and shortened."""

from __future__ import annotations

import re
from typing import Final

#: The most characters that are kept of a text.
BOUND: Final = 2000
#: A lone surrogate is not a character, and PostgreSQL does not store NUL.
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Return whether every store can store the text unchanged."""
    return _NOT_STORABLE.search(text) is None


def replace_unstorable(text: str) -> str:
    """Return the text with a replacement character for each one that cannot be stored."""
    return _NOT_STORABLE.sub("\ufffd", text)


def shorten(text: str, bound: int = BOUND, *, cut_from: int | None = None) -> str:
    """
    Return the text, or its beginning with a mark that says how long the text was.

    Args:
        text: The text, or the part of it that was read.
        bound: The most characters that are kept.
        cut_from: The length of the whole text, if only a part of it was read.
    """
    if cut_from is None and len(text) <= bound:
        return text
    return f"{text[:bound]}… (cut: {cut_from or len(text):,} characters in all)"
