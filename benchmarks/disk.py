"""The disk: the time of an fsync now, and the number that a program asks for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import which
from statistics import median

__all__ = ["QUICK", "fsync_seconds", "fsyncs", "per_job"]

#: A round counts as one with a quick disk if its probe is below this many seconds.
QUICK = 0.0005
_PAGE = b"x" * 4096
_CALL = re.compile(r"\bf(?:data)?sync\(")


def fsync_seconds(folder: Path, times: int = 15) -> float:
    """Return how long the fsync of a page takes in that folder now: the median, in seconds."""
    taken = []
    with (folder / "probe").open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(_PAGE)
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken)


def fsyncs(module: str, *arguments: str) -> int:
    """
    Return how often a run of a module of ours asks for an fsync or fdatasync, by strace.

    Raises:
        RuntimeError: strace is not installed, or may not trace here.
    """
    strace = which("strace")
    if strace is None:
        msg = "Install strace: fsyncs are counted with it."
        raise RuntimeError(msg)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "calls"
        tracing = [strace, "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(report)]
        done = subprocess.run(
            [*tracing, sys.executable, "-m", module, *arguments, str(Path(folder) / "work")],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return len(_CALL.findall(report.read_text()))


def per_job(module: str, deed: str, jobs: int) -> float:
    """Return the fsyncs of each of that number of jobs, those of opening and closing left out."""
    return (fsyncs(module, deed, str(jobs)) - fsyncs(module, deed, "0")) / jobs
