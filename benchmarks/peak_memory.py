"""
The largest memory of a command.

Linux counts the memory of the process that starts a command as memory of the command. Therefore
this small program starts it: ``python -m benchmarks.peak_memory COMMAND...`` prints the largest
memory of the command in bytes, and ends with its status.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT = Path(__file__).parent.parent


def measure_command(command: Sequence[str]) -> int:
    """
    Return the largest memory of a command, in bytes.

    Raises:
        CalledProcessError: The command failed.
    """
    measuring = [sys.executable, "-m", "benchmarks.peak_memory", *command]
    found = subprocess.run(measuring, cwd=_ROOT, stdout=subprocess.PIPE, check=True)
    return int(found.stdout)


def main(command: Sequence[str]) -> int:
    """Run a command, print its largest memory in bytes, and return its status."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    sys.stdout.write(f"{usage.ru_maxrss * 1024}\n")
    return abs(process.returncode)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
