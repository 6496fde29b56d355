"""
Normal forms of entries: two that differ only in what decides nothing are equal.

The search treats equal entries as one. It knows a few moments and two invoices, and counts only
up to the end of a count.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import Answer, ExportDocument
from erp_invoice_core.values import evolve
from erp_invoice_core.vocabulary import ExportStatus

from ..flow.samples import DOCUMENT, apply
from .configurations import SETTLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from erp_invoice_core.documents import Call, QueueEntry

NOW = apply(0)
LEASE = timedelta(seconds=60)
#: The only moments that there are: a lease that lives, one that is over, one of which requests are
#: dead but what they wrote may be unseen yet, and one that is settled.
LIVE, OVER = NOW + LEASE, NOW - timedelta(seconds=1)
DEAD, SETTLED = NOW - timedelta(seconds=1.5 * SETTLE_SECONDS), NOW - timedelta(days=9)
#: When a look-up asked of which the answer is used only now.
LONG_AGO = NOW - timedelta(days=90)

FINAL = frozenset({ExportStatus.SYNCED})
OPEN = frozenset({ExportStatus.NOT_SENT, ExportStatus.RETRIEVED, ExportStatus.REJECTED})

#: The invoices: of two commitments, with one vendor and one number.
IDS = ("5000", "5001")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class _Document(ExportDocument):
    """A document with a given digest: it is needed a hundred thousand times."""

    @property
    def digest(self) -> str:
        """The digest of this content."""
        return f"{self.invoice_id} {self.number}"


def _document(side: int, content: int) -> ExportDocument:
    given = attrs.asdict(DOCUMENT, recurse=False)
    ours = {"invoice_id": IDS[side], "commitment_id": f"10{side}"}
    theirs = {"commitment_number": f"SC-{side}", "commitment_origin_id": f"C-10{side}"}
    return _Document(**{**given, **ours, **theirs, "number": content})


#: By invoice and content.
DOCUMENTS = {(side, content): _document(side, content) for side in (0, 1) for content in (1, 2)}


#: The most look-ups; one lost claim, or deferral, more gives up.
EXHAUSTED, WEARY_CLAIMS, WEARY_DEFERRALS = 7, 4, 19
_LATER = NOW + timedelta(days=1)
_SETTLES = timedelta(seconds=SETTLE_SECONDS)


def _moment(when: datetime) -> datetime:
    if when > NOW:
        return LIVE
    if when + _SETTLES > NOW:
        return OVER
    return DEAD if when + 2 * _SETTLES > NOW else SETTLED


def _tidy_call(call: Call) -> Call:
    settled = call.answer not in {None, Answer.ABSENT}
    until = SETTLED if settled else _moment(call.lease_until)
    if until == call.lease_until and call.started_at == NOW and not call.fencing:
        return call
    return evolve(call, {"lease_until": until, "started_at": NOW, "fencing": 0})


def tidy(side: int, entry: QueueEntry) -> QueueEntry:
    """Return the entry with only such moments and counts as make a difference."""
    lease = entry.lease and evolve(
        entry.lease,
        {"holder": "w", "fencing": 1, "until": LIVE if entry.lease.until > NOW else OVER},
    )
    due = entry.due_at and (_LATER if entry.due_at > NOW else OVER)
    return evolve(
        entry,
        {
            "version": 0,
            "seq": 0,
            "lease": lease,
            "fencing": 1,
            "due_at": due,
            "calls": tuple(map(_tidy_call, entry.calls)),
            "deferrals": WEARY_DEFERRALS if entry.deferrals >= WEARY_DEFERRALS else 0,
            "lookups": EXHAUSTED if entry.lookups >= EXHAUSTED else 0,
            "lost_claims": min(entry.lost_claims, 5) if entry.lost_claims >= WEARY_CLAIMS else 0,
            "refusal": (),
            "delay": None,
            "document": DOCUMENTS[side, entry.document.number] if entry.document else None,
        },
    )


def identity(entry: QueueEntry) -> Hashable:
    """Return what makes two tidy entries one."""
    return (
        entry.status.value,
        entry.generation,
        entry.attempt,
        entry.digest,
        entry.acceptance and entry.acceptance.digest,
        tuple(step.name for step in entry.plan),
        tuple(map(_normalize_call, entry.calls)),
        tuple(
            (
                (held.key.generation, held.key.attempt, held.key.step),
                (held.receipt.step, held.receipt.erp_id, held.receipt.digest),
                held.gone,
            )
            for held in entry.holdings
        ),
        entry.lease and entry.lease.until,
        entry.due_at,
        (entry.lookups, entry.lost_claims, entry.deferrals),
        entry.withdrawing,
        entry.slot,
    )


def _normalize_call(call: Call) -> Hashable:
    key, answer = call.key, call.answer and call.answer.value
    name = (key.generation, key.attempt, key.step)
    return (name, call.kind.value, call.digest, call.erp_id, answer, call.lease_until)
