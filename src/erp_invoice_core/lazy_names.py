"""
Names of a package that are imported at their first use.

Public packages use it, so that importing one of them does not load all of its modules.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


def import_later(package: str, modules: Mapping[str, Collection[str]]) -> Callable[[str], object]:
    """
    Return the ``__getattr__`` of a package, which imports a module when its name is first used.

    Creating classes is most of the cost of an import, and a program seldom uses all of them (line 5
    of the benchmarks). Type checkers read the same names from the imports below ``TYPE_CHECKING``.

    Args:
        package: The name of the package.
        modules: For each module, relative to the package, the public names that it defines.
    """
    places = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> object:
        if name not in places:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg)
        found: object = getattr(import_module(f".{places[name]}", package), name)
        vars(import_module(package))[name] = found
        return found

    return load
