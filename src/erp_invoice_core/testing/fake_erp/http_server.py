"""The HTTP server of the fake ERP, with the faults of its requests."""

from __future__ import annotations

import json
import random
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

import attrs

from ...adapters import AccountingPeriod, Step
from .ledger import MAKES, ErpDocument, Ledger, Refusal, Request
from .promises import Promise
from .quirk_set import PLAIN, QuirkSet
from .quirks import Quirk


class RequestFault(StrEnum):
    """
    The fault of one request.

    ``prompt``: none; carried out and answered at once. ``late``: held for a while, then carried
    out. ``lost``: carried out, not answered. ``dropped``: neither carried out nor answered.
    ``hold``: carried out when the test releases it. ``hold_answer``: carried out at once, answered
    when the test releases it.
    """

    PROMPT = "prompt"
    LATE = "late"
    LOST = "lost"
    DROPPED = "dropped"
    HOLD = "hold"
    HOLD_ANSWER = "hold_answer"


@attrs.frozen(kw_only=True)
class Chances:
    """The probabilities of the random faults, each from 0 to 1; their sum is at most 1."""

    late: float = 0.0
    lost: float = 0.0
    dropped: float = 0.0


class RequestFaults:
    """Chooses the fault of each request: the one that a test planned, else a random one."""

    def __init__(self, chances: Chances, seed: int) -> None:
        self._chances = chances
        self._random = random.Random(seed)  # noqa: S311 - a seeded choice is meant, no secret
        self._planned: list[tuple[str, RequestFault]] = []
        self.released = threading.Event()

    def plan(self, on: str, fault: RequestFault) -> None:
        """Plan the fault of the next request of a kind."""
        self.released.clear()
        self._planned.append((on, fault))

    def calm(self) -> None:
        """Carry out and answer every request from now on, the held ones too."""
        self._chances = Chances()
        self._planned.clear()
        self.released.set()

    def next(self, kind: str) -> RequestFault:
        """Return the fault of a new request: the next planned one of its kind, or a random one."""
        for place, (on, fault) in enumerate(self._planned):
            if on == kind:
                del self._planned[place]
                return fault
        drawn = self._random.random()
        for fault, chance in (
            (RequestFault.LATE, self._chances.late),
            (RequestFault.LOST, self._chances.lost),
            (RequestFault.DROPPED, self._chances.dropped),
        ):
            if drawn < chance:
                return fault
            drawn -= chance
        return RequestFault.PROMPT

    def pause(self, most: float) -> float:
        """Return the random number of seconds, up to *most*, for which a late request is held."""
        return self._random.uniform(0.0, most)


#: A request's or an answer's fields, as JSON gives them.
Asked = Mapping[str, Any]


@attrs.frozen
class Reply:
    """An answer: its fields, which are sent as JSON; with ``status`` 500 an HTML page is sent."""

    fields: Asked
    status: HTTPStatus = HTTPStatus.OK


_FIELDS: Final = frozenset(attrs.fields_dict(ErpDocument))
_LIMITED: Final = Reply({"error": "Too many requests."}, HTTPStatus.TOO_MANY_REQUESTS)
_FAILED: Final = Reply({}, HTTPStatus.INTERNAL_SERVER_ERROR)
_PAGE: Final = b"<!doctype html><title>Internal Server Error</title>\n"


@attrs.define(kw_only=True)
class ReceivedRequest:
    """
    A request that the fake received.

    Attributes:
        caller: The id of the process that sent it.
        heard_at: When it was received, in seconds on the machine's monotonic clock, like
            ``done_at``.
        done_at: When it was carried out; ``None``: it was not, or not yet.
        is_open: True if the fake may still carry it out or answer it.
    """

    kind: str
    key: str
    caller: str
    heard_at: float
    done_at: float | None = None
    fault: str = ""
    is_open: bool = True


