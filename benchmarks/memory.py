"""Line 2d: the memory of an invoice, and of the verb ``load`` while it reads a large file."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cost import BYTES, Cost
from .procore_file import build_file
from .pure_works import WORKS
from .ratio import at_most, contest, state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .effort import Effort
    from .ratio import Result

DOCUMENTS = 200
MEBIBYTE = 1024 * 1024
#: Lines of the invoices in the large file.
LINES_OF_FILE = 50
#: Invoices of each commitment in it.
SIBLINGS = 12


def _measure(peer: str) -> Callable[[], Cost]:
    """Return what reads documents of 50 lines, and tells the memory of each."""
    work = WORKS["2a", peer]()
    texts = work.make(DOCUMENTS)

    def measure() -> Cost:
        gc.collect()
        tracemalloc.start()
        kept: list[Any] = [work.do(text) for text in texts]
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return Cost({BYTES: size / len(kept)})

    return measure


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
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * 1024


def measure(effort: Effort) -> Iterator[Result]:
    """Compare the memory of documents with that of pydantic's, and that of a load with its file."""
    yield from contest(
        "2d",
        "memory of a document of 50 lines",
        _measure("ours"),
        {"pydantic": (_measure("pydantic"), at_most(0.55))},
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
