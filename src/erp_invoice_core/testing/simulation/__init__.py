"""Seeded simulation: virtual time, real code, faults at every step, and a checker."""

from __future__ import annotations

from .decisions import Decisions
from .faults import Fault
from .history import Told, history
from .mutants import Mutant, noticed
from .shrinking import shrunk
from .tally import Failure, Tally
from .telling import retold, tell, told
from .traits import Row, Traits

__all__ = [
    "Decisions",
    "Failure",
    "Fault",
    "Mutant",
    "Row",
    "Tally",
    "Told",
    "Traits",
    "history",
    "noticed",
    "retold",
    "shrunk",
    "tell",
    "told",
]
