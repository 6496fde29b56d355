"""
The sentences of a verification's findings in the database, one row each.

Code and facts determine the sentence. The fact ``row`` has the word ``missing``, ``surplus`` or
``orphaned`` for a derived row; the values of the row do not show that.
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
            "chain.broken",
            "Event {event} of entry {entry} was edited, swapped or removed. Restore a database"
            " backup in which verify finds nothing.",
        ),
        _row(
            "chain.columns",
            "The columns of entry {entry} in table erp_entries, or of its events in erp_events,"
            " contradict the column body. Restore a database backup in which verify finds nothing.",
        ),
        _row(
            "chain.document",
            "The stored export document of entry {entry} was edited or removed. Restore a database"
            " backup in which verify finds nothing.",
        ),
        _row(
            "chain.entry",
            "The stored row of entry {entry} was edited after its last event. Restore a database"
            " backup in which verify finds nothing.",
        ),
        _row(
            "chain.foreign",
            "The stored rows of entry {entry} contain data of another entry. Restore a database"
            " backup in which verify finds nothing.",
        ),
        _row(
            "chain.head",
            "The last events of entry {entry} were removed, or others were added. Restore a"
            " database backup in which verify finds nothing.",
        ),
        _row(
            "chain.order",
            "Event {event} of entry {entry} does not follow from event {before}. Restore a database"
            " backup in which verify finds nothing.",
        ),
        _row(
            "chain.orphaned",
            "Entry {entry} was removed, but its events are stored. Restore a database backup in"
            " which verify finds nothing.",
        ),
        _row(
            "chain.status",
            "The events of entry {entry} lead to the status {replayed}, but its stored status is"
            " {status}. Restore a database backup in which verify finds nothing.",
        ),
        _row(
            "chain.unreadable",
            "Entry {entry}, or one of its events, cannot be read. Restore a database backup in"
            " which verify finds nothing.",
        ),
        _row(
            "slot.shared",
            "Invoices {other} and {entry} have the same number in the ERP. Check in the ERP that"
            " they are not one invoice that was booked twice, and unlink or withdraw one of them.",
        ),
        _row(
            "slot.shared",
            "Invoices {other} and {entry} have the same number in the ERP ({number}). Check in the"
            " ERP that they are not one invoice that was booked twice, and unlink or withdraw one"
            " of them.",
        ),
        # derived rows
        _row(
            "rows.command",
            "In table erp_commands, command {command} names event {event} of entry {entry}, which"
            " does not answer it. Delete this row.",
            row="surplus",
        ),
        _row(
            "rows.command",
            "In table erp_commands, command {command} names entry {entry}, which is not stored."
            " Delete this row, or restore a database backup that has the entry.",
            row="orphaned",
        ),
        _row(
            "rows.command",
            "Event {event} of entry {entry} answers command {command}, but the row for it in table"
            " erp_commands is missing. Insert this row.",
            row="missing",
        ),
        _row(
            "rows.command",
            "Event {event} of entry {entry} answers command {command}, but the row for it in table"
            " erp_commands names event {stated}. Correct this row.",
        ),
        _row(
            "rows.feed",
            "Event {event} of entry {entry} has no place in the change feed, but the later event"
            " {next} has place {next_place}. Correct the places of both in table erp_events.",
        ),
        _row(
            "rows.feed",
            "Event {event} of entry {entry} has place {place} in the change feed, but the later"
            " event {next} has place {next_place}. Correct the places of both in table erp_events.",
        ),
        _row(
            "rows.owner",
            "In table erp_document_owners, document {document} of connection {connection} names"
            " entry {entry}, which is not stored. Delete this row, or restore a database backup"
            " that has the entry.",
        ),
        _row(
            "rows.owner",
            "In table erp_document_owners, document {document} of connection {connection},"
            " generation {generation}, names entry {entry}, which has no receipt for the document."
            " Delete this row.",
        ),
        _row(
            "rows.owner",
            "Document {document} of generation {generation} belongs to entry {entry}, but its row"
            " in table erp_document_owners is missing or differs. Insert or correct this row.",
            row="missing",
        ),
        _row(
            "rows.owner",
            "Document {document} of generation {generation} of entry {entry} is on connection"
            " {connection}, but its row in table erp_document_owners says {stated}. Correct this"
            " row.",
        ),
        _row(
            "rows.slot",
            "Entry {entry} holds number slot {slot}, but the row for it in table erp_number_slots"
            " is missing or names another entry. Insert or correct this row.",
            row="missing",
        ),
        _row(
            "rows.slot",
            "In table erp_number_slots, number slot {slot} names entry {entry}, which does not hold"
            " it. Delete this row.",
            row="surplus",
        ),
        _row(
            "rows.slot",
            "In table erp_number_slots, number slot {slot} names entry {entry}, which is not"
            " stored. Delete this row, or restore a database backup that has the entry.",
            row="orphaned",
        ),
        # loaded records
        _row(
            "document.edited",
            "The stored facts of invoice {invoice} were edited, and are not used. Load the invoice"
            " again.",
        ),
        _row(
            "document.edited",
            "The loaded {kind} {id} was edited after it was loaded. Load it again.",
        ),
        _row(
            "document.edited",
            "The stored row of company {company} was edited, or cannot be read. Load a file with"
            " this company again, or restore a database backup in which verify finds nothing.",
        ),
        _row("document.lost", "The loaded record of invoice {invoice} is missing. Load it again."),
        _row(
            "document.lost",
            "The stored row of company {company} is missing. Load a file with this company again, or"
            " restore a database backup in which verify finds nothing.",
        ),
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
