"""The check of bills that threads write and look up at the same time."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, BrokenBarrierError, Lock, Thread
from typing import TYPE_CHECKING

import attrs

from ....adapters import CannotTell, Deferred, Done, Found, Gone, Refused
from ....declaration import AttachmentForm, Handling, LookUp, WithdrawForm
from ..check import Check
from ..combination import build_combination
from ..result import NotProved, refute
from ..trial import describe_outcome
from .attachments import build_sample_file
from .contents import require_like

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....documents import Receipt, Step
    from ..trial import Trial

#: The number of bills that are exported at the same time, and how often each is looked up.
_THREADS, _LOOK_UPS = 4, 3
#: The places of the bills that are paid; the others are removed.
_PAID = frozenset({0, 1})
#: How often a step is repeated that was put off while others were carried out.
_TRIES = 4
#: The number of lines of a bill that uses everything that the adapter supports.
_LINES = 3
#: The time after which a thread counts as hanging, besides the time that the checks wait.
_LIMIT = timedelta(minutes=2)
#: The threads change as often as possible: of 20 runs, 9 found an adapter that mixes two requests
#: without waiting in between, and none did with Python's usual 5 milliseconds.
_SWITCH_SECONDS = 1e-5


@attrs.frozen(eq=False)
class _Pace:
    """Lets threads begin each call at the same time, and repeat failed ones one after another."""

    barrier: Barrier = attrs.field(factory=lambda: Barrier(_THREADS))
    again: Lock = attrs.field(factory=Lock)

    def wait(self, trial: Trial) -> None:
        """Wait for the other threads; a thread that has ended stops the waiting."""
        with suppress(BrokenBarrierError):
            self.barrier.wait(min(trial.target.patience, _LIMIT).total_seconds())


@attrs.frozen(eq=False, kw_only=True)
class _Beside:
    """
    A bill that one thread exports beside others.

    Attributes:
        trial: The invoice, and the adapter in a session of another thread.
        is_allowed: The answer of the adapter's own check before the threads began; ``None`` without
            one.
        pays: True if a part of the bill is paid, false if the bill is removed in the end.
    """

    trial: Trial
    is_allowed: bool | None
    pays: bool


def check_threads(trial: Trial) -> None:
    """Threads write and find their own bill: a mixed one pays another's work, or is paid twice."""
    beside = [
        _Beside(trial=each, is_allowed=_ask_check(each), pays=place in _PAID)
        for place, each in enumerate(_list_trials(trial))
    ]
    pace, errors = _Pace(), list[Exception]()

    def run(own: _Beside) -> None:
        try:
            _export_beside(own, pace)
        except Exception as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [Thread(target=run, args=(each,), daemon=True) for each in beside]
    until = time.monotonic() + (min(trial.target.patience, _LIMIT) * 2 + _LIMIT).total_seconds()
    with _switch_often():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0.0))
    refuted = [error for error in errors if not isinstance(error, NotProved)]
    if refuted or errors:
        raise [*refuted, *errors][0]
    if any(thread.is_alive() for thread in threads):
        declared = "Bills are written and looked up at the same time."
        refute(declared, "a call does not end", "the locks of the adapter and its client")
    if not trial.adapter.has_read:
        msg = "The invoices are exported, and the adapter reads no documents (erp_read)."
        raise NotProved(msg)


@contextmanager
def _switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _list_trials(trial: Trial) -> Iterator[Trial]:
    """Yield trials of four unlike bills, each with a file if the ERP takes files."""
    samples = trial.samples
    is_credit = trial.adapter.declaration.negative is Handling.EXPORTED
    documents = (
        samples.build_plain(Decimal(1200)),
        build_combination(samples, _LINES),
        build_combination(samples, _LINES, is_credit=is_credit),
        samples.build_plain(Decimal(1600)),
    )
    for place, document in enumerate(documents):
        each = trial.renew(document)
        if trial.adapter.declaration.attachments is AttachmentForm.FILES:
            file = build_sample_file(f"waiver {place}", f"Lien waiver of bill {place}.".encode())
            each = attrs.evolve(each, request=attrs.evolve(each.request, attachments=(file,)))
        yield each


def _export_beside(bill: _Beside, pace: _Pace) -> None:
    """
    Export, look up, read and pay or remove an invoice, at the pace of the other threads.

    End the check as refuted if another document is found, other contents than sent, the payments of
    another bill, or if another bill is removed.
    """
    receipts: list[Receipt] = []
    try:
        own = bill.trial.reconnect()
        _check_beside(own, pace, is_allowed=bill.is_allowed)
        for step in own.steps:
            pace.wait(own)
            receipts.append(_carry_out_beside(own, step, receipts, pace))
        made = [each for each in receipts if each.role is not None]
        paid = _pay(own, made[0], pace) if bill.pays else Decimal(0)
        for turn in range(_LOOK_UPS):
            _look_up_beside(own, receipts, pace, is_first=not turn)
            if own.adapter.has_read:
                pace.wait(own)
                require_like(own, tuple(own.read_existing(each) for each in made))
            _read_payments_beside(own, made[0], pace, paid)
        _remove_beside(own, made, pace, removes=not bill.pays)
    finally:
        pace.barrier.abort()


