"""The simulation in a process of its own, which the coverage does not slow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def run_program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m tests.simulation`` and return its result."""
    inherited = {name: value for name, value in os.environ.items() if "COV" not in name}
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *arguments],
        cwd=_ROOT,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
