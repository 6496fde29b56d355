"""Classes and aliases that signatures of public names mention, and that are not public."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from importlib import import_module
from importlib.util import resolve_name
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .api import MODULES, is_described, public_home
from .markdown import code, prose, table, words
from .source import alias_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["PARTS", "find_type", "list_types"]

_PACKAGE = "erp_invoice_core"
_ROLE = re.compile(r":class:`~?\.?([\w.]+)`")


@cache
def _definitions(module: str) -> Mapping[str, str]:
    """Return where a module has its names from: itself, or the module that it imports from."""
    loaded = import_module(module)
    is_package = hasattr(loaded, "__path__")
    package = module if is_package else module.rpartition(".")[0]
    found = {}
    for node in ast.walk(ast.parse(Path(str(loaded.__file__)).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            found.update({each.asname or each.name: source for each in node.names})
        elif isinstance(node, ast.ClassDef):
            found[node.name] = module
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
            found[ast.unparse(node.target)] = module
    return found


def _find_home(module: str, name: str) -> str | None:
    """Return the module of the package that defines a class or an alias."""
    source = _definitions(module).get(name)
    if source is None or not source.startswith(_PACKAGE):
        return None
    return module if source == module else _find_home(source, name)


def _is_plain(name: str) -> bool:
    return not name.startswith("_")


def _list_functions(value: object) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the functions of a class or function that the site describes, with their names."""
    if not inspect.isclass(value):
        if inspect.isfunction(value):
            yield "", value
        return
    for parent in value.__mro__:
        for name, member in vars(parent).items():
            if _is_plain(name) or name in {"__init__", "__call__"}:
                found = getattr(member, "fget", None) or getattr(member, "__func__", member)
                if inspect.isfunction(found) and found.__module__.startswith(_PACKAGE):
                    yield name, found


def _list_annotations(value: object) -> Iterator[tuple[str, str]]:
    """Yield the annotations of a class or function, each with the module that has it."""
    for _, function in _list_functions(value):
        for text in inspect.get_annotations(function).values():
            yield function.__module__, str(text)
    if inspect.isclass(value):
        for parent in value.__mro__:
            if parent.__module__.startswith(_PACKAGE):
                for name, text in inspect.get_annotations(parent).items():
                    if _is_plain(name):
                        yield parent.__module__, str(text)


def _list_mentions(value: object) -> Iterator[tuple[str, str]]:
    """Yield module and name of each type that annotations or the docstring mention."""
    for module, text in _list_annotations(value):
        for name in re.findall(r"[A-Za-z]\w*", text):
            home = _find_home(module, name)
            if home is not None:
                yield home, name
    for target in _ROLE.findall(inspect.getdoc(value) or ""):
        module, _, name = target.rpartition(".")
        home = _find_home(module, name) if module.startswith(_PACKAGE) else None
        if home is not None:
            yield home, name


@cache
def list_types() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return module and name of each type, with the described names that mention it."""
    found: dict[tuple[str, str], list[str]] = {}
    waiting = [
        (name, getattr(import_module(module), name))
        for module in MODULES.values()
        for name in import_module(module).__all__
    ]
    while waiting:
        by, value = waiting.pop(0)
        for key in dict.fromkeys(_list_mentions(value) if is_described(value) else ()):
            if public_home(key[1]) is not None or not _is_plain(key[1]):
                continue
            if key[1] == by:
                continue
            if key not in found:
                waiting.append((key[1], getattr(import_module(key[0]), key[1])))
            found.setdefault(key, []).append(by)
    return {key: tuple(dict.fromkeys(found[key])) for key in sorted(found, key=lambda k: k[::-1])}


def find_type(name: str) -> str | None:
    """Return the full name of a type that the page describes."""
    bare = name.rpartition(".")[2]
    homes = [module for module, each in list_types() if each == bare]
    return f"{homes[0]}.{bare}" if homes else None


def _describe(module: str, name: str) -> str:
    value = getattr(import_module(module), name)
    text = inspect.getdoc(value) if inspect.isclass(value) else alias_text(module, name)
    return prose((text or "").split("\n\n")[0])


def _names() -> str:
    rows = ((code(n), _describe(m, n), words(by)) for (m, n), by in list_types().items())
    return table(("Name", "Meaning", "Mentioned by"), rows)


def _directives() -> str:
    lines = ["```{eval-rst}"]
    for module, name in list_types():
        if inspect.isclass(getattr(import_module(module), name)):
            lines += [f".. autoclass:: {module}.{name}", ""]
        else:
            lines += [f".. py:currentmodule:: {module}", "", f".. py:data:: {name}", ""]
            lines += [f"   {alias_text(module, name)}", ""]
    return "\n".join([*lines[:-1], "```", ""])


PARTS: Mapping[str, Callable[[], str]] = {"type-names": _names, "type-api": _directives}
