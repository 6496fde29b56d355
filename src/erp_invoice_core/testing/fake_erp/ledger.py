"""
The ledger of the fake ERP, which its transports share.

A :class:`Ledger` knows bills and nothing about faults or transports. A :class:`FakeLedger` keeps
one for the fake in process, in memory or in a JSON file that processes share, together with the
requests so far and the faults that are planned.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

POSTED: Final = "posted"
REMOVED: Final = "removed"


@attrs.frozen(kw_only=True)
class Bill:
    """
    A bill in the fake; a removed one stays in the ledger as ``removed``.

    Attributes:
        amount: A decimal number; ``date`` is in ISO 8601.
        made_at: Seconds on the clock of its transport.
        post_key: The key under which it was posted.
    """

    id: str = ""
    key: str
    vendor: str | None
    number: str | None
    amount: str
    date: str | None
    digest: str
    made_at: float
    state: str = "draft"
    post_key: str | None = None

    @property
    def exists(self) -> bool:
        """Return whether it was not removed."""
        return self.state != REMOVED


@attrs.define
class Ledger:
    """All bills by id, removed ones too, oldest first."""

    bills: dict[str, Bill] = attrs.Factory(dict)

    def existing(self) -> list[Bill]:
        """Return the bills that were not removed."""
        return [bill for bill in self.bills.values() if bill.exists]

    def find_bill(self, erp_id: str | None) -> Bill | None:
        """Return the bill of that id, if it exists."""
        bill = self.bills.get(erp_id or "")
        return bill if bill is not None and bill.exists else None

    def find_last(self, **fields: str | None) -> Bill | None:
        """Return the last bill with these values, removed or not."""
        same = (
            bill
            for bill in reversed(self.bills.values())
            if all(getattr(bill, name) == value for name, value in fields.items())
        )
        return next(same, None)

    def look_up(
        self,
        step: str,
        *,
        until: float,
        keys: Container[str | None] | None = None,
        number: tuple[str | None, str | None] = (None, None),
    ) -> list[Bill]:
        """
        Return the bills that a look-up for a step shows.

        Args:
            step: ``create`` or ``post``.
            until: Bills that were made later are not visible yet.
            keys: The keys of the step, if it is looked up by key.
            number: Vendor and number, by which it is looked up otherwise.
        """
        found = []
        for bill in self.existing():
            if keys is not None:
                is_match = (bill.post_key if step == "post" else bill.key) in keys
            else:
                is_shown = step == "create" or bill.state == POSTED
                is_match = is_shown and (bill.vendor, bill.number) == number
            if is_match and bill.made_at <= until:
                found.append(bill)
        return found

    def create(self, bill: Bill) -> Bill:
        """Add a bill under the next id, and return it."""
        return self._keep(attrs.evolve(bill, id=f"BILL-{len(self.bills) + 1}"))

    def post(self, bill: Bill, key: str | None) -> Bill:
        """Post a bill if it exists, and return it."""
        posted = attrs.evolve(bill, state=POSTED, post_key=key)
        return self._keep(posted) if self.find_bill(bill.id) else posted

    def remove(self, bill: Bill) -> Bill:
        """Remove a bill, and return it."""
        return self._keep(attrs.evolve(bill, state=REMOVED))

    def _keep(self, bill: Bill) -> Bill:
        self.bills[bill.id] = bill
        return bill


# === The ledger of the fake in process, with the faults that a test plans.


@attrs.frozen(kw_only=True)
class Fault:
    """
    A fault that is injected once, at the next request of a kind.

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
class LateRequest:
    """A request that is carried out at its moment (UTC), with or without a caller."""

    at: datetime
    act: str
    bill: Bill
    key: str


