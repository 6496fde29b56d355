"""What workers may do, move by move, with the library's own moves and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import attrs

from erp_invoice_core.documents import Answer
from erp_invoice_core.exchange import Found
from erp_invoice_core.flow import (
    claim,
    conclude,
    expire,
    is_resting,
    lose,
    record_withdrawal,
    replayable,
    request_of,
    sight,
    start,
    testify,
    watched,
)
from erp_invoice_core.vocabulary import ExportStatus
from erp_invoice_core.worker import evidence, exporting, looking, withdrawing

from .moves_calls import (
    IDLE,
    carrying,
    changed,
    gives_up,
    hands_over,
    put,
    receipt_of,
    records,
)
from .moves_desk import Desk
from .moves_world import LEASE, LONG_AGO, NOW, Terms, Worker, World, declared_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.documents import Step
    from erp_invoice_core.exchange import Sighting
    from erp_invoice_core.worker.job import Job

    from .moves_calls import Move

__all__ = ["worker_moves"]


def worker_moves(world: World, terms: Terms, plan: tuple[Step, ...], most: int) -> Iterator[Move]:
    """Yield everything that workers, the ERP and bad luck may do next."""
    yield from _frees(world, terms)
    for number, worker in enumerate(world.workers):
        yield from _one(world, terms, plan, most, number, worker)
        if worker.phase != "idle" and world.faults:
            yield "crash", True, put(_silenced(world, number), number, IDLE, fault=True), None
    yield from carrying(world, terms)


def _silenced(world: World, number: int) -> World:
    flying = tuple(
        attrs.evolve(one, listener=None) if one.listener == number else one
        for one in world.flying
        if not (one.listener == number and one.done)
    )
    return attrs.evolve(world, flying=flying)


def _frees(world: World, terms: Terms) -> Iterator[Move]:
    entry = world.entry
    erp = declared_by(terms) if world.adapter else None
    over = entry.lease is not None and entry.lease.until <= NOW
    if entry.status is ExportStatus.EXPORTING and over:
        change = expire(entry, at=NOW, erp=erp)
        yield "expire", False, changed(world, change), change
    if entry.due_at is not None and entry.due_at <= NOW and is_resting(entry) and world.adapter:
        yield from _watch(world, terms)


def _watch(world: World, terms: Terms) -> Iterator[Move]:
    if not terms.finds:
        return
    desk = Desk(world, terms, world.entry.plan)
    for call in watched(world.entry):
        for doc in world.docs:
            key = call.key
            if (doc.generation, doc.attempt, doc.step) == (key.generation, key.attempt, key.step):
                found = receipt_of(world, call, doc.id)
                change = sight(desk.entry, key, found, at=NOW, digest=call.digest)
                yield "watched", False, changed(world, change), change


def _one(
    world: World, terms: Terms, plan: tuple[Step, ...], most: int, number: int, worker: Worker
) -> Iterator[Move]:
    match worker.phase:
        case "idle":
            yield from _claims(world, number)
        case "have":
            yield from _steps_on(world, terms, plan, most, number, worker)
        case "look":
            yield from _asks(world, terms, plan, number, worker)
        case "saw" | "saw, then":
            yield from _concludes(world, terms, plan, number, worker)
        case "remove":
            yield from _removes(world, terms, plan, most, number, worker)
        case "call":
            yield from hands_over(world, terms, number, worker)
        case "wait":
            yield from gives_up(world, terms, number, worker)
        case "got":
            yield from records(world, terms, number, worker)


def _claims(world: World, number: int) -> Iterator[Move]:
    entry = world.entry
    claimable = entry.status in {ExportStatus.ACCEPTED, ExportStatus.UNKNOWN} or entry.withdrawing
    if not world.adapter or not claimable or entry.due_at is None or entry.due_at > NOW:
        return
    change = claim(entry, at=NOW, holder="w", lease=LEASE)
    if not change.verdict:
        return
    phases = {ExportStatus.ACCEPTED: "have", ExportStatus.UNKNOWN: "look"}
    mine = Worker(phases.get(entry.status, "remove"), holds=True)
    looked = attrs.evolve(change, after=attrs.evolve(change.after, lookups=entry.lookups))
    yield "claim", False, put(changed(world, looked), number, mine), change


def _steps_on(
    world: World, terms: Terms, plan: tuple[Step, ...], most: int, number: int, worker: Worker
) -> Iterator[Move]:
    free = put(world, number, IDLE)
    if not worker.holds:
        yield "lost", False, free, None
        return
    entry, erp = world.entry, declared_by(terms)
    steps = entry.plan or plan
    desk = Desk(world, terms, steps)
    if not entry.living and not entry.in_doubt:
        clear = exporting._clear(cast("Job", desk), request_of(entry, erp, NOW), steps)
        if not clear:
            yield "met", False, changed(free, desk.changes[-1]), desk.changes[-1]
            return
    standing = {held.receipt.step for held in entry.standing}
    step = next((step for step in steps if step.name not in standing), None)
    if step is None:
        change = conclude(entry, entry, at=NOW, erp=erp)
        yield "conclude", False, changed(free, change), change
    elif not replayable(entry, NOW, erp):
        change = lose(entry, entry, at=NOW, erp=erp, facts={})
        yield "lose", False, changed(free, change), change
    elif len(entry.calls) < most:
        change = start(entry, step, at=NOW, lease=LEASE, plan=steps)
        mine = Worker("call", holds=True, place=len(entry.calls))
        yield f"start {step.name}", False, put(changed(world, change), number, mine), change


def _asks(
    world: World, terms: Terms, plan: tuple[Step, ...], number: int, worker: Worker
) -> Iterator[Move]:
    if not worker.holds:
        yield "lost", False, put(world, number, IDLE), None
        return
    desk = Desk(world, terms, plan)
    asked = looking._ask(cast("Job", desk))
    saw = tuple((one.place, one.seen) for one in asked)
    yield "look", False, put(world, number, attrs.evolve(worker, phase="saw", news=saw)), None


def _concludes(
    world: World, terms: Terms, plan: tuple[Step, ...], number: int, worker: Worker
) -> Iterator[Move]:
    entry, erp = world.entry, declared_by(terms)
    free = put(world, number, IDLE)
    at = LONG_AGO if worker.phase == "saw, then" else NOW
    seen = cast("tuple[tuple[int, Sighting], ...]", worker.news)
    asked = [looking._Asked(place=place, at=at, seen=one) for place, one in seen]
    if worker.holds:
        known, desk = entry, cast("Job", Desk(world, terms, plan))
        for one in asked:
            known = looking._learned(desk, known, one, set())
        change = conclude(entry, known, at=NOW, erp=erp)
        yield "looked up", False, changed(free, change), change
        return
    for one in asked:
        if isinstance(one.seen, Found):
            call = entry.calls[one.place]
            key = evidence.counted(one.seen, entry, [call], erp=erp, at=at, taken=())
            if key == call.key:
                change = testify(
                    entry, one.place, Answer.RECEIPT, one.seen.receipt, at=NOW, erp=erp
                )
                yield "found after all", False, changed(free, change), change
                return
    yield "lost", False, free, None


def _removes(
    world: World, terms: Terms, plan: tuple[Step, ...], most: int, number: int, worker: Worker
) -> Iterator[Move]:
    entry, erp = world.entry, declared_by(terms)
    free = put(world, number, IDLE)
    if not worker.holds:
        yield "lost", False, free, None
        return
    desk = Desk(world, terms, plan)
    for place, call in enumerate(entry.calls):
        if call.answer is None:
            outcome = withdrawing._read(cast("Job", desk), call)
            change = record_withdrawal(entry, place, outcome, at=NOW, erp=erp)
            yield "read back", False, changed(free, change), change
            return
    if len(entry.calls) >= most:
        return
    receipt = withdrawing._youngest(entry)
    step = next((step for step in plan if step.name == receipt.step), plan[0])
    change = start(entry, step, at=NOW, lease=LEASE, erp_id=receipt.erp_id)
    mine = Worker("call", holds=True, place=len(entry.calls))
    yield "start removal", False, put(changed(world, change), number, mine), change
