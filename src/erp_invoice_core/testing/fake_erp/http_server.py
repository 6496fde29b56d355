"""The HTTP server of the fake ERP: its ledger, and what happens to requests."""

from __future__ import annotations

import json
import random
import socketserver
import threading
import time
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

import attrs

from .promises import Enforces, Promise


class Fate(StrEnum):
    """
    What becomes of one request.

    ``late``: held for a while, then carried out. ``lost``: carried out, not answered. ``dropped``:
    neither. ``hold``: carried out when it is released. ``hold_answer``: carried out at once,
    answered when it is released.
    """

    PROMPT = "prompt"
    LATE = "late"
    LOST = "lost"
    DROPPED = "dropped"
    HOLD = "hold"
    HOLD_ANSWER = "hold_answer"


@attrs.frozen(kw_only=True)
class Chances:
    """How probable each fate is that is not prompt; from 0 to 1, together at most 1."""

    late: float = 0.0
    lost: float = 0.0
    dropped: float = 0.0


class Fates:
    """Deals out fates; a planned one goes before chance."""

    def __init__(self, chances: Chances, seed: int) -> None:
        self._chances = chances
        self._random = random.Random(seed)  # noqa: S311 - a seeded choice is meant, no secret
        self._planned: list[tuple[str, Fate]] = []
        self.released = threading.Event()

    def plan(self, on: str, fate: Fate) -> None:
        """Have the next request of a kind meet a fate."""
        self.released.clear()
        self._planned.append((on, fate))

    def calm(self) -> None:
        """Have every request carried out and answered from now on, those held too."""
        self._chances = Chances()
        self._planned.clear()
        self.released.set()

    def next(self, kind: str) -> Fate:
        """Return the fate of the next request of a kind."""
        for place, (on, fate) in enumerate(self._planned):
            if on == kind:
                del self._planned[place]
                return fate
        drawn = self._random.random()
        for fate, chance in (
            (Fate.LATE, self._chances.late),
            (Fate.LOST, self._chances.lost),
            (Fate.DROPPED, self._chances.dropped),
        ):
            if drawn < chance:
                return fate
            drawn -= chance
        return Fate.PROMPT

    def pause(self, most: float) -> float:
        """Return for how many seconds a late request is held."""
        return self._random.uniform(0.0, most)


#: A request's or an answer's fields, as JSON gives them.
Asked = Mapping[str, Any]


_GONE: Final = "removed"


@attrs.frozen(kw_only=True)
class Bill:
    """A bill in the fake; it is never forgotten, a removed one stays as ``removed``."""

    id: str
    key: str
    vendor: str | None
    number: str | None
    amount: str
    date: str | None
    digest: str
    made_at: float
    state: str = "draft"
    post_key: str | None = None


@attrs.define(kw_only=True)
class Request:
    """
    A request as it was heard.

    Attributes:
        caller: The process that sent it.
        heard_at: On the machine's monotonic clock, in seconds, as ``done_at`` is.
        done_at: When it was carried out; ``None``: it was not, or not yet.
        is_open: True if the fake may still do something about it.
    """

    kind: str
    key: str
    caller: str
    heard_at: float
    done_at: float | None = None
    fate: str = ""
    is_open: bool = True


@attrs.define
class Books:
    """Everything that the fake knows; whoever uses it holds its lock."""

    promise: Promise
    bills: dict[str, Bill] = attrs.Factory(dict)
    requests: list[Request] = attrs.Factory(list)

    def hear(self, kind: str, asked: Asked, now: float) -> Request:
        """Note a request."""
        key = str(asked.get("key") or asked.get("id") or " ".join(asked.get("keys", ())))
        request = Request(kind=kind, key=key, caller=str(asked.get("caller")), heard_at=now)
        self.requests.append(request)
        return request

    def carry_out(self, kind: str, asked: Asked, now: float) -> Asked:
        """Create, post or withdraw a bill; return the answer: a bill, or a refusal's code."""
        acts = {"create": self._create, "post": self._post, "withdraw": self._withdraw}
        return acts[kind](asked, now)

    def _create(self, asked: Asked, now: float) -> Asked:
        known = self._known(asked)
        if known is not None:
            is_repeat = self.promise.repeats and known.state != _GONE
            return {"bill": attrs.asdict(known)} if is_repeat else {"refused": "already_there"}
        bill = Bill(
            id=f"BILL-{len(self.bills) + 1}",
            made_at=now,
            **{name: asked[name] for name in ("key", "vendor", "number", "amount", "date")},
            digest=asked["digest"],
        )
        return self._kept(bill)

    def _known(self, asked: Asked) -> Bill | None:
        """Return the bill that the fake takes this one for, if its row lets it see."""
        names = {
            Enforces.KEY: ("key",),
            Enforces.NUMBER: ("vendor", "number"),
            Enforces.NOTHING: (),
        }[self.promise.enforces]
        same = (
            bill
            for bill in self.bills.values()
            if names and all(getattr(bill, name) == asked[name] for name in names)
        )
        return next(same, None)

    def _post(self, asked: Asked, _now: float) -> Asked:
        bill = self.bills.get(asked["id"])
        if bill is None or bill.state == _GONE:
            return {"refused": "not_there"}
        if bill.state == "posted":
            return {"bill": attrs.asdict(bill)}
        return self._kept(attrs.evolve(bill, state="posted", post_key=asked["key"]))

    def _withdraw(self, asked: Asked, _now: float) -> Asked:
        bill = self.bills.get(asked["id"])
        if bill is None:
            return {"refused": "not_there"}
        return self._kept(attrs.evolve(bill, state=_GONE))

    def _kept(self, bill: Bill) -> Asked:
        self.bills[bill.id] = bill
        return {"bill": attrs.asdict(bill)}

    def look(self, kind: str, asked: Asked, now: float) -> Asked:
        """Answer a question: ``read`` one bill by its id, or ``find`` those that match."""
        if kind == "read":
            bill = self.bills.get(asked["id"])
            there = [] if bill is None or bill.state == _GONE else [bill]
        else:
            there = [bill for bill in self.bills.values() if self._matches(bill, asked, now)]
        return {"bills": [attrs.asdict(bill) for bill in there]}

    def _matches(self, bill: Bill, asked: Asked, now: float) -> bool:
        if bill.state == _GONE or bill.made_at > now - self.promise.visible:
            return False
        by_post = asked["step"] == "post"
        if self.promise.finds_by_key:
            return (bill.post_key if by_post else bill.key) in asked["keys"]
        same = (bill.vendor, bill.number) == (asked["vendor"], asked["number"])
        return same and (bill.state == "posted" or not by_post)


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
        """True if the request is too old by now: then it is never carried out, as declared."""
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
