"""
The promise table: each row is a set of an ERP's promises.

The promises are about repeated keys, numbers, look-ups and the time after which a request has no
effect any more. The server of the fake behaves by a row, and its adapter declares it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs

from ...adapters import LookUp, Replay
from .ledger import Enforces, Rules


class Row(StrEnum):
    """
    The name of a row of the promise table.

    ``keyed``: one document per key. ``numbered``: one document per invoice number. ``settling``: a
    request is carried out in a bounded time, or never. ``boundless``: no promise.
    """

    KEYED = "keyed"
    NUMBERED = "numbered"
    SETTLING = "settling"
    BOUNDLESS = "boundless"


_NOTHING: Final = Rules(compares_body=False)


@attrs.frozen(kw_only=True)
class Promise:
    """
    A row of the promise table: the behaviour of the fake, which its adapter declares.

    Attributes:
        settles: Seconds after which a request is carried out, or never will be; ``None``: no bound.
        visible: Seconds after which a look-up finds a new document.
        holds: The most seconds for which a late request is held before it is carried out.
    """

    rules: Rules = _NOTHING
    settles: float | None
    visible: float = 0.0
    holds: float


PROMISES: Final = {
    Row.KEYED: Promise(
        rules=Rules(enforces=Enforces.KEY, replay=Replay.EVERYTHING, compares_body=False),
        settles=None,
        holds=2.5,
    ),
    Row.NUMBERED: Promise(
        rules=Rules(enforces=Enforces.NUMBER, look_up=LookUp.NUMBER, compares_body=False),
        settles=0.4,
        visible=0.1,
        holds=0.3,
    ),
    Row.SETTLING: Promise(settles=0.4, visible=0.1, holds=0.3),
    Row.BOUNDLESS: Promise(settles=None, holds=2.5),
}
