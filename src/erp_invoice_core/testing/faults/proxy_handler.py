"""The adapter's side of the fault proxy: the requests of one connection."""

from __future__ import annotations

import http.client
import itertools
import socket
import struct
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from .fault import FAULTS, Effect, Fault
from .links import is_text
from .plan import FaultRequest
from .upstream import BLOCK, ForwardedRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .plan import FaultPlan, LoggedRequest, Met
    from .upstream import ErpAnswer, Upstream

_HTML: Final = b"<!doctype html><title>Error</title><h1>The service is not available</h1>\n"
_REASON: Final = b'{"message": "The request is not valid.", "error": "invalid"}\n'
#: The socket option with which a close is a reset.
_RESET: Final = struct.pack("ii", 1, 0)
_WITHOUT_BODY: Final = frozenset({204, 304})

#: The answers that the proxy gives in place of the ERP's: status and headers.
_ANSWERS: Final[dict[Fault, tuple[int, dict[str, str]]]] = {
    Fault.ERROR_BEFORE: (500, {}),
    Fault.ERROR_AFTER: (500, {}),
    Fault.TOO_MANY: (429, {}),
    Fault.TOO_MANY_RETRY_AFTER: (429, {"Retry-After": "{seconds:.0f}"}),
    Fault.UNAUTHORIZED: (401, {"WWW-Authenticate": "Bearer"}),
    Fault.BAD_REQUEST: (400, {}),
    Fault.UNPROCESSABLE: (422, {}),
    Fault.CONFLICT: (409, {}),
    Fault.PRECONDITION_FAILED: (412, {}),
    Fault.NOT_FOUND: (404, {}),
    Fault.NOT_FOUND_PAGE: (404, {}),
    Fault.REQUEST_TIMEOUT: (408, {}),
    Fault.HTML_PAGE: (200, {}),
    Fault.BAD_GATEWAY: (502, {}),
    Fault.UNAVAILABLE: (503, {}),
    Fault.UNAVAILABLE_RETRY_AFTER: (503, {"Retry-After": "{seconds:.0f}"}),
    Fault.ERROR_WITH_REASON: (500, {}),
    Fault.OTHER_STATUS: (507, {}),
    Fault.LATE_WRITE: (504, {"Connection": "close"}),
}

#: Those of them that have a reason in JSON; the others are HTML pages.
_WITH_REASON: Final = frozenset(
    {
        Fault.BAD_REQUEST,
        Fault.UNPROCESSABLE,
        Fault.CONFLICT,
        Fault.PRECONDITION_FAILED,
        Fault.NOT_FOUND,
        Fault.UNAVAILABLE_RETRY_AFTER,
        Fault.ERROR_WITH_REASON,
    }
)


class _CutOff(Exception):
    """The connection to the adapter ends now, without a further answer."""


