"""Look-ups of workers, concluded by the library's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core.declaration import LookUp
from erp_invoice_core.documents import CallKind
from erp_invoice_core.exchange import Found
from erp_invoice_core.flow import (
    Observation,
    conclude_look_up,
    find_digest,
    find_matching_key,
    find_removed,
    find_step,
    find_watched_calls,
    is_resting,
    list_keys,
    record_late_sighting,
    sight,
)
from erp_invoice_core.stores import ErpIdTaken

from .calls import IDLE
from .normalization import LONG_AGO, NOW
from .transition_checks import Violation
from .worker_view import WorkerView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from erp_invoice_core.documents import Call, QueueEntry

    from .model import Move, Stage, Turn
    from .state import Page, Worker, World


@attrs.frozen(eq=False)
class _Seen:
    """A look-up of the entry at that time; compared by identity."""

    entry: QueueEntry
    asked: tuple[Any, ...]


def asks(stage: Stage, world: World, number: int, worker: Worker) -> Iterator[Move]:
    """Yield what a worker sees that looks an unknown entry up."""
    if not worker.holds:
        yield "lost", False, world.with_worker(number, IDLE)
        return
    page = world.sides[worker.side].page
    question = ("ask", world.docs)
    if question not in page.memo:
        asked = tuple(_ask(WorkerView(stage, world, worker.side)))
        answer = ("saw", *((one.place, repr(one.shown)) for one in asked))
        page.memo[question] = page.memo.setdefault(answer, _Seen(page.entry, asked))
    saw = worker._replace(phase="saw", news=(page.memo[question],))
    yield "look", False, world.with_worker(number, saw)


def _ask(view: WorkerView) -> Iterator[Observation]:
    """Yield what the ERP shows about every call in doubt."""
    for place, call in enumerate(view.entry.calls):
        if call.answer is None:
            yield Observation(place=place, at=NOW, shown=_find_shown(view, call))


def _find_shown(view: WorkerView, call: Call) -> Any:  # noqa: ANN401 - a sighting, or a document read by its id
    entry = view.entry
    if call.kind is CallKind.WITHDRAW:
        return view.read(find_removed(entry, call))
    request = attrs.evolve(view.request(NOW), attempt=call.key.attempt, digest=call.digest)
    keys = [key.text for key in list_keys(entry, call.key.step)]
    return view.find(request, find_step(entry, call), keys)


def concludes(stage: Stage, world: World, number: int, worker: Worker) -> Iterator[Move]:
    """Yield what a worker makes of what it saw, now or long ago."""
    free, side = world.with_worker(number, IDLE), worker.side
    page = world.sides[side].page
    at = LONG_AGO if worker.phase == "saw, then" else NOW
    seen: _Seen = worker.news[0]
    asked = [attrs.evolve(one, at=at) for one in seen.asked]
    view = WorkerView(stage, world, side)
    found = [one.shown for one in asked if isinstance(one.shown, Found)]
    taken = view.find_taken(found)
    if not worker.holds:
        yield from _record_late_find(stage, free, page, _Seen(seen.entry, tuple(asked)), taken)
        return
    turn = _look_up(stage, page, asked, taken)
    if isinstance(stage.refusal(world, side, turn), ErpIdTaken):
        turn = _look_up(stage, page, asked, taken | {seen.receipt.erp_id for seen in found})
    _require_agreement(page.entry, turn, asked, stage)
    yield "looked up", False, stage.apply_change(free, side, turn)


def _require_agreement(entry: QueueEntry, turn: Turn, asked: list[Any], stage: Stage) -> None:
    """
    Require that no document that was edited in the ERP is taken for ours.

    An invoice of several documents is let off: no document bears its amount.
    """
    if len([step for step in stage.terms.plan if step.role]) > 1:
        return
    known = {held.receipt.erp_id for held in entry.living}
    new = [held for held in turn.page.entry.living if held.receipt.erp_id not in known]
    ours = {held.receipt.erp_id for held in new if held.key.attempt == entry.attempt}
    found = [one.shown for one in asked if isinstance(one.shown, Found)]
    edited = {seen.receipt.erp_id for seen in found if seen.contents.amount is None}
    if ours & edited:
        raise Violation("P5: a document edited in the ERP is taken for ours")


def _look_up(stage: Stage, page: Page, asked: list[Any], taken: set[str]) -> Turn:
    change = conclude_look_up(page.entry, asked, at=NOW, erp=stage.erp, taken=taken)
    return stage.turn_of(page, change)


def _record_late_find(
    stage: Stage, free: World, page: Page, saw: _Seen, taken: set[str]
) -> Iterator[Move]:
    """Yield that a find is recorded though another worker has the lease."""
    for one in saw.asked:
        if not isinstance(one.shown, Found):
            continue
        call = saw.entry.calls[one.place]
        key = find_matching_key(one.shown, saw.entry, [call], erp=stage.erp, at=one.at, taken=taken)
        if key is not None:
            receipt = one.shown.receipt
            change = record_late_sighting(
                page.entry, one.place, key, receipt, at=NOW, erp=stage.erp
            )
            turn = stage.turn_of(page, change)
            if stage.refusal(free, page.side, turn) is None:
                yield "found after all", False, stage.apply_change(free, page.side, turn)
            return
    yield "lost", False, free


def watches(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield what turns up under keys that were found, or resolved as, absent."""
    page = world.sides[side].page
    entry = page.entry
    if entry.due_at is None or entry.due_at > NOW or not is_resting(entry) or not world.adapter:
        return
    if stage.terms.look_up is LookUp.NONE:
        return
    for call in find_watched_calls(entry):
        turn = _find_late(stage, world, page, call)
        if turn is not None and stage.refusal(world, side, turn) is None:
            yield "watched", False, stage.apply_change(world, side, turn)


def _find_late(stage: Stage, world: World, page: Page, call: Call) -> Turn | None:
    view, entry = WorkerView(stage, world, page.side), page.entry
    key = call.key
    request = attrs.evolve(
        view.request(NOW), generation=key.generation, attempt=key.attempt, digest=call.digest
    )
    step = next(step for step in stage.terms.plan if step.name == call.key.step)
    seen = view.find(request, step, [call.key.text])
    known = {held.receipt.erp_id for held in entry.holdings}
    if not isinstance(seen, Found) or seen.receipt.erp_id in known:
        return None
    taken = view.find_taken([seen])
    ours = find_matching_key(seen, entry, [call], erp=stage.erp, at=NOW, taken=taken)
    if ours is None:
        return None
    digest = find_digest(entry, ours)
    return stage.turn_of(page, sight(entry, ours, seen.receipt, at=NOW, digest=digest))
