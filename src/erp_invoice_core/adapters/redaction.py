"""Secrets are removed from text, also where the text encodes them."""

from __future__ import annotations

import base64
import html
import re
import urllib.parse
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import attrs

from .text import BOUND, bounded, storable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MARK", "NO_SECRETS", "SHORTEST_SECRET", "Redaction"]

#: Stands where a secret stood.
MARK: Final = "[secret]"
#: A shorter secret is part of ordinary words: removing it would damage every text.
SHORTEST_SECRET: Final = 8
#: A line of a secret of several lines, such as a private key, is a secret of its own from here on.
_SHORTEST_LINE: Final = 16
#: At most so many characters stand for one character of a secret.
_WIDEST: Final = 24
_ONE_ESCAPE = 0xFFFF
_BASE64 = {"+": r"(?:\+|-|%2[Bb])", "/": r"(?:/|_|%2[Ff])"}
_BASE64_MARKS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=%")


def _forms_of(character: str) -> str:
    """Return a pattern of the ways in which text, URLs, JSON and HTML write a character."""
    data = character.encode(errors="surrogatepass")
    percent = "".join(f"%(?:25)?{byte:02x}" for byte in data)
    escaped = "".join(rf"\\x{byte:02x}" for byte in data)
    forms = [re.escape(character), f"(?i:{percent})", f"(?i:{escaped})"]
    if ord(character) <= _ONE_ESCAPE:
        forms.append(rf"(?i:\\u{ord(character):04x})")
    if character == " ":
        forms.append(r"\+")
    if character in "\"'\\/":
        forms.append(re.escape(f"\\{character}"))
    if character in "\n\r\t":
        forms.append(re.escape(repr(character)[1:-1]))
    if (entity := html.escape(character)) != character:
        forms.append(re.escape(entity))
    # The longest way first: an escape is not left behind by the character that it escapes.
    return f"(?:{'|'.join(reversed(forms))})"


def _base64_forms(secret: str) -> Iterator[str]:
    """
    Yield a pattern for each place at which base64 can meet the secret inside a longer text.

    Three bytes become four characters, so there are three places. The characters that the text
    before and after decides are left out; a password after its user's name is among them.
    """
    data = secret.encode(errors="surrogatepass")
    for before in range(3):
        text = base64.b64encode(bytes(before) + data).decode()
        first, last = -(-before * 8 // 6), (before + len(data)) * 8 // 6
        yield "".join(_BASE64.get(mark, mark) for mark in text[first:last])


def _known(secrets: Iterable[str]) -> set[str]:
    known = set()
    for secret in filter(None, secrets):
        lines = [line.strip() for line in secret.splitlines()]
        known |= {secret, *(line for line in lines if len(line) >= _SHORTEST_LINE)}
        if len(decoded := urllib.parse.unquote(secret)) >= SHORTEST_SECRET:
            known.add(decoded)
    return known


@lru_cache(maxsize=256)
def _pattern(secrets: tuple[str, ...]) -> re.Pattern[str]:
    plain: list[str] = []
    base64s: list[str] = []
    for secret in sorted(_known(secrets), key=len, reverse=True):
        plain.append("".join(map(_forms_of, secret)))
        plain.append(f"(?i:{secret.encode(errors='surrogatepass').hex()})")
        base64s += _base64_forms(secret)
    return re.compile(f"(?P<base64>{'|'.join(base64s)})|{'|'.join(plain)}")


@attrs.frozen(repr=False)
class Redaction:
    """
    Removes secrets from text, plain and encoded; ``secrets`` are the texts themselves.

    Encodings: percent (also twice), base64 in both alphabets wherever it begins, alone or in a
    longer text (as HTTP basic authentication writes it), hexadecimal, escapes of JSON, Python and
    HTML.
    """

    secrets: tuple[str, ...] = ()

    def is_in(self, text: str) -> bool:
        """Whether the text contains a secret."""
        return any(self.secrets) and _pattern(self.secrets).search(text) is not None

    def text(self, text: str, bound: int = BOUND) -> str:
        """Return the text without secrets, as a store can keep it, with a mark if it was cut."""
        # More is read than is kept: a secret that the end of what is read cuts in two is not kept.
        kept = bound * 4
        margin = max(map(len, self.secrets), default=0) * _WIDEST
        cut_from = len(text) if len(text) > kept else None
        text = text[: kept + margin]
        if any(self.secrets):
            text = _replaced(_pattern(self.secrets), text, kept)
        return bounded(storable(text[:kept]), bound, cut_from=cut_from)


def _replaced(secrets: re.Pattern[str], text: str, kept: int) -> str:
    """Return the beginning of the text without secrets."""
    parts: list[str] = []
    end = 0
    for match in secrets.finditer(text):
        if match.start() >= kept:
            break
        if match.start() < end:  # the rest of an encoded text that was removed as a whole
            continue
        first, last = match.span()
        if match["base64"] is not None:
            first, last = _whole_base64(text, first, last, end)
        parts += [text[end:first], MARK]
        end = last
    return "".join([*parts, text[end : max(end, kept)]])


def _whole_base64(text: str, first: int, last: int, begin: int) -> tuple[int, int]:
    """Return where the encoded text around a secret begins and ends."""
    while first > begin and text[first - 1] in _BASE64_MARKS - {"="}:
        first -= 1
    while last < len(text) and text[last] in _BASE64_MARKS:
        last += 1
    return first, last


NO_SECRETS = Redaction()
