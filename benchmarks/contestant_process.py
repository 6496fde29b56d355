"""
A contestant in a process of its own, so that sender and worker share no memory.

Run it with ``python -m benchmarks.contestant_process MODULE:CLASS WHERE [TRACE]``; it reads calls
from standard input, one JSON object a line, and answers each with its cost. Into the folder TRACE
it writes what it says to a PostgreSQL server.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from importlib import import_module
from pathlib import Path

from .cost import time_work

#: The variable with which msgspec counts as not installed.
PLAIN = "ERP_BENCH_PLAIN"


def main(name: str, where: str, trace: str | None = None) -> None:
    """Make the contestant, and do what is asked until the input ends."""
    if PLAIN in os.environ:
        hide_msgspec()
    if trace is not None:
        from .protocol_trace import trace_connections  # noqa: PLC0415 - psycopg only where it is used

        trace_connections(Path(trace))
    # A contestant may print; that is no answer.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        module, _, kind = name.partition(":")
        contestant = getattr(import_module(module), kind)(where)
        print(json.dumps({}), file=answers, flush=True)
        for row in sys.stdin:
            asked = json.loads(row)
            work = partial(getattr(contestant, asked["call"]), **asked["given"])
            print(json.dumps(time_work(work).figures), file=answers, flush=True)
        contestant.close()


def hide_msgspec() -> None:
    """Have every import of msgspec in this process fail, as if it were not installed."""
    sys.modules["msgspec"] = None  # type: ignore[assignment] # so the import system says it


if __name__ == "__main__":
    main(*sys.argv[1:])
