"""The checks of HTTP statuses that an adapter does not expect."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from ....adapters import Done, Unknown
from ....declaration import WithdrawForm
from ...faults import Fault
from ..check import Check
from ..result import require
from ..stages import list_stages
from ..trial import describe_outcome
from .injection import find_plan, inject, list_possible, require_hits, write_with

if TYPE_CHECKING:
    from ....exchange import Outcome
    from ..trial import Trial

#: The statuses of servers and gateways; a gateway may give each after the request was carried out.
_OF_SERVERS = (
    *(501, 504, 505, 507, 508, 511),
    *(520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 598, 599),
)
#: Statuses that decline a request, with a page and without a reason of the ERP.
_DECLINING = (402, 403, 405, 406, 410, 412, 413, 415, 423, 424, 425, 428, 431, 451)
#: Those that are tried with every step, and not with the first one alone.
_OF_EVERY_STEP = (504, 507, 520, 403, 423)


def check_other_status(trial: Trial) -> None:
    """After an unexpected HTTP status a step is not done, from 500 on unknown: a bill may exist."""
    list_possible(trial, (Fault.OTHER_STATUS,))
    for place, stage in enumerate(list_stages(trial)):
        each, step, receipts = stage.reach()
        hits = 0
        for status in _OF_EVERY_STEP if place else (*_OF_SERVERS, *_DECLINING):
            outcome, injection = write_with(each, step, Fault.OTHER_STATUS, receipts, status=status)
            hits += injection.hits
            if not injection.hits:
                break
            _require_in_doubt(outcome, status, f"step {step.name} was carried out", "erp_write")
        require_hits(each, stage.row, hits=hits)


def _require_in_doubt(outcome: Outcome, status: int, what: str, hook: str) -> None:
    is_server = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    require(
        isinstance(outcome, Unknown) if is_server else not isinstance(outcome, Done),
        f"After {status} with an HTML page the adapter cannot know whether {what}.",
        describe_outcome(outcome),
        f"{hook}: return Unknown after every status that it does not know",
    )


def check_removal_status(trial: Trial) -> None:
    """After an unexpected HTTP status a removal is not done: the bill may stay, and be paid."""
    list_possible(trial, (Fault.OTHER_STATUS,))
    step = next(step for step in trial.steps if step.role is not None)
    receipt = trial.export(until=step)[-1]
    assert trial.adapter.declaration.withdraw is WithdrawForm.FULL
    for status in (*_OF_SERVERS, *_DECLINING):
        injection = inject(trial, Fault.OTHER_STATUS, status=status)
        outcome = trial.adapter.withdraw(trial.session, receipt)
        find_plan(trial).clear()
        if injection.hits:
            _require_in_doubt(outcome, status, "the document was removed", "erp_withdraw")


# fmt: off
CHECKS = (
    Check(
        name="fault.other_status", run=check_other_status, has_faults=True,
        words=("features.invoices: full",),
        lie="An HTTP status that the adapter does not expect counts as done, refused or not sent.",
    ),
    Check(
        name="fault.removal_status", run=check_removal_status, has_faults=True,
        words=("withdraw: full",),
        lie="A removal counts as done after an HTTP status that the adapter does not expect.",
    ),
)
# fmt: on
