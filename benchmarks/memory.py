"""Line 2d: the memory of an invoice, and of the verb ``load`` while it reads a large file."""

from __future__ import annotations

import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .cost import BYTES
from .peak_memory import measure_command
from .procore_file import build_file
from .pure_lines import list_ways, start
from .ratio import at_most, contest, state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .effort import Effort
    from .ratio import LineResult

DOCUMENTS = 200
MEBIBYTE = 1024 * 1024
#: Lines of the invoices in the large file.
LINES_OF_FILE = 50
#: Invoices of each commitment in it.
SIBLINGS = 12


def write_file(path: Path, size: int) -> int:
    """Write a file of at least that size; return its size."""
    few = len(json.dumps(build_file(range(SIBLINGS), lines=LINES_OF_FILE, siblings=SIBLINGS)))
    invoices = size // few * SIBLINGS + SIBLINGS
    data = build_file(range(invoices), lines=LINES_OF_FILE, siblings=SIBLINGS)
    path.write_text(json.dumps(data))
    return path.stat().st_size


def _load(file: Path, size: int) -> int:
    """Load a file with the command; return the largest memory of its process, in bytes."""
    command = [sys.executable, "-m", "erp_invoice_core.cli", "load", str(file)]
    options = ["--db", str(file.with_suffix(".db")), "--max-size", str(size)]
    return measure_command([*command, *options])


def measure(effort: Effort) -> Iterator[LineResult]:
    """Compare the memory of documents with that of pydantic's, and that of a load with its file."""
    for way in list_ways():
        is_plain = way != "msgspec"
        with start("2a", "ours", is_plain=is_plain) as ours, start("2a", "pydantic") as pydantic:
            yield from contest(
                "2d",
                f"memory of a document of 50 lines, {way}",
                partial(ours.do, "measure_memory", count=DOCUMENTS),
                {
                    "pydantic": (
                        partial(pydantic.do, "measure_memory", count=DOCUMENTS),
                        at_most(0.55),
                    )
                },
                rounds=3,
                judged=(BYTES,),
            )
    mebibytes = effort.choose(64, 24)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "large.json"
        size = write_file(file, mebibytes * MEBIBYTE)
        ratio = _load(file, size) / size
        yield state("2d", f"memory of load, {mebibytes} MiB", [ratio], at_most(4), peer="the file")


LINES = {"2d": measure}
