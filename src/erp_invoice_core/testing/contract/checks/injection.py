"""Functions that inject faults into a trial's requests and read the request log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....adapters import Deferred
from ...faults import NotProved as CannotProvoke
from ...faults import is_write
from ..result import NotProved, require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....documents import Receipt, Step
    from ....exchange import Outcome
    from ...faults import Fault, FaultPlan, Injection, LoggedRequest
    from ..trial import Trial

#: How often a step is tried that is put off before it sends anything.
_TRIES = 3
#: The methods of requests that write nothing.
READS = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "READ"})


def find_plan(trial: Trial) -> FaultPlan:
    """Return the fault plan of the transport; end the check as not proved without a transport."""
    if trial.transport is None:
        msg = "There is no transport into which faults can be injected (base_url or transport)."
        raise NotProved(msg)
    return trial.transport.faults


def inject(trial: Trial, fault: Fault, on: object = is_write, **how: float | None) -> Injection:
    """
    Inject a fault into the next requests that *on* chooses; by default those that may write.

    *how* has further arguments of the injection, such as ``times``. End the check as not proved if
    the transport cannot provoke the fault.
    """
    injected = find_plan(trial).inject(fault, on=on, **how)  # type: ignore[arg-type] # the values of the names that it takes
    if isinstance(injected, CannotProvoke):
        raise NotProved(str(injected))
    return injected


def list_possible(trial: Trial, faults: Sequence[Fault]) -> list[Fault]:
    """
    Return those of the faults that the transport can provoke.

    End the check as not proved if the transport can provoke none of them.
    """
    plan = find_plan(trial)
    possible = []
    for fault in faults:
        if not isinstance(plan.inject(fault), CannotProvoke):
            possible.append(fault)
        plan.clear()
    if not possible:
        msg = "The transport can provoke none of these faults."
        raise NotProved(msg)
    return possible


def write_with(
    trial: Trial,
    step: Step,
    fault: Fault,
    receipts: Sequence[Receipt] = (),
    **how: float | None,
) -> tuple[Outcome, Injection]:
    """
    Carry out a step with a fault, and return the outcome and the injection.

    A step that is put off before it meets the fault is tried again.
    """
    injection = inject(trial, fault, **how)
    outcome = trial.write(step, receipts)
    for _ in range(_TRIES - 1):
        if injection.hits or not isinstance(outcome, Deferred):
            break
        outcome = trial.write(step, receipts)
    find_plan(trial).clear()
    return outcome, injection


def list_writes(requests: Sequence[LoggedRequest]) -> list[LoggedRequest]:
    """Return those of the requests that may write."""
    return [each for each in requests if each.method not in READS]


def require_hits(trial: Trial, row: str, *, hits: int) -> None:
    """
    Record a row of the declaration as tried if at least one request met the injected fault.

    If *hits*, the number of these requests, is 0, record the row as not proved, with the reason.
    """
    if hits:
        trial.rows.note(row)
    else:
        trial.rows.leave(row, f"Steps of {row} send no request that can meet the fault.")


def was_sent_again(trial: Trial, fault: Fault) -> bool:
    """Return whether the last request that met the fault was sent again, and the ERP answered."""
    requests = find_plan(trial).requests
    last = next((each for each in reversed(requests) if each.fault is fault), None)
    later = () if last is None else requests[requests.index(last) + 1 :]
    same = (each for each in later if last and (each.method, each.path) == (last.method, last.path))
    return any(each.fault is None and each.is_forwarded for each in same)


def require_sent_once(trial: Trial, step: Step, fault: Fault) -> None:
    """End the check as refuted if the adapter repeated the request that met the fault."""
    requests = find_plan(trial).requests
    last = next((each for each in reversed(requests) if each.fault is fault), None)
    if last is None:
        return
    later = list_writes(requests[requests.index(last) + 1 :])
    again = [each for each in later if (each.method, each.path) == (last.method, last.path)]
    again = [each for each in again if each.digest == last.digest]
    require(
        not again,
        f"Step {step.name} sends its request once; the queue decides about another try.",
        f"it was sent {len(again) + 1} times after {fault.value}",
        "erp_write: switch the retries of the client off",
    )
