"""The host's port for facts, the result of a verb, and the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import attrs

from ..adapters.answers import EARLIEST, LATEST
from ..documents import QueueEntry
from ..verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..rules import Case


class Facts(Protocol):
    """
    The host's port: invoice ids to cases without actor, in bulk.

    It is asked at ``why_not``, send, accept, retry and before the first write, after the entries
    are locked. An id that it does not know is left out.
    """

    def __call__(self, ids: Sequence[str], /) -> Mapping[str, Case]:
        """Return what is known of the invoices."""
        ...


@attrs.frozen
class Result:
    """The answer for one item: the verdict, and the entry as it is afterwards."""

    id: str
    verdict: Verdict
    entry: QueueEntry


def read_system_clock() -> datetime:
    """Return the current time (UTC)."""
    return datetime.now(UTC)


def check_clock(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """
    Return the clock; a moment of it that no store can keep is refused before anything is decided.

    Its calls raise TypeError if it returns no moment with an offset, ValueError where that is not
    of the years in which an invoice can be.
    """

    def read_clock() -> datetime:
        moment: object = clock()
        if not isinstance(moment, datetime) or moment.utcoffset() is None:
            msg = f"The queue's clock returned {moment!r}: it must return a datetime with its UTC offset."
            raise TypeError(msg)
        if not EARLIEST.year < moment.year < LATEST.year:
            msg = f"The queue's clock returned {moment}: set it to the current time."
            raise ValueError(msg)
        return moment

    return read_clock
