"""Audit events, derived from changes of entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

import attrs

from .documents import QueueEntry
from .values import Value
from .verdict import ALLOWED, Denial, Notice, Verdict
from .vocabulary import Action, ExportStatus

__all__ = ["AuditEvent", "Change", "replay"]


def _freeze_texts(texts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(texts))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class AuditEvent(Value):
    """
    One action on an entry, allowed or denied.

    Attributes:
        seq: The number of the event within its entry, from 1 and without gaps.
        at: The time (UTC).
        actor: The id of the person or of the system.
        before: The status before the action.
        after: The status after the action; the same if it was refused.
        version: The entry's version after the action.
        denials: The reasons of a refused action, of a rejection or of the ERP.
        facts: Further values as text, such as key, step, ERP id and evidence.
    """

    entry_id: str
    seq: int
    at: datetime
    actor: str
    action: Action
    before: ExportStatus
    after: ExportStatus
    version: int
    denials: tuple[Denial, ...] = ()
    notices: tuple[Notice, ...] = ()
    facts: Mapping[str, str] = attrs.field(factory=dict, converter=_freeze_texts, hash=False)
    command: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Change(Value):
    """
    One action on an entry and its result.

    Attributes:
        verdict: The decision; if it denies, ``after`` differs from ``before`` only in ``seq``.
        denials: The reasons that a rejection or an answer of the ERP contains.
    """

    action: Action
    before: QueueEntry
    after: QueueEntry
    at: datetime
    actor: str
    verdict: Verdict = ALLOWED
    denials: tuple[Denial, ...] = ()
    facts: Mapping[str, str] = attrs.field(factory=dict, converter=_freeze_texts, hash=False)
    command: str | None = None

    @cached_property
    def event(self) -> AuditEvent:
        """The audit event of this change."""
        return AuditEvent(
            entry_id=self.after.id,
            seq=self.after.seq,
            at=self.at,
            actor=self.actor,
            action=self.action,
            before=self.before.status,
            after=self.after.status,
            version=self.after.version,
            denials=(*self.verdict.denials, *self.denials),
            notices=self.verdict.notices,
            facts=self.facts,
            command=self.command,
        )


def replay(events: Iterable[AuditEvent]) -> ExportStatus:
    """
    Return the status after the events of an entry, given in order.

    Raises:
        ValueError: An event does not follow from the one before it.
    """
    status, seq = ExportStatus.NOT_SENT, 0
    for event in events:
        if event.seq != seq + 1 or event.before is not status:
            msg = f"Event {event.seq} of {event.entry_id} does not follow from event {seq}."
            raise ValueError(msg)
        status, seq = event.after, event.seq
    return status
