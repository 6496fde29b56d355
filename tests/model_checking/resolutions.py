"""Resolutions by truthful people, and actions on outdated versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.documents import CallKind
from erp_invoice_core.flow import Resolution, accept, resolve
from erp_invoice_core.rules import list_sources
from erp_invoice_core.vocabulary import Action, ExportStatus

from .people import EVIDENCE, WHO, case_of, perform
from .state import Doc, Opinion, World, documents_of
from .transition_checks import Violation

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from erp_invoice_core.documents import Call, QueueEntry
    from erp_invoice_core.events import Change

    from .model import Move, Stage

_RULED_FROM = list_sources(Action.RULE)


def _truths(stage: Stage, world: World, side: int) -> Iterator[Resolution]:
    """Yield the truthful reports of a person who looks into the ERP."""
    entry = world.entry(side)
    mine = documents_of(world, side)
    known = {held.receipt.erp_id for held in entry.living}
    if not mine and not any(world.doc(erp_id) for erp_id in known):
        yield Resolution(absent=True)
    happened: dict[str, str] = {}
    absent: list[str] = []
    for call in entry.in_doubt:
        erp_id = _came_of(world, call, mine)
        if erp_id:
            happened[call.key.step] = erp_id
        else:
            absent.append(call.key.step)
    if mine and not entry.in_doubt and mine[0].id in known:
        happened[entry.plan[0].name if entry.plan else "bill"] = mine[0].id
    if happened or absent:
        yield Resolution(happened=happened, steps_absent=tuple(dict.fromkeys(absent)))
    yield from _resolve_all(stage, entry, mine)


def _came_of(world: World, call: Call, mine: list[Doc]) -> str | None:
    """Return the document that shows that a call in doubt happened."""
    if call.kind is CallKind.WITHDRAW:
        return None if world.doc(call.erp_id) is not None else call.erp_id
    made = [doc for doc in mine if doc.attempt == call.key.attempt]
    return next((doc.id for doc in made if call.key.step in doc.done), None)


def _resolve_all(stage: Stage, entry: QueueEntry, mine: list[Doc]) -> Iterator[Resolution]:
    """Yield that everything is there, where one document, or one of each role, is."""
    steps = {step.name for step in stage.terms.plan}
    ours = bool(mine) and (all(doc.attempt == entry.attempt for doc in mine) or not entry.in_doubt)
    if not ours or steps != set().union(*(doc.done for doc in mine)):
        return
    roles = {step.name: step.role for step in stage.terms.plan if step.role}
    if len(mine) != len(roles) or not all(doc.shows(entry.digest) for doc in mine):
        return
    ids = {role.value: doc.id for doc in mine for role in [roles[doc.step]]}
    yield Resolution(synced={"": mine[0].id} if len(mine) == 1 else ids)


def _summarize(resolution: Resolution) -> Hashable:
    happened = tuple(resolution.happened.items())
    return (tuple(resolution.synced.items()), resolution.absent, happened, resolution.steps_absent)


def _resolve(
    stage: Stage, world: World, side: int, resolution: Resolution, version_seen: int
) -> World | None:
    """Return the world after a resolution, if it is allowed."""
    entry = world.entry(side)
    denied = any(world.doc(receipt.erp_id) for receipt in resolution.list_denied_receipts(entry))
    absence = resolution.rules_absent(entry)

    def make() -> Change:
        case = case_of(
            stage,
            world,
            side,
            rules_absent=absence,
            settles_all=resolution.settles_all(entry),
            denies_receipt=denied,
            version_seen=version_seen,
        )
        return resolve(entry, case, resolution, evidence=EVIDENCE, **WHO)

    question = ("rule", _summarize(resolution), denied, version_seen)
    after = perform(stage, world, side, question, make)
    unbound = absence and bool(entry.in_doubt) and not (stage.terms.settles and world.adapter)
    if after is not None and unbound:
        return after.with_side(side, excused=True)
    return after


def list_resolutions(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield what people may rule now."""
    if world.entry(side).status not in _RULED_FROM:
        return
    for resolution in _truths(stage, world, side):
        after = _resolve(stage, world, side, resolution, world.entry(side).version)
        if after is not None:
            yield "rule", False, after


def opinion_moves(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield that people read an entry, or do what they had in mind since they read it."""
    entry, opinion = world.entry(side), world.sides[side].opinion
    if opinion is None:
        if entry.status is ExportStatus.READY:
            read = Opinion(entry.digest, None)
            yield "read", False, world.with_side(side, opinion=read)
        elif entry.status in _RULED_FROM:
            # Before the settle moment a person may not rule on a look-up.
            for resolution in _truths(stage, world, side):
                if _resolve(stage, world, side, resolution, entry.version) is not None:
                    read = Opinion("", resolution)
                    yield "read", False, world.with_side(side, opinion=read)
        return
    free = world.with_side(side, opinion=None)
    seen = entry.version if opinion.is_fresh else entry.version - 1
    if opinion.resolution is None:
        after = _accept(stage, free, side, opinion, seen)
    elif entry.status in _RULED_FROM:
        after = _resolve(stage, free, side, opinion.resolution, seen)
    else:
        after = None
    yield "as read", False, after or free


def _accept(
    stage: Stage, world: World, side: int, opinion: Opinion, version_seen: int
) -> World | None:
    entry = world.entry(side)

    def make() -> Change:
        case = case_of(stage, world, side, version_seen=version_seen)
        return accept(entry, case, fields={}, **WHO)

    after = perform(stage, world, side, ("accept", version_seen), make)
    if after is not None and entry.digest != opinion.of:
        raise Violation("P5: what was accepted is not what was read")
    return after
