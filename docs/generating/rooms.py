"""The map of the house: every module's responsibility, in its own words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from .markdown import code, prose, table
from .source import PACKAGE, first_line, sources

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PARTS"]

#: Where the contract of the floors stands.
_PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def _floors() -> list[str]:
    """Return the floors from the ground up, as the layers contract has them."""
    settings = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return [room for layer in reversed(layers) for room in re.split(r" [|:] ", layer)]


def _floor(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def _rooms() -> str:
    floors: dict[str, list[Path]] = {}
    for path in sources():
        floors.setdefault(_floor(path), []).append(path)
    known = ["__init__", *_floors()]
    order = [*known, *sorted(set(floors) - set(known))]
    return "\n".join(_one(floor, floors[floor]) for floor in order if floor in floors)


def _one(floor: str, paths: list[Path]) -> str:
    title = "The door" if floor == "__init__" else f"`{floor}`"
    rows = [(code(path.relative_to(PACKAGE).as_posix()), prose(first_line(path))) for path in paths]
    return f"## {title}\n\n{table(('Module', 'Its one responsibility'), rows)}"


PARTS: Mapping[str, Callable[[], str]] = {"rooms": _rooms}
