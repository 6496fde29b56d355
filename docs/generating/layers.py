"""The layers of the package, and the responsibility of each module."""

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

#: The file with the layers contract.
_PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def _list_layers() -> list[str]:
    """Return the packages and modules of the layers contract, the lowest layer first."""
    settings = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return [name for layer in reversed(layers) for name in re.split(r" [|:] ", layer)]


def _find_layer(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def _describe_layers() -> str:
    layers: dict[str, list[Path]] = {}
    for path in sources():
        layers.setdefault(_find_layer(path), []).append(path)
    known = ["__init__", *_list_layers()]
    order = [*known, *sorted(set(layers) - set(known))]
    return "\n".join(_describe_layer(name, layers[name]) for name in order if name in layers)


def _describe_layer(name: str, paths: list[Path]) -> str:
    title = "The public module" if name == "__init__" else f"`{name}`"
    rows = [(code(path.relative_to(PACKAGE).as_posix()), prose(first_line(path))) for path in paths]
    return f"## {title}\n\n{table(('Module', 'Responsibility'), rows)}"


PARTS: Mapping[str, Callable[[], str]] = {"layers": _describe_layers}
