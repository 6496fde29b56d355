"""Rules that are weakened, and from where the search must notice it."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from erp_invoice_core.flow.knowledge import find_terms
from erp_invoice_core.vocabulary import ExportStatus

from ..histories.weakened_rules import WEAKENED, without
from .configurations import (
    BOTH,
    BY_NUMBER,
    FINITE,
    LATE,
    PER_COMMITMENT,
    REPLAYED,
    TWO_STEPS,
    UNBOUND,
    Bounds,
    Terms,
)
from .normalization import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import pytest

    from erp_invoice_core.declaration import Declaration
    from erp_invoice_core.documents import Call, QueueEntry

    Weakening: TypeAlias = "Callable[[pytest.MonkeyPatch], None]"

_ROOM = "erp_invoice_core"


def _everywhere(name: str, value: object, patch: pytest.MonkeyPatch) -> None:
    """Put something else in the place of a function, wherever it was imported."""
    for module, room in list(sys.modules.items()):
        if module.startswith(_ROOM) and name in vars(room):
            patch.setattr(room, name, value)


def _put(module: str, name: str, value: object, patch: pytest.MonkeyPatch) -> None:
    room: Any = sys.modules[f"{_ROOM}.{module}"]  # some have a function of their name beside
    patch.setattr(room, name, value)


def _long_ago(_call: Call, _erp: Declaration | None) -> datetime:
    return LONG_AGO


def _settled_though_unseen(call: Call, erp: Declaration | None) -> datetime | None:
    settles = find_terms(call, erp).settles_within
    return None if settles is None else call.lease_until + settles


def _holds_unless_in_doubt(entry: QueueEntry) -> bool:
    rests = {ExportStatus.SYNCED, ExportStatus.EXPORTING}
    return entry.status in rests or bool(entry.living)


def _holds_while_leased(entry: QueueEntry) -> bool:
    leased = entry.status is ExportStatus.EXPORTING and entry.lease is not None
    return leased or entry.status is ExportStatus.SYNCED


def _first_document(_ruling: object, _entry: object, _step: object) -> str:
    return "D1"


_SENT = ("send", "accept", "claim")
_CREATED = (*_SENT, "start create", "answered", "record")
_LEFT = (*_CREATED, "start post", "refused", "record")
_LOST = (*_SENT, "start create", "on its way", "gives up", "record")
_TAKEN_BACK = (
    *(*_CREATED, "start post", "answer on its way"),
    *("gives up", "record", "undone there"),
)
_REMOVAL_LOST = (
    *(*_LEFT, "withdraw", "claim", "start removal"),
    *("on its way", "gives up", "record"),
)
_LONG = Bounds(calls=4)
_PAIR = Bounds(entries=2, already=BOTH)
_LOST_BY_B = attrs.evolve(_PAIR, already=(*BOTH, "claim B", "start create B", "crash B"))

#: By the number of the history that the rule closes: the weakening, and where it is searched.
NOTICED: dict[str, tuple[Weakening, Terms, Bounds]] = {
    "01": (WEAKENED["01 a receipt settles every call"][0], UNBOUND, _LONG),
    "02": (
        WEAKENED["02 an answer settles its key"][0],
        REPLAYED,
        Bounds(already=(*_LOST, "due", "claim", "look", "looked up")),
    ),
    "03": (partial(_everywhere, "find_settle_time", _long_ago), FINITE, Bounds()),
    "03, late visibility": (
        partial(_everywhere, "find_settle_time", _settled_though_unseen),
        LATE,
        Bounds(),
    ),
    "04": (WEAKENED["04 no acceptance is needed"][0], FINITE, Bounds()),
    "05": (WEAKENED["05 anything left stands"][0], TWO_STEPS, _LONG),
    "06": (
        WEAKENED["06 what is gone may come back"][0],
        TWO_STEPS,
        attrs.evolve(_LONG, already=_TAKEN_BACK),
    ),
    "07": (WEAKENED["07 absence may be resolved at once"][0], FINITE, Bounds()),
    "08": (
        WEAKENED["08 resolutions need no version"][0],
        FINITE,
        Bounds(opinions=True, already=_LOST),
    ),
    "09": (
        without("export.withdrawing", "export.in_doubt"),
        TWO_STEPS,
        Bounds(calls=5, states=6000, already=_REMOVAL_LOST),
    ),
    "10": (
        WEAKENED["10 nothing is resolved from accepted"][0],
        TWO_STEPS,
        Bounds(calls=4, states=2000, already=(*_CREATED, "start post", "unsent", "record")),
    ),
    "11": (
        partial(_put, "flow.resolve", "_find_erp_id", _first_document),
        TWO_STEPS,
        attrs.evolve(_LONG, already=(*_CREATED, "start post", "on its way")),
    ),
    "12": (WEAKENED["12 documents are enough"][0], TWO_STEPS, _LONG),
    "13": (WEAKENED["13 a match need not agree"][0], FINITE, Bounds()),
    "14": (WEAKENED["14 a look-alike counts at once"][0], BY_NUMBER, Bounds()),
    "15": (WEAKENED["15 numbers are not held"][0], FINITE, _PAIR),
    "15, not while in doubt": (
        partial(_put, "flow.number_slot", "_holds_slot", _holds_unless_in_doubt),
        FINITE,
        _PAIR,
    ),
    "15, until the lease runs out": (
        partial(_put, "flow.number_slot", "_holds_slot", _holds_while_leased),
        FINITE,
        _PAIR,
    ),
    "16": (WEAKENED["16 what is left denies nothing"][0], TWO_STEPS, _LONG),
    "17": (WEAKENED["17 anybody owns anything"][0], PER_COMMITMENT, _LOST_BY_B),
    "18": (WEAKENED["18 stale holders are not heard"][0], UNBOUND, Bounds()),
    "22": (
        WEAKENED["22 acceptances need no version"][0],
        FINITE,
        Bounds(opinions=True),
    ),
}
