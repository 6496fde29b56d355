"""Line 5b: the size of the package and of what it needs at run time, without bytecode."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .ratio import SHOWN, at_most, state

if TYPE_CHECKING:
    from .effort import Effort
    from .ratio import LineResult

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


def _is_left_out(file: Path) -> bool:
    """Return whether the target does not count the file, as it is no part of the core."""
    parts = file.relative_to(FOLDER).parts
    if parts[0] != "erp_invoice_core":
        return False
    is_other_adapter = "adapters" in parts[1:2] and len(parts) > 3 and parts[2] != "beancount"  # noqa: PLR2004 - a package below adapters
    return is_other_adapter or bool({"contrib", "locales", "scaffold"} & set(parts))


def measure(_effort: Effort) -> list[LineResult]:
    """Return the size in megabytes."""
    install()
    files = [each for each in FOLDER.rglob("*") if each.is_file() and each.suffix != ".pyc"]
    everything = sum(file.stat().st_size for file in files)
    counted = sum(file.stat().st_size for file in files if not _is_left_out(file))
    return [
        state("5b", "installed MB", [counted / MEGABYTE], at_most(1.65)),
        state("5b", "installed MB, with all adapters", [everything / MEGABYTE], SHOWN),
    ]


LINES = {"5b": measure}
