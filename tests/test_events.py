"""Events are derived from changes, and lead to the status when replayed."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from erp_invoice_core.documents import QueueEntry
from erp_invoice_core.events import AuditEvent, Change, replay
from erp_invoice_core.verdict import Denial, Notice, Source, Verdict
from erp_invoice_core.vocabulary import Action, ExportStatus

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NO = Denial("status.send", "Retrieve it first.", Source.STATUS)
WHY = Denial("person.rejected", "Wrong amount.", Source.PERSON)
NOTICE = Notice("tax.present", "There is tax.", Source.CONDITION)


def _event(seq: int, before: ExportStatus, after: ExportStatus) -> AuditEvent:
    return AuditEvent(
        entry_id="5000",
        seq=seq,
        at=NOW,
        actor="ann",
        action=Action.SEND,
        before=before,
        after=after,
        version=seq,
    )


SENT = _event(1, ExportStatus.NOT_SENT, ExportStatus.READY)


def test_event_has_its_change() -> None:
    """It has actor, action, time, both statuses, the reasons and the other arguments."""
    before = QueueEntry(id="5000", seq=3, status=ExportStatus.READY)
    change = Change(
        action=Action.REJECT,
        before=before,
        after=attrs.evolve(before, seq=4, version=2, status=ExportStatus.REJECTED),
        at=NOW,
        actor="ann",
        verdict=Verdict((NO,), (NOTICE,)),
        denials=(WHY,),
        facts={"a": "b"},
        command="c1",
    )

    assert (
        AuditEvent(
            entry_id="5000",
            seq=4,
            at=NOW,
            actor="ann",
            action=Action.REJECT,
            before=ExportStatus.READY,
            after=ExportStatus.REJECTED,
            version=2,
            denials=(NO, WHY),
            notices=(NOTICE,),
            facts={"a": "b"},
            command="c1",
        )
        == change.event
    )


def test_facts_are_frozen() -> None:
    """The facts of an event cannot change afterwards."""
    facts = {"a": "b"}
    event = attrs.evolve(SENT, facts=facts)
    facts.clear()

    assert {"a": "b"} == dict(event.facts)


def test_no_events_lead_to_not_sent() -> None:
    """An invoice without events was never sent."""
    assert ExportStatus.NOT_SENT is replay([])


def test_events_lead_to_the_status() -> None:
    """Sent, then accepted."""
    accepted = _event(2, ExportStatus.READY, ExportStatus.ACCEPTED)

    assert ExportStatus.ACCEPTED is replay([SENT, accepted])


@pytest.mark.parametrize(
    "event",
    [
        _event(3, ExportStatus.READY, ExportStatus.ACCEPTED),
        _event(2, ExportStatus.FAILED, ExportStatus.ACCEPTED),
        SENT,
    ],
)
def test_event_that_does_not_follow_is_refused(event: AuditEvent) -> None:
    """A gap, another status before, or the same event twice is an error."""
    with pytest.raises(ValueError, match="does not follow from event 1"):
        replay([SENT, event])
