"""Line 5: how long it takes until the pure part can be used."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from .cost import CPU, WALL, Cost
from .ratio import SHOWN, LineResult, at_most, contest

if TYPE_CHECKING:
    from .effort import Effort

PURE_PACKAGES = (
    "verdict",
    "message_template",
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
#: The module that needs an extra, which is no part of the core.
FAST_JSON = "erp_invoice_core.documents.fast_json"

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
from time import perf_counter, process_time
wall, cpu = perf_counter(), process_time()
{code}
print(process_time() - cpu, perf_counter() - wall)
"""


def whole_pure_part() -> str:
    """
    Return the code that imports the package and every pure module.

    Modules that the package loads on first use (billing, the moves) are loaded here, so that
    what a lazy name moves out of the first figure shows in the second.
    """
    spec = find_spec("erp_invoice_core")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    modules = []
    for name in PURE_PACKAGES:
        files = sorted((package / name).rglob("*.py")) or [package / f"{name}.py"]
        for file in files:
            parts = file.relative_to(package.parent).with_suffix("").parts
            modules.append(".".join(part for part in parts if part != "__init__"))
    modules.remove(FAST_JSON)
    return "\n".join(f"import {module}" for module in ("erp_invoice_core", *modules))


def measure_start(code: str) -> Cost:
    """Return how long the code runs in a fresh process, the start of Python left out."""
    command = [sys.executable, "-I", "-c", CLOCK.format(code=code)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    cpu, wall = map(float, answer.stdout.split())
    return Cost({CPU: cpu, WALL: wall})


def measure(effort: Effort) -> list[LineResult]:
    """Compare the import with a first decision, and the import of every pure module."""
    attrs, pydantic = partial(measure_start, ATTRS), partial(measure_start, PYDANTIC)
    return [
        *contest(
            "5",
            "import and first decision",
            partial(measure_start, USABLE),
            {"attrs": (attrs, at_most(2.0)), "pydantic": (pydantic, at_most(0.9))},
            rounds=effort.rounds(31),
            judged=(CPU,),
        ),
        *contest(
            "5",
            "import all of the core",
            partial(measure_start, whole_pure_part()),
            {"attrs": (attrs, at_most(2.3)), "pydantic": (pydantic, SHOWN)},
            rounds=effort.rounds(31),
            judged=(CPU,),
        ),
    ]


LINES = {"5": measure}
