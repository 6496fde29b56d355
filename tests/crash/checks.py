"""Checks of the queue against the bills of the fake ERP."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from erp_invoice_core import Action, ExportStatus
from tests.crash.deployment import DUE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from erp_invoice_core import ExportQueue, QueueEntry
    from erp_invoice_core.testing.fake_erp import ErpReport
    from erp_invoice_core.testing.fake_erp.ledger import ErpDocument


def get_invoice_id(key: str) -> str:
    """Return the invoice to which a key belongs."""
    return key.split("/", maxsplit=1)[0]


def _group_by_invoice(heard: ErpReport) -> dict[str, list[ErpDocument]]:
    found = defaultdict(list)
    for bill in heard.existing:
        found[bill.invoice_id or ""].append(bill)
    return found


def find_duplicates(heard: ErpReport) -> list[str]:
    """Return the invoices that have more than one bill in the ERP."""
    return sorted(id_ for id_, bills in _group_by_invoice(heard).items() if len(bills) > 1)


def is_settled(entry: QueueEntry) -> bool:
    """Return whether an entry is final, or unknown with a next look-up."""
    final = {ExportStatus.SYNCED, ExportStatus.FAILED}
    is_looked_up = entry.status is ExportStatus.UNKNOWN and entry.due_at is not None
    return entry.status in final or is_looked_up


def find_problems(queue: ExportQueue, heard: ErpReport, sent: Collection[str]) -> list[str]:
    """Return invoices that are lost, booked twice, or wrong; ``sent`` were surely sent."""
    entries = queue.entries()
    problems = [finding.message for finding in queue.verify().problems]
    problems += [f"{id_} was sent and is lost" for id_ in sorted(_find_lost(entries, sent))]
    problems += [f"{id_} is there twice" for id_ in find_duplicates(heard)]
    bills = _group_by_invoice(heard)
    for entry in entries:
        problems += _compare(entry, bills.pop(entry.id, []))
    return [*problems, *(f"of no entry: {each}" for each in bills.values())]


def _find_lost(entries: Sequence[QueueEntry], sent: Collection[str]) -> set[str]:
    there = {entry.id for entry in entries if entry.status is not ExportStatus.NOT_SENT}
    return set(sent) - there


def _compare(entry: QueueEntry, bills: list[ErpDocument]) -> list[str]:
    there = [(bill.id, bill.amount, bill.state) for bill in bills]
    known = {held.receipt.erp_id for held in entry.living}
    if entry.status is ExportStatus.SYNCED:
        fine = [(known.copy().pop() if known else None, DUE, "posted")]
        return [] if there == fine else [f"{entry.id} is synced, and there is {there}"]
    if {bill.id for bill in bills} - known and not entry.in_doubt:
        return [f"{entry.id} is {entry.status.value} and knows nothing of {there}"]
    return []


def count_interruptions(queue: ExportQueue) -> Counter[str]:
    """Count the actions that follow the death of a worker."""
    acts = Counter(event.action for entry in queue.entries() for event in queue.history(entry.id))
    evident = (Action.LOSE, Action.RELEASE, Action.RESUME, Action.RULE, Action.SIGHT)
    return Counter({act.value: acts[act] for act in evident})
