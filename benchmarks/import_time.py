"""How long it takes until the pure part can be used, against attrs and against pydantic."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from .ratio import Result, Target, compare

ROUNDS = 31

PURE_ROOMS = (
    "verdict",
    "vocabulary",
    "money",
    "documents",
    "values",
    "declaration",
    "billing",
    "exchange",
    "rules",
    "events",
    "flow",
)

USABLE = """\
import erp_invoice_core
erp_invoice_core.decide(erp_invoice_core.Action.SEND, erp_invoice_core.Case())
"""
ATTRS = "import attrs"
PYDANTIC = """\
from pydantic import BaseModel
class Line(BaseModel):
    number: int
    description: str
"""

CLOCK = """\
from time import perf_counter
begin = perf_counter()
{code}
print(perf_counter() - begin)
"""


def whole_pure_part() -> str:
    """
    Return the code that imports the package and every module of its pure rooms.

    What the package puts off until it is asked for (billing, the moves) is asked for here, so that
    what a lazy name moves out of the first figure shows in the second.
    """
    spec = find_spec("erp_invoice_core")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    modules = []
    for room in PURE_ROOMS:
        files = sorted((package / room).rglob("*.py")) or [package / f"{room}.py"]
        for file in files:
            parts = file.relative_to(package.parent).with_suffix("").parts
            modules.append(".".join(part for part in parts if part != "__init__"))
    return "\n".join(f"import {module}" for module in ("erp_invoice_core", *modules))


def seconds(code: str) -> float:
    """Return how long the code runs in a fresh process, the start of Python left out."""
    command = [sys.executable, "-I", "-c", CLOCK.format(code=code)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(answer.stdout)


def measure() -> list[Result]:
    """Compare the import with a first decision, and the import of every pure module."""
    peers = (("attrs", ATTRS, 2.0), ("pydantic", PYDANTIC, 0.9))
    ways = (("import", USABLE), ("all pure", whole_pure_part()))
    return [
        compare(
            f"5 {way} / {name}",
            ours=partial(seconds, ours),
            peer=partial(seconds, code),
            target=Target(limit=limit),
            rounds=ROUNDS,
        )
        for way, ours in ways
        for name, code, limit in peers
    ]
