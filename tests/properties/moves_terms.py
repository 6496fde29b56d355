"""The rows of the table of promises: what an abstract ERP does, and what it declares."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.declaration import LookUp, NumberScope, Replay
from erp_invoice_core.documents import Step
from erp_invoice_core.vocabulary import Role

from ..flow.samples import CREATE, POST, declared

if TYPE_CHECKING:
    from erp_invoice_core.declaration import Declaration

__all__ = ["PLANS", "SETTLE_SECONDS", "Bounds", "Terms", "declared_by"]

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
        calls: How many calls an entry may have at most; so many documents, too.
        generations: How often an invoice may be unlinked, and once more.
        opinions: People may act on what they read some time ago.
        states: After so many worlds no more are followed.
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
def declared_by(terms: Terms) -> Declaration:
    """Return what the ERP of that row declares."""
    return declared(
        settles=SETTLE_SECONDS if terms.settles else None,
        visible=SETTLE_SECONDS if terms.shows_late else 0,
        look_up=terms.look_up,
        replay=terms.replay,
        enforces_key=terms.enforces,
        number_scope=terms.scope,
    )
