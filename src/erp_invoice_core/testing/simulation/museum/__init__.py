"""Mistakes that were made elsewhere, rebuilt in our own code: each is to be noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import answers, batches, doubts, keys, leases, slots

if TYPE_CHECKING:
    from ..mutants import Mutant

__all__ = ["MUSEUM"]

#: Every piece by its name.
MUSEUM: dict[str, Mutant] = {
    piece.name: piece
    for room in (answers, doubts, keys, slots, leases, batches)
    for piece in room.PIECES
}
