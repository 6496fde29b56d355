"""Wait of an entry: its cause, its end, and who can act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..message_template import MessageKind, MessageTemplate, choose_template, list_places
from ..values import Value
from ..vocabulary import ExportStatus

if TYPE_CHECKING:
    from ..documents import QueueEntry


class WaitFor(Enum):
    """The thing that an entry waits for: a time, a look-up, a person or an adapter."""

    TIME = "time"  #: A worker does at its time; no person has to act.
    LOOK_UP = "look_up"  #: A worker asks the ERP what exists.
    PERSON = "person"  #: A person has to act.
    ADAPTER = "adapter"  #: A worker that has the connection and its adapter.


def _copy_facts(facts: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(facts))


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Wait(Value):
    """
    The wait of an entry.

    Attributes:
        waits_for: The thing that the entry waits for.
        code: The code of the message, ``wait.…``; it is stable and public.
        message: The cause, and what a person does about it.
        until: When a worker looks at the entry next, or its lease expires (UTC); ``None`` if no
            worker acts next.
        facts: The values of the message.
    """

    waits_for: WaitFor
    code: str
    message: str
    until: datetime | None = None
    facts: Mapping[str, str] = attrs.field(factory=dict, converter=_copy_facts, hash=False)


#: True if a row is the entry's; the second value is whether a worker here serves its connection.
_Applies: TypeAlias = Callable[["QueueEntry", bool], bool]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class WaitRow(Value):
    """
    A row of :data:`WAITS`; the first one that applies to an entry describes its wait.

    ``fallback`` is the sentence if a fact of ``sentence`` is empty.
    """

    code: str
    waits_for: WaitFor
    applies: _Applies
    sentence: str
    fallback: str = ""

    @property
    def templates(self) -> tuple[MessageTemplate, ...]:
        """The template of ``sentence``, and that of ``fallback`` if there is one."""
        texts = filter(None, (self.sentence, self.fallback))
        return tuple(MessageTemplate(self.code, text, kind=MessageKind.WAIT) for text in texts)


def _is_workers(entry: QueueEntry) -> bool:
    """Return whether a worker, and not a person, acts on the entry next."""
    if entry.withdrawing or entry.status in {ExportStatus.ACCEPTED, ExportStatus.EXPORTING}:
        return True
    return entry.status is ExportStatus.UNKNOWN and entry.due_at is not None


def _is_in(status: ExportStatus) -> _Applies:
    return lambda entry, _served: entry.status is status


def _is_delayed(entry: QueueEntry, *, for_person: bool) -> bool:
    delay = entry.delay
    return delay is not None and delay.needs_person is for_person and _is_workers(entry)


# fmt: off
#: The first row that applies counts; a synced entry waits for nothing.
WAITS: tuple[WaitRow, ...] = (
    WaitRow(
        code="wait.adapter", waits_for=WaitFor.ADAPTER,
        applies=lambda entry, served: _is_workers(entry) and not served,
        sentence="Connection {connection} is not configured here, or its adapter is not installed. "
                 "Configure the connection and install its adapter, or run a worker that has both.",
        fallback="The ERP connection of this invoice is not known. Send the invoice to a connection.",
    ),
    WaitRow(
        code="wait.repair", waits_for=WaitFor.PERSON,
        applies=lambda entry, _served: _is_delayed(entry, for_person=True),
        sentence="A worker cannot go on with this invoice until a person has removed the cause. "
                 "The cause is: {why}",
    ),
    WaitRow(
        code="wait.look_up", waits_for=WaitFor.LOOK_UP,
        applies=lambda entry, _served: entry.status is ExportStatus.UNKNOWN and _is_workers(entry)
                 and not entry.withdrawing,
        sentence="It is not known whether {connection} has the invoice. A worker looks it up. The last "
                 "reason is: {why}",
        fallback="It is not known whether {connection} has the invoice. A worker looks it up.",
    ),
    WaitRow(
        code="wait.deferred", waits_for=WaitFor.TIME,
        applies=lambda entry, _served: _is_delayed(entry, for_person=False),
        sentence="The export was put off, and a worker tries it again. The reason is: {why}",
    ),
    WaitRow(
        code="wait.withdrawal", waits_for=WaitFor.TIME,
        applies=lambda entry, _served: entry.withdrawing,
        sentence="A worker removes the document of the invoice from {connection}.",
        fallback="A worker removes the document of the invoice from the ERP.",
    ),
    WaitRow(
        code="wait.export", waits_for=WaitFor.TIME, applies=_is_in(ExportStatus.EXPORTING),
        sentence="A worker is exporting the invoice.",
    ),
    WaitRow(
        code="wait.worker", waits_for=WaitFor.TIME, applies=_is_in(ExportStatus.ACCEPTED),
        sentence="The invoice is accepted, and a worker exports it.",
    ),
    WaitRow(
        code="wait.resolve", waits_for=WaitFor.PERSON, applies=_is_in(ExportStatus.UNKNOWN),
        sentence="No look-up shows whether {connection} has the invoice. Look in {connection}, then "
                 "resolve the invoice with evidence. The last reason is: {why}",
        fallback="No look-up shows whether {connection} has the invoice. Look in {connection}, then "
                 "resolve the invoice with evidence.",
    ),
    WaitRow(
        code="wait.accept", waits_for=WaitFor.PERSON, applies=_is_in(ExportStatus.READY),
        sentence="The invoice waits for an accounting approver, who accepts or rejects it.",
    ),
    WaitRow(
        code="wait.failed", waits_for=WaitFor.PERSON, applies=_is_in(ExportStatus.FAILED),
        sentence="The export failed. An accounting approver retries or rejects it. The reasons are: "
                 "{reasons}",
        fallback="The export failed. An accounting approver retries or rejects it.",
    ),
    WaitRow(
        code="wait.correction", waits_for=WaitFor.PERSON, applies=_is_in(ExportStatus.REJECTED),
        sentence="The invoice was rejected. Correct it and send it again. The reasons are: {reasons}",
        fallback="The invoice was rejected. Correct it and send it again.",
    ),
    WaitRow(
        code="wait.send", waits_for=WaitFor.PERSON,
        applies=lambda entry, _served: entry.status in {ExportStatus.RETRIEVED, ExportStatus.NOT_SENT},
        sentence="The invoice is not in the queue until the project team sends it.",
    ),
)
# fmt: on


_UNREADABLE_ROW = MessageTemplate(
    "wait.unreadable",
    "The stored row of invoice {id} cannot be read. Stop the workers, and restore a database backup"
    " in which erp-invoice verify finds nothing.",
    kind=MessageKind.WAIT,
)
_UNREADABLE_RECORD = MessageTemplate(
    "wait.unreadable",
    "The loaded record of invoice {record} cannot be read. Load it again.",
    kind=MessageKind.WAIT,
)


def build_unreadable_wait(entry_id: str, *, is_record: bool = False) -> Wait:
    """
    Return a wait for a person who has to repair what cannot be read of an invoice.

    Args:
        entry_id: The id of the invoice.
        is_record: True if its loaded record cannot be read, false if its row in the queue cannot.
    """
    template = _UNREADABLE_RECORD if is_record else _UNREADABLE_ROW
    facts = {"record" if is_record else "id": entry_id}
    return Wait(
        waits_for=WaitFor.PERSON, code=template.code, message=template.fill(facts), facts=facts
    )


def _list_facts(entry: QueueEntry) -> dict[str, str]:
    return {
        "connection": entry.connection or "",
        "why": entry.delay.why if entry.delay else "",
        "reasons": " ".join(reason.message for reason in entry.refusal),
    }


def _find_end(entry: QueueEntry) -> datetime | None:
    return entry.lease.until if entry.lease else entry.due_at


def find_wait(entry: QueueEntry, *, is_served: bool = True) -> Wait | None:
    """
    Return what the entry waits for; ``None`` for a synced one, which waits for nothing.

    Args:
        entry: The entry.
        is_served: True if its connection is configured here and its adapter is installed.
    """
    row = next((row for row in WAITS if row.applies(entry, is_served)), None)
    if row is None:
        return None
    given, places = _list_facts(entry), list_places(row.sentence)
    facts = {name: value for name, value in given.items() if name in places}
    template = choose_template(row.templates, facts) or row.templates[-1]
    return Wait(
        waits_for=row.waits_for,
        code=row.code,
        message=template.fill(facts),
        until=_find_end(entry) if _is_workers(entry) else None,
        facts=facts,
    )