@attrs.define
class ServerState:
    """The ledger and the requests of a server; every use needs the server's lock."""

    promise: Promise
    ledger: Ledger
    quirks: QuirkSet = PLAIN
    requests: list[ReceivedRequest] = attrs.Factory(list)

    def is_limited(self) -> bool:
        """Return whether the quirk of a rate limit declines the last recorded request."""
        most = self.quirks.find(Quirk.LIMITS_RATE)
        return most is not None and len(self.requests) % most == 0

    def is_unknown(self, asked: Asked) -> bool:
        """Return whether a quirk makes a request fail that has a field unknown to the fake."""
        fails = Quirk.FAILS_ON_UNKNOWN_FIELD in self.quirks
        return fails and not _FIELDS.issuperset(asked.get("content", ()))

    def record(self, kind: str, asked: Asked, now: float) -> ReceivedRequest:
        """Record a request as received at *now*, and return its record."""
        key = str(asked.get("key") or asked.get("id") or " ".join(asked.get("keys", ())))
        request = ReceivedRequest(kind=kind, key=key, caller=str(asked.get("caller")), heard_at=now)
        self.requests.append(request)
        return request

    def carry_out(self, kind: str, asked: Asked) -> Asked | None:
        """
        Create, post or withdraw a bill; return the answer: a bill, or a refusal's code.

        ``None``: the fake has crashed, and there is no answer.
        """
        request = Request(
            step=Step(kind, kind),
            key=asked.get("key", ""),
            on=asked.get("id"),
            content=_read_content(asked) if kind in MAKES else None,
            removes=kind == "withdraw",
        )
        documents = self.ledger.documents
        before = len(documents)
        answer = self.ledger.carry_out(request)
        if isinstance(answer, Refusal):
            return {"refused": answer.value}
        if self.quirks.interrupts(documents, before):
            return None
        hides_id = kind in MAKES and Quirk.ANSWERS_WITHOUT_ID in self.quirks
        return {"bill": {**attrs.asdict(answer), **({"id": ""} if hides_id else {})}}

    def look(self, kind: str, asked: Asked) -> Asked:
        """
        Return the answer to a request that reads.

        ``read`` asks for a bill by its id, ``payments`` for a bill with its payments, even a
        removed one, ``periods`` for the accounting periods, ``find`` for the bills of a look-up.
        """
        if kind == "periods":
            return {"periods": [_dump_period(each) for each in self.quirks.list_periods()]}
        if kind == "payments":
            paid = self.ledger.documents.get(asked["id"])
            return {"bills": [attrs.asdict(paid)] if paid else []}
        if kind == "read":
            bill = self.ledger.find(asked["id"])
            return {"bills": [attrs.asdict(bill)] if bill else []}
        found = self.ledger.look_up(
            asked["step"], asked["keys"], _read_content(asked), until=time.monotonic()
        )
        return self._page([attrs.asdict(bill) for bill in found], asked.get("page", 1))

    def _page(self, bills: list[dict[str, Any]], page: int) -> Asked:
        """Return a page of bills; ``next`` is the number of the next page, if there is one."""
        size = self.quirks.find(Quirk.PAGES) or max(len(bills), 1)
        rest = len(bills) > page * size
        shown = bills[(page - 1) * size : page * size]
        return {"bills": shown, "total": len(bills), "next": page + 1 if rest else None}


def _dump_period(period: AccountingPeriod) -> Asked:
    """Return the fields of a period, with its days in ISO 8601."""
    days = {"first_day": period.first_day, "last_day": period.last_day}
    texts = {name: day and day.isoformat() for name, day in days.items()}
    return {"name": period.name, "is_open": period.is_open, **texts}


def _read_content(asked: Asked) -> ErpDocument | None:
    """
    Return the document in a request's field ``content``; ``None`` without that field.

    Fields that the fake does not know are left out.
    """
    if "content" not in asked:
        return None
    return ErpDocument(
        **{name: asked["content"][name] for name in asked["content"] if name in _FIELDS}
    )


_WRITES: Final = frozenset({*MAKES, "post", "withdraw"})
_LOOKS: Final = frozenset({"find", "read", "payments", "periods"})
_TIME_LIMIT: Final = 60.0


def _pay(bill: ErpDocument, asked: Asked) -> Asked:
    amount, day = Decimal(asked["amount"]), date.fromisoformat(asked["date"])
    paid = bill.pay(amount, day, reference=asked.get("reference"), method=asked["method"])
    return {"payment": paid}


def _void_payment(bill: ErpDocument, asked: Asked) -> Asked:
    bill.void_payment(asked["payment"])
    return {}


def _void(bill: ErpDocument, _asked: Asked) -> Asked:
    bill.exists = False
    return {}


#: The acts of an accountant in the ERP, which are no requests of an adapter.
_BY_HAND: Final[Mapping[str, Callable[[ErpDocument, Asked], Asked]]] = {
    "pay": _pay,
    "void_payment": _void_payment,
    "void": _void,
}


