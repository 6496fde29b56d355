"""The rows of the promise table, for the fake's server and its adapter."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs

from ...adapters import LookUp, Replay
from .ledger import Enforces, Rules


class Row(StrEnum):
    """A row of the promise table; the first one has two forms, by key and by number."""

    KEYED = "keyed"
    NUMBERED = "numbered"
    SETTLING = "settling"
    BOUNDLESS = "boundless"


_NOTHING: Final = Rules(compares_body=False)


@attrs.frozen(kw_only=True)
class Promise:
    """
    The behaviour of the fake, and its declaration.

    Attributes:
        settles: Seconds after which a request is carried out or dead; ``None``: no bound.
        visible: Seconds after which a new document is found.
        holds: The most seconds for which a late request is held.
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
