"""The fake ERP in process: it creates a draft, then posts it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ... import adapters as erp
from ...adapters import Contents, Deferred, Denial, Receipt, Refused, Source, Step, deny
from .ledger import POSTED, Bill, FakeLedger, Fault, LateRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "two_step_fake"


class AnswerLost(Exception):
    """The answer was lost, as a fault says."""


def refused(code: str, message: str) -> Refused:
    """Return a refusal of the fake."""
    return Refused(deny(Denial(f"{KEY}.{code}", message, Source.ERP)))


def unreachable() -> Deferred:
    """Return the outcome of a request that was not sent."""
    return Deferred(None, "The fake cannot be reached; nothing was sent.")


def receipt_of(step: Step, bill: Bill) -> Receipt:
    """Return the receipt of a step that made the bill, or acted on it."""
    return Receipt(
        step=step.name,
        erp_id=bill.id,
        role=step.role,
        number=bill.number,
        state=bill.state,
        digest=bill.digest,
    )


def contents_of(bill: Bill) -> Contents:
    """Return the contents of the bill."""
    return Contents(
        vendor=bill.vendor,
        number=bill.number,
        amount=Decimal(bill.amount),
        date=date.fromisoformat(bill.date) if bill.date else None,
        key=bill.key,
        digest=bill.digest,
    )


@attrs.frozen
class TwoStepSession:
    """A session of one thread: the ledger, the clock (UTC), and the file of planned faults."""

    ledger: FakeLedger
    clock: Callable[[], datetime]
    plan: Path | None = None

    def request(self, kind: str, about: str) -> Fault | None:
        """Count the request, carry out late ones, and return the fault that is planned."""
        if self.plan:
            self.ledger.load_faults(self.plan)
        with self.ledger.locked() as state:
            state.requests.append((kind, about))
            state.carry_out_late(self.clock())
            return state.take_fault(kind)

    def find_bill(self, erp_id: str | None) -> Bill | None:
        """Return the bill of that id, if it exists."""
        with self.ledger.locked() as state:
            return state.ledger.find_bill(erp_id)

    def carry_out(self, fault: Fault | None, act: str, bill: Bill, key: str = "") -> Bill | None:
        """
        Return the bill after the act; ``None`` if nothing was sent.

        Raises:
            AnswerLost: The fault says so, whether or not the act was carried out.
        """
        do = fault.do if fault else ""
        seconds = fault.seconds if fault else 0.0
        if do == "unreachable":
            return None
        if do == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if do == "hang":
            time.sleep(seconds)
        with self.ledger.locked() as state:
            if do == "late":
                at = self.clock() + timedelta(seconds=seconds)
                state.late.append(LateRequest(at=at, act=act, bill=bill, key=key))
            elif do != "drop":
                bill = state.carry_out(act, bill, key)
        if do == "die_after":
            os.kill(os.getpid(), signal.SIGKILL)
        if do in {"late", "drop", "lose"}:
            raise AnswerLost(do)
        return bill


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.define(kw_only=True, eq=False)
class TwoStepErp:
    """
    The plugin of a fake ERP in process, never for real invoices.

    Attributes:
        visible_after: The time until a written bill is found.
        settles_within: As declared; a ``late`` fault beyond it makes the declaration a lie.
        replay: ``EVERYTHING`` answers a repeated key with the same bill; else it makes another.
        enforces_key: One bill per key, also after its deletion.
        compares_body: The same key with another content is refused.
        clock: Returns the time (UTC).
        ledger: The ledger that is used if the settings name no ``path``.
    """

    visible_after: timedelta = timedelta(0)
    settles_within: timedelta | None = timedelta(seconds=1)
    replay: erp.Replay = erp.Replay.NONE
    look_up: erp.LookUp = erp.LookUp.KEY
    enforces_key: bool = False
    compares_body: bool = False
    withdraw: erp.WithdrawForm = erp.WithdrawForm.FULL
    time_limit: timedelta = timedelta(seconds=30)
    clock: Callable[[], datetime] = _now
    ledger: FakeLedger = attrs.Factory(FakeLedger)

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration of these attributes."""
        terms = erp.StepTerms(
            look_up=self.look_up,
            visible_after=self.visible_after,
            settles_within=self.settles_within,
            replay=self.replay,
            enforces_key=self.enforces_key,
            compares_body=self.compares_body,
            time_limit=self.time_limit,
        )
        removes = self.withdraw is not erp.WithdrawForm.IMPOSSIBLE
        features = dict.fromkeys(erp.Feature, erp.Support.FULL)
        features[erp.Feature.WITHDRAW] = erp.Support.FULL if removes else erp.Support.IMPOSSIBLE
        return erp.Declaration(
            key=KEY,
            name="Two-step fake ERP",
            features=features,
            prerequisites=frozenset(),
            terms={"create": terms, "post": terms},
            negative=erp.Handling.EXPORTED,
            release_only=erp.Handling.EXPORTED,
            retainage=erp.RetainageForm.NATIVE,
            withdraw=self.withdraw,
            unlink=erp.UnlinkForm.DELETE_FIRST,
            landing=erp.LandingState.POSTED,
            settings=(erp.Setting(name="path"), erp.Setting(name="faults")),
        )

    @erp.hookimpl
    def erp_steps(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:
        """Return the two steps: the draft is the bill, posting it makes nothing new."""
        role = erp.Role.CREDIT if request.document.due < 0 else erp.Role.BILL
        return (erp.Step("create", "create", role), erp.Step("post", "post"))

    @erp.hookimpl
    def erp_connect(self, settings: Mapping[str, object]) -> TwoStepSession:
        """Open the ledger at ``path``, or the fake's own; ``faults`` may name a file of faults."""
        path, plan = settings.get("path"), settings.get("faults")
        session = TwoStepSession(
            FakeLedger(Path(str(path))) if path else self.ledger,
            self.clock,
            Path(str(plan)) if plan else None,
        )
        if session.request("connect", "") is not None:
            raise ConnectionRefusedError(KEY)
        return session

    @erp.hookimpl
    def erp_write(
        self,
        session: TwoStepSession,
        request: erp.ExportRequest,
        step: erp.Step,
        receipts: tuple[erp.Receipt, ...],
    ) -> erp.Outcome:
        """Create the draft, or post it."""
        if self.clock() > request.deadline:
            return erp.Deferred(None, "It was too late; nothing was sent.")
        key = request.key(step).text
        fault = session.request(step.kind, key)
        if step.kind == "create":
            bill = self._draft(request, key)
            known = self._known(session, bill)
            if isinstance(known, erp.Refused):
                return known
            if known is not None:
                return erp.Done(receipt_of(step, known))
        else:
            made = [receipt.erp_id for receipt in receipts if receipt.step == "create"]
            draft = session.find_bill(made[0] if made else None)
            if draft is None:
                return refused("no_draft", "The draft is not there; create it again.")
            bill = draft
        if fault is not None and fault.do == "refuse":
            return refused("period_closed", "Open the accounting period, then try again.")
        done = session.carry_out(fault, step.kind, bill, key)
        return erp.Done(receipt_of(step, done)) if done else unreachable()

    def _draft(self, request: erp.ExportRequest, key: str) -> Bill:
        day = request.accounting_date
        return Bill(
            key=key,
            vendor=request.document.vendor_origin_id,
            number=request.number,
            amount=str(request.document.due),
            date=day.isoformat() if day else None,
            digest=request.digest,
            made_at=self.clock().timestamp(),
        )

    def _known(self, session: TwoStepSession, bill: Bill) -> Bill | erp.Refused | None:
        """Return the answer to a key that was used before; ``None``: make a bill."""
        with session.ledger.locked() as state:
            seen = state.ledger.find_last(key=bill.key)
        if seen is None:
            return None
        if not seen.exists:
            return refused("key_used", "This key was used up.") if self.enforces_key else None
        if self.compares_body and seen.digest != bill.digest:
            return refused("key_reused", "This key belongs to another content.")
        return seen if self.enforces_key or self.replay is erp.Replay.EVERYTHING else None

    @erp.hookimpl
    def erp_find(
        self, session: TwoStepSession, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        """Look up by key: the draft under the key that created it, the posting under its own."""
        if session.request("find", " ".join(keys)) is not None:
            raise ConnectionRefusedError(KEY)
        now = self.clock()
        until = (now - self.visible_after).timestamp()
        with session.ledger.locked() as state:
            found = state.ledger.look_up(step.kind, until=until, keys=keys)
        if len(found) > 1:
            return erp.Several(f"There are {len(found)} bills under these keys.")
        if not found:
            return erp.Absent(now)
        return erp.Found(receipt_of(step, found[0]), contents_of(found[0]))

    @erp.hookimpl
    def erp_read(self, session: TwoStepSession, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read a bill by its id."""
        if session.request("read", receipt.erp_id) is not None:
            raise ConnectionRefusedError(KEY)
        bill = session.find_bill(receipt.erp_id)
        return contents_of(bill) if bill else erp.Gone(self.clock())

    @erp.hookimpl
    def erp_withdraw(self, session: TwoStepSession, receipt: erp.Receipt) -> erp.Outcome:
        """Remove a draft; a posted bill stays."""
        fault = session.request("withdraw", receipt.erp_id)
        bill = session.find_bill(receipt.erp_id)
        if bill is None:
            return erp.Done(receipt)
        if bill.state == POSTED or (fault is not None and fault.do == "refuse"):
            return refused("posted", "The bill is posted; reverse it in the fake by hand.")
        return erp.Done(receipt) if session.carry_out(fault, "withdraw", bill) else unreachable()


#: For an entry point: ``erp_invoice_core.testing.fake_erp.in_process:PLUGIN``.
PLUGIN = TwoStepErp()
