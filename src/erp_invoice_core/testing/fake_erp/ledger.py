"""The ledger of the fake ERP, in memory or in a JSON file that processes share."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.frozen(kw_only=True)
class Paper:
    """A bill in the fake: amounts as decimal strings, days and moments in ISO 8601 (UTC)."""

    id: str
    key: str
    vendor: str | None
    number: str | None
    amount: str
    date: str | None
    digest: str
    made_at: str
    state: str = "draft"
    post_key: str | None = None


@attrs.frozen(kw_only=True)
class Fault:
    """
    What goes wrong, once, at the next request of a kind.

    Attributes:
        on: ``connect``, ``create``, ``post``, ``find``, ``read`` or ``withdraw``.
        do: ``refuse``, ``unreachable``, ``drop`` (not carried out, no answer), ``lose`` (carried
            out, no answer), ``late`` (no answer, carried out ``seconds`` later), ``hang`` (carried
            out and answered after ``seconds``), ``die`` or ``die_after`` (the process is killed
            before or after it is carried out).
    """

    on: str
    do: str
    seconds: float = 0.0


@attrs.frozen(kw_only=True)
class Late:
    """A request that is carried out at its moment (UTC), whoever still waits for it."""

    at: datetime
    act: str
    paper: Paper


@attrs.define
class Books:
    """Everything that the fake knows; ``requests`` tells all that it was ever asked, in order."""

    papers: dict[str, Paper] = attrs.Factory(dict)
    keys: dict[str, str] = attrs.Factory(dict)
    requests: list[tuple[str, str]] = attrs.Factory(list)
    faults: list[Fault] = attrs.Factory(list)
    late: list[Late] = attrs.Factory(list)
    made: int = 0

    def carry_out(self, act: str, paper: Paper) -> Paper:
        """Create, post or withdraw a paper; a create names it. Return it as it is now."""
        if act == "create":
            self.made += 1
            paper = attrs.evolve(paper, id=f"BILL-{self.made}")
            self.keys[paper.key] = paper.id
        if act == "withdraw":
            self.papers.pop(paper.id, None)
        elif act == "create" or paper.id in self.papers:
            self.papers[paper.id] = paper
        return paper

    def settle(self, now: datetime) -> None:
        """Carry out what came late and is due by now."""
        due = [late for late in self.late if late.at <= now]
        self.late = [late for late in self.late if late.at > now]
        for late in due:
            self.carry_out(late.act, late.paper)

    def take_fault(self, on: str) -> Fault | None:
        """Return the next fault of that kind of request, and forget it."""
        for place, fault in enumerate(self.faults):
            if fault.on == on:
                return self.faults.pop(place)
        return None


def _dumped(books: Books) -> str:
    plain = attrs.asdict(books)
    for late in plain["late"]:
        late["at"] = late["at"].isoformat()
    return json.dumps(plain, indent=1)


def _loaded(text: str) -> Books:
    plain: dict[str, Any] = json.loads(text)
    return Books(
        papers={name: Paper(**paper) for name, paper in plain.get("papers", {}).items()},
        keys=plain.get("keys", {}),
        requests=[(kind, what) for kind, what in plain.get("requests", [])],
        faults=[Fault(**fault) for fault in plain.get("faults", [])],
        late=[
            Late(
                at=datetime.fromisoformat(late["at"]),
                act=late["act"],
                paper=Paper(**late["paper"]),
            )
            for late in plain.get("late", [])
        ],
        made=plain.get("made", 0),
    )


class Shelf:
    """Where books lie: in memory, or in a file; one holder at a time, changes kept when let go."""

    def __init__(self, path: Path | None = None) -> None:
        """Take the path of a JSON file (it need not be there yet), or none for memory."""
        self.path = path
        self._memory = Books()
        self._lock = threading.RLock()

    @contextmanager
    def held(self) -> Iterator[Books]:
        """Hold the books; what was changed is kept also when the holder raises."""
        with self._lock:
            if self.path is None:
                yield self._memory
                return
            lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                there = self.path.exists()
                books = _loaded(self.path.read_text("utf-8")) if there else Books()
                try:
                    yield books
                finally:
                    fresh = Path(f"{self.path}.new")
                    fresh.write_text(_dumped(books), "utf-8")
                    fresh.replace(self.path)
            finally:
                os.close(lock)

    def inject(self, on: str, do: str, *, seconds: float = 0.0, times: int = 1) -> None:
        """Have the next requests of a kind go wrong (see :class:`Fault`)."""
        with self.held() as books:
            books.faults.extend([Fault(on=on, do=do, seconds=seconds)] * times)

    def asked(self, kind: str | None = None) -> int:
        """Return how often the fake was asked, for anything or for one kind of request."""
        with self.held() as books:
            return sum(1 for asked, _ in books.requests if kind in {None, asked})

    def living(self, now: datetime | None = None) -> list[Paper]:
        """Return the papers that are there, after what is due by ``now`` was carried out."""
        with self.held() as books:
            if now is not None:
                books.settle(now)
            return list(books.papers.values())

    def take_in(self, plan: Path) -> None:
        """Move the faults of a JSON file (a list of objects like :class:`Fault`) onto the books."""
        with self.held() as books:
            if plan.exists():
                faults = json.loads(plan.read_text("utf-8"))
                books.faults.extend(Fault(**fault) for fault in faults)
                plan.unlink()
