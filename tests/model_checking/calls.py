"""The life of a call: handed over, carried out or not, answered in time, late or never."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core import flow
from erp_invoice_core.documents import Answer, CallKind
from erp_invoice_core.exchange import Deferred, Done, Refused, Unknown
from erp_invoice_core.flow import record, record_late_answer, record_withdrawal
from erp_invoice_core.stores import ErpIdTaken
from erp_invoice_core.worker.commits import LeaseLost

from ..flow.samples import NO
from .erp import carry_out, is_dead, is_handable, receipt_for, target_of
from .normalization import NOW
from .state import Flying, Worker, World
from .transition_checks import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.documents import Receipt
    from erp_invoice_core.events import Change
    from erp_invoice_core.exchange import Outcome

    from .model import Move, Stage, Turn

IDLE = Worker()
#: Who waits for an answer, besides the workers by number: any worker, and none.
ANYBODY, NOBODY = -1, -2


def fault(world: World) -> World:
    """Return the world in which one thing less may go wrong."""
    return world._replace(faults=world.faults - 1)


def receipt_of(stage: Stage, world: World, side: int, place: int, erp_id: str) -> Receipt:
    """Return what the ERP answers to a call of the entry."""
    return receipt_for(world.entry(side).calls[place], erp_id, stage.terms)


def hands_over(stage: Stage, world: World, number: int, worker: Worker) -> Iterator[Move]:
    """Yield the results of a request that its worker hands over."""
    side, place = worker.side, worker.place
    call = world.entry(side).calls[place]
    unsent = worker._replace(phase="got", news=("deferred",))
    if not is_handable(call):
        yield "too late", False, world.with_worker(number, unsent)
        return
    target = target_of(world, side, call)
    done, erp_id = carry_out(world, side, place, target, stage.terms)
    answer = ("done", erp_id) if erp_id else ("refused",)
    yield "answered", False, done.with_worker(number, worker._replace(phase="got", news=answer))
    if not world.faults:
        return
    refused = worker._replace(phase="got", news=("refused",))
    yield "refused", True, fault(world).with_worker(number, refused)
    yield "unsent", True, fault(world).with_worker(number, unsent)
    waits = worker._replace(phase="wait")
    request = Flying(side, place, target, done=False, listener=number)
    sent = world._replace(flying=(*world.flying, request))
    yield "on its way", True, fault(sent).with_worker(number, waits)
    if erp_id:
        answered = Flying(side, place, target, done=True, listener=number, erp_id=erp_id)
        slow = done._replace(flying=(*done.flying, answered))
        yield "answer on its way", True, fault(slow).with_worker(number, waits)


def list_deliveries(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield the results of requests and answers that are in flight."""
    for number, one in enumerate(world.flying):
        if one.side != side:
            continue
        gone = world._replace(flying=(*world.flying[:number], *world.flying[number + 1 :]))
        if not one.done:
            yield from _list_late(stage, gone, one)
        elif one.listener == ANYBODY:
            turn = _hear(stage, world, one)
            if stage.refusal(world, side, turn) is None:
                yield "heard late", False, stage.apply_change(gone, side, turn)
            yield "never heard", False, gone


def _list_late(stage: Stage, gone: World, one: Flying) -> Iterator[Move]:
    call = gone.entry(one.side).calls[one.place]
    if is_dead(call, stage.terms):
        yield "dies", False, gone
        return
    done, erp_id = carry_out(gone, one.side, one.place, one.target, stage.terms)
    if one.listener != NOBODY and erp_id:
        answered = one._replace(done=True, erp_id=erp_id)
        done = done._replace(flying=(*done.flying, answered))
    yield "carried out late", False, done
    if not stage.terms.settles:
        yield "dies", False, gone


def _hear(stage: Stage, world: World, one: Flying) -> Turn:
    page = world.sides[one.side].page
    receipt = receipt_of(stage, world, one.side, one.place, one.erp_id)

    def make() -> Change:
        return record_late_answer(
            page.entry, one.place, Answer.RECEIPT, receipt, at=NOW, erp=stage.erp
        )

    return stage.turn(page, ("heard", one.place, one.erp_id), make)


def gives_up(world: World, number: int, worker: Worker) -> Iterator[Move]:
    """Yield the results for a worker that waits for its answer."""
    mine = [one for one in world.flying if one.listener == number]
    others = tuple(one for one in world.flying if one.listener != number)
    for one in mine:
        if one.done:
            got = worker._replace(phase="got", news=("done", one.erp_id))
            yield "heard", False, world._replace(flying=others).with_worker(number, got)
    for listener in (ANYBODY, NOBODY):
        kept = tuple(
            one._replace(listener=listener) for one in mine if listener == ANYBODY or not one.done
        )
        left = world._replace(flying=(*others, *kept))
        got = worker._replace(phase="got", news=("unknown",))
        yield "gives up", False, left.with_worker(number, got)


def _outcome(stage: Stage, world: World, worker: Worker) -> Outcome:
    match worker.news:
        case ("done", erp_id):
            return Done(receipt_of(stage, world, worker.side, worker.place, str(erp_id)))
        case ("refused",):
            return Refused(NO)
        case ("deferred",):
            return Deferred(None, "Nothing was sent.")
    return Unknown("No answer.")


def records(stage: Stage, world: World, number: int, worker: Worker) -> Iterator[Move]:
    """Yield how a worker records an answer: as a move, or as late evidence."""
    side, free = worker.side, world.with_worker(number, IDLE)
    try:
        turn = _settle(stage, world, worker)
    except LeaseLost:
        if worker.news[0] == "done":
            raise Violation("P2: a receipt is thrown away") from None
        yield "forget", False, free
        return
    if isinstance(stage.refusal(world, side, turn), ErpIdTaken):
        unproved = worker._replace(news=("unknown",))
        yield "another's", False, world.with_worker(number, unproved)
        return
    name = "record" if worker.holds else "testify"
    call = world.entry(side).calls[worker.place]
    goes_on = worker.holds and call.kind is CallKind.WRITE and turn.page.entry.lease is not None
    mine = Worker("have", side, holds=True) if goes_on else IDLE
    yield name, False, stage.apply_change(free, side, turn).with_worker(number, mine)


def _settle(stage: Stage, world: World, worker: Worker) -> Turn:
    """
    Return what becomes of an entry as its worker settles a call.

    Raises:
        LeaseLost: It has no answer, and the lease is lost.
    """
    page, place = world.sides[worker.side].page, worker.place
    outcome, erp = _outcome(stage, world, worker), stage.erp

    def make() -> Change:
        entry = page.entry
        if not worker.holds:
            late = flow.record_late_outcome(entry, place, outcome, at=NOW, erp=erp)
            if late is None:
                raise LeaseLost
            return late
        if entry.calls[place].kind is CallKind.WRITE:
            return record(entry, place, outcome, at=NOW, erp=erp)
        return record_withdrawal(entry, place, outcome, at=NOW, erp=erp)

    return stage.turn(page, ("settled", worker.holds, place, worker.news), make)
