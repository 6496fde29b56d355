"""The public names by module: tables for a reader, directives for the rendered site."""

from __future__ import annotations

import inspect
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from .markdown import code, prose, table
from .source import constant_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["MODULES", "PARTS", "is_described", "public_home"]

#: The public modules, by the name of the part that describes each.
MODULES: Mapping[str, str] = {
    "host": "erp_invoice_core",
    "adapters": "erp_invoice_core.adapters",
    "testing": "erp_invoice_core.testing",
    "strategies": "erp_invoice_core.testing.strategies",
    "profiles": "erp_invoice_core.contrib.profiles",
}


def is_described(value: object) -> bool:
    """Return whether a name is a class or function, which has a docstring of its own."""
    return inspect.isclass(value) or inspect.isroutine(value)


def public_home(name: str) -> str | None:
    """Return the first public module that has a name, given with or without its own module."""
    bare = name.rpartition(".")[2]
    for module in MODULES.values():
        if bare in import_module(module).__all__ and (
            bare == name or name.startswith("erp_invoice_core.")
        ):
            return module
    return None


def _values(module: str) -> Iterator[tuple[str, object]]:
    home = import_module(module)
    return ((name, getattr(home, name)) for name in home.__all__)


def _sentence(name: str, value: object) -> str:
    text = inspect.getdoc(value) if is_described(value) else constant_text(name)
    return prose((text or "").split("\n\n")[0])


def _names(module: str) -> str:
    rows = ((code(name), _sentence(name, value)) for name, value in _values(module))
    return table(("Name", "Meaning"), rows)


def _directives(module: str) -> str:
    """Return what Sphinx needs to describe a module: each name on one page only."""
    lines = ["```{eval-rst}", f".. py:currentmodule:: {module}", ""]
    left_out = []
    for name, value in _values(module):
        if public_home(name) != module:
            left_out.append(name)
        elif not is_described(value):
            left_out.append(name)
            lines += [f".. py:data:: {name}", "", f"   {constant_text(name)}", ""]
    lines.append(f".. automodule:: {module}")
    if left_out:
        lines.append(f"   :exclude-members: {', '.join(left_out)}")
    return "\n".join([*lines, "```", ""])


PARTS: Mapping[str, Callable[[], str]] = {
    **{f"{part}-names": partial(_names, module) for part, module in MODULES.items()},
    **{f"{part}-api": partial(_directives, module) for part, module in MODULES.items()},
}
