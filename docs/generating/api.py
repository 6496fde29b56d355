"""The public names by door, with their signatures and docstrings."""

from __future__ import annotations

import enum
import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING

import attrs

from .markdown import prose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["DOORS", "PARTS", "described"]

#: The doors, by their names in Python.
DOORS = ("erp_invoice_core", "erp_invoice_core.adapters", "erp_invoice_core.testing")
_HEAD = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):$", re.MULTILINE)
_WIDTH = 96
_ENUM_PAGE = "vocabulary.md"


def described(value: object) -> bool:
    """Whether a name is a class or function, which has a docstring of its own."""
    return inspect.isclass(value) or inspect.isroutine(value)


def _door(door: str) -> str:
    home = import_module(door)
    return "\n".join(_entry(name, getattr(home, name)) for name in home.__all__)


def _entry(name: str, value: object) -> str:
    title = f"### `{name}`\n"
    if isinstance(value, enum.EnumMeta):
        return f"{title}\n{_text(value)}\nIts words: [vocabulary]({_ENUM_PAGE}).\n"
    if not described(value):
        return f"{title}\n{_constant(value)}\n"
    parts = [title, _block(name, value), _text(value)]
    if inspect.isclass(value) and not attrs.has(value):
        parts += [_method(value, each) for each in _methods(value)]
    elif inspect.isclass(value):
        parts += [_method(value, each) for each in _methods(value) if callable(_raw(value, each))]
    return "\n".join(parts)


def _constant(value: object) -> str:
    shown = str(value) if isinstance(value, (str, int)) else type(value).__name__
    if "Union" in shown or "|" in str(value):
        shown = " | ".join(each.__name__ for each in value.__args__)  # type: ignore[attr-defined]  # a union
    return f"A constant: `{shown}`."


def _default(value: object) -> str:
    """Return a default as it is written, or three dots where that would be long."""
    if value is attrs.NOTHING:
        return "..."
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if value is None or value == () or isinstance(value, (str, int, float)):
        return repr(value)
    return "..."


def _argument(each: inspect.Parameter) -> str:
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(each.kind.name, "")
    kind = each.annotation
    text = f"{stars}{each.name}"
    if kind is not each.empty:
        text += f": {kind if isinstance(kind, str) else inspect.formatannotation(kind)}"
    return text if each.default is each.empty else f"{text} = {_default(each.default)}"


def _arguments(signature: inspect.Signature) -> list[str]:
    found: list[str] = []
    for each in signature.parameters.values():
        if each.kind is each.KEYWORD_ONLY and not any(text.startswith("*") for text in found):
            found.append("*")
        if each.name != "self":
            found.append(_argument(each))
    return found


def _block(name: str, value: object) -> str:
    if inspect.isclass(value) and issubclass(value, Exception):
        return f"```py\nclass {name}({value.__mro__[1].__name__})\n```\n"
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]  # a class or a function
    except (TypeError, ValueError):
        return f"```py\n{name}(...)\n```\n"
    arguments = _arguments(signature)
    answer = signature.return_annotation
    after = "" if answer in {signature.empty, None, "None"} else f" -> {answer}"
    line = f"{name}({', '.join(arguments)}){after}"
    if len(line) > _WIDTH:
        line = "\n".join([f"{name}(", *(f"    {each}," for each in arguments), f"){after}"])
    return f"```py\n{line}\n```\n"


def _text(value: object) -> str:
    """Return a docstring in Markdown: its sections as lists."""
    lines = []
    inside = False
    for line in prose(inspect.getdoc(value) or "").splitlines():
        head = _HEAD.match(line)
        if head:
            inside = True
            lines.append(f"{head[1]}:\n")
        elif inside and line.startswith("    ") and not line.startswith("     "):
            name, colon, rest = line.strip().partition(":")
            lines.append(f"* `{name}`:{rest}" if colon else f"* {line.strip()}")
        elif inside and line.strip():
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _raw(value: type, name: str) -> object:
    return inspect.getattr_static(value, name)


def _methods(value: type) -> list[str]:
    found = []
    for kind in value.__mro__:
        ours = kind.__module__.startswith("erp_invoice_core.")
        for name, raw in vars(kind).items() if ours else ():
            is_method = inspect.isfunction(raw) or isinstance(raw, (property, classmethod))
            if is_method and not name.startswith("_") and name not in found:
                found.append(name)
    return found


def _method(value: type, name: str) -> str:
    raw = _raw(value, name)
    text = _text(getattr(value, name)).strip()
    if isinstance(raw, property):
        return f"#### `{value.__name__}.{name}`\n\n{text}\n"
    shown = _block(f"{value.__name__}.{name}", getattr(value, name))
    return f"#### `{value.__name__}.{name}()`\n\n{shown}\n{text}\n"


PARTS: Mapping[str, Callable[[], str]] = {
    "door-host": lambda: _door(DOORS[0]),
    "door-adapters": lambda: _door(DOORS[1]),
    "door-testing": lambda: _door(DOORS[2]),
}
