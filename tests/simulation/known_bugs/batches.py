"""Bugs about people's actions: batches, the order of answers, approval."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

import attrs

from erp_invoice_core.flow import add_entry_facts
from erp_invoice_core.verdict import ALLOWED

from ..mutant import Mutant, replace_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.queue import Result
    from erp_invoice_core.rules import Case

_acting = import_module("erp_invoice_core.queue.batch")
_Answer: TypeAlias = "Callable[[list[Result]], list[Result]]"


def _together(answer: _Answer) -> AbstractContextManager[object]:
    """Have attempts at several entries answered otherwise than they should be."""
    former: Callable[..., list[Result]] = vars(_acting)["run_command"]

    def attempted(
        transaction: object, ids: Sequence[str], *given: object, **more: object
    ) -> list[Result]:
        results = former(transaction, ids, *given, **more)
        return answer(results) if len(ids) > 1 else results

    return replace_everywhere(former, attempted)


def _all_or_none(results: list[Result]) -> list[Result]:
    for result in results:
        result.verdict.require()
    return results


def _green(results: list[Result]) -> list[Result]:
    return [attrs.evolve(result, verdict=ALLOWED) for result in results]


def _turned(results: list[Result]) -> list[Result]:
    return results[::-1]


def _all_submitted(former: Callable[..., Case]) -> Callable[..., Case]:
    """Return a case whose sender is the person who looks at it."""

    def faced(case: Case, entry: QueueEntry, **given: object) -> Case:
        whole = former(case, entry, **given)
        return attrs.evolve(whole, sent_by=whole.actor.id) if whole.actor else whole

    return faced


BUGS = (
    Mutant(
        name="one-bad-row",
        sources=("frappe/erpnext#56625", "hardbyte/awa#388"),
        happened="The first supplier invoice that failed aborted the import of a whole archive.",
        rebuilt="One refused item undoes what was done for all the others.",
        applied=lambda: _together(_all_or_none),
    ),
    Mutant(
        name="all-green",
        sources=("apache/airflow#64519", "fluent/fluent-bit#1064"),
        happened="Salesforce rejected every record, and the task still showed green.",
        rebuilt="A batch is reported as done, even if its items failed.",
        applied=lambda: _together(_green),
    ),
    Mutant(
        name="reported-by-position",
        sources=("elastic/elasticsearch#101921", "forcedotcom/dataloader#428"),
        happened="A bulk answer listed its errors in another order than the request, so that the "
        "failed documents could not be identified.",
        rebuilt="The answers to a batch come in another order.",
        applied=lambda: _together(_turned),
    ),
    Mutant(
        name="nobody-may-approve",
        sources=("Expensify/App#55740",),
        happened="Approval of one's own request became forbidden later, and a request that waited "
        "for its own maker was stuck.",
        rebuilt="Any person who looks at an invoice counts as its sender.",
        applied=lambda: replace_everywhere(add_entry_facts, _all_submitted(add_entry_facts)),
    ),
)
