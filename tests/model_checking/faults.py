"""Faults: documents changed by people in the ERP, and lost adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.declaration import LookUp
from erp_invoice_core.vocabulary import ExportStatus

from .calls import fault
from .erp import NUMBER
from .normalization import DOCUMENTS, WEARY_CLAIMS, WEARY_DEFERRALS
from .state import Doc, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Move, Stage

_LEASED = frozenset({ExportStatus.EXPORTING, ExportStatus.UNKNOWN})


def mishaps(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield what may go wrong without any call of ours."""
    if not world.faults:
        return
    for doc in world.docs:
        if doc.side == side or (doc.side < 0 and side == 0):
            yield from _break_erp(fault(world), doc)
    page = world.sides[side].page
    entry = page.entry
    if entry.status in _LEASED and entry.lost_claims < WEARY_CLAIMS:
        weary = attrs.evolve(entry, lost_claims=WEARY_CLAIMS, deferrals=WEARY_DEFERRALS)
        yield "often in vain", True, fault(world).with_side(side, page=stage.page(side, weary))
    if side == 0 and world.adapter:
        yield "uninstalled", True, fault(world)._replace(adapter=False)
    if side == 0 and stage.terms.look_up is LookUp.NUMBER and len(stage.terms.plan) == 1:
        yield from _enter_by_hand(stage, world)


def _break_erp(world: World, doc: Doc) -> Iterator[Move]:
    others = tuple(other for other in world.docs if other is not doc)
    yield "deleted there", True, world._replace(docs=others, deleted=world.deleted | {doc.id})
    acts = doc.done - {doc.step}
    if acts and doc.side >= 0:
        undone = doc._replace(done=frozenset({doc.step}), unseen=frozenset())
        docs = tuple(undone if other is doc else other for other in world.docs)
        yield "undone there", True, world._replace(docs=docs, deleted=world.deleted | {doc.id})
    if not doc.edited:
        edited = doc._replace(edited=True)
        docs = tuple(edited if other is doc else other for other in world.docs)
        yield "edited there", True, world._replace(docs=docs)


def _enter_by_hand(stage: Stage, world: World) -> Iterator[Move]:
    """Yield that a person types the bill of the first invoice by hand, without our key."""
    names = {name for name, _ in world.under}
    if any(doc.side < 0 for doc in world.docs) or NUMBER in names:
        return
    step = stage.terms.plan[0].name
    every = frozenset(one.name for one in stage.terms.plan)
    content = DOCUMENTS[0, world.sides[0].content].digest
    doc = Doc("H", -1, 0, 0, step, content, every)
    used = ((NUMBER, doc.id),) if stage.terms.one_per_number else ()
    typed = fault(world)._replace(docs=(*world.docs, doc), under=(*world.under, *used))
    yield "typed by hand", True, typed
