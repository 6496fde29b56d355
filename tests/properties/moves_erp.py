"""What the ERP of a world does with a call: as promised, at once or late, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.documents import CallKind, Receipt
from erp_invoice_core.vocabulary import Role

from .moves_world import NOW, SETTLED, Doc, Terms, World

if TYPE_CHECKING:
    from erp_invoice_core.documents import Call, Step

__all__ = ["carried_out", "is_dead", "is_handable", "receipt_for"]


def is_dead(call: Call, terms: Terms) -> bool:
    """Whether a request of that call can not be carried out any more."""
    return terms.settles and call.lease_until == SETTLED


def is_handable(call: Call) -> bool:
    """Whether the call's deadline lets a request be handed over."""
    return call.lease_until > NOW


def carried_out(world: World, place: int, terms: Terms) -> tuple[World, str | None]:
    """Return the world after the ERP carried a call out, and the ERP id that it answers."""
    call = world.entry.calls[place]
    if call.kind is CallKind.WITHDRAW:
        docs = tuple(doc for doc in world.docs if doc.id != call.erp_id)
        return attrs.evolve(world, docs=docs), call.erp_id
    if call.key.step == "post":
        return _posted(world, call)
    known = dict(world.under).get(call.key) if terms.one_per_key else None
    if known is not None:
        return world, known
    erp_id = f"D{world.made + 1}"
    key = call.key
    doc = Doc(erp_id, key.generation, key.attempt, key.step, call.digest, posted=False)
    return attrs.evolve(
        world,
        docs=(*world.docs, doc),
        made=world.made + 1,
        under=(*world.under, (key, erp_id)) if terms.one_per_key else (),
    ), erp_id


def _posted(world: World, call: Call) -> tuple[World, str | None]:
    drafts = [
        doc
        for doc in world.docs
        if (doc.generation, doc.attempt) == (call.key.generation, call.key.attempt)
    ]
    if not drafts:
        return world, None
    docs = tuple(attrs.evolve(doc, posted=True) if doc == drafts[0] else doc for doc in world.docs)
    return attrs.evolve(world, docs=docs), drafts[0].id


def receipt_for(call: Call, erp_id: str, plan: tuple[Step, ...]) -> Receipt:
    """Return what the ERP answers."""
    name = call.key.step.removeprefix("withdraw ")
    roles = {step.name: step.role for step in plan}
    return Receipt(
        step=name, erp_id=erp_id, role=roles.get(name, Role.BILL if name != "post" else None)
    )