def _carry_out_beside(trial: Trial, step: Step, receipts: list[Receipt], pace: _Pace) -> Receipt:
    """
    Carry out a step as a worker does; return its receipt.

    An ERP may put one of several requests off, or give an error to it. A step whose outcome is
    unknown is looked up, and not sent again before it has settled.
    """
    outcome = trial.carry_out(step, receipts)
    for _ in range(_TRIES):
        if not isinstance(outcome, Deferred) or outcome.needs_person:
            break
        with pace.again:
            time.sleep(trial.target.pause.total_seconds())
            outcome = trial.carry_out(step, receipts)
    if isinstance(outcome, Done):
        return outcome.receipt
    can_look = trial.find_terms(step).look_up is not LookUp.NONE
    sighting = trial.find_after_writing(step) if can_look else CannotTell("no look-up")
    if isinstance(outcome, Refused):
        declared = f"Step {step.name} is carried out while others write their bills."
        seen = f"{describe_outcome(outcome)}; {describe_outcome(sighting)}"
        refute(declared, seen, "erp_write: keep no state in a module")
    if isinstance(sighting, Found):
        return sighting.receipt
    msg = f"The ERP does not take bills at the same time: {describe_outcome(outcome)}"
    raise NotProved(msg)


def _look_up_beside(trial: Trial, receipts: list[Receipt], pace: _Pace, *, is_first: bool) -> None:
    """End the check as refuted unless each step is found while other threads look theirs up."""
    for step, receipt in zip(trial.steps, receipts, strict=True):
        if trial.find_terms(step).look_up is LookUp.NONE:
            continue
        pace.wait(trial)
        sighting = trial.find_after_writing(step) if is_first else trial.find(step)
        is_own = isinstance(sighting, Found) and sighting.receipt.erp_id == receipt.erp_id
        if not is_own and not isinstance(sighting, CannotTell):
            declared = f"Step {step.name} is found as {receipt.erp_id} while others look up."
            refute(declared, describe_outcome(sighting), "erp_find: keep no state in a module")


def _ask_check(trial: Trial) -> bool | None:
    """Return whether the adapter's own check allows the invoice; ``None`` if it cannot answer."""
    verdict = trial.adapter.check(trial.session, trial.request)
    return None if isinstance(verdict, Deferred) else verdict.allowed


def _check_beside(trial: Trial, pace: _Pace, *, is_allowed: bool | None) -> None:
    """End the check as refuted if the adapter's check answers otherwise than before the threads."""
    pace.wait(trial)
    answer = _ask_check(trial)
    if None not in {answer, is_allowed} and answer is not is_allowed:
        declared = "erp_check answers the same while it is asked about other invoices."
        seen = "it allows the invoice" if answer else "it denies the invoice"
        refute(declared, seen, "erp_check: keep no state in a module")


def _pay(trial: Trial, bill: Receipt, pace: _Pace) -> Decimal:
    """Pay half of a bill in the ERP, one thread after another; return the amount, or 0."""
    half = (trial.request.document.due / 2).quantize(trial.samples.unit)
    with pace.again:
        return half if trial.adapter.has_payments and trial.target.pay(bill, half) else Decimal(0)


def _read_payments_beside(trial: Trial, bill: Receipt, pace: _Pace, paid: Decimal) -> None:
    """End the check as refuted if a bill has other payments than its own."""
    if not trial.adapter.has_payments:
        return
    pace.wait(trial)
    payments = trial.adapter.payments(trial.session, bill)
    if isinstance(payments, CannotTell):
        return
    total = sum((each.amount for each in payments), Decimal(0))
    if total != paid:
        declared = f"{paid} of bill {bill.erp_id} is paid, while the payments of others are read."
        refute(declared, f"{total} is paid", "erp_payments: keep no state in a module")


def _remove_beside(trial: Trial, bills: list[Receipt], pace: _Pace, *, removes: bool) -> None:
    """End the check as refuted if a bill is gone that was not removed, or removed and is there."""
    if trial.adapter.declaration.withdraw is not WithdrawForm.FULL or not trial.adapter.has_read:
        return
    pace.wait(trial)
    removed = {
        each
        for each in reversed(bills)
        if removes and isinstance(trial.adapter.withdraw(trial.session, each), Done)
    }
    pace.wait(trial)
    for each in bills:
        is_gone = isinstance(trial.read(each), Gone)
        if is_gone is not (each in removed):
            what = "removed" if each in removed else "not removed"
            declared = f"Document {each.erp_id} was {what}, while others were."
            seen = "it is gone" if is_gone else "it can still be read"
            refute(declared, seen, "erp_withdraw: keep no state in a module")


# fmt: off
CHECKS = (
    Check(
        name="combined.threads", run=check_threads, words=("features.invoices: full",),
        lie="The adapter keeps what it checks, writes, looks up, reads or removes where another thread overwrites it.",
    ),
)
# fmt: on