class ErpServer(socketserver.ThreadingTCPServer):
    """
    The fake ERP as an HTTP server on a free port of 127.0.0.1.

    Args:
        promise: The row of the promise table by which it behaves.
        faults: Chooses the faults of its requests.
        latency: Seconds before a write is carried out, and as many before its answer.
        quirks: Its quirks.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, promise: Promise, faults: RequestFaults, latency: float, quirks: QuirkSet = PLAIN
    ) -> None:
        slow = quirks.find(Quirk.SLOW_INDEX)
        visible = promise.visible if slow is None else slow / 1000
        ledger = Ledger(
            rules=quirks.build_rules(promise.rules),
            choose_visible_from=lambda: time.monotonic() + visible,
            behaviour=quirks,
        )
        self.state = ServerState(promise, ledger, quirks)
        self.faults = faults
        self._latency = latency
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """The URL of the server."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, kind: str, asked: Asked) -> Reply | None:
        """Return the answer to a request; ``None`` if it gets no answer."""
        if kind in _WRITES:
            return self._answer_write(kind, asked)
        if kind in _LOOKS:
            with self._lock:
                self.state.record(kind, asked, time.monotonic()).is_open = False
                if self.state.is_limited():
                    return _LIMITED
                return Reply(self.state.look(kind, asked))
        fields = self._control(kind, asked)
        return None if fields is None else Reply(fields)

    def _control(self, kind: str, asked: Asked) -> Asked | None:
        """
        Answer a request of the test itself: about faults, an act by hand in the ERP, or a report.

        An act by hand is a payment, a voided payment or a voided bill. Return ``None`` for a kind
        that is not known.
        """
        with self._lock:
            if kind == "count":
                return {"requests": len(self.state.requests)}
            if kind == "plan":
                self.faults.plan(asked["on"], RequestFault(asked["do"]))
            elif kind == "release_held":
                self.faults.released.set()
            elif kind == "calm":
                self.faults.calm()
            elif kind in _BY_HAND:
                return _BY_HAND[kind](self.state.ledger.documents[asked["id"]], asked)
            elif kind != "report":
                return None
            bills = {
                erp_id: attrs.asdict(bill) for erp_id, bill in self.state.ledger.documents.items()
            }
            return {"bills": bills, "requests": [attrs.asdict(one) for one in self.state.requests]}

    def _answer_write(self, kind: str, asked: Asked) -> Reply | None:
        with self._lock:
            request = self.state.record(kind, asked, time.monotonic())
            request.is_open = False
            if self.state.is_limited():
                return _LIMITED
            if self.state.is_unknown(asked):
                return _FAILED
            request.is_open = True
            fault = self.faults.next(kind)
            pause = (
                self.faults.pause(self.state.promise.holds) if fault is RequestFault.LATE else 0.0
            )
            request.fault = fault.value
        try:
            answer = self._meet_fault(request, fault, pause, asked)
        finally:
            request.is_open = False
        return None if answer is None else Reply(answer)

    def _meet_fault(
        self, request: ReceivedRequest, fault: RequestFault, pause: float, asked: Asked
    ) -> Asked | None:
        time.sleep(self._latency + pause)
        if fault is RequestFault.HOLD:
            self.faults.released.wait(_TIME_LIMIT)
        if fault is RequestFault.DROPPED:
            return None
        with self._lock:
            if self._is_dead(asked):
                request.fault = "dead"
                return None
            answer = self.state.carry_out(request.kind, asked)
            request.done_at = time.monotonic()
        if fault is RequestFault.HOLD_ANSWER:
            self.faults.released.wait(_TIME_LIMIT)
        time.sleep(self._latency)
        return None if fault is RequestFault.LOST else answer

    def _is_dead(self, asked: Asked) -> bool:
        """Return whether the request is older than the promise allows, so that it has no effect."""
        settles = self.state.promise.settles
        age: float = time.monotonic() - asked["sent_at"]
        return settles is not None and age > settles


class _Handler(BaseHTTPRequestHandler):
    """A connection, which is closed after one request, answered or not."""

    server: ErpServer

    def do_POST(self) -> None:
        """Answer the request, or close the connection."""
        self.close_connection = True
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.answer(self.path.strip("/"), json.loads(body))
        if answer is None:
            return
        failed = answer.status is HTTPStatus.INTERNAL_SERVER_ERROR
        payload = _PAGE if failed else json.dumps(answer.fields).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "text/html" if failed else "application/json")
        if answer is _LIMITED:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_what: Any) -> None:  # noqa: ANN401 - as of http.server
        """Log nothing: the state has every request."""

    def handle(self) -> None:
        """Serve one request; a caller that ends before its answer causes no error."""
        try:
            super().handle()
        except (OSError, ValueError):
            self.close_connection = True

    def finish(self) -> None:
        """Close the connection, also if the caller has ended."""
        try:
            super().finish()
        except OSError:
            self.rfile.close()
