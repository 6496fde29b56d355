"""Every move from every world that can be reached: the five properties hold, and laws besides."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from erp_invoice_core.rules import sources_of
from erp_invoice_core.vocabulary import Action, ExportStatus

from ..histories.weakened import WEAKENED, without
from .moves_search import Bounds, Search, Violation
from .moves_world import LONG_AGO, Terms

if TYPE_CHECKING:
    from collections.abc import Callable

FINITE = Terms("settles in time")
UNBOUND = Terms("no bound", settles=False)
ENFORCED = Terms("key enforced", one_per_key=True, enforces=True)
REPLAYED = Terms("answers repeated", settles=False, one_per_key=True)
BLIND = Terms("no look-up", finds=False)

#: Rows of the table of promises, plans of one and two steps, one and two workers.
ROWS = {
    "settles in time": (FINITE, Bounds(states=9000)),
    "settles in time, two workers": (FINITE, Bounds(workers=2, faults=1, states=9000)),
    "settles in time, two steps": (attrs.evolve(FINITE, steps=2), Bounds(calls=4, states=9000)),
    "settles in time, unlinked": (FINITE, Bounds(faults=1, generations=2, states=6000)),
    "no bound": (UNBOUND, Bounds(states=6000)),
    "no bound, two steps": (attrs.evolve(UNBOUND, steps=2), Bounds(calls=4, states=6000)),
    "key enforced": (ENFORCED, Bounds(states=6000)),
    "answers repeated": (REPLAYED, Bounds(states=6000)),
    "no look-up": (BLIND, Bounds(states=6000)),
}


def _module(name: str) -> Any:  # noqa: ANN401 - a module; some have a function of their name beside
    return sys.modules[f"erp_invoice_core.{name}"]


@pytest.fixture(autouse=True)
def _cheap_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute no digests: here documents say theirs, and declarations never change."""
    monkeypatch.setattr(_module("flow.accept"), "digest_of", lambda _value: "d")
    monkeypatch.setattr(_module("flow.accept"), "losses", lambda _case: ())


def _told(search: Search) -> None:
    moves = sum(search.moves.values())
    print(f"{search.terms.name}: {len(search.seen)} worlds, {moves} moves")  # noqa: T201 - `pytest -s` shows it


@pytest.mark.parametrize("row", ROWS)
def test_properties_hold_wherever_moves_lead(row: str) -> None:
    """
    One document per role, no evidence lost, no dead end, the lock, booked as accepted.

    Workers crash, answers are lost or late, requests are carried out late, documents are deleted
    over there, the adapter disappears; people do any lawful thing, truthfully.
    """
    terms, bounds = ROWS[row]

    search = Search(terms, bounds).run()

    _told(search)
    assert len(search.seen) >= bounds.states


@pytest.mark.soak
@pytest.mark.parametrize("row", ROWS)
def test_properties_hold_far_out(row: str) -> None:
    """The same, with more faults, more calls, and many times as many worlds."""
    terms, bounds = ROWS[row]
    far = attrs.evolve(bounds, faults=3, calls=5, states=150_000)

    _told(Search(terms, far).run())


def _settled_at_once(patch: pytest.MonkeyPatch) -> None:
    for name in ("flow.doubt", "worker.evidence", "worker.looking", "worker.withdrawing"):
        patch.setattr(_module(name), "conclusive_from", lambda _call, _erp: LONG_AGO)


_SENT = ("send", "accept", "claim")
_CREATED = (*_SENT, "start create", "answered", "record")
_LEFT = (*_CREATED, "start post", "refused", "record")
_LOST = (*_SENT, "start create", "on its way", "gives up", "record")
_REMOVAL_LOST = (
    *(*_LEFT, "withdraw", "claim", "start removal"),
    *("on its way", "gives up", "record"),
)
TWO_STEPS = attrs.evolve(FINITE, steps=2)

#: A rule that is weakened, and where the search must notice it.
NOTICED: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], Terms, Bounds]] = {
    "01": (WEAKENED["01 a receipt settles every call"][0], UNBOUND, Bounds(calls=4)),
    "02": (
        WEAKENED["02 an answer settles its key"][0],
        REPLAYED,
        Bounds(already=(*_LOST, "due", "claim", "look", "looked up")),
    ),
    "03": (_settled_at_once, FINITE, Bounds()),
    "04": (WEAKENED["04 no acceptance is needed"][0], FINITE, Bounds()),
    "05": (WEAKENED["05 anything left stands"][0], TWO_STEPS, Bounds(calls=4)),
    "07": (WEAKENED["07 absence may be ruled at once"][0], FINITE, Bounds()),
    "09": (
        without("export.withdrawing", "export.in_doubt"),
        TWO_STEPS,
        Bounds(calls=5, states=6000, already=_REMOVAL_LOST),
    ),
    "10": (
        WEAKENED["10 nothing is ruled from accepted"][0],
        TWO_STEPS,
        Bounds(calls=4, states=2000, already=(*_CREATED, "start post", "unsent", "record")),
    ),
    "11": (WEAKENED["11 a ruling is on the whole entry"][0], TWO_STEPS, Bounds(calls=4)),
    "12": (WEAKENED["12 documents are enough"][0], TWO_STEPS, Bounds(calls=4)),
    "16": (WEAKENED["16 what is left denies nothing"][0], TWO_STEPS, Bounds(calls=4)),
}


@pytest.mark.parametrize("name", NOTICED)
def test_search_notices_a_weakened_rule(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What closed a history of that number is needed: without it a property breaks."""
    weaken, terms, bounds = NOTICED[name]
    weaken(monkeypatch)

    with pytest.raises((Violation, ValueError)):
        Search(attrs.evolve(terms, name=f"{terms.name}, {name}"), bounds).run()


@pytest.mark.soak
@pytest.mark.parametrize("name", NOTICED)
def test_search_finds_nothing_where_nothing_is_weakened(name: str) -> None:
    """It is the weakened rule that the search notices."""
    _, terms, bounds = NOTICED[name]

    _told(Search(terms, bounds).run())


def test_every_status_has_somebody_who_can_move_it() -> None:
    """People or a worker, in every status; what is synced can be unlinked."""
    movers = {
        status: [action for action in Action if status in sources_of(action)]
        for status in ExportStatus
    }

    assert [] == [status for status, actions in movers.items() if len(actions) < 2]
