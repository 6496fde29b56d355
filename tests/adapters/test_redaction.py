"""No secret remains in a text of an adapter, in any encoding."""

from __future__ import annotations

import base64
import html
import json
import quopri
import re
import unicodedata
import urllib.parse
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.adapters.redaction import Redaction
from erp_invoice_core.adapters.text import replace_unstorable, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = (
    "tok-12345678",
    'p@ss/w+rd="x" ü',
    "ab cd\\ef&<>",
    "%41BCDEFGH1",
    "žluťoučký-kůň",
    "key-\U0001f511-of-3",
)


def percent(secret: str) -> str:
    """Return the secret as in a URL, every reserved character encoded."""
    return urllib.parse.quote(secret, safe="")


def forms(secret: str) -> Iterator[str]:
    """Yield the secret in the forms in which programs write it."""
    yield secret
    yield percent(secret)
    yield re.sub("%..", lambda match: match[0].lower(), percent(secret))
    yield percent(percent(secret))
    yield urllib.parse.quote_plus(secret)
    yield html.escape(secret)
    yield json.dumps(secret)[1:-1]
    yield secret.encode().hex()
    yield secret.encode().hex().upper()
    yield percent(percent(percent(secret)))
    yield json.dumps(json.dumps(secret)[1:-1])[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield ascii(secret)[1:-1]
    yield repr(secret.encode())[2:-1]
    yield ascii(ascii(secret)[1:-1])[1:-1]
    yield "".join(f"&#{ord(character)};" for character in secret)
    yield "".join(f"&#x{ord(character):X};" for character in secret)
    yield secret.encode("ascii", "xmlcharrefreplace").decode()
    yield "".join(f"\\{byte:03o}" for byte in secret.encode())
    yield quopri.encodestring(secret.encode()).decode()
    yield secret.encode().hex(":")
    yield secret.encode("utf-16-le").hex()
    yield base64.b64encode(secret.encode("utf-16-le")).decode()
    yield unicodedata.normalize("NFD", secret)
    yield secret.upper()
    yield f"{secret[:5]}\n    {secret[5:]}"
    yield f"{secret[:5]}\u200b{secret[5:]}"
    for before in ("", "u", "us", "usr:", "user:"):
        for after in ("", "x", "xy"):
            text = f"{before}{secret}{after}".encode()
            yield base64.b64encode(text).decode()
            yield base64.urlsafe_b64encode(text).decode().rstrip("=")
            yield percent(base64.b64encode(text).decode())


@pytest.mark.parametrize("secret", SECRETS)
def test_every_form_of_a_secret_is_removed(secret: str) -> None:
    """Plain, percent-encoded, escaped, hexadecimal, base64 at each offset: none of them is left."""
    redaction = Redaction((secret,))
    for form in forms(secret):
        assert redaction.is_in(form)
        assert "401 for [secret] here" == redaction.redact(f"401 for {form} here")


def test_basic_authentication_is_removed_as_a_whole() -> None:
    """Of ``user:password`` in base64 nothing is left, not even the user."""
    header = base64.b64encode(b"controller:correct-horse").decode()
    redaction = Redaction(("correct-horse",))
    assert "Authorization: Basic [secret]" == redaction.redact(f"Authorization: Basic {header}")


def test_lines_of_a_key_are_secrets() -> None:
    """A line of a private key is removed also if it is alone."""
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\n-----END KEY-----\n"
    shown = Redaction((key,)).redact("bad line MIIEvQIBADANBgkqhkiG9w0BAQEF in the key")
    assert "bad line [secret] in the key" == shown


def test_text_without_secrets_is_unchanged() -> None:
    """A text without a secret is unchanged; without secrets nothing is searched."""
    assert "Invoice ACME-77 of 20,025.45 USD" == Redaction(SECRETS).redact(
        "Invoice ACME-77 of 20,025.45 USD"
    )
    assert not Redaction(()).is_in("tok-12345678")
    assert not Redaction(("",)).is_in("anything")


def test_a_cut_leaves_no_part_of_a_secret() -> None:
    """A secret at the end of the kept part is removed or left out, never cut in two."""
    redaction = Redaction(("tok-12345678",))
    for place in range(60, 100):
        assert "tok" not in redaction.redact(f"{'a' * place}tok-12345678{'b' * 50}", 20)
    shown = redaction.redact("tok-12345678 " * 100_000, 100)
    assert "tok" not in shown
    assert shown.endswith("… (cut: 1,300,000 characters in all)")


def test_long_text_is_cut_with_a_mark() -> None:
    """A text is kept up to its limit, with a mark that has its length."""
    assert "aaaa… (cut: 20,000,000 characters in all)" == Redaction(()).redact("a" * 20_000_000, 4)
    assert "aaaa" == shorten("aaaa", 4)


def test_what_no_store_keeps_is_replaced() -> None:
    """NUL and halves of surrogate pairs become the replacement character."""
    assert "a\ufffdb\ufffdc" == replace_unstorable("a\0b\ud800c")


def test_base64_in_lines_is_removed() -> None:
    """Of a secret that base64 breaks into lines no line is left that shows a part of it."""
    text = base64.encodebytes(b"u" * 52 + b":correct-horse-battery-staple-of-four-words").decode()
    shown = Redaction(("correct-horse-battery-staple-of-four-words",)).redact(text)
    assert "dXV1dXV1" in text
    # Both lines have letters of the secret, so both are removed.
    assert "[secret]" == shown.strip()


@pytest.mark.parametrize("mark", ["\\", "%25", "&#0", " ", "\n", "t\n ", "A", "=", "0"])
def test_no_text_takes_long(mark: str) -> None:
    """A text of many beginnings of escapes is returned unchanged."""
    text = mark * (50_000 // len(mark))
    assert text == Redaction(("tok-12345678",)).redact(text, 50_000)
