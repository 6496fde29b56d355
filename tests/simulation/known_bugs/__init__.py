"""Bugs of other projects, rebuilt as mutants of our own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import answers, batches, in_doubt, keys, leases, slots

if TYPE_CHECKING:
    from ..mutant import Mutant

#: Every known bug by its name.
KNOWN_BUGS: dict[str, Mutant] = {
    bug.name: bug
    for module in (answers, in_doubt, keys, slots, leases, batches)
    for bug in module.BUGS
}
