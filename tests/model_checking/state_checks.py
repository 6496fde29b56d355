"""Properties of each world: one document, known, locked, as accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.declaration import NumberScope
from erp_invoice_core.documents import Answer
from erp_invoice_core.vocabulary import ExportStatus

from .people import may_edit
from .state import documents_of

if TYPE_CHECKING:
    from .configurations import Terms
    from .model import Stage
    from .state import Page, World


def problem_of(stage: Stage, world: World) -> str | None:
    """Return what is wrong with a world, if anything is."""
    for side in range(len(world.sides)):
        problem = _problem(stage, world, side)
        if problem:
            return problem
    return _find_shared(stage.terms, world) if len(world.sides) > 1 else None


def _is_excused(terms: Terms, world: World, side: int) -> bool:
    """True if a person took it upon himself; where a number is enforced that excuses nothing."""
    return world.sides[side].excused and not terms.one_per_number


def _problem(stage: Stage, world: World, side: int) -> str | None:
    entry = world.entry(side)
    now = documents_of(world, side)
    excused = _is_excused(stage.terms, world, side)
    if len(now) > len({doc.step for doc in now}) and not excused:
        return "P1: two documents of one role"
    unknown = _find_unknown(world, side)
    if unknown:
        return f"P2: no entry knows of {unknown}"
    if now and not world.sides[side].excused and may_edit(stage, world, side):
        return "P4: it can be edited while a document is there"
    if _come_back(one := world.sides[side].page):
        return f"P2: {_come_back(one)} is gone, and came back"
    if entry.status is ExportStatus.SYNCED:
        return _unlike(stage, world, side)
    return None


def _answers(page: Page) -> dict[tuple[int, int, str], set[Answer | None]]:
    """Return what was answered to the calls of each key."""
    known: dict[tuple[int, int, str], set[Answer | None]] | None = page.memo.get("answers")
    if known is None:
        known = page.memo["answers"] = {}
        for call in page.entry.calls:
            key = (call.key.generation, call.key.attempt, call.key.step)
            known.setdefault(key, set()).add(call.answer)
    return known


def _come_back(page: Page) -> set[str]:
    """Return the documents that are known to be gone and, in one book, to live."""
    both: set[str] | None = page.memo.get("come back")
    if both is None:
        gone = {held.receipt.erp_id for held in page.entry.holdings if held.gone}
        both = {held.receipt.erp_id for held in page.entry.living} & gone
        page.memo["come back"] = both
    return both


def _find_unknown(world: World, side: int) -> str | None:
    """Return a document of an invoice that no entry can know."""
    one = world.sides[side]
    if one.alarmed:
        return None
    known = {held.receipt.erp_id for held in one.page.entry.holdings}
    for doc in world.docs:
        if doc.side != side or doc.id in known:
            continue
        answers = _answers(one.page).get((doc.generation, doc.attempt, doc.step), set())
        if None not in answers and not (one.excused and Answer.ABSENT in answers):
            return doc.id
    return None


def _unlike(stage: Stage, world: World, side: int) -> str | None:
    """Return how what is booked differs from what was accepted."""
    one, entry = world.sides[side], world.entry(side)
    if entry.acceptance is None or entry.acceptance.digest != entry.digest:
        return "P5: synced without an acceptance"
    ids = {held.receipt.erp_id for held in entry.standing}
    done: set[str] = set()
    for erp_id in ids:
        doc = world.doc(erp_id)
        if doc is not None:
            done |= doc.done
            if not doc.shows(entry.acceptance.digest):
                return "P5: booked is not what was accepted"
        elif erp_id not in world.deleted and not one.excused and not one.alarmed:
            return f"P2: synced, but {erp_id} is not there"
    steps = {step.name for step in stage.terms.plan}
    if done and not world.deleted and not steps <= done:
        return "P5: not every step was carried out"
    return None if ids or one.alarmed else "P5: synced without a document"


def _find_shared(terms: Terms, world: World) -> str | None:
    """Return what is wrong between two invoices of one vendor and number."""
    for side, one in enumerate(world.sides):
        for held in one.page.entry.living:
            doc = world.doc(held.receipt.erp_id)
            if doc is not None and doc.side == 1 - side:
                return f"P2: {doc.id} of one invoice was taken for the other's"
    excused = any(_is_excused(terms, world, side) for side in range(2))
    if terms.scope is NumberScope.VENDOR and not excused:
        roles = [
            doc.step for side in range(2) for doc in documents_of(world, side) if doc.side >= 0
        ]
        if len(roles) > len(set(roles)):
            return "P1: two documents of one number"
    return None
