"""Enough is enough: how long to wait after a deferral, after how many a person is asked."""

from __future__ import annotations

from datetime import timedelta

from ..verdict import Denial, Source, Verdict

__all__ = ["MOST_DEFERRALS", "MOST_LOST_CLAIMS", "back_off", "gave_up"]

#: After so many deferrals an export is given up.
MOST_DEFERRALS = 20
#: After so many claims that ended without an answer an export is given up.
MOST_LOST_CLAIMS = 5

_FIRST_WAIT = 5.0
_LONGEST_WAIT = 3600.0


def back_off(times: int, chance: float) -> timedelta:
    """
    Return how long to wait after so many deferrals: 5 s, 10 s, 20 s and so on, an hour at most.

    ``chance``, from 0 to 1, takes up to half of it away, so that many do not come back at once.
    """
    longest = min(_FIRST_WAIT * 2 ** (times - 1), _LONGEST_WAIT)
    return timedelta(seconds=longest * (1 - chance / 2))


def gave_up(why: str, times: int) -> Verdict:
    """Return the refusal of an export that does not get through, however often it is tried."""
    message = f"Find out why this export does not get through ({why}), then retry or reject it."
    return Verdict((Denial("export.gave_up", message, Source.ERP, {"times": str(times)}),))
