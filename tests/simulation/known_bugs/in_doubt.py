"""Bugs about calls in doubt: a guess, a time limit or an early look-up settles them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import Answer, CallKind
from erp_invoice_core.flow import RetryPolicy, conclude, expire, find_settle_time, postpone
from erp_invoice_core.worker.job import Job
from erp_invoice_core.worker.look_up import look_up

from ..mutant import Mutant, apply_all, replace_attribute, replace_everywhere

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.documents import Call, QueueEntry
    from erp_invoice_core.events import Change

_AN_HOUR = 3_600.0
_NEVER = 10**9
_knowledge = import_module("erp_invoice_core.flow.knowledge")
_conclude = import_module("erp_invoice_core.flow.conclude")


def _export_again(job: Job) -> None:
    """Export again after an hour in doubt, without a look-up."""
    at, erp = job.clock(), job.erp

    def make(entry: QueueEntry) -> Change:
        started = [call.started_at for call in entry.in_doubt]
        if started and (at - max(started)).total_seconds() < _AN_HOUR:
            return postpone(entry, at=at, facts={})
        calls = tuple(
            attrs.evolve(call, answer=call.answer or Answer.ABSENT) for call in entry.calls
        )
        return conclude(entry, attrs.evolve(entry, calls=calls), at=at, erp=erp)

    job.commit(make)


def _count_from_start(call: Call, erp: Declaration | None) -> datetime | None:
    """Absence counts as soon as the call was made."""
    bounded = erp is not None and erp.terms_of(call.step_kind).settles_within is not None
    return call.started_at if bounded else None


def _ignore_visibility(
    former: Callable[[Call, Declaration | None], datetime | None],
) -> Callable[[Call, Declaration | None], datetime | None]:
    """Return the moment from which absence counts if documents were shown at once."""

    def find_moment(call: Call, erp: Declaration | None) -> datetime | None:
        moment = former(call, erp)
        if moment is None or erp is None:
            return None
        return moment - erp.terms_of(call.step_kind).visible_after

    return find_moment


def _draw_new_key(former: Callable[..., Change]) -> Callable[..., Change]:
    """Return a resumption that draws a new key for every try."""

    def resume_anew(entry: QueueEntry, known: QueueEntry, **given: object) -> Change:
        sure = attrs.evolve(
            known,
            calls=tuple(
                attrs.evolve(call, answer=call.answer or Answer.DEFERRED) for call in known.calls
            ),
        )
        return former(entry, sure, **given)

    return resume_anew


def _prune(former: Callable[..., Change]) -> Callable[..., Change]:
    """Return an expiry that has forgotten which calls were under way."""

    def expire(entry: QueueEntry, **given: object) -> Change:
        calls = tuple(call for call in entry.calls if call.answer is not None)
        return former(attrs.evolve(entry, calls=calls), **given)

    return expire


def _call_again(job: Job, _make: object) -> None:
    """Make the call again, because the commit of its answer gave none."""
    call = [call for call in job.entry.calls if call.answer is None][-1]
    step = next((one for one in job.entry.plan if one.name == call.key.step), None)
    if step is None or call.kind is not CallKind.WRITE:
        return
    receipts = [held.receipt for held in job.entry.standing]
    job.client.write(job.build_request(), step, receipts, lambda _outcome: None)


BUGS = (
    Mutant(
        name="retry-without-looking",
        sources=("mollie/mollie-api-php#642", "ruckus/quickbooks-ruby#343"),
        happened="The server answered with an error and had made the payments; the client tried "
        "again, and they were there twice.",
        rebuilt="Every call in doubt is sent again, whatever the ERP does with a repeated key.",
        applied=lambda: replace_attribute(_knowledge, "_may_repeat", lambda *_: True),
    ),
    Mutant(
        name="stuck-for-an-hour",
        sources=("fylein/fyle-qbo-api, apps/internal/tasks.py",),
        happened="Exports that were not finished after sixty minutes were marked as failed and "
        "exported again; QuickBooks was not asked.",
        rebuilt="An entry that is in doubt for an hour is exported again, without a look-up.",
        applied=lambda: replace_everywhere(look_up, _export_again),
    ),
    Mutant(
        name="absence-too-early",
        sources=("getlago/lago-api#5450",),
        happened="A retry came seconds after the time-out, while the first write was still being "
        "committed in NetSuite.",
        rebuilt="A look-up that finds nothing counts at once, even if the request is still pending.",
        applied=lambda: replace_everywhere(find_settle_time, _count_from_start),
    ),
    Mutant(
        name="shown-late",
        sources=("Flagsmith/flagsmith#5739", "HubSpot/hubspot-api-php#59"),
        happened="HubSpot's search lagged behind; a look-up missed a record that had just been "
        "created, and it was created again.",
        rebuilt="The time that the ERP takes to show a document is left out of the waiting.",
        applied=lambda: replace_everywhere(find_settle_time, _ignore_visibility(find_settle_time)),
    ),
    Mutant(
        name="new-key-each-time",
        sources=("minimul/qbo_api#68",),
        happened="Every resend drew a fresh request id, so that QuickBooks would take each retry "
        "for another invoice.",
        rebuilt="A call in doubt is sent again under a new key.",
        applied=lambda: apply_all(
            replace_attribute(_knowledge, "_may_repeat", lambda *_: True),
            replace_attribute(_conclude, "_resume", _draw_new_key(vars(_conclude)["_resume"])),
        ),
    ),
    Mutant(
        name="evidence-pruned",
        sources=("procrastinate-org/procrastinate#1518",),
        happened="The row of the dead worker was deleted first, and so the search for what it had "
        "been doing found nothing.",
        rebuilt="When a lease runs out, the calls that were under way are forgotten.",
        applied=lambda: replace_everywhere(expire, _prune(expire)),
    ),
    Mutant(
        name="lost-commit-is-failure",
        sources=("apache/couchdb#3569",),
        happened="A commit whose result was unknown had gone through; another error made the whole "
        "transaction run again.",
        rebuilt="The call is made again if the store does not confirm that it stored the answer.",
        applied=lambda: replace_attribute(Job, "_record_in_background", _call_again),
    ),
    Mutant(
        name="retried-for-ever",
        sources=("odoo/odoo#213642", "Azure/durabletask#1040"),
        happened="The automatic posting of a failing entry called itself without end.",
        rebuilt="However often the answers of an entry are lost, it is tried again.",
        applied=lambda: replace_attribute(RetryPolicy, "lost_claims", _NEVER),
    ),
)
