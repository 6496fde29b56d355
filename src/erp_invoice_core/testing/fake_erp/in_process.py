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
from .ledger import Fault, Late, Paper, Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "two_step_fake"


class AnswerLost(Exception):
    """The fake was told to give no answer."""


def refused(code: str, message: str) -> Refused:
    """Return the fake's definite no."""
    return Refused(deny(Denial(f"{KEY}.{code}", message, Source.ERP)))


def unreachable() -> Deferred:
    """Return that nothing was sent."""
    return Deferred(None, "The fake cannot be reached; nothing was sent.")


def receipt_of(step: Step, paper: Paper) -> Receipt:
    """Return the receipt of a step that made the paper, or acted on it."""
    return Receipt(
        step=step.name,
        erp_id=paper.id,
        role=step.role,
        number=paper.number,
        state=paper.state,
        digest=paper.digest,
    )


def contents_of(paper: Paper) -> Contents:
    """Return what the paper holds."""
    return Contents(
        vendor=paper.vendor,
        number=paper.number,
        amount=Decimal(paper.amount),
        date=date.fromisoformat(paper.date) if paper.date else None,
        key=paper.key,
        digest=paper.digest,
    )


@attrs.frozen
class TwoStepSession:
    """One thread's session: the books, the clock (UTC), and where a plan of faults may be laid."""

    shelf: Shelf
    clock: Callable[[], datetime]
    plan: Path | None = None

    def asked(self, kind: str, what: str) -> Fault | None:
        """Count the request, carry out what came late, and return the fault that is planned."""
        if self.plan:
            self.shelf.take_in(self.plan)
        with self.shelf.held() as books:
            books.requests.append((kind, what))
            books.settle(self.clock())
            return books.take_fault(kind)

    def papers(self) -> list[Paper]:
        """Return every bill that is there."""
        return self.shelf.living()

    def paper(self, erp_id: str) -> Paper | None:
        """Return the bill of that id, if it is there."""
        with self.shelf.held() as books:
            return books.papers.get(erp_id)

    def id_under(self, key: str) -> str | None:
        """Return the id of the last bill that was made under the key, there or not."""
        with self.shelf.held() as books:
            return books.keys.get(key)

    def carried_out(self, fault: Fault | None, act: str, paper: Paper) -> Paper | None:
        """
        Return the paper as it is after the act; ``None`` where nothing was sent.

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
        with self.shelf.held() as books:
            if do == "late":
                at = self.clock() + timedelta(seconds=seconds)
                books.late.append(Late(at=at, act=act, paper=paper))
            elif do != "drop":
                paper = books.carry_out(act, paper)
        if do == "die_after":
            os.kill(os.getpid(), signal.SIGKILL)
        if do in {"late", "drop", "lose"}:
            raise AnswerLost(do)
        return paper


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.define(kw_only=True, eq=False)
class TwoStepErp:
    """
    A plugin that says of itself that it is a fake. Never for real invoices.

    Attributes:
        visible_after: From written to found.
        settles_within: As declared; a ``late`` fault beyond it makes the declaration a lie.
        replay: ``EVERYTHING`` answers a repeated key with the same bill; else it makes another.
        enforces_key: One bill per key, also after its deletion.
        compares_body: The same key with another content is refused.
        clock: Tells the time (UTC).
        shelf: Where the books lie when the settings name no ``path``.
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
    shelf: Shelf = attrs.Factory(Shelf)

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Return what the fake was told to be."""
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
        """Open the books at ``path``, or the fake's own; ``faults`` may name a plan to take in."""
        path, plan = settings.get("path"), settings.get("faults")
        session = TwoStepSession(
            Shelf(Path(str(path))) if path else self.shelf,
            self.clock,
            Path(str(plan)) if plan else None,
        )
        if session.asked("connect", "") is not None:
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
        fault = session.asked(step.kind, key)
        if step.kind == "create":
            paper = self._paper(request, key)
            known = self._known(session, paper)
            if known is not None:
                return (
                    known if isinstance(known, erp.Refused) else erp.Done(receipt_of(step, known))
                )
        else:
            ids = [receipt.erp_id for receipt in receipts if receipt.step == "create"]
            draft = session.paper(ids[0]) if ids else None
            if draft is None:
                return refused("no_draft", "The draft is not there; create it again.")
            paper = attrs.evolve(draft, state="posted", post_key=key)
        if fault is not None and fault.do == "refuse":
            return refused("period_closed", "Open the accounting period, then try again.")
        made = session.carried_out(fault, step.kind, paper)
        return erp.Done(receipt_of(step, made)) if made else unreachable()

    def _paper(self, request: erp.ExportRequest, key: str) -> Paper:
        day = request.accounting_date
        return Paper(
            id="",
            key=key,
            vendor=request.document.vendor_origin_id,
            number=request.number,
            amount=str(request.document.due),
            date=day.isoformat() if day else None,
            digest=request.digest,
            made_at=self.clock().isoformat(),
        )

    def _known(self, session: TwoStepSession, paper: Paper) -> Paper | erp.Refused | None:
        """Return what the fake's own rules say of a key that it has seen; ``None``: make a bill."""
        seen = session.id_under(paper.key)
        if seen is None:
            return None
        there = session.paper(seen)
        if there is None:
            return refused("key_used", "This key was used up.") if self.enforces_key else None
        if self.compares_body and there.digest != paper.digest:
            return refused("key_reused", "This key belongs to another content.")
        return there if self.enforces_key or self.replay is erp.Replay.EVERYTHING else None

    @erp.hookimpl
    def erp_find(
        self, session: TwoStepSession, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        """Look up by key: the draft under the key that created it, the posting under its own."""
        if session.asked("find", " ".join(keys)) is not None:
            raise ConnectionRefusedError(KEY)
        now = self.clock()
        found = [
            paper
            for paper in session.papers()
            if (paper.key if step.kind == "create" else paper.post_key) in keys
            and datetime.fromisoformat(paper.made_at) <= now - self.visible_after
        ]
        if len(found) > 1:
            return erp.Several(f"There are {len(found)} bills under these keys.")
        if not found:
            return erp.Absent(now)
        return erp.Found(receipt_of(step, found[0]), contents_of(found[0]))

    @erp.hookimpl
    def erp_read(self, session: TwoStepSession, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read a bill by its id."""
        if session.asked("read", receipt.erp_id) is not None:
            raise ConnectionRefusedError(KEY)
        paper = session.paper(receipt.erp_id)
        return contents_of(paper) if paper else erp.Gone(self.clock())

    @erp.hookimpl
    def erp_withdraw(self, session: TwoStepSession, receipt: erp.Receipt) -> erp.Outcome:
        """Remove a draft; what is posted stays."""
        fault = session.asked("withdraw", receipt.erp_id)
        paper = session.paper(receipt.erp_id)
        if paper is None:
            return erp.Done(receipt)
        if paper.state == "posted" or (fault is not None and fault.do == "refuse"):
            return refused("posted", "The bill is posted; reverse it in the fake by hand.")
        return erp.Done(receipt) if session.carried_out(fault, "withdraw", paper) else unreachable()


#: For an entry point: ``erp_invoice_core.testing.fake_erp.in_process:PLUGIN``.
PLUGIN = TwoStepErp()
