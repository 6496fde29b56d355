"""How much room the package and what it needs at run time take up, without bytecode."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from .ratio import Result, Target

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "installed"
MEGABYTE = 1_000_000


def install() -> None:
    """Put the package and its runtime dependencies, without extras, into an empty folder."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "-qq", "--disable-pip-version-check", "install"]
    options = ["--target", str(FOLDER), "--no-compile", "--no-build-isolation"]
    subprocess.run(
        [*command, *options, "-c", str(ROOT / "constraints.txt"), str(ROOT)],
        check=True,
    )


def measure() -> list[Result]:
    """The size in megabytes: the peer of this line is one megabyte."""
    install()
    size = sum(
        file.stat().st_size
        for file in FOLDER.rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    )
    megabytes = size / MEGABYTE
    target = Target(limit=1.5)
    return [
        Result(id="5b installed MB", ours=megabytes, peer=1, ratios=(megabytes,), target=target)
    ]
