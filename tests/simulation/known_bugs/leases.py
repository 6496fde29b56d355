"""Bugs about leases: the holder, the duration, and the time after."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from erp_invoice_core.stores.rows import find_wake_time
from erp_invoice_core.vocabulary import ExportStatus
from erp_invoice_core.worker.commits import has_lease
from erp_invoice_core.worker.context import WorkerContext

from ..mutant import Mutant, replace_attribute, replace_everywhere
from ..simulated_store import SimulatedStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from erp_invoice_core.documents import QueueEntry


def _wake_by_silence(former: Callable[..., datetime | None]) -> Callable[..., datetime | None]:
    """Return when an entry wakes if a worker counts as dead after ten silent seconds."""

    def find_wake(entry: QueueEntry) -> datetime | None:
        moment = former(entry)
        if entry.status is ExportStatus.EXPORTING and moment is not None:
            return moment - timedelta(seconds=50)
        return moment

    return find_wake


def _wake_never(former: Callable[..., datetime | None]) -> Callable[..., datetime | None]:
    """Return when an entry wakes if no worker looks at an entry that was claimed once."""

    def find_wake(entry: QueueEntry) -> datetime | None:
        return None if entry.status is ExportStatus.EXPORTING else former(entry)

    return find_wake


BUGS = (
    Mutant(
        name="worker-name-reused",
        sources=("procrastinate-org/procrastinate#1518", "longtermrisk/openweights#59"),
        happened="Restarted pods kept their name, so that the life signs of the new worker spoke "
        "for what the dead one had held.",
        rebuilt="All workers have one name, and a lease is checked by the name alone, so that "
        "every worker has every lease.",
        applied=lambda: replace_everywhere(
            has_lease, lambda entry, _fencing: entry.lease is not None
        ),
    ),
    Mutant(
        name="no-fencing",
        sources=("blehnen/DotNetWorkQueue#294", "riverqueue/river#1373"),
        happened="A worker whose claim had lapsed never looked, went on and committed; messages "
        "were delivered twice.",
        rebuilt="A former holder of an entry may still write to it.",
        applied=lambda: replace_everywhere(has_lease, lambda _entry, _fencing: True),
    ),
    Mutant(
        name="rescued-by-elapsed-time",
        sources=("hexpm/hexpm#1825", "oban-bg/oban#1018"),
        happened="Jobs were rescued after six minutes though they were still running, and a "
        "nightly one ran two or three times.",
        rebuilt="An entry is taken away ten seconds after its holder was heard last.",
        applied=lambda: replace_everywhere(find_wake_time, _wake_by_silence(find_wake_time)),
    ),
    Mutant(
        name="heartbeat-too-slow",
        sources=("janbjorge/pgqueuer#430", "janbjorge/pgqueuer#675"),
        happened="Life signs came no faster than the retry timer, and running jobs were picked up "
        "a second time.",
        rebuilt="A lease is renewed every two leases.",
        applied=lambda: replace_attribute(
            WorkerContext,
            "cadence",
            property(lambda context: 2 * context.lease.total_seconds()),
        ),
    ),
    Mutant(
        name="done-once-taken",
        sources=("procrastinate-org/procrastinate#307", "geolens-io/geolens#624"),
        happened="Workers that were killed left their jobs marked as being done, and no worker "
        "took them up again.",
        rebuilt="No worker ever looks at the entries of a dead worker.",
        applied=lambda: replace_everywhere(find_wake_time, _wake_never(find_wake_time)),
    ),
    Mutant(
        name="wall-clock",
        sources=("Krzysztof318/MailFathom#1989",),
        happened="Leases were judged by each replica's own clock; one that ran ahead could claim "
        "what was still being done.",
        rebuilt="Each process takes the time from its own machine's wall.",
        applied=lambda: replace_attribute(SimulatedStore, "clock", SimulatedStore.wall),
    ),
)
