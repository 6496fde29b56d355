"""A small ERP on a loopback port: it keeps what it is sent, and lists it."""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator


class Books(ThreadingHTTPServer):
    """The server: its bills, and the head of each request."""

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), BooksHandler)
        self.bills: list[str] = []
        self.heads: list[tuple[str, str, dict[str, str]]] = []
        self.scheme = "https" if context else "http"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        """The URL of the books."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing: a client that breaks off is a part of the tests."""


class BooksHandler(BaseHTTPRequestHandler):
    """The requests: POST keeps a bill, GET lists the bills, and a few odd paths."""

    protocol_version = "HTTP/1.1"
    server: Books

    def log_message(self, *_what: object) -> None:
        """Print nothing."""

    def _serve(self) -> None:
        self.server.heads.append((self.command, self.path, dict(self.headers.items())))
        body = self._read_body()
        if self.command in {"POST", "PUT"}:
            self.server.bills.append(body.decode())
        path = urlsplit(self.path).path
        page = {"bills": self.server.bills, "total": len(self.server.bills)}
        page["next"] = f"{self.server.url}/api/bills?page=2"
        if path == "/api/moved":
            self._send(302, b"", {"Location": f"{self.server.url}/api/bills"})
        elif path == "/api/stream":
            self._send_chunks()
        elif path == "/api/empty":
            self.send_response(204)
            self.end_headers()
        elif path == "/api/file":
            self._send(200, b"\0\1" * 5_000_000, {"Content-Type": "application/pdf"})
        elif path == "/api/long":
            self._send(200, b'["' + b"x" * 5_000_000 + b'"]', {"Content-Type": "application/json"})
        else:
            head = {"Content-Type": "application/json", "X-Kept": "yes", "Connection": "X-Lost"}
            self._send(200, json.dumps(page).encode(), {**head, "X-Lost": "hop"})

    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815 - the names of http.server

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_chunks(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (b"one", b"two"):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")


@contextmanager
def open_books(context: ssl.SSLContext | None = None) -> Iterator[Books]:
    """Serve books until the block ends."""
    with Books(context) as books:
        thread = threading.Thread(target=books.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield books
        books.shutdown()


@attrs.frozen
class Answer:
    """An answer that a client got."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """A client of HTTP that keeps its connection alive and retries nothing."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._path = parts.path
        self.connection = http.client.HTTPConnection(parts.netloc, timeout=20)

    def ask(
        self,
        method: str,
        path: str,
        body: str | Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Return the answer to a request."""
        kind = {"Content-Type": "application/json"} if body is not None else {}
        self.connection.request(method, self._path + path, body, {**kind, **(headers or {})})
        answer = self.connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())

    def write(self, bill: str = "{}") -> Answer:
        """Send a bill."""
        return self.ask("POST", "/bills", bill)

    def read(self) -> Answer:
        """List the bills."""
        return self.ask("GET", "/bills")


def write_once(url: str) -> Answer:
    """Send a bill over a connection of its own."""
    client = Client(url)
    try:
        return client.write()
    finally:
        client.connection.close()


def read_once(url: str) -> Answer:
    """List the bills over a connection of its own."""
    client = Client(url)
    try:
        return client.read()
    finally:
        client.connection.close()
