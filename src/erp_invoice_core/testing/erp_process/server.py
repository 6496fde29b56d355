"""The server of the fake: JSON over HTTP on this machine, a thread per request."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Final

import attrs

from .books import Books
from .fates import Fate

if TYPE_CHECKING:
    from .books import Asked, Request
    from .fates import Fates
    from .promises import Promise

__all__ = ["ErpServer"]

_WRITES: Final = frozenset({"create", "post", "withdraw"})
_LOOKS: Final = frozenset({"find", "read"})
_PATIENCE: Final = 60.0


class ErpServer(socketserver.ThreadingTCPServer):
    """
    Listens on a free port of 127.0.0.1.

    Args:
        promise: The row that it keeps to.
        fates: What becomes of each request.
        latency: So many seconds pass before a write is carried out, and as many before its answer.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, promise: Promise, fates: Fates, latency: float) -> None:
        self.books = Books(promise)
        self.fates = fates
        self._latency = latency
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, kind: str, asked: Asked) -> Asked | None:
        """Return the answer to a request; ``None``: it gets none."""
        if kind in _WRITES:
            return self._written(kind, asked)
        if kind in _LOOKS:
            with self._lock:
                self.books.hear(kind, asked, time.monotonic()).is_open = False
                return self.books.look(kind, asked, time.monotonic())
        return self._told(kind, asked)

    def _told(self, kind: str, asked: Asked) -> Asked | None:
        """Do what a test wants: plan a fate, let go what is held, go calm, count, tell all."""
        with self._lock:
            if kind == "count":
                return {"requests": len(self.books.requests)}
            if kind == "plan":
                self.fates.plan(asked["on"], Fate(asked["do"]))
            elif kind == "release":
                self.fates.released.set()
            elif kind == "calm":
                self.fates.calm()
            elif kind != "told":
                return None
            return attrs.asdict(self.books, filter=lambda field, _: field.name != "promise")

    def _written(self, kind: str, asked: Asked) -> Asked | None:
        with self._lock:
            request = self.books.hear(kind, asked, time.monotonic())
            fate = self.fates.next(kind)
            pause = self.fates.pause(self.books.promise.holds) if fate is Fate.LATE else 0.0
            request.fate = fate.value
        try:
            return self._met(request, fate, pause, asked)
        finally:
            request.is_open = False

    def _met(self, request: Request, fate: Fate, pause: float, asked: Asked) -> Asked | None:
        time.sleep(self._latency + pause)
        if fate is Fate.HOLD:
            self.fates.released.wait(_PATIENCE)
        if fate is Fate.DROPPED:
            return None
        with self._lock:
            if self._is_dead(asked):
                request.fate = "dead"
                return None
            answer = self.books.carry_out(request.kind, asked, time.monotonic())
            request.done_at = time.monotonic()
        if fate is Fate.HOLD_ANSWER:
            self.fates.released.wait(_PATIENCE)
        time.sleep(self._latency)
        return None if fate is Fate.LOST else answer

    def _is_dead(self, asked: Asked) -> bool:
        """Whether the request is too old by now: then it is never carried out, as declared."""
        settles = self.books.promise.settles
        age: float = time.monotonic() - asked["sent_at"]
        return settles is not None and age > settles


class _Handler(BaseHTTPRequestHandler):
    """One connection: one request, then it is closed, answered or not."""

    server: ErpServer

    def do_POST(self) -> None:
        """Answer the request, or hang up."""
        self.close_connection = True
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.answer(self.path.strip("/"), json.loads(body))
        if answer is None:
            return
        payload = json.dumps(answer).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_what: Any) -> None:  # noqa: ANN401 - as of http.server
        """Say nothing: what was heard is in the books."""

    def handle(self) -> None:
        """Serve; a caller may be dead before it has its answer, or has sent all."""
        try:
            super().handle()
        except (OSError, ValueError):
            self.close_connection = True

    def finish(self) -> None:
        """Hang up, also on a caller who is dead."""
        try:
            super().finish()
        except OSError:
            self.rfile.close()
