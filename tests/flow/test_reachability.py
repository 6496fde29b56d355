"""
Reachability of the state table by the functions of ``flow``.

Each function is applied to entries of every status. A function that is not lawful for an entry
raises :class:`ValueError` or returns a denial, and so adds no transition.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import WORKER, QueueEntry
from erp_invoice_core.exchange import Deferred, Done, Outcome, PaymentState, Refused, Unknown
from erp_invoice_core.flow import (
    Resolution,
    accept,
    ask_withdrawal,
    claim,
    conclude,
    count_watch,
    defer,
    expire,
    import_synced,
    lose,
    mark_gone,
    postpone,
    record,
    record_late_outcome,
    record_withdrawal,
    refuse,
    reject,
    release,
    renew,
    resolve,
    retrieve,
    retry,
    send,
    sight,
    sight_several,
    start,
    unlink,
    watch,
)
from erp_invoice_core.flow.reconcile import Reconciliation, record_reconciliation
from erp_invoice_core.rules import TRANSITIONS
from erp_invoice_core.rules.state_table import INVOICE_ACTIONS
from erp_invoice_core.vocabulary import Action, ExportStatus

from .samples import (
    CREATE,
    ERP,
    LEASE,
    NO,
    PERSON,
    PLAN,
    POST,
    apply,
    build_accepted,
    build_case,
    build_claimed,
    build_created,
    build_draft_left,
    build_exporting,
    build_failed,
    build_post_in_doubt,
    build_ready,
    build_receipt,
    build_rejected,
    build_removal_in_doubt,
    build_started,
    build_synced,
    build_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from erp_invoice_core.events import Change

    Attempt = Callable[[], Change | None]
    Triple = tuple[Action, ExportStatus, ExportStatus]

NOW = apply(100)
RESOLUTIONS = (
    Resolution(absent=True),
    Resolution(synced={"": "B-9"}),
    Resolution(happened={"create": "B-9"}, steps_absent=("post",)),
    Resolution(happened={"post": "B-1"}),
    Resolution(steps_absent=("post",)),
)
OUTCOMES: tuple[Outcome, ...] = (
    Done(build_receipt()),
    Done(build_receipt("post")),
    Refused(NO),
    Deferred(None, "Busy."),
    Unknown("No answer."),
)


def _entries() -> tuple[QueueEntry, ...]:
    """Return entries of every status: with a draft, in doubt, and while a document is removed."""
    sent = build_ready()
    retrieved = retrieve(sent, build_case(sent, NOW), at=NOW, actor=PERSON).after
    left = build_draft_left()
    continued = retry(left, build_case(left, NOW), at=NOW, actor=PERSON).after
    doubtful = build_post_in_doubt()
    return (
        QueueEntry(id="5000"),
        sent,
        retrieved,
        build_rejected(),
        build_accepted(),
        continued,
        build_exporting(),
        build_started(),
        build_created(),
        build_started(build_created(), POST),
        build_claimed(continued),
        build_unknown(),
        doubtful,
        attrs.evolve(doubtful, acceptance=None),
        build_claimed(build_unknown(), at=40),
        build_failed(),
        left,
        attrs.evolve(left, withdrawing=True, due_at=apply(0)),
        build_claimed(attrs.evolve(left, withdrawing=True, due_at=apply(0)), at=1),
        build_removal_in_doubt(),
        mark_gone(build_synced(), None),
        build_synced(),
    )


def _act_as_person(entry: QueueEntry) -> Iterator[Attempt]:
    """Yield the actions of people on an entry."""
    case = build_case(entry, NOW)
    act = partial(partial, at=NOW, actor=PERSON)
    for action in (Action.SEND, Action.RESEND):
        yield act(send, entry, case, action=action, connection="ledger")
    yield act(retrieve, entry, case)
    yield act(accept, entry, case, fields={})
    yield act(reject, entry, case, reason="Wrong amount.")
    yield act(retry, entry, case)
    yield act(unlink, entry, case)
    for evidence in (None, "Deleted in the ERP."):
        yield act(ask_withdrawal, entry, case, evidence=evidence)
    for resolution in RESOLUTIONS:
        yield act(resolve, entry, case, resolution, evidence="Read in the ERP.")
    seen = Reconciliation(id=entry.id, paid=PaymentState.PAID)
    yield act(record_reconciliation, entry, seen, ERP, None)


def _act_as_worker(entry: QueueEntry) -> Iterator[Attempt]:
    """Yield what a worker does with an entry, except for answers of calls."""
    at = partial(partial, at=NOW)
    answered = attrs.evolve(entry, calls=tuple(call for call in entry.calls if call.answer))
    case = build_case(entry, NOW, actor=WORKER)
    yield at(import_synced, entry, case, erp_id="B-9", connection="ledger", actor=WORKER)
    yield at(claim, entry, holder="w1", lease=LEASE)
    yield at(renew, entry, lease=LEASE)
    yield at(release, entry, why="Shutdown.")
    yield at(expire, entry, erp=ERP)
    yield at(lose, entry, entry, erp=ERP, facts={})
    yield at(defer, entry, erp=ERP, until=None, facts={"why": "Busy."})
    yield at(refuse, entry, NO, erp=ERP)
    yield at(postpone, entry, facts={"why": "Busy."})
    yield at(watch, entry)
    yield at(count_watch, entry)
    for known in (entry, answered, build_synced()):
        learnt = attrs.evolve(entry, calls=known.calls, holdings=known.holdings)
        yield at(conclude, entry, learnt, erp=ERP)
    for step in PLAN:
        yield at(start, entry, step, lease=LEASE, plan=PLAN)
    yield at(start, entry, CREATE, lease=LEASE, erp_id="B-1")
    yield at(
        sight, entry, entry.build_key("create"), build_receipt(erp_id="B-7"), digest=entry.digest
    )
    yield at(sight_several, entry, entry.build_key("create"), "Two documents.")


def _answer_call(entry: QueueEntry) -> Iterator[Attempt]:
    """Yield the answers of the last call of an entry: in time, and after the lease was lost."""
    if not entry.calls:
        return
    place = len(entry.calls) - 1
    for outcome in OUTCOMES:
        for function in (record, record_withdrawal, record_late_outcome):
            yield partial(function, entry, place, outcome, at=NOW, erp=ERP)


def _collect_reached() -> set[Triple]:
    """Return the transitions of all lawful changes."""
    reached = set()
    for entry in _entries():
        for attempt in (*_act_as_person(entry), *_act_as_worker(entry), *_answer_call(entry)):
            with suppress(ValueError):
                change = attempt()
                if change is not None and change.verdict:
                    reached.add((change.action, change.before.status, change.after.status))
    return reached


def test_every_row_of_the_table_is_reached() -> None:
    """The table has no row that no function uses, except those of the invoice's own actions."""
    rows = {
        (row.action, source, target)
        for row in TRANSITIONS
        if row.action not in INVOICE_ACTIONS
        for source in row.sources
        for target in row.targets or (source,)
    }

    assert rows == _collect_reached()
