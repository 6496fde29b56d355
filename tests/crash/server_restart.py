"""A process that restarts the database server while workers run; it answers in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from erp_invoice_core.testing.fake_erp import fetch_report
from tests.crash.deployment import Deployment
from tests.crash.kill_runs import start_process, wait_for_process
from tests.crash.recovery import finish
from tests.crash.worker_pool import WorkerPool, run_and_read

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORKERS = 3
_FLOWING = 1.2


def restart_server(
    deployment: Deployment,
    folder: Path,
    *,
    stop: Sequence[str],
    start: Sequence[str],
    user: str | None,
    pauses: Sequence[float],
) -> dict[str, Any]:
    """
    Stop the server and start it again while the workers run.

    Args:
        deployment: Its database is on that server.
        folder: For files.
        stop: The command that stops it.
        start: The command that starts it.
        user: The user who may run them, if it is not this process' user.
        pauses: The seconds for which it is down, each time.
    """
    pool, path = WorkerPool(deployment=deployment, folder=folder), folder / "left.json"
    deployment.load()
    assert 0 == wait_for_process(start_process(lambda: deployment.open_store().close()))
    pool.start_sender()
    for _ in range(_WORKERS):
        pool.start_worker()
    created = []
    for pause in pauses:
        time.sleep(_FLOWING)
        created.append(len(fetch_report(deployment.url).bills))
        subprocess.run(stop, user=user, stdout=subprocess.DEVNULL, check=True)
        time.sleep(pause)
        subprocess.run(start, user=user, stdout=subprocess.DEVNULL, check=True)
    time.sleep(_FLOWING)
    sent = pool.stop_sending()
    seconds = pool.settle()
    time.sleep(deployment.rest)
    pool.stop_workers()
    found = run_and_read(lambda: pool.report(sent), path)
    people, problems = run_and_read(lambda: finish(deployment, sent), path)
    return {
        **found,
        "sent": len(sent),
        "created": [*created, len(fetch_report(deployment.url).bills)],
        "seconds": round(seconds, 2),
        "people": people,
        "problems": [*found["problems"], *problems],
    }


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    told_of = Deployment.from_json(asked.pop("deployment"))
    print(json.dumps(restart_server(told_of, Path(asked.pop("folder")), **asked)))  # noqa: T201 - its answer
