"""The fake ERP in process: it creates a draft, then posts it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from ... import adapters as erp
from .fake_ledger import FakeLedger, LateRequest, LedgerFault, LedgerState
from .ledger import (
    MAKES,
    Enforces,
    ErpDocument,
    Refusal,
    Request,
    Rules,
    build_outcome,
    build_refusal,
)
from .quirk_set import PLAIN, QuirkSet, find_posted, list_absent_hooks
from .quirks import Quirk

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "two_step_fake"
#: How often a request that reads is sent before a rate limit is reported.
_TRIES = 3


class AnswerLost(Exception):
    """The answer is lost, because a planned fault loses it."""


@attrs.frozen(kw_only=True)
class TwoStepSession:
    """A session of one thread: the ledger, the clock (UTC), and the file of planned faults."""

    ledger: FakeLedger
    rules: Rules
    clock: Callable[[], datetime]
    visible_after: timedelta
    plan: Path | None = None
    quirks: QuirkSet = PLAIN

    def request(self, kind: str, about: str) -> LedgerFault | None:
        """
        Log a request, and return the fault that it meets; ``None`` without a fault.

        Before that, carry out the late requests that are due by now.

        Args:
            kind: The kind of the request, such as ``create``.
            about: The key or the ERP id in the request, for the log.
        """
        if self.plan:
            self.ledger.load_faults(self.plan)
        with self.ledger.lock() as state:
            state.requests.append((kind, about))
            state.carry_out_late(self.clock())
            most = self.quirks.find(Quirk.LIMITS_RATE)
            if most is not None and kind != "connect" and len(state.requests) % most == 0:
                return LedgerFault(on=kind, do="limit")
            return state.take_fault(kind)

    def ask(self, kind: str, about: str) -> None:
        """
        Log a request that reads; it is sent three times at most if the rate limit declines it.

        Raises:
            ConnectionRefusedError: A fault is planned for the request, or the rate limit declined
                the third try, too.
        """
        fault = self.request(kind, about)
        for _ in range(_TRIES - 1):
            if fault is None or fault.do != "limit":
                break
            fault = self.request(kind, about)
        if fault is not None:
            raise ConnectionRefusedError(KEY)

    def find_bill(self, erp_id: str) -> ErpDocument | None:
        """Return a copy of the bill of that id, if it exists."""
        with self.ledger.lock() as state:
            bill = deepcopy(state.bills.get(erp_id))
        return bill if bill is not None and bill.exists else None

    def carry_out(self, fault: LedgerFault | None, request: Request) -> erp.Outcome:
        """
        Carry out a request as its fault says, and return the outcome.

        Raises:
            AnswerLost: The fault loses the answer; the request may have been carried out.
        """
        do = fault.do if fault else ""
        seconds = fault.seconds if fault else 0.0
        if do == "unreachable":
            return erp.Deferred(None, "The fake cannot be reached; nothing was sent.")
        if do == "limit":
            return erp.Deferred(self.clock(), "The fake gets too many requests.")
        if do == "refuse":
            return build_refusal(KEY, Refusal.POSTED if request.removes else Refusal.PERIOD_CLOSED)
        visible_from = (self.clock() + self.visible_after).timestamp()
        if do == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if do == "hang":
            time.sleep(seconds)
        with self.ledger.lock() as state:
            if do == "late":
                at = self.clock() + timedelta(seconds=seconds)
                late = LateRequest(
                    at=at,
                    request=request,
                    rules=self.rules,
                    visible_from=visible_from,
                    quirks=self.quirks,
                )
                state.late.append(late)
            elif do != "drop":
                outcome = self._carry_out_now(state, request, visible_from)
        if do == "die_after":
            os.kill(os.getpid(), signal.SIGKILL)
        if do in {"late", "drop", "lose"}:
            raise AnswerLost(do)
        return outcome

    def _carry_out_now(
        self, state: LedgerState, request: Request, visible_from: float
    ) -> erp.Outcome:
        """
        Carry out a request and return the outcome.

        Raises:
            AnswerLost: The fake crashes after the request.
        """
        before = len(state.bills)
        answer = state.carry_out(request, self.rules, visible_from, self.quirks)
        if self.quirks.interrupts(state.bills, before):
            raise AnswerLost(Quirk.HALF_MADE)
        return build_outcome(KEY, request.step, answer)


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.define(kw_only=True, eq=False)
class TwoStepErp:
    """
    The plugin of a fake ERP in process, never for real invoices.

    Attributes:
        visible_after: The time until a look-up finds a written bill.
        settles_within: The declared time after which a request is carried out, or never will be; a
            ``late`` fault that takes longer makes the declaration false.
        replay: ``NONE`` makes another bill for a repeated key, unless ``enforces_key``; every other
            value answers with the first bill.
        enforces_key: One bill per key, also after its deletion.
        compares_body: The same key with another content is refused.
        quirks: Its quirks; none that needs HTTP.
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
    quirks: QuirkSet = attrs.field(
        default=PLAIN, validator=lambda _self, _field, quirks: quirks.require_no_http()
    )
    clock: Callable[[], datetime] = _now
    ledger: FakeLedger = attrs.Factory(FakeLedger)

    def __dir__(self) -> list[str]:
        """Return the names in which pluggy looks for hooks, without those that a quirk removes."""
        left_out = list_absent_hooks(self.quirks)
        return [name for name in super().__dir__() if name not in left_out]

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return the declaration that follows from the attributes and the quirks."""
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
        plain = erp.Declaration(
            key=KEY,
            name="Two-step fake ERP",
            features=features,
            prerequisites=frozenset(),
            terms={"create": terms, "post": terms},
            zero=erp.Handling.EXPORTED,
            negative=erp.Handling.EXPORTED,
            release_only=erp.Handling.EXPORTED,
            retainage=erp.RetainageForm.NATIVE,
            withdraw=self.withdraw,
            unlink=erp.UnlinkForm.DELETE_FIRST,
            landing=erp.LandingState.POSTED,
            settings=(erp.Setting(name="path"), erp.Setting(name="faults")),
        )
        return self.quirks.declare(plain)

    @erp.hookimpl
    def erp_steps(self, request: erp.ExportRequest) -> tuple[erp.Step, ...]:
        """Return the steps that create each document, then the steps that post them, if any."""
        return self.quirks.plan(request, self.erp_declaration())

    @erp.hookimpl
    def erp_check(self, request: erp.ExportRequest) -> erp.Verdict:
        """Refuse what the declaration does not have, such as tax without the quirk for it."""
        return erp.find_undeclared(request, self.erp_declaration())

    @erp.hookimpl
    def erp_connect(self, settings: Mapping[str, object]) -> TwoStepSession:
        """
        Open the ledger in the file ``path``, or without that setting the plugin's own ledger.

        The setting ``faults`` may name a JSON file of planned faults.
        """
        path, plan = settings.get("path"), settings.get("faults")
        slow = self.quirks.find(Quirk.SLOW_INDEX)
        session = TwoStepSession(
            ledger=FakeLedger(Path(str(path))) if path else self.ledger,
            rules=self.quirks.build_rules(
                Rules(
                    enforces=Enforces.KEY if self.enforces_key else Enforces.NOTHING,
                    replay=self.replay,
                    compares_body=self.compares_body,
                )
            ),
            clock=self.clock,
            visible_after=self.visible_after if slow is None else timedelta(milliseconds=slow),
            plan=Path(str(plan)) if plan else None,
            quirks=self.quirks,
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
        """Carry out the step, which creates a document or posts one."""
        if self.clock() > request.deadline:
            return erp.Deferred(None, "It was too late; nothing was sent.")
        content = self.quirks.build_content(request, step)
        fault = session.request(step.kind, content.key or "")
        made = find_posted(step, receipts)
        sent = Request(step=step, key=content.key or "", on=made, content=content)
        outcome = session.carry_out(fault, sent)
        hides_id = step.kind in MAKES and Quirk.ANSWERS_WITHOUT_ID in self.quirks
        if not hides_id or not isinstance(outcome, erp.Done):
            return outcome
        found = self.erp_find(session, step, (sent.key,))
        if isinstance(found, erp.Found):
            return erp.Done(found.receipt)
        return erp.Unknown("The answer has no id.")

    @erp.hookimpl
    def erp_find(
        self, session: TwoStepSession, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        """Look a step up: find the bill that was created, or posted, with one of its keys."""
        session.ask("find", " ".join(keys))
        now = self.clock()
        with session.ledger.lock() as state:
            found = state.look_up(step.kind, keys, now.timestamp())
        if len(found) > 1:
            return erp.Several(f"There are {len(found)} bills under these keys.")
        if not found:
            return erp.Absent(now)
        return erp.Found(found[0].build_receipt(step), self._build_contents(found[0]))

    @erp.hookimpl
    def erp_read(self, session: TwoStepSession, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read a bill by its id."""
        session.ask("read", receipt.erp_id)
        bill = session.find_bill(receipt.erp_id)
        return self._build_contents(bill) if bill else erp.Gone(self.clock())

    def _build_contents(self, bill: ErpDocument) -> erp.Contents:
        return self.quirks.show(bill).build_contents()

    @erp.hookimpl
    def erp_payments(
        self, session: TwoStepSession, receipt: erp.Receipt
    ) -> tuple[erp.ErpPayment, ...]:
        """Return the payments of a bill, also of a removed one."""
        session.ask("payments", receipt.erp_id)
        with session.ledger.lock() as state:
            bill = state.bills.get(receipt.erp_id)
        return bill.build_payments() if bill else ()

    @erp.hookimpl
    def erp_periods(self, session: TwoStepSession) -> tuple[erp.AccountingPeriod, ...]:
        """Return the accounting periods."""
        session.ask("periods", "")
        return self.quirks.list_periods()

    @erp.hookimpl
    def erp_withdraw(self, session: TwoStepSession, receipt: erp.Receipt) -> erp.Outcome:
        """
        Remove a draft; refuse to remove a posted bill.

        A bill that is already gone counts as removed.
        """
        fault = session.request("withdraw", receipt.erp_id)
        bill = session.find_bill(receipt.erp_id)
        if bill is None:
            return erp.Done(receipt)
        if bill.is_posted:
            return build_refusal(KEY, Refusal.POSTED)
        step = erp.Step(receipt.step, receipt.step, receipt.role)
        sent = Request(step=step, key="", on=receipt.erp_id, removes=True)
        outcome = session.carry_out(fault, sent)
        return erp.Done(receipt) if isinstance(outcome, erp.Done) else outcome


#: For an entry point: ``erp_invoice_core.testing.fake_erp.in_process:PLUGIN``.
PLUGIN = TwoStepErp()
