"""A module that runs alone in a new process, with JSON as input and output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]


def environment() -> dict[str, str]:
    """Return the environment in which a child finds the package and these tests."""
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


def run_module(module: str, asked: Mapping[str, Any], *, timeout: float) -> dict[str, Any]:
    """
    Run a module of this folder and return its answer, or fail after ``timeout`` seconds.

    Processes that it leaves behind are killed.
    """
    command = [sys.executable, "-m", f"tests.crash.{module}", json.dumps(asked)]
    # Files, not pipes: an orphan would keep a pipe open, and this process would wait.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        running = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=out, stderr=err, start_new_session=True
        )
        try:
            status = running.wait(timeout)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()
        out.seek(0)
        err.seek(0)
        assert 0 == status, err.read()
        answer: dict[str, Any] = json.load(out)
        return answer
