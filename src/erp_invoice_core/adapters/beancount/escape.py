"""Names and strings as Beancount writes and reads them."""

from __future__ import annotations

import re
import string

_ALNUM = frozenset(string.ascii_letters + string.digits)
_FIRST = frozenset(string.ascii_uppercase + string.digits)
_LINK = _ALNUM | frozenset("_./")
_ESCAPE = re.compile(r"--([0-9A-F]+)-")
#: No escape has this form, so no escaped name can begin with it.
_LEAD = "X---"


def _escape(text: str, plain: frozenset[str]) -> str:
    """
    Return the text with every character that is not plain as ``--HEX-``.

    A dash stays a dash before a plain character only, so that two dashes always begin an escape:
    read from the left, the result has one reading.
    """
    out = []
    for place, char in enumerate(text):
        is_dash = char == "-" and text[place + 1 : place + 2] in plain
        out.append(char if char in plain or is_dash else f"--{ord(char):X}-")
    return "".join(out)


def unescape(escaped: str) -> str:
    """Return the text that was escaped, as part of a link."""
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
    """Return the code whose component this is."""
    return unescape(name.removeprefix(_LEAD))


def mark(name: str) -> str:
    """Return the name on one line, in characters that a link and a comment can hold."""
    return _escape(name, _LINK)


def link(kind: str, name: str) -> str:
    """Return the link of a name, without its caret: ``invoice/ACME-77``."""
    return f"{kind}/{mark(name)}"


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


def format_literal(text: str) -> str:
    """
    Return the string literal, quotes included, on one line; Beancount reads the same text back.

    Raises:
        UnicodeEncodeError: The text has half a character (a lone surrogate), which no file holds.
    """
    text.encode()
    return f'"{text.translate(_WRITE)}"'


def replace_control_characters(text: str) -> str:
    """Return a text for people: control characters that a terminal would obey become pictures."""
    return text.translate(_PICTURES)


def parse_literal(written: str) -> str:
    """Return the text of a string literal, as Beancount's lexer reads it."""
    return _ESCAPED.sub(lambda match: _READ.get(match[1], match[1]), written[1:-1])
