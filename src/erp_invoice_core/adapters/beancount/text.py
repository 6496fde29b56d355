"""Strings as Beancount writes and reads them: nothing in a name can end its string."""

from __future__ import annotations

import re

__all__ = ["literal", "shown", "value_of"]

#: The escapes that Beancount's lexer knows; any other backslash is dropped by it.
_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\f": "\\f",
    "\b": "\\b",
}
_WRITE = str.maketrans(_ESCAPES)
_READ = {escape[1]: char for char, escape in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
#: Pictures of the control characters that have no escape, and of those that turn a line around.
_PICTURES = str.maketrans(
    {chr(code): chr(0x2400 + code) for code in range(0x20) if chr(code) not in _ESCAPES}
    | {"\x7f": "\u2421"}
    | {chr(code): "\ufffd" for code in (*range(0x80, 0xA0), *range(0x202A, 0x202F), 0x2028, 0x2029)}
    | {chr(code): "\ufffd" for code in range(0x2066, 0x206A)}
)


def literal(text: str) -> str:
    """
    Return the string literal, quotes included, on one line; Beancount reads the same text back.

    Raises:
        UnicodeEncodeError: The text has half a character (a lone surrogate), which no file holds.
    """
    text.encode()
    return f'"{text.translate(_WRITE)}"'


def shown(text: str) -> str:
    """Return a text for people: control characters that a terminal would obey become pictures."""
    return text.translate(_PICTURES)


def value_of(written: str) -> str:
    """Return the text of a string literal, as Beancount's lexer reads it."""
    return _ESCAPED.sub(lambda match: _READ.get(match[1], match[1]), written[1:-1])
