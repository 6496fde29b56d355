"""Redaction of secrets in text, plain and encoded."""

from __future__ import annotations

import base64
import html
import re
import unicodedata
import urllib.parse
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import attrs

from .text import BOUND, replace_unstorable, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


#: The text in place of a secret.
MARK: Final = "[secret]"
#: A shorter secret may be part of ordinary words, and removing it would damage every text.
SHORTEST_SECRET: Final = 8
#: In a secret of several lines, as a private key, a line of this length is a secret of its own.
_SHORTEST_LINE: Final = 16
#: The largest number of characters that can encode one character of a secret.
_WIDEST: Final = 48
#: For a longer secret, as a key from a file, a simpler pattern is built, to save time.
_LONG: Final = 400
_ONE_BYTE = 0xFF
#: Characters that may separate two characters of a secret: line breaks and invisible ones.
_BREAK: Final = r"(?:[\0\u200b\u00ad\ufeff]|\\?\r?\n[ \t]*)?"
_BASE64_BREAK: Final = r"(?:\s|\\[rn]){0,8}"
_HEX_BREAK: Final = r"(?:[ :-]|\\x|0x|, ?0x)?"
#: Repeated escapes, with a limit, so that a text of escapes alone does not take long.
_ESCAPE: Final = r"\\{1,8}"
_ZEROS: Final = "0{0,6}"
_BASE64 = {"+": r"(?:\+|-|%2[Bb])", "/": r"(?:/|_|%2[Ff])"}
_BASE64_MARKS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=%")


def _build_unit_pattern(character: str) -> str:
    """Return a pattern of a character in the escapes of JSON and JavaScript."""
    data = character.encode("utf-16-be", errors="surrogatepass")
    units = (data[place : place + 2].hex() for place in range(0, len(data), 2))
    return "".join(rf"(?:{_ESCAPE}|%)u{unit}" for unit in units)


def _build_byte_patterns(character: str, data: bytes) -> list[str]:
    """Return patterns of bytes as URLs, mail, Python and C escape them, once or more than once."""
    percent = "".join(f"%(?:25){{0,4}}{byte:02x}" for byte in data)
    quoted = "".join(f"={byte:02x}" for byte in data)
    escaped = "".join(rf"{_ESCAPE}x{byte:02x}" for byte in data)
    octal = "".join(rf"{_ESCAPE}{byte:03o}" for byte in data)
    ways = [percent, escaped, octal]
    # A letter or digit is not escaped in quoted-printable text.
    return ways if character.isalnum() and character.isascii() else [*ways, quoted]


def _build_character_pattern(character: str) -> str:
    """Return a pattern of a character in all encodings of text, URLs, JSON, HTML and mail."""
    point = ord(character)
    forms = [re.escape(character)]
    forms += _build_byte_patterns(character, character.encode(errors="surrogatepass"))
    if not character.isascii() and point <= _ONE_BYTE:
        forms += _build_byte_patterns(character, character.encode("latin-1"))
    entity = f"&(?:amp;)?#(?:{_ZEROS}{point}|x{_ZEROS}{point:x});"
    forms += [
        _build_unit_pattern(character),
        rf"{_ESCAPE}U{point:08x}",
        rf"{_ESCAPE}u\{{{_ZEROS}{point:x}\}}",
        entity,
    ]
    if character == " ":
        forms.append(r"\+")
    if character in "\"'\\/":
        forms.append(_ESCAPE + re.escape(character))
    if character in "\n\r\t":
        forms.append(_ESCAPE + repr(character)[2:-1])
    if (named := html.escape(character)) != character:
        forms.append(re.escape(named))
    if character == "'":
        forms.append("&apos;")
    # The longest form first, so that no part of an escape remains.
    return f"(?:{'|'.join(reversed(forms))})"


def _build_short_pattern(character: str) -> str:
    """
    Return a pattern of a character of a long secret, short enough for hundreds of characters.

    Letters, digits and dashes are matched only as they are, because programs do not escape them.
    """
    if character.isascii() and (character.isalnum() or character == "-"):
        return character
    return _build_character_pattern(character)


