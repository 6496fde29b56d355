"""
The sentences of what a verification finds in the database, one row each.

Code and facts determine the sentence. The fact ``row`` says whether a derived row is missing,
surplus or orphaned, which its values do not show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message_template import MessageKind, MessageTemplate, fill_by_facts, group_by_code
from ..values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping


def _row(code: str, text: str, **when: str) -> MessageTemplate:
    return MessageTemplate(code, text, kind=MessageKind.FINDING, when=when)


#: The templates of the findings, by their code.
FINDINGS: Mapping[str, tuple[MessageTemplate, ...]] = group_by_code(
    (
        # code, sentence, the facts that choose it
        # the events and the entry
        _row(
            "chain.broken", "Event {event} of {entry} was edited, swapped or removed. Restore it."
        ),
        _row(
            "chain.columns", "The columns of entry {entry} differ from its body. Restore the entry."
        ),
        _row("chain.document", "The document of {entry} was edited or removed. Restore it."),
        _row("chain.entry", "Entry {entry} was edited since its last event. Restore it."),
        _row(
            "chain.foreign",
            "The rows of entry {entry} include an event of another entry. Restore them.",
        ),
        _row("chain.head", "The last events of {entry} are missing or were added. Restore them."),
        _row(
            "chain.order",
            "Event {event} of {entry} does not follow from event {before}. Restore the events.",
        ),
        _row(
            "chain.orphaned",
            "Entry {entry} is missing, although its events are stored. Restore it.",
        ),
        _row(
            "chain.status",
            "The events of {entry} lead to {replayed}, but its status is {status}. Restore the entry.",
        ),
        _row(
            "chain.unreadable", "Entry {entry}, or one of its events, cannot be read. Restore it."
        ),
        _row(
            "slot.shared",
            "Invoices {other} and {entry} hold one number in the ERP. Check that it was not booked"
            " twice, and unlink or withdraw one of them.",
        ),
        _row(
            "slot.shared",
            "Invoices {other} and {entry} hold one number in the ERP ({number}). Check that it was"
            " not booked twice, and unlink or withdraw one of them.",
        ),
        # derived rows
        _row(
            "rows.command",
            "Command {command} is said to be answered by event {event} of {entry}, but no event"
            " answers it. Delete the row.",
            row="surplus",
        ),
        _row(
            "rows.command",
            "Command {command} names entry {entry}, which is not there. Delete the row, or restore"
            " the entry.",
            row="orphaned",
        ),
        _row(
            "rows.command",
            "Event {event} of entry {entry} answers command {command}, but no row does. Restore the"
            " row.",
            row="missing",
        ),
        _row(
            "rows.command",
            "Event {event} of entry {entry} answers command {command}, but the row says event"
            " {stated}. Restore the row.",
        ),
        _row(
            "rows.feed",
            "Events {event} and {next} of entry {entry} stand in the feed at no place and"
            " {next_place}. Restore the places.",
        ),
        _row(
            "rows.feed",
            "Events {event} and {next} of entry {entry} stand in the feed at place {place} and"
            " {next_place}. Restore the places.",
        ),
        _row(
            "rows.owner",
            "Document {document} of connection {connection} names entry {entry}, which is not there."
            " Delete the row, or restore the entry.",
        ),
        _row(
            "rows.owner",
            "Document {document} of connection {connection}, generation {generation}, names entry"
            " {entry} as its owner, which has no receipt for it. Delete the row.",
        ),
        _row(
            "rows.owner",
            "Document {document} of generation {generation} belongs to entry {entry}, but its owner's"
            " row is missing or differs. Restore the row.",
            row="missing",
        ),
        _row(
            "rows.owner",
            "Document {document} of generation {generation} of entry {entry} is on connection"
            " {connection}; its owner's row says {stated}. Correct the row.",
        ),
        _row(
            "rows.slot",
            "Entry {entry} holds number slot {slot}, but the row is missing or names another entry."
            " Restore the row.",
            row="missing",
        ),
        _row(
            "rows.slot",
            "Number slot {slot} names entry {entry}, which does not hold it. Delete the row.",
            row="surplus",
        ),
        _row(
            "rows.slot",
            "Number slot {slot} names entry {entry}, which is not there. Delete the row, or restore"
            " the entry.",
            row="orphaned",
        ),
        # loaded records
        _row(
            "document.edited",
            "The kept facts of invoice {invoice} were edited, and are not used. Load it again.",
        ),
        _row(
            "document.edited",
            "The loaded {kind} {id} was edited after it was loaded. Load it again.",
        ),
        _row(
            "document.edited",
            "The row of company {company} was edited, or cannot be read. Restore it.",
        ),
        _row("document.lost", "The loaded record of invoice {invoice} is missing. Load it again."),
        _row("document.unreadable", "The loaded {kind} {id} cannot be read. Load it again."),
    )
)


@attrs.frozen(eq=False, repr=False)
class Finding(Value):
    """
    A problem in stored rows, such as an edited event; the library itself never causes one.

    Attributes:
        code: The kind of problem, such as ``chain.broken``.
        message: The problem and what to do, for a person.
        facts: Every value in the message, as text; code and facts determine the message.
    """

    entry_id: str
    code: str
    message: str
    facts: Mapping[str, str] = attrs.field(factory=dict, eq=False)


def build_finding(entry_id: str, code: str, /, **facts: object) -> Finding:
    """Return the finding with the sentence that code and facts determine."""
    return Finding(entry_id, code, *fill_by_facts(FINDINGS[code], facts))
