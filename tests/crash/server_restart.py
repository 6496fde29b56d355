"""A process whose workers' database server is restarted under them; it answers in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from erp_invoice_core.testing.fake_erp import told
from tests.crash.deployment import Firm
from tests.crash.kill_runs import begun, ended
from tests.crash.recovery import finished
from tests.crash.worker_pool import Gang, left

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORKERS = 3
_FLOWING = 1.2


def restarted(
    firm: Firm,
    folder: Path,
    *,
    stop: Sequence[str],
    start: Sequence[str],
    user: str | None,
    pauses: Sequence[float],
) -> dict[str, Any]:
    """
    Stop the server and start it again while work is flowing; the workers are left alone.

    Args:
        firm: Whose database is on that server.
        folder: For files.
        stop: The command that stops it.
        start: The command that starts it.
        user: Who may run them, if not this process' user.
        pauses: For how many seconds it is away, each time.
    """
    gang, path = Gang(firm=firm, folder=folder), folder / "left.json"
    firm.load()
    assert 0 == ended(begun(lambda: firm.opened_store().close()))
    gang.begin_sending()
    for _ in range(_WORKERS):
        gang.hire()
    created = []
    for pause in pauses:
        time.sleep(_FLOWING)
        created.append(len(told(firm.url).bills))
        subprocess.run(stop, user=user, stdout=subprocess.DEVNULL, check=True)
        time.sleep(pause)
        subprocess.run(start, user=user, stdout=subprocess.DEVNULL, check=True)
    time.sleep(_FLOWING)
    sent = gang.stop_sending()
    seconds = gang.settle()
    time.sleep(firm.rest)
    gang.dismiss()
    found = left(lambda: gang.report(sent), path)
    people, problems = left(lambda: finished(firm, sent), path)
    return {
        **found,
        "sent": len(sent),
        "created": [*created, len(told(firm.url).bills)],
        "seconds": round(seconds, 2),
        "people": people,
        "problems": [*found["problems"], *problems],
    }


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    told_of = Firm.told(asked.pop("firm"))
    print(json.dumps(restarted(told_of, Path(asked.pop("folder")), **asked)))  # noqa: T201 - its answer
