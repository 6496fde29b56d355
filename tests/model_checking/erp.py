"""The abstract ERP: it executes a call at once, late or never."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.documents import CallKind, Receipt

from .normalization import DEAD, NOW, SETTLED
from .state import Doc, World

if TYPE_CHECKING:
    from erp_invoice_core.documents import Call, Step

    from .configurations import Terms

_DEAD = frozenset({DEAD, SETTLED})
#: Under this an ERP keeps that the number was used; with the invoice, where commitments differ.
NUMBER = "number"


def is_dead(call: Call, terms: Terms) -> bool:
    """Return whether a request of that call can not be carried out any more."""
    return terms.settles and call.lease_until in _DEAD


def is_handable(call: Call) -> bool:
    """Return whether the call's deadline lets a request be handed over."""
    return call.lease_until > NOW


def _step(call: Call, terms: Terms) -> Step:
    name = call.key.step.removeprefix("withdraw ")
    return next(step for step in terms.plan if step.name == name)


def target_of(world: World, side: int, call: Call) -> str:
    """Return the document on which the request of a call acts: one that it names, if any."""
    if call.erp_id:
        return call.erp_id
    ids = [held.receipt.erp_id for held in world.entry(side).standing if held.receipt.role]
    return ids[0] if ids else ""


def carry_out(
    world: World, side: int, place: int, target: str, terms: Terms
) -> tuple[World, str | None]:
    """Return the world after the ERP carried a call out, and the ERP id that it answers."""
    call = world.entry(side).calls[place]
    if call.kind is CallKind.WITHDRAW:
        docs = tuple(doc for doc in world.docs if doc.id != target)
        return (world if len(docs) == len(world.docs) else world._replace(docs=docs)), target
    unseen = frozenset({(call.key.step, place)} if terms.shows_late else ())
    if _step(call, terms).role is None:
        return _continue(world, target, call.key.step, unseen)
    return _create(world, side, call, unseen, terms)


def _create(
    world: World, side: int, call: Call, unseen: frozenset[tuple[str, int]], terms: Terms
) -> tuple[World, str | None]:
    key = (side, call.key.generation, call.key.attempt, call.key.step)
    under = dict(world.under)
    if terms.one_per_key and key in under:
        return world, under[key]
    if terms.one_per_number and NUMBER in under:
        return world, None
    erp_id = f"D{world.made + 1}"
    step, content = call.key.step, call.digest
    doc = Doc(erp_id, *key[:3], step, content, frozenset({step}), unseen)
    known: tuple[object, ...] = ()
    if terms.one_per_key:
        known = (key,)
    elif terms.one_per_number:
        known = (NUMBER,)
    return world._replace(
        docs=(*world.docs, doc),
        made=world.made + 1,
        under=(*world.under, *((name, erp_id) for name in known)),
    ), erp_id


def _continue(
    world: World, target: str, step: str, unseen: frozenset[tuple[str, int]]
) -> tuple[World, str | None]:
    doc = world.doc(target)
    if doc is None:
        return world, None
    if step in doc.done:
        return world, doc.id
    after = doc._replace(done=doc.done | {step}, unseen=doc.unseen | unseen)
    docs = tuple(after if one is doc else one for one in world.docs)
    return world._replace(docs=docs), doc.id


def receipt_for(call: Call, erp_id: str, terms: Terms) -> Receipt:
    """Return what the ERP answers."""
    step = _step(call, terms)
    return Receipt(step=step.name, erp_id=erp_id, role=step.role)
