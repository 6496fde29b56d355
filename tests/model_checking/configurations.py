"""The configurations that are searched: an abstract ERP, plans, entries and workers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.declaration import LookUp, NumberScope, Replay
from erp_invoice_core.documents import Step
from erp_invoice_core.vocabulary import Role

from ..flow.samples import CREATE, POST, build_declaration

if TYPE_CHECKING:
    from erp_invoice_core.declaration import Declaration

#: So long a request that was handed over may live, and a document may stay unseen (seconds).
SETTLE_SECONDS = 30

#: Plans by name; a step with a role makes a document, the others act on the one made before.
PLANS = {
    "one step": (CREATE,),
    "two steps": (CREATE, POST),
    "three steps": (CREATE, Step("attach", "post"), POST),
    "two documents": (CREATE, Step("release", "create", Role.RELEASE)),
}


@attrs.frozen
class Terms:
    """
    A row of the table of promises: what the ERP does, and what it declares.

    Attributes:
        settles: A request is executed or dead some time after its lease; else there is no bound.
        shows_late: A document, or a posting, is found only some time after it was written.
        one_per_key: The same key again is answered with what it made at first, there or not.
        one_per_number: A number that was used once is refused ever after.
        enforces: It declares one of these two to hold, after deletion too.
        replay: When it declares that the same key may be sent again.
        look_up: By what it finds.
        scope: Within what its numbers are unique.
    """

    name: str
    settles: bool = True
    shows_late: bool = False
    one_per_key: bool = False
    one_per_number: bool = False
    enforces: bool = False
    replay: Replay = Replay.NONE
    look_up: LookUp = LookUp.KEY
    scope: NumberScope = NumberScope.VENDOR
    plan: tuple[Step, ...] = PLANS["one step"]


@attrs.frozen(kw_only=True)
class Bounds:
    """
    How far the search goes.

    Attributes:
        entries: One, or two with the same vendor and number.
        faults: How many things may go wrong at most.
        calls: The most calls, and the most documents, of an entry.
        generations: How often an invoice may be unlinked, and once more.
        opinions: People may act on what they read some time ago.
        states: The most worlds that are followed.
        already: Moves by name that lead to where the search begins.
    """

    entries: int = 1
    workers: int = 1
    faults: int = 2
    calls: int = 3
    generations: int = 1
    opinions: bool = False
    states: int = 20_000
    already: tuple[str, ...] = ()


@cache
def build_terms_declaration(terms: Terms) -> Declaration:
    """Return what the ERP of that row declares."""
    return build_declaration(
        settles=SETTLE_SECONDS if terms.settles else None,
        visible=SETTLE_SECONDS if terms.shows_late else 0,
        look_up=terms.look_up,
        replay=terms.replay,
        enforces_key=terms.enforces,
        number_scope=terms.scope,
    )


FINITE = Terms("settles in time")
LATE = Terms("shows late", shows_late=True)
UNBOUND = Terms("no bound", settles=False)
KEY_ENFORCED = Terms("key enforced", one_per_key=True, enforces=True)
NUMBER_ENFORCED = Terms(
    "number enforced, no bound",
    settles=False,
    one_per_number=True,
    enforces=True,
    look_up=LookUp.NUMBER,
)
REPLAYED = Terms("everything repeated", settles=False, one_per_key=True, replay=Replay.EVERYTHING)
SUCCESSES = Terms("successes repeated", settles=False, one_per_key=True, replay=Replay.SUCCESSES)
BLIND = Terms("no look-up", look_up=LookUp.NONE)
BY_NUMBER = Terms("by number", look_up=LookUp.NUMBER)
PER_COMMITMENT = attrs.evolve(
    BY_NUMBER, name="by number, per commitment", scope=NumberScope.COMMITMENT
)


def _add_plan(terms: Terms, plan: str) -> Terms:
    return attrs.evolve(terms, name=f"{terms.name}, {plan}", plan=PLANS[plan])


def _add_late(terms: Terms) -> Terms:
    return attrs.evolve(terms, name=f"{terms.name}, shows late", shows_late=True)


TWO_STEPS = _add_plan(FINITE, "two steps")

#: Both entries accepted; the second is sent while the first holds no slot yet.
BOTH = ("send", "accept", "send B", "accept B")
_UNLINKED = (
    *(*BOTH, "claim", "start create", "answered", "record"),
    *("deleted there", "unlink"),
)
_LOST_BY_B = (*BOTH, "claim B", "start create B", "crash B")

_ONE = Bounds(states=4500)
_LONG = Bounds(states=4500, calls=4)
_PAIR = Bounds(entries=2, faults=1, states=4500, already=BOTH)
_CROWD = attrs.evolve(_PAIR, workers=2)

#: Each row of the table of promises; then plans of several steps; then two entries.
ROWS: dict[str, tuple[Terms, Bounds]] = {
    f"{terms.name}, {what}": (terms, bounds)
    for what, rows in {
        "one entry": [
            (FINITE, _ONE),
            (LATE, _ONE),
            (UNBOUND, _ONE),
            (KEY_ENFORCED, _ONE),
            (NUMBER_ENFORCED, _ONE),
            (REPLAYED, _ONE),
            (SUCCESSES, _ONE),
            (BLIND, _ONE),
            (BY_NUMBER, _ONE),
            (_add_late(BY_NUMBER), _ONE),
            (TWO_STEPS, _LONG),
            (_add_plan(FINITE, "three steps"), _LONG),
            (_add_plan(FINITE, "two documents"), _LONG),
            (_add_plan(LATE, "three steps"), _LONG),
            (_add_plan(UNBOUND, "two steps"), _LONG),
            (_add_plan(REPLAYED, "two steps"), _LONG),
            (_add_plan(BY_NUMBER, "two steps"), _LONG),
        ],
        "two workers": [
            (FINITE, Bounds(workers=2, faults=1, states=4500)),
            (_add_plan(UNBOUND, "two steps"), Bounds(workers=2, faults=1, calls=4, states=4500)),
        ],
        "unlinked": [(FINITE, Bounds(faults=1, generations=2, states=4500))],
        "acting on what was read": [(FINITE, Bounds(opinions=True, states=4500))],
        "two entries": [
            (FINITE, attrs.evolve(_PAIR, already=())),
            (LATE, _PAIR),
            (UNBOUND, _PAIR),
            (KEY_ENFORCED, _PAIR),
            (NUMBER_ENFORCED, _PAIR),
            (REPLAYED, _PAIR),
            (BLIND, _PAIR),
            (TWO_STEPS, attrs.evolve(_PAIR, calls=4)),
            (_add_plan(UNBOUND, "three steps"), attrs.evolve(_PAIR, calls=4)),
            (PER_COMMITMENT, attrs.evolve(_PAIR, faults=2, already=_LOST_BY_B)),
        ],
        "two entries, one unlinked": [
            (FINITE, attrs.evolve(_PAIR, faults=2, generations=2, already=_UNLINKED)),
            (BY_NUMBER, attrs.evolve(_PAIR, faults=2, generations=2, already=_UNLINKED)),
        ],
        "two entries, two workers": [
            (FINITE, _CROWD),
            (UNBOUND, _CROWD),
            (BY_NUMBER, _CROWD),
            (PER_COMMITMENT, _CROWD),
        ],
    }.items()
    for terms, bounds in rows
}

#: Bounds within which there is nothing more to see: these searches end by themselves.
WHOLE: dict[str, tuple[Terms, Bounds]] = {
    "settles in time, two calls, one fault": (FINITE, Bounds(calls=2, faults=1, states=50_000)),
    "no bound, one call, one fault": (UNBOUND, Bounds(calls=1, faults=1, states=50_000)),
    "two steps, two calls, no fault": (TWO_STEPS, Bounds(calls=2, faults=0, states=50_000)),
}
