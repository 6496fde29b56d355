"""The books of the fake: its bills, and everything that it was ever told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from .promises import Enforces, Promise

__all__ = ["Asked", "Bill", "Books", "Request"]

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
        is_open: Whether the fake may still do something about it.
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
