"""Actions of truthful people on an entry and its invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from erp_invoice_core.documents import CallKind
from erp_invoice_core.flow import accept, ask_withdrawal, reject, retrieve, retry, send, unlink
from erp_invoice_core.rules import decide, list_sources
from erp_invoice_core.vocabulary import Action, ExportStatus

from ..flow.samples import PERSON, build_case
from .normalization import DOCUMENTS, IDS, NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from erp_invoice_core.events import Change
    from erp_invoice_core.rules import Case

    from .model import Move, Stage
    from .state import World

EVIDENCE = "Seen there."
_EDITED_FROM, _REJECTED_FROM = list_sources(Action.EDIT), list_sources(Action.REJECT)
_WITHDRAWN_FROM = list_sources(Action.WITHDRAW)
WHO: dict[str, Any] = {"at": NOW, "actor": PERSON}


def slot_is_free(stage: Stage, world: World, side: int) -> bool:
    """Return whether no other entry holds the number that the invoice would have in the ERP."""
    if not world.adapter or len(world.sides) == 1:
        return True
    return stage.slots[side] != world.entry(1 - side).slot


def case_of(stage: Stage, world: World, side: int, **given: Any) -> Case:  # noqa: ANN401 - facts of the case
    """Return the lawful facts of an invoice, facing its entry."""
    one = world.sides[side]
    return build_case(
        one.page.entry,
        NOW,
        erp=stage.erp if world.adapter else None,
        document=DOCUMENTS[side, one.content],
        invoice_id=IDS[side],
        **{"slot_is_free": slot_is_free(stage, world, side), **given},
    )


def may_edit(stage: Stage, world: World, side: int) -> bool:
    """Return whether the invoice is open."""
    page = world.sides[side].page
    if page.entry.status not in _EDITED_FROM:
        return False
    question = ("may edit", world.sides[side].content, world.adapter)
    if question not in page.memo:
        free = {"slot_is_free": True}  # a number that is taken bars no edit
        verdict = decide(Action.EDIT, case_of(stage, world, side, **free))
        page.memo[question] = verdict.allowed
    return bool(page.memo[question])


def perform(
    stage: Stage,
    world: World,
    side: int,
    name: Hashable,
    make: Callable[[], Change],
) -> World | None:
    """Return the world after a person's verb; nothing where it is denied, or not kept."""
    one = world.sides[side]
    free = slot_is_free(stage, world, side)
    turn = stage.turn(one.page, (name, one.content, world.adapter, free), make)
    if not turn.change.verdict or stage.refusal(world, side, turn) is not None:
        return None
    return stage.apply_change(world, side, turn)


def people_moves(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield what people may do next."""
    for name, make in _verbs(stage, world, side):
        after = perform(stage, world, side, name, make)
        if after is not None:
            yield name, False, after
    if world.entry(side).status in _WITHDRAWN_FROM:
        yield from _remove_by_hand(stage, world, side)
    if world.sides[side].content == 1 and may_edit(stage, world, side):
        yield "edit", False, world.with_side(side, content=2)


def _verbs(stage: Stage, world: World, side: int) -> Iterator[tuple[str, Callable[[], Change]]]:
    entry = world.entry(side)

    def case(**given: Any) -> Case:  # noqa: ANN401 - facts of the case
        return case_of(stage, world, side, **given)

    yield from _sendings(stage, world, side)
    if entry.status in _REJECTED_FROM:
        yield "reject", lambda: reject(entry, case(), reason="No.", **WHO)
    if entry.status is ExportStatus.FAILED:
        yield "retry", lambda: retry(entry, case(), **WHO)
    if entry.status in _WITHDRAWN_FROM and world.adapter:
        yield (
            "withdraw",
            lambda: ask_withdrawal(entry, case(evidence=None), evidence=None, **WHO),
        )
    if entry.status is ExportStatus.SYNCED and entry.generation < stage.bounds.generations:
        gone = not any(world.doc(held.receipt.erp_id) for held in entry.living)
        if gone:
            yield "unlink", lambda: unlink(entry, case(gone=True), **WHO)


def _sendings(stage: Stage, world: World, side: int) -> Iterator[tuple[str, Callable[[], Change]]]:
    entry, status = world.entry(side), world.entry(side).status

    def case() -> Case:
        return case_of(stage, world, side)

    if status in {ExportStatus.NOT_SENT, ExportStatus.RETRIEVED}:
        to: dict[str, Any] = {"action": Action.SEND, "connection": "ledger"}
        yield "send", lambda: send(entry, case(), **to, **WHO)
    if status is ExportStatus.REJECTED:
        yield "resend", lambda: send(entry, case(), action=Action.RESEND, **WHO)
    if status is ExportStatus.READY:
        yield "accept", lambda: accept(entry, case(), fields={}, **WHO)
        yield "retrieve", lambda: retrieve(entry, case(), **WHO)


def _remove_by_hand(stage: Stage, world: World, side: int) -> Iterator[Move]:
    """Yield that a person removes a known document in the ERP and records it."""
    entry = world.entry(side)
    ids = frozenset(held.receipt.erp_id for held in entry.living)
    if not ids:
        return
    docs = tuple(doc for doc in world.docs if doc.id not in ids)
    removed = world._replace(docs=docs, deleted=world.deleted | ids)
    writes = any(call.kind is CallKind.WRITE for call in entry.in_doubt)
    facts: dict[str, Any] = {"evidence": EVIDENCE, "in_doubt": writes, "withdrawing": False}

    def make() -> Change:
        case = case_of(stage, removed, side, **facts)
        return ask_withdrawal(entry, case, evidence=EVIDENCE, **WHO)

    after = perform(stage, removed, side, "withdraw by hand", make)
    if after is not None:
        yield "withdraw by hand", False, after
