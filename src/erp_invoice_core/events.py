"""Audit events: each one is derived from a change of an entry."""

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
        seq: Its place among the entry's events, from 1, without gaps.
        at: When (UTC).
        actor: Id of the person or of the system.
        before: Status before, and ``after``: the same where it was refused.
        version: The entry's version afterwards.
        denials: Why it was refused, or a rejection's and an ERP's reasons.
        facts: Further facts as text: key, step, ERP id, evidence.
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
        verdict: The decision; where it denies, only ``seq`` has moved.
        denials: The reasons that the act itself carries: a rejection's, the ERP's.
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
        """The audit event of this change, built once."""
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
    Return the status to which an entry's events lead, oldest first.

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
