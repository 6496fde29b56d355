"""After the faults: later look-ups, and truthful people, until every invoice is synced."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from erp_invoice_core import ExportStatus, Resolution
from erp_invoice_core.testing.fake_erp import fetch_report
from erp_invoice_core.testing.fake_erp.http_adapter import ErpUrl
from tests.crash.checks import find_problems
from tests.time_limit import TIME_LIMIT
from tests.worker.harness import APPROVER, EVERYTHING, check_allowed

if TYPE_CHECKING:
    from collections.abc import Collection

    from erp_invoice_core import ExportQueue, QueueEntry
    from tests.crash.deployment import Deployment

_LATER = (0.0, 310.0, 320.0, 4_000.0, 4_010.0, 4_020.0, 90_000.0, 90_010.0)


def wait_until_quiet(url: str) -> None:
    """End the faults, and wait until no request can still be carried out."""
    ErpUrl(url).ask("calm", {})
    until = time.monotonic() + TIME_LIMIT
    while not fetch_report(url).is_quiet and time.monotonic() < until:
        time.sleep(0.05)


def finish(deployment: Deployment, sent: Collection[str]) -> tuple[int, list[str]]:
    """Go on until all is synced; return the number of actions of people, and the problems."""
    wait_until_quiet(deployment.url)
    acts = 0
    for later in _LATER:
        with deployment.open_queue(later) as queue:
            deployment.worker(queue).run_until_idle()
            waiting = [
                entry for entry in queue.entries() if entry.status is not ExportStatus.SYNCED
            ]
            if not waiting:
                break
            if later:
                acts += sum(_act_for_person(deployment, queue, entry) for entry in waiting)
    with deployment.open_queue() as queue:
        problems = find_problems(queue, fetch_report(deployment.url), sent)
        stuck = [
            f"{entry.id} is {entry.status.value} for ever"
            for entry in queue.entries()
            if entry.status is not ExportStatus.SYNCED
        ]
    return acts, [*problems, *stuck]


def _act_for_person(deployment: Deployment, queue: ExportQueue, entry: QueueEntry) -> bool:
    """Have a truthful person act on a waiting entry; return whether it waited for one."""
    if entry.status is ExportStatus.FAILED and not entry.withdrawing:
        verb = queue.withdraw if entry.is_left else queue.retry
        check_allowed(verb([entry.id], APPROVER))
        return True
    if entry.status is ExportStatus.UNKNOWN and entry.lease is None:
        happened, absent = _find_evidence(deployment, entry)
        resolution = Resolution(happened=happened, steps_absent=tuple(absent))
        seen = "Read in the fake's books, where nothing was open any more."
        check_allowed(
            queue.rule(
                [entry.id], EVERYTHING, resolution=resolution, evidence=seen, expect=entry.version
            )
        )
        return True
    return False


def _find_evidence(deployment: Deployment, entry: QueueEntry) -> tuple[dict[str, str], list[str]]:
    """Return what a person reads in the ERP: steps that happened, with bills, and the others."""
    there = {bill.key: bill for bill in fetch_report(deployment.url).existing}
    happened, absent = {}, []
    for call in entry.in_doubt:
        bill = there.get(entry.build_key("create").text)
        if bill and (call.key.step == "create" or bill.state == "posted"):
            happened[call.key.step] = bill.id
        else:
            absent.append(call.key.step)
    return happened, absent
