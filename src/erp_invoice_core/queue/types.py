"""Types of the queue: facts of the host, results and the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import attrs

from ..adapters.answers import EARLIEST, LATEST
from ..documents import QueueEntry
from ..values import Value
from ..verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..documents import NumberUse
    from ..rules import Case


class Facts(Protocol):
    """
    A callable of the host that returns the cases of invoices, without facts about actors.

    The queue calls it for ``why_not`` and ``reconcile``, and for actions such as send, accept and
    retry after the entries are locked; for accept and retry also before, if the adapter checks
    requests. A worker calls it before the first write of an export. The result leaves out unknown
    ids.
    """

    def __call__(self, ids: Sequence[str], /) -> Mapping[str, Case]:
        """Return the cases of the invoices, by id."""
        ...


class Numbers(Protocol):
    """
    A callable of the host that finds the invoices of a vendor with a number like a given one.

    The queue calls it if an approver types a number for the ERP. The result may also have invoices
    of the vendor with other numbers.
    """

    def __call__(self, vendor_id: str, number: str, /) -> Iterable[NumberUse]:
        """Return the vendor's invoices with numbers like ``number``; others may be among them."""
        ...


@attrs.frozen(eq=False, repr=False)
class Result(Value):
    """The result for one invoice: the verdict, and the entry after the verb."""

    id: str
    verdict: Verdict
    entry: QueueEntry


def read_system_clock() -> datetime:
    """Return the current time (UTC)."""
    return datetime.now(UTC)


def choose_wall_clock(
    clock: Callable[[], datetime], of_store: Callable[[], datetime]
) -> Callable[[], datetime]:
    """
    Return the clock by which adapters keep their deadlines.

    It is the clock of the machine if the queue's ``clock`` is that of the store, else the clock
    that the host gave the queue.
    """
    return read_system_clock if clock == of_store else clock


def check_clock(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """
    Return the clock with a check of its results before any decision.

    A call raises ``TypeError`` if the result is not a datetime with an offset, and ``ValueError``
    if its year is out of range.
    """

    def read_clock() -> datetime:
        moment: object = clock()
        if not isinstance(moment, datetime) or moment.utcoffset() is None:
            msg = (
                f"The queue's clock must return a datetime with its UTC offset, and not {moment!r}."
            )
            raise TypeError(msg)
        if not EARLIEST.year < moment.year < LATEST.year:
            msg = f"The queue's clock returned {moment}. Set it to the current time."
            raise ValueError(msg)
        return moment

    return read_clock
