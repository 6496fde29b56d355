"""The memory of a command is measured without that of the process which starts it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.peak_memory import measure_command

_MEBIBYTE = 1024 * 1024


def _allocate(mebibytes: int) -> list[str]:
    return [sys.executable, "-c", f"len(b'x' * {mebibytes * _MEBIBYTE})"]


def test_memory_is_that_of_the_command_alone() -> None:
    """A large process measures a small command as small, and a large one as large."""
    own = b"x" * (200 * _MEBIBYTE)

    small, large = (measure_command(_allocate(size)) / _MEBIBYTE for size in (1, 120))

    assert 200 * _MEBIBYTE == len(own)
    assert small < 60
    assert 120 < large < 180


def test_failed_command_has_no_memory() -> None:
    """A command that fails is an error, not a figure."""
    with pytest.raises(subprocess.CalledProcessError):
        measure_command([sys.executable, "-c", "raise SystemExit(3)"])
