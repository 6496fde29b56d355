"""The ERP's side of the fault proxy: one connection per request."""

from __future__ import annotations

import http.client
import itertools
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Final

import attrs

from .links import Origin, Rewriter, is_text

if TYPE_CHECKING:
    from .plan import LoggedRequest

#: The size of the blocks in which bodies are read.
BLOCK: Final = 64 * 1024
#: The longest body that is read whole, so that links and lists in it can be changed.
_MOST_TEXT: Final = 4 * 1024 * 1024
_MOST_IN_MEMORY: Final = 1024 * 1024


@attrs.frozen
class ForwardedRequest:
    """
    A request to the ERP; its body is read once.

    Attributes:
        body: The blocks of the body; ``None``: it has none.
        length: The length of the body; ``None``: it is sent in chunks, or there is no body.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: Iterable[bytes] | None
    length: int | None

    @contextmanager
    def keep(self) -> Iterator[ForwardedRequest]:
        """Read the whole body now; yield a request with this body, in a file if it is long."""
        with SpooledTemporaryFile(max_size=_MOST_IN_MEMORY) as file:
            for block in self.body or ():
                file.write(block)
            file.seek(0)
            body = iter(lambda: file.read(BLOCK), b"")
            yield self if self.body is None else attrs.evolve(self, body=body)


@attrs.frozen
class ErpAnswer:
    """
    An answer of the ERP.

    Attributes:
        parts: The body: in one part if it is a text of at most 4 MiB, else its blocks.
        length: The length of the body in bytes; ``None``: not known.
        is_whole: True if the body is a text in one part.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    parts: Iterable[bytes]
    length: int | None
    is_whole: bool = False


@attrs.frozen(kw_only=True)
class Upstream:
    """
    The ERP as the proxy reaches it.

    Attributes:
        erp: Its origin.
        context: The TLS context; ``None``: the authorities of the system are trusted.
        patience: Seconds after which an operation on the connection fails.
        requests: Replaces the proxy's origin by the ERP's in the links of requests.
        answers: Replaces the ERP's origin by the proxy's in the links of answers.
        shorten: Shortens the longest list of a body.
    """

    erp: Origin
    context: ssl.SSLContext | None
    patience: float
    requests: Rewriter
    answers: Rewriter
    shorten: Callable[[bytes], bytes]

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self.erp.host, self.erp.port
        if self.erp.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self.patience)
        context = self.context or ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=self.patience, context=context)

    @contextmanager
    def ask(self, request: ForwardedRequest, logged: LoggedRequest) -> Iterator[ErpAnswer | None]:
        """Forward a request; yield the answer, or ``None`` without one (the log says why)."""
        db = self._connect()
        try:
            yield self._ask(db, request, logged)
        finally:
            db.close()

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        request: ForwardedRequest,
        logged: LoggedRequest,
    ) -> ErpAnswer | None:
        logged.is_forwarded = True
        try:
            self._send(connection, request)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            logged.problem = type(error).__name__
            return None
        logged.erp_status = answer.status
        return self._build_answer(request, answer)

    def _send(self, connection: http.client.HTTPConnection, request: ForwardedRequest) -> None:
        connection.putrequest(
            request.method, request.target, skip_host=True, skip_accept_encoding=True
        )
        connection.putheader("Host", self.erp.netloc)
        # In a compressed answer neither links nor lists could be changed.
        connection.putheader("Accept-Encoding", "identity")
        for name, value in request.headers:
            connection.putheader(name, value)
        is_chunked = request.body is not None and request.length is None
        if is_chunked:
            connection.putheader("Transfer-Encoding", "chunked")
        elif request.length is not None:
            connection.putheader("Content-Length", str(request.length))
        connection.endheaders(request.body, encode_chunked=is_chunked)

    def _build_answer(
        self, request: ForwardedRequest, answer: http.client.HTTPResponse
    ) -> ErpAnswer:
        given = answer.getheader("Connection", "")
        announced = answer.getheader("Content-Length")
        built = ErpAnswer(
            status=answer.status,
            reason=answer.reason,
            headers=tuple(self.answers.forward(answer.getheaders(), given)),
            parts=iter(lambda: answer.read(BLOCK), b""),
            length=int(announced) if announced is not None else None,
        )
        is_encoded = answer.getheader("Content-Encoding", "identity") != "identity"
        if request.method == "HEAD" or is_encoded or not is_text(answer.getheader("Content-Type")):
            return built
        if (built.length or 0) > _MOST_TEXT:
            return built
        body = answer.read(_MOST_TEXT)
        if rest := answer.read(BLOCK):
            return attrs.evolve(built, parts=itertools.chain((body, rest), built.parts))
        body = self.answers.replace_bytes(body)
        return attrs.evolve(built, parts=(body,), length=len(body), is_whole=True)
