"""System calls of traced processes on the database and to the ERP."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from tests.crash.child_process import ROOT, environment
from tests.time_limit import TIME_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Did(StrEnum):
    """The kinds of system calls that are counted."""

    WROTE = "wrote the log"
    SYNCED = "synced the log"
    CALLED = "called the ERP"


@attrs.frozen(order=True)
class Act:
    """
    One system call of a process.

    Attributes:
        at: The machine's clock in seconds; for a sync its end, for a call its beginning.
        did: Its kind.
        said: The bytes written into the database's log, or sent to the ERP.
    """

    at: float
    did: Did
    said: str = ""


_TRACE = "trace=fsync,fdatasync,write,pwrite64,pwritev,writev,sendto,sendmsg"
# It shows the path of a file handle, and two lines for a call that another thread interrupts.
_STRACE = ("strace", "-f", "-y", "-ttt", "-s", "262144", "-e", _TRACE, "-o")
_LINE = re.compile(r"^(?P<process>\d+) +(?P<at>[\d.]+) (?P<call>.*)$")
#: The log of changes: of SQLite, or of a PostgreSQL server.
_LOG = r"\(\d+<[^>]*(\.db-wal|/pg_wal/\w+)>"
_SYNC = re.compile(rf"^f(data)?sync{_LOG}")
_RESUMED = re.compile(r"^<\.\.\. f(data)?sync resumed>")
_WRITE = re.compile(rf"^p?writev?(64)?{_LOG}")
_HEAD = re.compile(r'^send(to|msg)\(.*"POST /(create|post) HTTP')
_BODY = re.compile(r"^send(to|msg)\(.*\\\"sent_at\\\"")
_KEY = re.compile(r"\\\"key\\\": \\\"([^\\]+)\\\"")
_BILL = re.compile(r"\\\"id\\\": \\\"([^\\]+)\\\"")


def find_trace_obstacle() -> str | None:
    """Return why no process can be traced here; ``None``: tracing is possible."""
    if shutil.which("strace") is None:
        return "not shown that the database is synced before the ERP is called: no strace here"
    tried = subprocess.run(["strace", "-f", "true"], capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else f"ptrace is not allowed here: {tried.stderr}"


def trace(command: Sequence[str], log: Path) -> list[Act]:
    """Run a command to its end and return its system calls, in order."""
    done = subprocess.run(
        [*_STRACE, str(log), *command],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return read(log)


@contextmanager
def trace_process(process: int, log: Path) -> Iterator[None]:
    """Trace a running process, and its children, until the block ends."""
    tracer = subprocess.Popen([*_STRACE, str(log), "-p", str(process)], stderr=subprocess.DEVNULL)
    try:
        status = Path(f"/proc/{process}/status")
        until = time.monotonic() + 10
        while f"TracerPid:\t{tracer.pid}\n" not in status.read_text("utf-8"):
            assert time.monotonic() < until
            time.sleep(0.02)
        yield
    finally:
        tracer.terminate()
        tracer.wait()


def read(log: Path) -> list[Act]:
    """Return the system calls in a log of strace, in order."""
    found: list[Act] = []
    syncing: set[str] = set()
    began: dict[str, float] = {}
    for text in log.read_text(encoding="utf-8", errors="replace").splitlines():
        line = _LINE.match(text)
        if line is None:
            continue
        process, at, call = line["process"], float(line["at"]), line["call"]
        if _SYNC.match(call) and call.endswith("<unfinished ...>"):
            syncing.add(process)
        elif _SYNC.match(call) or (_RESUMED.match(call) and process in syncing):
            syncing.discard(process)
            found.append(Act(at, Did.SYNCED))
        elif _WRITE.match(call):
            found.append(Act(at, Did.WROTE, call))
        elif _HEAD.match(call):
            began[process] = at
        elif _BODY.match(call) and process in began:
            found.append(Act(began.pop(process), Did.CALLED, call))
    return found


def find_disorder(acts: Sequence[Act]) -> list[str]:
    """
    Return what was not written, or not synced, before a call of the ERP that needs it.

    That is the start of the call, by its key, and, if it acts on a bill, the bill's receipt.
    After the last call its receipt must have been written and synced, too.
    """
    problems = []
    calls = [act for act in acts if act.did is Did.CALLED]
    for call in calls:
        for word in (*_KEY.findall(call.said), *_BILL.findall(call.said)):
            problems += _list_missing(acts, word, call.at)
    last = [act for act in acts if act.did is Did.WROTE and act.at > calls[-1].at][:1]
    if not any(_is_synced(acts, act.at, acts[-1].at) for act in last):
        problems.append("the last receipt was not synced")
    return problems


def _list_missing(acts: Sequence[Act], word: str, until: float) -> list[str]:
    written = [act for act in acts if act.did is Did.WROTE and word in act.said]
    if not written or written[0].at > until:
        return [f"{word} was not written before it was needed"]
    if not _is_synced(acts, written[0].at, until):
        return [f"{word} was not synced before it was needed"]
    return []


def _is_synced(acts: Sequence[Act], since: float, until: float) -> bool:
    return any(act.did is Did.SYNCED and since <= act.at <= until for act in acts)
