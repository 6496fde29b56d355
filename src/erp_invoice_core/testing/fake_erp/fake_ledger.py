"""The ledger of the fake ERP in process, with planned faults."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from contextlib import contextmanager
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
from cattrs.preconf.json import make_converter

from .ledger import ErpDocument, Ledger, Refusal, Request, Rules
from .quirk_set import PLAIN, QuirkSet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from decimal import Decimal


def _to_plain(bill: ErpDocument) -> dict[str, Any]:
    """Return the fields of a bill, which are plain values of JSON already."""
    return {name: getattr(bill, name) for name in _FIELDS}


_FIELDS: Final = tuple(field.name for field in attrs.fields(ErpDocument))
_JSON: Final = make_converter()
_JSON.register_unstructure_hook(ErpDocument, _to_plain)


@attrs.frozen(kw_only=True)
class LedgerFault:
    """
    A fault that is injected once, at the next request of a kind.

    A request that reads, and ``connect``, fail with ``ConnectionRefusedError`` whatever ``do`` is.

    Attributes:
        on: ``connect``, ``create``, ``post``, ``find``, ``read``, ``payments``, ``periods`` or
            ``withdraw``.
        do: ``refuse``, ``unreachable``, ``drop`` (not carried out, no answer), ``lose`` (carried
            out, no answer), ``late`` (no answer, carried out ``seconds`` later), ``hang`` (carried
            out and answered after ``seconds``), ``die`` or ``die_after`` (the process is killed
            before or after the request is carried out).
    """

    on: str
    do: str
    seconds: float = 0.0


@attrs.frozen(kw_only=True)
class LateRequest:
    """
    A request that the fake carries out later, even if its caller has ended.

    Attributes:
        at: When it is carried out (UTC).
        rules: The rules of the fake that received it; ``quirks`` are its quirks.
        visible_from: When a look-up finds its document or step (seconds since 1970).
    """

    at: datetime
    request: Request
    rules: Rules
    visible_from: float
    quirks: QuirkSet = PLAIN


@attrs.define
class LedgerState:
    """The bills, every request so far in order, and the faults and late requests to come."""

    bills: dict[str, ErpDocument] = attrs.Factory(dict)
    requests: list[tuple[str, str]] = attrs.Factory(list)
    faults: list[LedgerFault] = attrs.Factory(list)
    late: list[LateRequest] = attrs.Factory(list)

    def list_bills(self) -> list[ErpDocument]:
        """Return the bills that were not removed."""
        return [bill for bill in self.bills.values() if bill.exists]

    def look_up(self, kind: str, keys: Collection[str], until: float) -> list[ErpDocument]:
        """
        Return the bills that a look-up by key finds at a moment.

        Args:
            kind: The kind of the step that is looked up, such as ``create``.
            keys: The keys of that step; a bill that one of them made or changed is found.
            until: The moment, in seconds since 1970.
        """
        return self._ledger(Rules(), until).look_up(kind, keys, None, until=until)

    def carry_out(
        self, request: Request, rules: Rules, visible_from: float, quirks: QuirkSet = PLAIN
    ) -> ErpDocument | Refusal:
        """
        Carry out a request by *rules*, and return the document or the refusal.

        A look-up finds the document or step from *visible_from* on, in seconds since 1970.
        """
        return self._ledger(rules, visible_from, quirks).carry_out(request)

    def _ledger(self, rules: Rules, visible_from: float, quirks: QuirkSet = PLAIN) -> Ledger:
        return Ledger(
            rules=rules,
            documents=self.bills,
            choose_visible_from=lambda: visible_from,
            behaviour=quirks,
        )

    def carry_out_late(self, now: datetime) -> None:
        """Carry out the late requests that are due by now."""
        due = [late for late in self.late if late.at <= now]
        self.late = [late for late in self.late if late.at > now]
        for late in due:
            self.carry_out(late.request, late.rules, late.visible_from, late.quirks)

    def take_fault(self, on: str) -> LedgerFault | None:
        """Remove and return the next fault for requests of that kind; ``None`` without one."""
        for place, fault in enumerate(self.faults):
            if fault.on == on:
                return self.faults.pop(place)
        return None


def _write(state: LedgerState) -> bytes:
    # Without indentation, because only then json encodes in C, ten times as fast.
    return _JSON.dumps(state).encode()


class FakeLedger:
    """The ledger of the fake ERP in process: in memory, or in a JSON file that processes share."""

    def __init__(self, path: Path | None = None) -> None:
        """Take the path of a JSON file, which need not exist yet; without one, use memory."""
        self.path = path
        #: The state, and the bytes of the file that has it; it is read again if they change.
        self._state = LedgerState()
        self._stored: bytes | None = None
        self._lock = threading.RLock()

    @contextmanager
    def lock(self) -> Iterator[LedgerState]:
        """Lock the state and yield it; its changes are stored, also if the block raises."""
        with self._lock:
            if self.path is None:
                yield self._state
                return
            lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._refresh(self.path)
                try:
                    yield self._state
                finally:
                    self._store(self.path)
            finally:
                os.close(lock)

    def _refresh(self, path: Path) -> None:
        """Read the state again if another process has changed the file."""
        found = path.read_bytes() if path.exists() else None
        if found is None:
            self._state, self._stored = LedgerState(), None
        elif found != self._stored:
            self._state, self._stored = _JSON.loads(found, LedgerState), found

    def _store(self, path: Path) -> None:
        """Write the state into the file, unless the file has it already."""
        stored, self._stored = self._stored, None
        data = _write(self._state)
        if data != stored:
            fresh = Path(f"{path}.new")
            fresh.write_bytes(data)
            fresh.replace(path)
        self._stored = data

    def inject(self, on: str, do: str, *, seconds: float = 0.0, times: int = 1) -> None:
        """Inject a fault into the next requests of a kind (see :class:`LedgerFault`)."""
        with self.lock() as state:
            state.faults.extend([LedgerFault(on=on, do=do, seconds=seconds)] * times)

    def count_requests(self, kind: str | None = None) -> int:
        """Return the number of requests so far, of all kinds or of one kind."""
        with self.lock() as state:
            return sum(1 for asked, _ in state.requests if kind in {None, asked})

    def list_bills(self, now: datetime | None = None) -> list[ErpDocument]:
        """Return copies of the bills that exist, after the late requests due by ``now``."""
        with self.lock() as state:
            if now is not None:
                state.carry_out_late(now)
            return deepcopy(state.list_bills())

    def remove_all(self) -> None:
        """Remove every bill, as a person does who deletes them in the ERP."""
        with self.lock() as state:
            for bill in state.list_bills():
                bill.exists = False

    def pay(
        self,
        erp_id: str,
        amount: Decimal,
        day: date,
        *,
        reference: str | None = None,
        method: str = "check",
    ) -> str:
        """Pay a bill, as an accountant does in the ERP; return the id of the payment."""
        with self.lock() as state:
            return state.bills[erp_id].pay(amount, day, reference=reference, method=method)

    def void_payment(self, erp_id: str, payment_id: str) -> None:
        """Void a payment of a bill."""
        with self.lock() as state:
            state.bills[erp_id].void_payment(payment_id)

    def void(self, erp_id: str) -> None:
        """Void a bill, as a person does in the ERP."""
        with self.lock() as state:
            state.bills[erp_id].exists = False

    def change(self, erp_id: str, **fields: Any) -> None:  # noqa: ANN401 - the fields of a bill
        """Change fields of a bill, as a person does who edits it in the ERP."""
        with self.lock() as state:
            state.bills[erp_id] = attrs.evolve(state.bills[erp_id], **fields)

    def load_faults(self, plan: Path) -> None:
        """Add the faults in a JSON file (objects like :class:`LedgerFault`); delete the file."""
        if not plan.exists():
            return
        with self.lock() as state:
            if plan.exists():
                faults = json.loads(plan.read_text("utf-8"))
                state.faults.extend(LedgerFault(**fault) for fault in faults)
                plan.unlink()
