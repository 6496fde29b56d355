"""Checks of how the queue settles a call in doubt, by declared terms."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ....declaration import Replay
from ....documents import Call, CallKind, QueueEntry
from ....flow.knowledge import can_repeat, find_settle_time
from ..check import Check
from ..result import require

if TYPE_CHECKING:
    from ..trial import Trial

_LEASE = timedelta(seconds=60)


def check_repeats(trial: Trial) -> None:
    """The queue repeats a call in doubt only where the declared terms rule out a second bill."""
    for kind, terms in trial.adapter.declaration.terms.items():
        entry = _build_entry_in_doubt(trial, kind, kind)
        (call,) = entry.calls
        soon = call.started_at + timedelta(seconds=1)
        require(
            can_repeat(entry, soon, trial.adapter.declaration)
            == (terms.replay is Replay.EVERYTHING and terms.replay_for != timedelta(0)),
            f"Kind {kind} declares replay={terms.replay.value}.",
            "the queue decides otherwise about a repeat",
            f"terms[{kind!r}].replay",
        )
        settled = find_settle_time(call, trial.adapter.declaration)
        require(
            (settled is None) == (terms.settles_within is None),
            f"Kind {kind} declares settles_within={terms.settles_within}.",
            f"absence counts from {settled}",
            f"terms[{kind!r}].settles_within",
        )


def _build_entry_in_doubt(trial: Trial, step: str, kind: str) -> QueueEntry:
    """Return an entry with one call without an answer."""
    document, at = trial.request.document, trial.request.deadline
    entry = QueueEntry(id=document.invoice_id, document=document, digest=trial.request.digest)
    call = Call(
        key=entry.build_key(step),
        kind=CallKind.WRITE,
        step_kind=kind,
        digest=trial.request.digest,
        fencing=1,
        started_at=at,
        lease_until=at + _LEASE,
    )
    return QueueEntry(id=entry.id, document=document, digest=entry.digest, calls=(call,))


# fmt: off
CHECKS = (
    Check(
        name="doubt.repeats", run=check_repeats,
        words=(
            "terms.*.replay: *", "terms.*.replay_for: *", "terms.*.settles_within: unbounded",
            "terms.*.enforces_key: false", "terms.*.compares_body: false",
        ),
        lie="A call in doubt is repeated, or counts as absent, although no term allows it.",
    ),
)
# fmt: on
