"""What a truthful person says after looking into the ERP, at this very moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.documents import CallKind
from erp_invoice_core.flow import Resolution
from erp_invoice_core.vocabulary import ExportStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erp_invoice_core.documents import Call, QueueEntry, Step

    from .paper import Paper

__all__ = ["after_restore", "is_asked", "papers_there", "truthful"]

#: The refusals after which a person looks in the ERP for what a restored database does not know.
_ASKS = frozenset(
    {
        "export.restored",
        "export.restored_differs",
        "erp.already_there",
        "simulated.number_used",
        "simulated.key_reused",
    }
)


def is_asked(entry: QueueEntry) -> bool:
    """Whether a person is asked to look in the ERP for a document of the invoice."""
    return any(denial.code in _ASKS for denial in entry.refusal)


def after_restore(
    entry: QueueEntry, papers: list[Paper], steps: Sequence[Step]
) -> tuple[Resolution | None, list[Paper]]:
    """
    Return what a person says after looking in the ERP for what the entry does not know.

    Args:
        entry: The entry as the person sees it.
        papers: Every document that was made for the invoice.
        steps: The steps of an export to that ERP.

    Returns:
        The ruling that takes up what is as accepted, if it can be said, and the documents of the
        invoice that the person removes there.
    """
    known = {held.receipt.erp_id for held in entry.holdings}
    news = [paper for paper in papers if paper.lives and paper.id not in known]
    there: dict[str, str] = {}
    others = []
    for paper in news:
        made = dict.fromkeys((key.rsplit("/", 1)[1] for key in paper.all_keys), paper.id)
        if paper.request is None or paper.request.digest != entry.digest or there.keys() & made:
            others.append(paper)
        else:
            there |= made
    if entry.plan:
        return Resolution(happened=there) if there else None, others
    if len(set(there.values())) == 1 and there.keys() >= {step.name for step in steps}:
        return Resolution(synced={"": next(iter(there.values()))}), others
    return None, news


def papers_there(entry: QueueEntry, papers: list[Paper]) -> list[Paper]:
    """Return the documents of the entry's generation, made or adopted, that are there now."""
    return [
        paper
        for paper in papers
        if paper.lives and (paper.request is None or paper.generation == entry.generation)
    ]


def _of_this_try(entry: QueueEntry, papers: list[Paper]) -> list[Paper]:
    stands = {held.receipt.erp_id for held in entry.standing}
    return [
        paper
        for paper in papers
        if (paper.request.attempt == entry.attempt if paper.request else paper.id in stands)
    ]


def _document(entry: QueueEntry, call: Call, papers: list[Paper]) -> str | None:
    """Return the id of the document that shows that a call in doubt happened."""
    if call.kind is CallKind.WITHDRAW:
        is_there = any(paper.id == call.erp_id for paper in papers)
        return None if is_there else call.erp_id
    for paper in _of_this_try(entry, papers):
        if call.key.text == paper.key or call.key.step in paper.keys:
            return paper.id
    return None


def truthful(entry: QueueEntry, papers: list[Paper]) -> Resolution | None:
    """
    Return the ruling that is true of the documents that are there; ``None``: nothing to say.

    Args:
        entry: The entry as the person sees it.
        papers: Every document that was made for the invoice, or is on record as its own; the
            person knows them by sight.
    """
    there = papers_there(entry, papers)
    if not there:
        return Resolution(absent=True)
    happened, absent = {}, []
    for call in entry.in_doubt:
        erp_id = _document(entry, call, there)
        if erp_id is None:
            absent.append(call.key.step)
        else:
            happened[call.key.step] = erp_id
    absent = [step for step in dict.fromkeys(absent) if step not in happened]
    if happened or absent:
        return Resolution(happened=happened, steps_absent=tuple(absent))
    return _news(entry, there)


def _news(entry: QueueEntry, there: list[Paper]) -> Resolution | None:
    """Return what is there though no call is in doubt, where that is news, or is waited for."""
    is_asked = entry.status is ExportStatus.UNKNOWN
    known = {held.receipt.erp_id for held in entry.holdings}
    news = {
        paper.key.rsplit("/", 1)[1]: paper.id
        for paper in _of_this_try(entry, there)
        if paper.key is not None and (is_asked or paper.id not in known)
    }
    return Resolution(happened=news) if news else None
