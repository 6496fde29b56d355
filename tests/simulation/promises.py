"""The promises that can be judged of one entry, each with what it looks like when it is broken."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from erp_invoice_core.vocabulary import ExportStatus

from .truth import is_asked
from .violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from erp_invoice_core.documents import QueueEntry
    from erp_invoice_core.events import AuditEvent
    from erp_invoice_core.stores import Store

    from .paper import Paper
    from .world import World

__all__ = ["alarms", "booked", "commands", "evidence", "receipts", "unalarmed"]


#: The alarms, and by what each names the documents.
_NAMES = {
    "erp.second_document": "erp_id",
    "erp.several": "key",
    "export.restored_differs": "erp_id",
}


def alarms(events: Iterable[AuditEvent]) -> set[str]:
    """Return the ERP ids, or the keys, of second documents of which people were told."""
    return {
        denial.facts[_NAMES[denial.code]]
        for event in events
        for denial in event.denials
        if denial.code in _NAMES
    }


def unalarmed(
    entry: QueueEntry, events: Iterable[AuditEvent], twice: Iterable[Paper]
) -> Iterator[Violation]:
    """Where an ERP broke its declaration and booked twice, people are told of both."""
    known = {held.receipt.erp_id for held in entry.holdings} | alarms(events)
    for paper in twice:
        is_known = paper.id in known or paper.key in known
        if paper.lives and not is_known and not entry.in_doubt:
            yield Violation("alarm.missing", entry.id, f"Nobody was told of {paper.id}.")


def evidence(world: World, entry: QueueEntry, store: Store) -> Iterator[tuple[str, str]]:
    """No evidence is lost: a living document is known, in doubt, or an alarm was raised."""
    known = {held.receipt.erp_id for held in entry.living}
    for paper in world.papers_of(entry.id):
        if not paper.lives or paper.id in known or entry.in_doubt:
            continue
        if entry.id in world.set_back and is_asked(entry):
            continue
        if not {paper.id, paper.key} & alarms(store.events(entry.id)):
            yield "evidence.lost", f"{paper.id} lives over there, and nobody knows of it."


def receipts(world: World, entry: QueueEntry) -> Iterator[tuple[str, str]]:
    """No status is set from an error: every receipt names a document that the ERP made."""
    papers = {
        paper.id for network in world.networks.values() for paper in network.books.papers.values()
    }
    for held in entry.holdings:
        if held.receipt.erp_id not in papers:
            yield "receipt.made_up", f"{held.receipt.erp_id} is no document of the ERP."


def booked(world: World, entry: QueueEntry) -> Iterator[tuple[str, str]]:
    """What was accepted is what is booked, and every step of it was carried out."""
    if entry.status is not ExportStatus.SYNCED or entry.acceptance is None:
        return
    papers = world.networks[entry.connection or ""].books.papers
    for held in entry.standing:
        paper = papers.get(held.receipt.erp_id)
        if paper is None or paper.request is None:
            continue
        if paper.entry_id != entry.id:
            yield "booked.another", f"{paper.id} was made for invoice {paper.entry_id}."
        elif paper.request.digest != entry.acceptance.digest:
            yield "booked.otherwise", f"{paper.id} is not what was accepted."
        elif held.receipt.role is None and held.receipt.step not in paper.keys:
            yield "booked.half", f"{held.receipt.step} was never carried out on {paper.id}."
    missing = {step.name for step in entry.plan} - {held.receipt.step for held in entry.standing}
    if missing:
        yield "booked.half", f"There is no receipt for {', '.join(sorted(missing))}."


def commands(events: Iterable[AuditEvent]) -> Iterator[tuple[str, str]]:
    """A command that is repeated after a lost answer has its effect once."""
    counts = Counter(event.command for event in events if event.command and not _is_denied(event))
    for command, times in counts.items():
        if times > 1:
            yield "command.twice", f"{command} had its effect {times} times."


def _is_denied(event: AuditEvent) -> bool:
    return event.before is event.after
