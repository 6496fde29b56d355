"""The escape of control characters in text from outside."""

from __future__ import annotations

import unicodedata

#: Unicode categories of characters that may control a terminal: controls, formats (with the
#: bidirectional overrides), surrogates, private use, line and paragraph separators.
_OBEYED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def escape(value: object) -> str:
    """Return the text of a value with all control characters escaped."""
    text = str(value)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _escape_mark(mark) if unicodedata.category(mark) in _OBEYED else mark for mark in text
    )


def _escape_mark(mark: str) -> str:
    return ascii(mark)[1:-1]
