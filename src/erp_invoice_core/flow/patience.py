"""Enough is enough: after how many deferrals, or lost claims, a person is asked."""

from __future__ import annotations

from ..verdict import Denial, Source, Verdict

__all__ = ["MOST_DEFERRALS", "MOST_LOST_CLAIMS", "gave_up"]

#: After so many deferrals an export is given up.
MOST_DEFERRALS = 20
#: After so many claims that ended without an answer an export is given up.
MOST_LOST_CLAIMS = 5


def gave_up(why: str, times: int) -> Verdict:
    """Return the refusal of an export that does not get through, however often it is tried."""
    message = f"Find out why this export does not get through ({why}), then retry or reject it."
    return Verdict((Denial("export.gave_up", message, Source.ERP, {"times": str(times)}),))