class ProxyHandler(BaseHTTPRequestHandler):
    """
    A connection of an adapter, kept alive over several requests.

    The row of a request in the log is complete before its answer is sent.
    """

    protocol_version = "HTTP/1.1"
    server_version = "fault-proxy"
    sys_version = ""

    def __init__(
        self, client: socket.socket, address: object, upstream: Upstream, faults: FaultPlan
    ) -> None:
        self._upstream = upstream
        self._faults = faults
        client.settimeout(upstream.patience)
        super().__init__(client, address, cast("Any", None))

    def log_message(self, *_what: object) -> None:
        """Print nothing: the plan has the log, without secrets."""

    def handle(self) -> None:
        """Serve until the adapter, the ERP or a fault ends the connection."""
        try:
            super().handle()
        except (_CutOff, OSError, ValueError, http.client.HTTPException):
            self.close_connection = True

    def finish(self) -> None:
        """Close the connection, also if the adapter has closed it."""
        try:
            super().finish()
        except OSError:
            self.rfile.close()

    def _serve(self) -> None:
        """Answer one request, with the fault that it meets."""
        blocks = self._read_body()
        first = next(blocks, b"")
        target = self._find_target()
        logged, met = self._faults.meet(FaultRequest(self.command, target, first))
        request = self._build_request(target, first, blocks)
        if met is None:
            self._pass_on(request, logged, lambda answer: self._send(answer, logged))
        elif met.fault is Fault.RESET_IN_BODY:
            self._reset()
        elif met.fault is Fault.SLOW:
            with self._faults.hold(met) as wait:
                self._pass_on(
                    request, logged, lambda answer: self._send_slowly(answer, logged, wait)
                )
        elif met.fault is Fault.CUT_LIST:
            self._pass_on(request, logged, lambda answer: self._send(self._shorten(answer), logged))
        elif met.fault is Fault.CUT_BODY:
            self._pass_on(request, logged, lambda answer: self._send_half(answer, logged))
        elif FAULTS[met.fault].effect is Effect.LATER:
            self._forward_late(met, request, logged)
        else:
            self._answer_otherwise(met, request, logged)
        for _ in blocks:  # a rest that was not forwarded stands before the next request
            pass

    # fmt: off
    do_GET = do_HEAD = do_OPTIONS = do_QUERY = _serve  # noqa: N815 - the names of http.server
    do_POST = do_PUT = do_PATCH = do_DELETE = do_MERGE = _serve  # noqa: N815 - the same
    # fmt: on

    def _answer_otherwise(self, met: Met, request: ForwardedRequest, logged: LoggedRequest) -> None:
        """Forward the request if the fault says so, and give the fault's answer, or no answer."""
        if FAULTS[met.fault].effect is Effect.ONCE:
            self._forward(request, logged)
        self._answer(met, logged)

    def _forward_late(self, met: Met, request: ForwardedRequest, logged: LoggedRequest) -> None:
        """Answer as the fault says, if at all; forward the request once the test releases it."""
        with self._faults.hold(met) as wait, request.keep() as kept:
            if met.fault in _ANSWERS:
                self._answer(met, logged)
            wait()
            self._forward(kept, logged)
        raise _CutOff

    def _forward(self, request: ForwardedRequest, logged: LoggedRequest) -> None:
        """Forward a request, wait for the ERP's answer, and discard the answer."""
        with self._upstream.ask(request, logged) as answer:
            for _ in answer.parts if answer else ():
                pass

    def _answer(self, met: Met, logged: LoggedRequest) -> None:
        """Give the proxy's own answer, or cut the connection off if the fault has none."""
        if met.fault not in _ANSWERS:
            raise _CutOff
        status, headers = _ANSWERS[met.fault]
        if met.fault is Fault.OTHER_STATUS:
            status = met.status
        logged.status = status
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value.format(seconds=met.seconds))
        is_reason = met.fault in _WITH_REASON
        body = _REASON if is_reason else _HTML
        self.send_header("Content-Type", "application/json" if is_reason else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _pass_on(
        self,
        request: ForwardedRequest,
        logged: LoggedRequest,
        send: Callable[[ErpAnswer], None],
    ) -> None:
        """Forward a request, and send the ERP's answer."""
        with self._upstream.ask(request, logged) as answer:
            if answer is not None:
                send(answer)
                return
            logged.status = 502
            self.send_error(502, "The ERP gave no answer", logged.problem)

    def _send_slowly(
        self, answer: ErpAnswer, logged: LoggedRequest, wait: Callable[[], None]
    ) -> None:
        wait()
        self._send(answer, logged)

    def _shorten(self, answer: ErpAnswer) -> ErpAnswer:
        if not answer.is_whole:
            return answer
        body = self._upstream.shorten(b"".join(answer.parts))
        return attrs.evolve(answer, parts=(body,), length=len(body))

    def _send_half(self, answer: ErpAnswer, logged: LoggedRequest) -> None:
        body = b"".join(answer.parts)
        self._start(attrs.evolve(answer, length=max(len(body), 1)), logged)
        self.wfile.write(body[: len(body) // 2])
        raise _CutOff

    def _send(self, answer: ErpAnswer, logged: LoggedRequest) -> None:
        is_chunked = self._start(answer, logged)
        if self.command == "HEAD":
            return
        for part in answer.parts:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part) if is_chunked and part else part)
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _start(self, answer: ErpAnswer, logged: LoggedRequest) -> bool:
        """Send the head of an answer; return whether its body is to be sent in chunks."""
        logged.status = answer.status
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.headers:
            self.send_header(name, value)
        has_body = answer.status not in _WITHOUT_BODY and self.command != "HEAD"
        is_chunked = has_body and answer.length is None and self.request_version == "HTTP/1.1"
        if is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.length is not None and answer.status not in _WITHOUT_BODY:
            self.send_header("Content-Length", str(answer.length))
        elif has_body:
            self.send_header("Connection", "close")
        self.end_headers()
        return is_chunked

    def _reset(self) -> None:
        """Reset the connection, so that the adapter sees an error instead of an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()
        raise _CutOff

    def _find_target(self) -> str:
        """Return the path and query of the request, without an origin before them."""
        if self.path.startswith("/"):
            return self.path
        return "/" + self.path.partition("://")[2].partition("/")[2]

    @property
    def _is_chunked(self) -> bool:
        return "chunked" in self.headers.get("Transfer-Encoding", "").lower()

    def _build_request(self, target: str, first: bytes, rest: Iterator[bytes]) -> ForwardedRequest:
        """
        Return the request to forward, whose links lead to the ERP instead of the proxy.

        In the body links are changed only if it is a text of one block.

        Args:
            target: The path and the query.
            first: The first block of the body.
            rest: The further blocks.
        """
        rewriter = self._upstream.requests
        given = self.headers.get("Connection", "")
        headers = tuple(rewriter.forward(self.headers.items(), given))
        announced = self.headers.get("Content-Length")
        if announced is None and not self._is_chunked:
            return ForwardedRequest(self.command, target, headers, None, None)
        length = None if announced is None or self._is_chunked else int(announced)
        if length == len(first) and is_text(self.headers.get("Content-Type")):
            first = rewriter.replace_bytes(first)
            length = len(first)
        body = itertools.chain((first,), rest)
        return ForwardedRequest(self.command, target, headers, body, length)

    def _read_body(self) -> Iterator[bytes]:
        """Yield the body of the request in blocks."""
        if not self._is_chunked:
            yield from self._read_exactly(int(self.headers.get("Content-Length", 0)))
            return
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield from self._read_exactly(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # headers after the last chunk
            pass

    def _read_exactly(self, size: int) -> Iterator[bytes]:
        while size:
            block = self.rfile.read(min(size, BLOCK))
            if len(block) < min(size, BLOCK):  # the adapter broke off
                raise _CutOff
            size -= len(block)
            yield block