@attrs.define
class LedgerState:
    """The bills, every request so far in order, and the faults and late requests to come."""

    ledger: Ledger = attrs.Factory(Ledger)
    requests: list[tuple[str, str]] = attrs.Factory(list)
    faults: list[Fault] = attrs.Factory(list)
    late: list[LateRequest] = attrs.Factory(list)

    def carry_out(self, act: str, bill: Bill, key: str) -> Bill:
        """Create, post or withdraw a bill, and return it."""
        if act == "create":
            return self.ledger.create(bill)
        return self.ledger.post(bill, key) if act == "post" else self.ledger.remove(bill)

    def carry_out_late(self, now: datetime) -> None:
        """Carry out the late requests that are due by now."""
        due = [late for late in self.late if late.at <= now]
        self.late = [late for late in self.late if late.at > now]
        for late in due:
            self.carry_out(late.act, late.bill, late.key)

    def take_fault(self, on: str) -> Fault | None:
        """Return the next fault of that kind of request, and forget it."""
        for place, fault in enumerate(self.faults):
            if fault.on == on:
                return self.faults.pop(place)
        return None


def _to_json(state: LedgerState) -> str:
    plain = attrs.asdict(state)
    plain["bills"] = plain.pop("ledger")["bills"]
    for late in plain["late"]:
        late["at"] = late["at"].isoformat()
    return json.dumps(plain, indent=1)


def _from_json(text: str) -> LedgerState:
    plain: dict[str, Any] = json.loads(text)
    return LedgerState(
        Ledger({name: Bill(**bill) for name, bill in plain.get("bills", {}).items()}),
        requests=[(kind, key) for kind, key in plain.get("requests", [])],
        faults=[Fault(**fault) for fault in plain.get("faults", [])],
        late=[
            LateRequest(
                at=datetime.fromisoformat(late["at"]),
                act=late["act"],
                bill=Bill(**late["bill"]),
                key=late["key"],
            )
            for late in plain.get("late", [])
        ],
    )


class FakeLedger:
    """The ledger of a fake in process, in memory or in a JSON file that processes share."""

    def __init__(self, path: Path | None = None) -> None:
        """Take the path of a JSON file, which need not exist yet; without one, use memory."""
        self.path = path
        self._memory = LedgerState()
        self._lock = threading.RLock()

    @contextmanager
    def locked(self) -> Iterator[LedgerState]:
        """Lock the state; changes are kept also if the block raises."""
        with self._lock:
            if self.path is None:
                yield self._memory
                return
            lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                is_there = self.path.exists()
                state = _from_json(self.path.read_text("utf-8")) if is_there else LedgerState()
                try:
                    yield state
                finally:
                    fresh = Path(f"{self.path}.new")
                    fresh.write_text(_to_json(state), "utf-8")
                    fresh.replace(self.path)
            finally:
                os.close(lock)

    def inject(self, on: str, do: str, *, seconds: float = 0.0, times: int = 1) -> None:
        """Inject a fault into the next requests of a kind (see :class:`Fault`)."""
        with self.locked() as state:
            state.faults.extend([Fault(on=on, do=do, seconds=seconds)] * times)

    def count_requests(self, kind: str | None = None) -> int:
        """Return the number of requests so far, of all kinds or of one kind."""
        with self.locked() as state:
            return sum(1 for asked, _ in state.requests if kind in {None, asked})

    def existing(self, now: datetime | None = None) -> list[Bill]:
        """Return the bills that exist, after the late requests due by ``now`` were carried out."""
        with self.locked() as state:
            if now is not None:
                state.carry_out_late(now)
            return state.ledger.existing()

    def remove_all(self) -> None:
        """Remove every bill, as a person does who deletes them in the ERP."""
        with self.locked() as state:
            for bill in state.ledger.existing():
                state.ledger.remove(bill)

    def load_faults(self, plan: Path) -> None:
        """Add the faults of a JSON file (a list of objects like :class:`Fault`), and remove it."""
        with self.locked() as state:
            if plan.exists():
                faults = json.loads(plan.read_text("utf-8"))
                state.faults.extend(Fault(**fault) for fault in faults)
                plan.unlink()