def _build_base64_patterns(data: bytes, between: str) -> Iterator[str]:
    """
    Yield a pattern for each offset of the secret in a longer text that is encoded in base64.

    Base64 encodes three bytes as four characters, so there are three offsets. Characters that
    depend on the text before or after the secret are left out. A password is thus found after a
    user name. ``between`` is a pattern of line breaks that may separate two characters.
    """
    for before in range(3):
        text = base64.b64encode(bytes(before) + data).decode()
        first, last = -(-before * 8 // 6), (before + len(data)) * 8 // 6
        yield between.join(_BASE64.get(mark, mark) for mark in text[first:last])


def _collect_forms(secrets: Iterable[str]) -> set[str]:
    known = set()
    for secret in filter(None, secrets):
        lines = [line.strip() for line in secret.splitlines()]
        composed = (unicodedata.normalize(form, secret) for form in ("NFC", "NFD"))
        known |= {secret, *composed, *(line for line in lines if len(line) >= _SHORTEST_LINE)}
        if len(decoded := urllib.parse.unquote(secret)) >= SHORTEST_SECRET:
            known.add(decoded)
    return known


@lru_cache(maxsize=256)
def _build_pattern(secrets: tuple[str, ...]) -> re.Pattern[str]:
    plain: list[str] = []
    base64s: list[str] = []
    known = {each: len(secret) > _LONG for secret in secrets for each in _collect_forms((secret,))}
    for secret in sorted(known, key=len, reverse=True):
        data = secret.encode(errors="surrogatepass")
        if known[secret]:
            plain += ["".join(map(_build_short_pattern, secret)), data.hex()]
            base64s += _build_base64_patterns(data, "")
            continue
        plain.append(_BREAK.join(map(_build_character_pattern, secret)))
        for each in (data, secret.encode("utf-16-le", "surrogatepass")):
            plain.append(_HEX_BREAK.join(f"{byte:02x}" for byte in each))
            base64s += _build_base64_patterns(each, _BASE64_BREAK)
    return re.compile(f"(?P<base64>{'|'.join(base64s)})|(?i:{'|'.join(plain)})")


@attrs.frozen(repr=False)
class Redaction:
    """
    Removes secrets from text, plain and encoded; ``secrets`` are their texts.

    It knows percent encoding, base64 in both alphabets (also inside of a longer text, as in HTTP
    basic authentication, and in several lines), hexadecimal, quoted-printable, and the escapes of
    JSON, Python, C and HTML, also if a text was escaped more than once. Case and line breaks within
    a secret do not matter.
    """

    secrets: tuple[str, ...] = ()

    def is_in(self, text: str) -> bool:
        """Return whether the text contains a secret."""
        return any(self.secrets) and _build_pattern(self.secrets).search(text) is not None

    def redact(self, text: str, bound: int = BOUND) -> str:
        """
        Return the text without secrets and without characters that cannot be stored.

        A text of more than ``bound`` characters is cut, and a mark says how long it was.
        """
        # More is read than is kept, so that no part of a secret at the end remains.
        kept = bound * 4
        margin = max(map(len, self.secrets), default=0) * _WIDEST
        cut_from = len(text) if len(text) > kept else None
        text = text[: kept + margin]
        if any(self.secrets):
            text = _replace(_build_pattern(self.secrets), text, kept)
        return shorten(replace_unstorable(text[:kept]), bound, cut_from=cut_from)


def _replace(secrets: re.Pattern[str], text: str, kept: int) -> str:
    """
    Return the text up to its position ``kept``, with :data:`MARK` for each secret.

    A secret that begins before that position is replaced as a whole.
    """
    parts: list[str] = []
    end = 0
    for match in secrets.finditer(text):
        if match.start() >= kept:
            break
        if match.start() < end:  # the rest of an encoded text that was removed as a whole
            continue
        first, last = match.span()
        if match["base64"] is not None:
            first, last = _widen_base64(text, first, last, end)
        parts += [text[end:first], MARK]
        end = last
    return "".join([*parts, text[end : max(end, kept)]])


def _widen_base64(text: str, first: int, last: int, begin: int) -> tuple[int, int]:
    """
    Return the start and the end of the whole base64 text around the secret at ``first:last``.

    All of it is removed, because the characters next to the match have bits of the secret, too. The
    returned start is not before ``begin``, the end of the part that was replaced last.
    """
    while first > begin and text[first - 1] in _BASE64_MARKS - {"="}:
        first -= 1
    while last < len(text) and text[last] in _BASE64_MARKS:
        last += 1
    return first, last


NO_SECRETS = Redaction()
