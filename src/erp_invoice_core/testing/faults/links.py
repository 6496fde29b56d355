"""
Links and headers of HTTP messages that pass through a proxy.

The ERP must see its own origin, and the adapter the origin of the proxy. Otherwise an adapter that
follows a redirect or a link to the next page would leave the proxy, and meet no fault any more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: The headers of one connection, which a proxy does not forward (RFC 9110, 7.6.1), and the ones
#: that the proxy sets itself.
_HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_SET_ANEW: Final = frozenset({"host", "expect", "accept-encoding", "content-length"})
_LINKING_ANSWER: Final = frozenset({"location", "content-location", "link", "refresh"})
_LINKING_REQUEST: Final = frozenset({"origin", "referer", "destination"})
_TEXT: Final = re.compile(
    r"(?:application|text)/(?:[\w.-]+\+)?(?:json|xml|html|plain)\b", re.IGNORECASE
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@attrs.frozen
class Origin:
    """A scheme, a host and a port."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> Origin:
        """
        Return the origin of a URL.

        Raises:
            ValueError: It is not an HTTP URL with a host, or it holds a user or a password.
        """
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError("An upstream must be a URL that begins with http:// or https://.")
        if parts.username or parts.password:
            raise ValueError("An upstream must hold no user and no password.")
        return cls(parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme])

    @property
    def _host_text(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def netloc(self) -> str:
        """The host, with the port if it is not the scheme's own."""
        is_plain = self.port == _DEFAULT_PORTS[self.scheme]
        return self._host_text if is_plain else f"{self._host_text}:{self.port}"

    @property
    def url(self) -> str:
        """The origin as the start of a URL."""
        return f"{self.scheme}://{self.netloc}"

    @property
    def pattern(self) -> re.Pattern[str]:
        """A pattern that finds the origin in a text, also if its slashes are escaped as in JSON."""
        port = "(?::" + str(self.port) + ")" + "?" * (self.port == _DEFAULT_PORTS[self.scheme])
        slashes = r"(?P<slash>\\?/)(?P=slash)"
        host = re.escape(self._host_text)
        return re.compile(rf"{self.scheme}:{slashes}{host}{port}(?![\w.:-])", re.IGNORECASE)


@attrs.frozen
class Rewriter:
    """Replaces one origin by another one in headers and texts."""

    _pattern: re.Pattern[str]
    _new: Origin
    _headers: frozenset[str]

    def replace(self, text: str) -> str:
        """Return a text with the old origin replaced by the new one in every link."""

        def lead(found: re.Match[str]) -> str:
            slash = found["slash"]
            return f"{self._new.scheme}:{slash}{slash}{self._new.netloc}"

        return self._pattern.sub(lead, text)

    def replace_bytes(self, body: bytes) -> bytes:
        """Return the bytes of a text with its links replaced; its encoding does not matter."""
        return self.replace(body.decode("latin-1")).encode("latin-1")

    def forward(
        self, headers: Iterable[tuple[str, str]], connection: str
    ) -> Iterator[tuple[str, str]]:
        """
        Yield the headers to forward, with their links replaced.

        Headers that concern one connection only are left out: the usual ones, and those that
        *connection*, the value of the header Connection, names.
        """
        named = {name.strip().lower() for name in connection.split(",")}
        for name, value in headers:
            known = name.lower()
            if known not in _HOP_BY_HOP and known not in _SET_ANEW and known not in named:
                yield name, self.replace(value) if known in self._headers else value


def build_rewriters(erp: Origin, proxy: Origin) -> tuple[Rewriter, Rewriter]:
    """Return the rewriter of requests, and the one of answers."""
    return (
        Rewriter(proxy.pattern, erp, _LINKING_REQUEST),
        Rewriter(erp.pattern, proxy, _LINKING_ANSWER),
    )


def is_text(content_type: str | None) -> bool:
    """Return whether a body of that type may hold links or lists: JSON, XML, HTML, plain text."""
    return _TEXT.match(content_type or "") is not None
