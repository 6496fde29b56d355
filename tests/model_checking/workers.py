"""Moves of workers, made by the library's own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.exchange import Deferred, Found
from erp_invoice_core.flow import (
    Adoption,
    BeforeWrite,
    build_request,
    can_repeat,
    conclude,
    conclude_read_back,
    defer,
    find_next_step,
    find_removed,
    find_slot,
    find_youngest_document,
    lose,
    record_withdrawal,
    refuse,
    sight,
    start,
)
from erp_invoice_core.stores import SlotTaken
from erp_invoice_core.verdict import Verdict

from ..flow.samples import NO
from .calls import IDLE, fault, gives_up, hands_over, list_deliveries, records
from .claims import claims, expires, list_holds
from .lookups import asks, concludes, watches
from .normalization import LEASE, NOW
from .state import Worker, World
from .worker_view import WorkerView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.documents import QueueEntry, Step
    from erp_invoice_core.events import Change
    from erp_invoice_core.exchange import ExportRequest

    from .model import Move, Stage, Turn
    from .state import Page


def worker_moves(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield everything that workers, the ERP and bad luck may do next with an entry."""
    yield from expires(stage, world, side)
    yield from watches(stage, world, side)
    idle = True
    for number, worker in enumerate(world.workers):
        if worker.side == -1 and idle:
            yield from claims(stage, world, side, number)
            idle = False  # who of several idle workers makes no difference
        if worker.side != side:
            continue
        yield from list_holds(stage, world, number, worker)
        yield from _goes_on(stage, world, number, worker)
        if world.faults:
            yield "crash", True, fault(_silence(world, number)).with_worker(number, IDLE)
    yield from list_deliveries(stage, world, side)


def _silence(world: World, number: int) -> World:
    flying = tuple(
        one._replace(listener=-2) if one.listener == number else one
        for one in world.flying
        if not (one.listener == number and one.done)
    )
    return world._replace(flying=flying)


def _goes_on(stage: Stage, world: World, number: int, worker: Worker) -> Iterator[Move]:
    match worker.phase:
        case "have":
            yield from _steps_on(stage, world, number, worker)
        case "look":
            yield from asks(stage, world, number, worker)
        case "saw" | "saw, then":
            yield from concludes(stage, world, number, worker)
        case "remove":
            yield from _removes(stage, world, number, worker)
        case "call":
            yield from hands_over(stage, world, number, worker)
        case "wait":
            yield from gives_up(world, number, worker)
        case "got":
            yield from records(stage, world, number, worker)


def _steps_on(stage: Stage, world: World, number: int, worker: Worker) -> Iterator[Move]:
    free = world.with_worker(number, IDLE)
    side, page = worker.side, world.sides[worker.side].page
    entry, erp = page.entry, stage.erp
    if not worker.holds:
        yield "lost", False, free
        return
    met = _meet(stage, world, side)
    if met is not None:
        yield "met", False, stage.apply_change(free, side, met)
        return
    step = find_next_step(entry, entry.plan or stage.terms.plan)
    if step is None:
        turn = stage.turn(page, "conclude", lambda: conclude(entry, entry, at=NOW, erp=erp))
        yield "conclude", False, stage.apply_change(free, side, turn)
    elif not can_repeat(entry, NOW, erp):
        turn = stage.turn(page, "lose", lambda: lose(entry, entry, at=NOW, erp=erp, facts={}))
        yield "lose", False, stage.apply_change(free, side, turn)
    elif len(entry.calls) < stage.bounds.calls:
        yield from _starts(stage, world, number, worker, step)


def _meet(stage: Stage, world: World, side: int) -> Turn | None:
    """Return the result of a look-up before the first write, if it prevents the write."""
    page = world.sides[side].page
    if page.entry.living or page.entry.in_doubt:
        return None
    question = ("met", world.docs, tuple(one.page for one in world.sides))
    if question not in page.memo:
        view = WorkerView(stage, world, side)
        request = build_request(page.entry, stage.erp, NOW)
        plan = page.entry.plan or stage.terms.plan
        page.memo[question] = _learn(stage, view, page, request, plan)
    met: Turn | None = page.memo[question]
    return met


def _learn(
    stage: Stage, view: WorkerView, page: Page, request: ExportRequest, plan: Sequence[Step]
) -> Turn | None:
    for step in plan:
        before = BeforeWrite(
            entry=page.entry, step=step, erp=stage.erp, restore=None, can_read=True
        )
        if not before.asks_erp:
            continue
        sighting = view.find(request, step, before.list_keys())
        taken = view.find_taken([sighting]) if isinstance(sighting, Found) else set()
        learned = before.learn(sighting, asked_at=NOW, taken=taken, plan=plan)
        if learned is not None:
            return stage.turn_of(page, _follow(learned, page.entry, stage.erp))
    return None


def _follow(learned: Adoption | Deferred | Verdict, entry: QueueEntry, erp: Declaration) -> Change:
    """Return the change that a look-up before the write leads to."""
    if isinstance(learned, Verdict):
        return refuse(entry, learned, at=NOW, erp=erp)
    if isinstance(learned, Deferred):
        facts = {"why": learned.why}
        return defer(entry, at=NOW, erp=erp, until=learned.until, facts=facts)
    key, receipt = learned.key, learned.receipt
    return sight(entry, key, receipt, at=NOW, digest=learned.digest, plan=learned.plan)


def _starts(stage: Stage, world: World, number: int, worker: Worker, step: Step) -> Iterator[Move]:
    side, page = worker.side, world.sides[worker.side].page
    entry, erp = page.entry, stage.erp
    slot = entry.slot or find_slot(entry, erp)
    plan = entry.plan or stage.terms.plan
    turn = stage.turn(
        page,
        ("start", step.name),
        lambda: start(entry, step, at=NOW, lease=LEASE, plan=plan, slot=slot),
    )
    if isinstance(stage.refusal(world, side, turn), SlotTaken):
        turn = stage.turn(page, "number taken", lambda: refuse(entry, NO, at=NOW, erp=erp))
        free = world.with_worker(number, IDLE)
        yield "number taken", False, stage.apply_change(free, side, turn)
        return
    mine = Worker("call", side, holds=True, place=len(entry.calls))
    yield (
        f"start {step.name}",
        False,
        stage.apply_change(world, side, turn).with_worker(number, mine),
    )


def _removes(stage: Stage, world: World, number: int, worker: Worker) -> Iterator[Move]:
    side, page = worker.side, world.sides[worker.side].page
    entry, erp, free = page.entry, stage.erp, world.with_worker(number, IDLE)
    if not worker.holds:
        yield "lost", False, free
        return
    view = WorkerView(stage, world, side)
    for place, call in enumerate(entry.calls):
        if call.answer is None:
            receipt = find_removed(entry, call)
            shown = view.read(receipt)
            outcome = conclude_read_back(call, receipt, shown, asked_at=NOW, at=NOW, erp=erp)
            change = record_withdrawal(entry, place, outcome, at=NOW, erp=erp)
            yield "read back", False, stage.apply_change(free, side, stage.turn_of(page, change))
            return
    if len(entry.calls) >= stage.bounds.calls:
        return
    receipt = find_youngest_document(entry)
    plan = stage.terms.plan
    step = next((step for step in plan if step.name == receipt.step), plan[0])
    turn = stage.turn(
        page,
        ("start removal", receipt.erp_id),
        lambda: start(entry, step, at=NOW, lease=LEASE, erp_id=receipt.erp_id),
    )
    mine = Worker("call", side, holds=True, place=len(entry.calls))
    yield "start removal", False, stage.apply_change(world, side, turn).with_worker(number, mine)
