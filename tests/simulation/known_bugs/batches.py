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


def _answer_otherwise(answer: _Answer) -> AbstractContextManager[object]:
    """Have actions on several entries answered otherwise than they should be."""
    former: Callable[..., list[Result]] = vars(_acting)["run_command"]

    def run(
        transaction: object, ids: Sequence[str], *given: object, **more: object
    ) -> list[Result]:
        results = former(transaction, ids, *given, **more)
        return answer(results) if len(ids) > 1 else results

    return replace_everywhere(former, run)


def _require_all(results: list[Result]) -> list[Result]:
    for result in results:
        result.verdict.require()
    return results


def _allow_all(results: list[Result]) -> list[Result]:
    return [attrs.evolve(result, verdict=ALLOWED) for result in results]


def _reverse(results: list[Result]) -> list[Result]:
    return results[::-1]


def _submit_as_actor(former: Callable[..., Case]) -> Callable[..., Case]:
    """Return a case whose sender is the person who looks at it."""

    def add_facts(case: Case, entry: QueueEntry, **given: object) -> Case:
        whole = former(case, entry, **given)
        return attrs.evolve(whole, sent_by=whole.actor.id) if whole.actor else whole

    return add_facts


BUGS = (
    Mutant(
        name="one-bad-row",
        sources=("frappe/erpnext#56625", "hardbyte/awa#388"),
        happened="The first supplier invoice that failed aborted the import of a whole archive.",
        rebuilt="One refused item undoes what was done for all the others.",
        applied=lambda: _answer_otherwise(_require_all),
    ),
    Mutant(
        name="all-green",
        sources=("apache/airflow#64519", "fluent/fluent-bit#1064"),
        happened="Salesforce rejected every record, and the task still showed green.",
        rebuilt="A batch is reported as done, even if its items failed.",
        applied=lambda: _answer_otherwise(_allow_all),
    ),
    Mutant(
        name="reported-by-position",
        sources=("elastic/elasticsearch#101921", "forcedotcom/dataloader#428"),
        happened="A bulk answer listed its errors in another order than the request, so that the "
        "failed documents could not be identified.",
        rebuilt="The answers to a batch come in another order.",
        applied=lambda: _answer_otherwise(_reverse),
    ),
    Mutant(
        name="nobody-may-approve",
        sources=("Expensify/App#55740",),
        happened="Approval of one's own request became forbidden later, and a request that waited "
        "for its own maker was stuck.",
        rebuilt="Any person who looks at an invoice counts as its sender.",
        applied=lambda: replace_everywhere(add_entry_facts, _submit_as_actor(add_entry_facts)),
    ),
)
