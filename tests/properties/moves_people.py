"""What truthful people may do: with the entry, with the invoice, and over there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core.documents import CallKind
from erp_invoice_core.flow import (
    Ruling,
    accept,
    ask_withdrawal,
    reject,
    retrieve,
    retry,
    rule,
    send,
    unlink,
)
from erp_invoice_core.rules import decide, sources_of
from erp_invoice_core.vocabulary import Action, ExportStatus

from ..flow.samples import PERSON, case_for
from .moves_calls import Move, changed
from .moves_world import DOCUMENTS, NOW, Terms, World, declared_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.events import Change
    from erp_invoice_core.rules import Case

__all__ = ["may_edit", "people_moves"]

_SAID = "Seen there."


def _case(world: World, terms: Terms, **given: Any) -> Case:  # noqa: ANN401 - facts of the case
    erp = declared_by(terms) if world.adapter else None
    return case_for(world.entry, NOW, erp=erp, document=DOCUMENTS[world.content], **given)


def may_edit(world: World, terms: Terms) -> bool:
    """Whether the invoice is open."""
    if world.entry.status not in sources_of(Action.EDIT):
        return False
    return decide(Action.EDIT, _case(world, terms)).allowed


def _done(name: str, world: World, change: Change) -> Iterator[Move]:
    if change.verdict:
        yield name, False, changed(world, change), change


def people_moves(world: World, terms: Terms, generations: int) -> Iterator[Move]:
    """Yield what people may do next."""
    entry, status = world.entry, world.entry.status
    case = _case(world, terms)
    who: dict[str, Any] = {"at": NOW, "actor": PERSON}
    yield from _sendings(world, case)
    if status in sources_of(Action.REJECT):
        yield from _done("reject", world, reject(entry, case, reason="No.", **who))
    if status is ExportStatus.FAILED:
        yield from _done("retry", world, retry(entry, case, **who))
    if status in sources_of(Action.WITHDRAW):
        yield from _withdrawals(world, terms)
    if status in sources_of(Action.RULE):
        yield from _rulings(world, terms)
    if status is ExportStatus.SYNCED and entry.generation < generations:
        gone = not any(world.doc(held.receipt.erp_id) for held in entry.living)
        yield from _done("unlink", world, unlink(entry, _case(world, terms, gone=gone), **who))
    if world.content == 1 and may_edit(world, terms):
        yield "edit", False, attrs.evolve(world, content=2), None
    if world.faults:
        yield from _mishaps(world)


def _sendings(world: World, case: Case) -> Iterator[Move]:
    entry, status = world.entry, world.entry.status
    who: dict[str, Any] = {"at": NOW, "actor": PERSON}
    if status in {ExportStatus.NOT_SENT, ExportStatus.RETRIEVED}:
        change = send(entry, case, action=Action.SEND, connection="ledger", **who)
        yield from _done("send", world, change)
    if status is ExportStatus.REJECTED:
        yield from _done("resend", world, send(entry, case, action=Action.RESEND, **who))
    if status is ExportStatus.READY:
        yield from _done("accept", world, accept(entry, case, fields={}, **who))
        yield from _done("retrieve", world, retrieve(entry, case, **who))


def _mishaps(world: World) -> Iterator[Move]:
    for doc in world.docs:
        docs = tuple(other for other in world.docs if other != doc)
        deleted = world.deleted | {doc.id}
        yield (
            "deleted there",
            True,
            attrs.evolve(world, docs=docs, deleted=deleted, faults=world.faults - 1),
            None,
        )
    if world.adapter:
        yield "uninstalled", True, attrs.evolve(world, adapter=False, faults=world.faults - 1), None


def _withdrawals(world: World, terms: Terms) -> Iterator[Move]:
    entry = world.entry
    if world.adapter:
        case = _case(world, terms, evidence=None)
        change = ask_withdrawal(entry, case, at=NOW, actor=PERSON, evidence=None)
        yield from _done("withdraw", world, change)
    ids = {held.receipt.erp_id for held in entry.living}
    if not ids:
        return
    removed = attrs.evolve(
        world,
        docs=tuple(doc for doc in world.docs if doc.id not in ids),
        deleted=world.deleted | ids,
    )
    writes = any(call.kind is CallKind.WRITE for call in entry.in_doubt)
    case = _case(removed, terms, evidence=_SAID, in_doubt=writes, withdrawing=False)
    change = ask_withdrawal(entry, case, at=NOW, actor=PERSON, evidence=_SAID)
    yield from _done("withdraw by hand", removed, change)


def _truths(world: World, steps: int) -> Iterator[Ruling]:
    """Yield what somebody who looks over there can truthfully say."""
    entry = world.entry
    mine = [doc for doc in world.docs if doc.generation == entry.generation]
    if not mine:
        yield Ruling(absent=True)
    happened: dict[str, str] = {}
    absent: list[str] = []
    for call in entry.in_doubt:
        step = call.key.step
        made = [doc for doc in mine if doc.attempt == call.key.attempt]
        if call.kind is CallKind.WITHDRAW:
            there = world.doc(call.erp_id) is not None
            absent += [step] if there else []
            happened |= {} if there else {step: str(call.erp_id)}
        elif made and (step != "post" or made[0].posted):
            happened[step] = made[0].id
        else:
            absent.append(step)
    known = {held.receipt.erp_id for held in entry.living}
    if mine and not entry.in_doubt and mine[0].id in known:
        happened[entry.plan[0].name if entry.plan else "bill"] = mine[0].id
    if happened or absent:
        yield Ruling(happened=happened, steps_absent=tuple(dict.fromkeys(absent)))
    whole = steps < 2 or all(doc.posted for doc in mine)
    ours = bool(mine) and (mine[0].attempt == entry.attempt or not entry.in_doubt)
    if len(mine) == 1 and whole and ours and mine[0].content == entry.digest:
        yield Ruling(synced={"": mine[0].id})


def _rulings(world: World, terms: Terms) -> Iterator[Move]:
    entry = world.entry
    for ruling in _truths(world, terms.steps):
        denied = any(world.doc(receipt.erp_id) for receipt in ruling.denied(entry))
        absence = ruling.rules_absent(entry)
        case = _case(
            world,
            terms,
            rules_absent=absence,
            settles_all=ruling.settles_all(entry),
            denies_receipt=denied,
        )
        change = rule(entry, case, ruling, at=NOW, actor=PERSON, evidence=_SAID)
        unbound = absence and (not terms.settles or not world.adapter) and bool(entry.in_doubt)
        seen = attrs.evolve(world, excused=world.excused or unbound)
        yield from _done("rule", seen, change)
