"""For each history, the rule that closes it, weakened."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from erp_invoice_core.documents import Answer, QueueEntry
from erp_invoice_core.rules import CONDITIONS, TRANSITIONS, decide, index
from erp_invoice_core.testing.store_wrappers import Loss
from erp_invoice_core.vocabulary import Action, ExportStatus
from erp_invoice_core.worker.job import Job

from . import acceptance, unknown_outcomes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import pytest

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.documents import Call
    from erp_invoice_core.events import Change
    from erp_invoice_core.stores import Store

__all__ = ["WEAKENED", "without"]

#: Weakens a rule during a test.
Weakening: TypeAlias = "Callable[[pytest.MonkeyPatch], None]"


def _module(name: str) -> Any:  # noqa: ANN401 - a module; some have a function of their name beside
    return sys.modules[f"erp_invoice_core.{name}"]


def _put(name: str, attribute: str, value: object, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(_module(name), attribute, value)


def without(*codes: str) -> Weakening:
    """Leave out every condition with these codes."""
    rulebook = index(conditions=[row for row in CONDITIONS if row.code not in codes])
    return lambda patch: patch.setattr(decide, "__defaults__", (rulebook,))


def _deny_from_accepted(patch: pytest.MonkeyPatch) -> None:
    table = [
        attrs.evolve(row, sources=row.sources - {ExportStatus.ACCEPTED})
        if row.action in {Action.RULE, Action.WITHDRAW}
        else row
        for row in TRANSITIONS
    ]
    patch.setattr(decide, "__defaults__", (index(transitions=table),))


def _receipts_settle_everything(patch: pytest.MonkeyPatch) -> None:
    sight = _module("flow.late_evidence").sight

    def settle_all(entry: QueueEntry, *given: Any, **more: Any) -> Change:  # noqa: ANN401 - as given
        calls = [attrs.evolve(call, answer=call.answer or Answer.RECEIPT) for call in entry.calls]
        return sight(entry, *given, **{**more, "calls": tuple(calls)})  # type: ignore[no-any-return]  # of a module

    _put("flow.late_evidence", "sight", settle_all, patch)


def _answers_settle_their_key(patch: pytest.MonkeyPatch) -> None:
    def answer_all(entry: QueueEntry, place: int, answer: Answer) -> QueueEntry:
        key = entry.calls[place].key
        calls = [
            attrs.evolve(call, answer=answer) if call.key == key else call for call in entry.calls
        ]
        return attrs.evolve(entry, calls=tuple(calls))

    _put("flow.export", "record_answer", answer_all, patch)


def _count_from_now(call: Call, erp: Declaration | None) -> datetime | None:
    settles = erp.terms_of(call.step_kind).settles_within if erp else None
    return call.started_at + settles if settles is not None else None


def _absence_counts_from_the_call(patch: pytest.MonkeyPatch) -> None:
    _put("flow.knowledge", "find_settle_time", _count_from_now, patch)
    _put("flow.look_up", "find_settle_time", _count_from_now, patch)
    _put("flow.evidence", "find_settle_time", _count_from_now, patch)


def _find_at_once(patch: pytest.MonkeyPatch) -> None:
    _put("flow.evidence", "find_settle_time", lambda call, _erp: call.started_at, patch)


def _keep_any_leftover(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(QueueEntry, "standing", property(lambda entry: entry.living))


def _need_no_acceptance(patch: pytest.MonkeyPatch) -> None:
    _keep_any_leftover(patch)
    patch.setattr(QueueEntry, "acceptance_stands", property(lambda _entry: True))


def _documents_are_enough(patch: pytest.MonkeyPatch) -> None:
    def is_complete(entry: QueueEntry) -> bool:
        done = {holding.receipt.step for holding in entry.standing}
        return bool(entry.plan) and all(step.name in done for step in entry.plan if step.role)

    _put("flow.conclude", "is_complete", is_complete, patch)
    _put("flow.case", "is_complete", is_complete, patch)


def _anybody_owns_anything(patch: pytest.MonkeyPatch) -> None:
    _put("flow.evidence", "_has_unique_number", lambda _entry, _erp: True, patch)
    patch.setattr(Job, "list_taken", lambda _job, _ids: set())
    patch.setattr(_module("stores.memory").MemoryPeople, "_reserve_erp_ids", lambda *_: None)


def _ignore_stale_holders(patch: pytest.MonkeyPatch) -> None:
    def ignore_evidence(*_given: object, **_more: object) -> None:
        """Ignore late evidence."""

    for module in ("flow", "worker.job"):
        _put(module, "record_late_outcome", ignore_evidence, patch)


#: By number and weakened rule: the weakening, and the history that must fail.
WEAKENED: dict[str, tuple[Weakening, Callable[[Store], None]]] = {
    "01 a receipt settles every call": (_receipts_settle_everything, unknown_outcomes.history_01),
    "02 an answer settles its key": (_answers_settle_their_key, unknown_outcomes.history_02),
    "03 absence counts from the call": (_absence_counts_from_the_call, unknown_outcomes.history_03),
    "04 no acceptance is needed": (_need_no_acceptance, acceptance.history_04),
    "05 anything left stands": (_keep_any_leftover, acceptance.history_05),
    "06 what is gone may come back": (
        partial(_put, "flow.knowledge", "is_gone", lambda _entry, _erp_id: False),
        acceptance.history_06,
    ),
    "07 absence may be resolved at once": (
        partial(_put, "flow.case", "find_last_settle_time", lambda _entry, _erp, _restore: None),
        unknown_outcomes.history_07,
    ),
    "08 resolutions need no version": (without("entry.changed"), unknown_outcomes.history_08),
    "09 withdrawals deny nothing": (
        without("export.withdrawing", "export.in_doubt"),
        acceptance.history_09,
    ),
    "10 nothing is resolved from accepted": (_deny_from_accepted, acceptance.history_10),
    "10 nothing is withdrawn from accepted": (_deny_from_accepted, acceptance.history_10_withdrawn),
    "11 a resolution is of the whole entry": (
        partial(_put, "flow.resolve", "_find_erp_id", lambda _ruling, _entry, _step: "D-1"),
        acceptance.history_11,
    ),
    "12 documents are enough": (_documents_are_enough, acceptance.history_12),
    "13 a match need not agree": (
        partial(_put, "flow.evidence", "is_as_sent", lambda _contents, _entry, _erp: True),
        unknown_outcomes.history_13,
    ),
    "14 a look-alike counts at once": (_find_at_once, unknown_outcomes.history_14),
    "15 numbers are not held": (
        partial(_put, "flow.number_slot", "_holds_slot", lambda _entry: False),
        acceptance.history_15,
    ),
    "16 what is left denies nothing": (without("export.draft_left"), acceptance.history_16),
    "17 anybody owns anything": (_anybody_owns_anything, unknown_outcomes.history_17),
    "18 stale holders are not heard": (_ignore_stale_holders, unknown_outcomes.history_18),
    "22 acceptances need no version": (without("entry.changed"), acceptance.history_22),
    "23 a lost commit is taken as failed": (
        partial(_put, "worker.commits", "is_committed", lambda _store, _change: False),
        partial(unknown_outcomes.history_23, loss=Loss.KEPT),
    ),
}
