"""The rows of the promise table, for the fake's server and its adapter."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs


class Row(StrEnum):
    """A row of the promise table; the first one has two forms, by key and by number."""

    KEYED = "keyed"
    NUMBERED = "numbered"
    SETTLING = "settling"
    BOUNDLESS = "boundless"


class Enforces(StrEnum):
    """The uniqueness that the fake enforces, also after a deletion."""

    KEY = "key"
    NUMBER = "number"
    NOTHING = "nothing"


@attrs.frozen(kw_only=True)
class Promise:
    """
    The behaviour of the fake, and its declaration.

    Attributes:
        settles: Seconds after which a request is carried out or dead; ``None``: no bound.
        visible: Seconds after which a new document is found.
        holds: The most seconds for which a late request is held.
        finds_by_key: It finds by key, else by vendor and number.
        repeats: A repeated key is answered with the same document.
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
