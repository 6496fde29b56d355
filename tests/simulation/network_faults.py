"""Faults of the network, and their durations in seconds."""

from __future__ import annotations

from enum import Enum

from .decisions import menu


class AnswerLost(Exception):
    """There was no answer, or one without a meaning."""


class NetworkFault(Enum):
    """The fault of one request."""

    PROMPT = "prompt"  #: Carried out and answered at once.
    REFUSED = "refused"  #: The ERP says no.
    UNREACHABLE = "unreachable"  #: Nothing is sent.
    LOST_REQUEST = "lost request"  #: It never arrives.
    LOST_REPLY = "lost reply"  #: Carried out; the answer is lost.
    LATE_REPLY = "late reply"  #: Carried out; the answer takes long.
    LATE = "late"  #: Carried out later; the answer is lost.
    HELD = "held"  #: Carried out later, and answered then.
    TWICE = "twice"  #: Delivered twice, if that is harmless.
    ERROR = "error"  #: Not carried out; an error with an id in it.


NETWORK_FAULTS = menu(
    (44, NetworkFault.PROMPT),
    (4, NetworkFault.REFUSED),
    (3, NetworkFault.UNREACHABLE),
    (7, NetworkFault.LOST_REQUEST),
    (11, NetworkFault.LOST_REPLY),
    (6, NetworkFault.LATE_REPLY),
    (10, NetworkFault.LATE),
    (9, NetworkFault.HELD),
    (4, NetworkFault.TWICE),
    (2, NetworkFault.ERROR),
)
LATE_REPLIES = menu((1, 2.0), (1, 59.0), (2, 75.0), (1, 900.0))
BOUNDED = menu((1, 1.0), (1, 45.0), (2, 89.9))
UNBOUNDED = menu((1, 45.0), (1, 400.0), (1, 4_000.0), (1, 200_000.0))
SHOWN = menu((2, 0.0), (1, 60.0), (2, 600.0))
LIE = menu((3, False), (2, True))
ASKED = menu((84, 0.0), (6, -1.0), (5, 2.0), (3, 70.0), (2, 700.0))
