"""The rows of the promise table, for the fake's server and its adapter."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs


class Row(StrEnum):
    """A row of the promise table; the first one in its two forms."""

    KEYED = "keyed"
    NUMBERED = "numbered"
    SETTLING = "settling"
    BOUNDLESS = "boundless"


class Enforces(StrEnum):
    """By what the fake knows a document again, also after its deletion."""

    KEY = "key"
    NUMBER = "number"
    NOTHING = "nothing"


@attrs.frozen(kw_only=True)
class Promise:
    """
    What the fake does and, in the same words, declares.

    Attributes:
        settles: Within so many seconds a request is carried out or dead; ``None``: no bound.
        visible: So many seconds after it was made a document is found.
        holds: A late request is held for so many seconds at most.
        finds_by_key: Else by vendor and number.
        repeats: The same key again is answered with the same document.
    """

    enforces: Enforces
    settles: float | None
    visible: float = 0.0
    holds: float
    finds_by_key: bool = True
    repeats: bool = False


PROMISES: Final = {
    Row.KEYED: Promise(enforces=Enforces.KEY, settles=None, holds=2.5, repeats=True),
    Row.NUMBERED: Promise(
        enforces=Enforces.NUMBER, settles=0.4, visible=0.1, holds=0.3, finds_by_key=False
    ),
    Row.SETTLING: Promise(enforces=Enforces.NOTHING, settles=0.4, visible=0.1, holds=0.3),
    Row.BOUNDLESS: Promise(enforces=Enforces.NOTHING, settles=None, holds=2.5),
}
