"""The life of a call: handed over, carried out or not, answered in time, late or never."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import attrs

from erp_invoice_core.documents import Answer, CallKind
from erp_invoice_core.exchange import Deferred, Done, Refused, Unknown
from erp_invoice_core.flow import record, record_withdrawal, testify

from ..flow.samples import NO
from .moves_erp import carried_out, is_dead, is_handable, receipt_for
from .moves_time import tidy
from .moves_world import NOW, Flying, Terms, Worker, World, declared_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.documents import Call, Receipt
    from erp_invoice_core.events import Change
    from erp_invoice_core.exchange import Outcome

__all__ = [
    "IDLE",
    "Move",
    "carrying",
    "changed",
    "gives_up",
    "hands_over",
    "put",
    "receipt_of",
    "records",
]

#: A name, whether it is a fault, the world after it, and the change of the entry, if any.
Move: TypeAlias = "tuple[str, bool, World, Change | None]"
IDLE = Worker()


def changed(world: World, change: Change) -> World:
    """Return the world with the entry as it is after a change; leases that were lost are lost."""
    entry = change.after
    holds = entry.lease is not None
    fresh = entry.fencing != change.before.fencing
    alarmed = world.alarmed or any(
        denial.code.startswith("erp.second") or denial.code.startswith("erp.document")
        for denial in change.denials
    )
    workers = world.workers
    if not holds or fresh:
        workers = tuple(attrs.evolve(worker, holds=False) for worker in workers)
    return attrs.evolve(world, entry=tidy(entry), workers=workers, alarmed=alarmed)


def put(world: World, number: int, worker: Worker, *, fault: bool = False) -> World:
    """Return the world with that worker doing this now."""
    workers = list(world.workers)
    workers[number] = worker
    return attrs.evolve(world, workers=tuple(workers), faults=world.faults - (1 if fault else 0))


def receipt_of(world: World, call: Call, erp_id: str) -> Receipt:
    """Return what the ERP answers to a call of the entry."""
    return receipt_for(call, erp_id, world.entry.plan)


def hands_over(world: World, terms: Terms, number: int, worker: Worker) -> Iterator[Move]:
    """Yield what may come of a request as its worker hands it over."""
    place = worker.place
    call = world.entry.calls[place]
    unsent = attrs.evolve(worker, phase="got", news=("deferred",))
    if not is_handable(call):
        yield "too late", False, put(world, number, unsent), None
        return
    done, erp_id = carried_out(world, place, terms)
    answer = ("done", erp_id) if erp_id else ("refused",)
    yield (
        "answered",
        False,
        put(done, number, attrs.evolve(worker, phase="got", news=answer)),
        None,
    )
    if not world.faults:
        return
    yield (
        "refused",
        True,
        put(world, number, attrs.evolve(worker, phase="got", news=("refused",)), fault=True),
        None,
    )
    yield "unsent", True, put(world, number, unsent, fault=True), None
    waits = attrs.evolve(worker, phase="wait")
    sent = attrs.evolve(world, flying=(*world.flying, Flying(place, done=False, listener=number)))
    yield "on its way", True, put(sent, number, waits, fault=True), None
    if erp_id:
        answered = Flying(place, done=True, listener=number, erp_id=erp_id)
        slow = attrs.evolve(done, flying=(*done.flying, answered))
        yield "answer on its way", True, put(slow, number, waits, fault=True), None


def carrying(world: World, terms: Terms) -> Iterator[Move]:
    """Yield what may come of requests and answers that are on their way."""
    for number, one in enumerate(world.flying):
        rest = (*world.flying[:number], *world.flying[number + 1 :])
        call = world.entry.calls[one.place]
        if not one.done:
            gone = attrs.evolve(world, flying=rest)
            if is_dead(call, terms):
                yield "dies", False, gone, None
                continue
            done, erp_id = carried_out(gone, one.place, terms)
            if one.listener is not None and erp_id:
                told = attrs.evolve(one, done=True, erp_id=erp_id)
                done = attrs.evolve(done, flying=(*done.flying, told))
            yield "carried out late", False, done, None
            if not terms.settles:
                yield "dies", False, gone, None
        elif one.listener == -1:
            receipt = receipt_of(world, call, one.erp_id)
            change = testify(
                world.entry, one.place, Answer.RECEIPT, receipt, at=NOW, erp=declared_by(terms)
            )
            heard = attrs.evolve(world, flying=rest)
            yield "heard late", False, changed(heard, change), change
            yield "never heard", False, heard, None


def gives_up(world: World, terms: Terms, number: int, worker: Worker) -> Iterator[Move]:
    """Yield what may come of a worker that waits for its answer."""
    mine = [one for one in world.flying if one.listener == number]
    others = tuple(one for one in world.flying if one.listener != number)
    for one in mine:
        if one.done:
            news = ("done", one.erp_id)
            heard = attrs.evolve(world, flying=others)
            got = attrs.evolve(worker, phase="got", news=news)
            yield "heard", False, put(heard, number, got), None
    for listener in (-1, None):
        kept = tuple(
            attrs.evolve(one, listener=listener)
            for one in mine
            if listener is not None or not one.done
        )
        left = attrs.evolve(world, flying=(*others, *kept))
        got = attrs.evolve(worker, phase="got", news=("unknown",))
        yield "gives up", False, put(left, number, got), None


def _outcome(world: World, worker: Worker) -> Outcome:
    match worker.news:
        case ("done", erp_id):
            call = world.entry.calls[worker.place]
            return Done(receipt_of(world, call, str(erp_id)))
        case ("refused",):
            return Refused(NO)
        case ("deferred",):
            return Deferred(None, "Nothing was sent.")
    return Unknown("No answer.")


def records(world: World, terms: Terms, number: int, worker: Worker) -> Iterator[Move]:
    """Yield how a worker writes an answer down: as a move, or as testimony."""
    outcome, erp = _outcome(world, worker), declared_by(terms)
    entry, place = world.entry, worker.place
    call = entry.calls[place]
    free = put(world, number, IDLE)
    if worker.holds:
        write = call.kind is CallKind.WRITE
        moving = record if write else record_withdrawal
        change = moving(entry, place, outcome, at=NOW, erp=erp)
        goes_on = write and change.after.lease is not None
        mine = Worker("have", holds=True) if goes_on else IDLE
        yield "record", False, put(changed(world, change), number, mine), change
        return
    answers = {Done: Answer.RECEIPT, Refused: Answer.REFUSED, Deferred: Answer.DEFERRED}
    if isinstance(outcome, Unknown):
        yield "forget", False, free, None
        return
    receipt = outcome.receipt if isinstance(outcome, Done) else None
    change = testify(entry, place, answers[type(outcome)], receipt, at=NOW, erp=erp)
    yield "testify", False, changed(free, change), change
