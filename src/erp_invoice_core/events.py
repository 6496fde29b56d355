"""
Audit events, derived from changes of entries.

Each action on an entry, a denied one included, is a change, and each change makes one event of the
audit log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import attrs

from .documents import QueueEntry
from .values import Value, begin, finish
from .verdict import ALLOWED, Denial, Notice, Verdict
from .vocabulary import Action, ExportStatus


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
        command: The id of the host's command, by which a repeated command is recognized, if any.
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
        before: The entry before the action.
        after: The entry after the action.
        verdict: The answer of the rules to the action; if it is a refusal, ``after`` differs from
            ``before`` only in ``seq``.
        denials: The reasons that a rejection or an answer of the ERP contains.
        event: The audit event of this change; derived.
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
    event: AuditEvent = attrs.field(init=False, eq=False, repr=False)

    @event.default
    def _build_event(self) -> AuditEvent:
        return build_event(self)


def build_event(change: Change) -> AuditEvent:
    """Return the audit event of a change."""
    after, verdict = change.after, change.verdict
    event = begin(AuditEvent)
    event.entry_id = after.id
    event.seq = after.seq
    event.at = change.at
    event.actor = change.actor
    event.action = change.action
    event.before = change.before.status
    event.after = after.status
    event.version = after.version
    event.denials = verdict.denials + change.denials
    event.notices = verdict.notices
    event.facts = change.facts
    event.command = change.command
    return finish(AuditEvent, event)


class EventsOutOfOrder(ValueError):
    """An event does not follow from the one before it, whose number is ``before``."""

    def __init__(self, event: AuditEvent, before: int) -> None:
        """Store the numbers of the two events."""
        super().__init__(
            f"Event {event.seq} of {event.entry_id} does not follow from event {before}."
        )
        self.seq = event.seq
        self.before = before


def replay(events: Iterable[AuditEvent]) -> ExportStatus:
    """
    Return the status after the events of an entry, given in order.

    Raises:
        EventsOutOfOrder: An event does not follow from the one before it.
    """
    status, seq = ExportStatus.NOT_SENT, 0
    for event in events:
        if event.seq != seq + 1 or event.before is not status:
            raise EventsOutOfOrder(event, seq)
        status, seq = event.after, event.seq
    return status
