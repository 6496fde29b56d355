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

from ....adapters import CannotTell, Deferred, Done, Found, Refused
from ....declaration import AttachmentForm, Handling, LookUp
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


def check_threads(trial: Trial) -> None:
    """Threads write and find their own bill: a mixed one pays another's work, or is paid twice."""
    trials = list(_list_trials(trial))
    pace, errors = _Pace(), list[Exception]()

    def run(own: Trial) -> None:
        try:
            _export_beside(own, pace)
        except Exception as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [Thread(target=run, args=(each,), daemon=True) for each in trials]
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


def _export_beside(trial: Trial, pace: _Pace) -> None:
    """
    Export, look up and read an invoice in a session of this thread, at the pace of the others.

    End the check as refuted if another document is found, or other contents than sent.
    """
    receipts: list[Receipt] = []
    try:
        own = trial.reconnect()
        for step in own.steps:
            pace.wait(own)
            receipts.append(_carry_out_beside(own, step, receipts, pace))
        for turn in range(_LOOK_UPS):
            _look_up_beside(own, receipts, pace, is_first=not turn)
            if own.adapter.has_read:
                pace.wait(own)
                bills = [each for each in receipts if each.role is not None]
                require_like(own, tuple(own.read_existing(bill) for bill in bills))
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


# fmt: off
CHECKS = (
    Check(
        name="combined.threads", run=check_threads, words=("features.invoices: full",),
        lie="The adapter keeps what it writes, looks up or reads where another thread overwrites it.",
    ),
)
# fmt: on
