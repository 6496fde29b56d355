"""Escaping of names and strings in Beancount's language."""

from __future__ import annotations

import re
import string

_ALNUM = frozenset(string.ascii_letters + string.digits)
_FIRST = frozenset(string.ascii_uppercase + string.digits)
_LINK = _ALNUM | frozenset("_./")
_ESCAPE = re.compile(r"--([0-9A-F]+)-")
#: No escape has this form, so no escaped name begins with it.
_LEAD = "X---"


def _escape(text: str, plain: frozenset[str]) -> str:
    """
    Return the text with each character outside of ``plain`` written as ``--HEX-``.

    A dash is kept only before a character of ``plain``. Two dashes therefore always begin an
    escape, and the original text can be restored.
    """
    out = []
    for place, char in enumerate(text):
        is_dash = char == "-" and text[place + 1 : place + 2] in plain
        out.append(char if char in plain or is_dash else f"--{ord(char):X}-")
    return "".join(out)


def unescape(escaped: str) -> str:
    """Return the original text of an escaped one."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), escaped)


def escape_component(code: str) -> str:
    """
    Return the account component of a code: ``05-120`` and ``C-100`` stay, ``A.1`` is ``A--2E-1``.

    A component begins with a capital or a digit, and goes on with letters, digits and dashes
    (Beancount's grammar; its other letters are escaped too). A code that begins otherwise gets
    ``X---`` in front.
    """
    escaped = _escape(code, _ALNUM)
    return escaped if escaped[:1] in _FIRST and escaped else _LEAD + escaped


def unescape_component(name: str) -> str:
    """Return the code from which :func:`escape_component` made an account component."""
    return unescape(name.removeprefix(_LEAD))


def mark(name: str) -> str:
    """Return a name escaped for a link or for a comment, without spaces and line breaks."""
    return _escape(name, _LINK)


def link(kind: str, name: str) -> str:
    """Return the link of a name, without its caret: ``invoice/ACME-77``."""
    return f"{kind}/{mark(name)}"


#: The escapes that Beancount's lexer knows; it drops any other backslash.
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
#: Visible characters for control characters without an escape, also for those of direction.
_PICTURES = str.maketrans(
    {chr(code): chr(0x2400 + code) for code in range(0x20) if chr(code) not in _ESCAPES}
    | {"\x7f": "\u2421"}
    | {chr(code): "\ufffd" for code in (*range(0x80, 0xA0), *range(0x202A, 0x202F), 0x2028, 0x2029)}
    | {chr(code): "\ufffd" for code in range(0x2066, 0x206A)}
)

_STAND_INS = frozenset(_PICTURES.values())


def format_literal(text: str) -> str:
    """
    Return a string literal with quotes, on one line, that Beancount reads as the same text.

    Raises:
        UnicodeEncodeError: The text has a lone surrogate, which no file can hold.
    """
    text.encode()
    return f'"{text.translate(_WRITE)}"'


def replace_control_characters(text: str) -> str:
    """Return a text with visible characters in place of control characters, for a terminal."""
    return text.translate(_PICTURES)


def is_altered(text: str) -> bool:
    """Return whether a text has a character that :func:`replace_control_characters` puts in it."""
    return any(mark in text for mark in _STAND_INS)


def parse_literal(written: str) -> str:
    """Return the text of a string literal, as Beancount's lexer reads it."""
    return _ESCAPED.sub(lambda match: _READ.get(match[1], match[1]), written[1:-1])
