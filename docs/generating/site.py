"""Navigation and cross-references of the rendered site."""

from __future__ import annotations

import builtins
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .api import public_home
from .signatures import find_type
from .source import list_defined_names

if TYPE_CHECKING:
    from docutils.nodes import Element, TextElement
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["FOREIGN_BASES", "add_contents", "keep_colon", "resolve"]

#: Inherited members of these classes are not described.
FOREIGN_BASES = "Enum, Exception, BaseException, dict, int, str, tuple, RuleBasedStateMachine"
#: Signatures use the names of these modules without the module.
_FOREIGN = (
    "collections.abc",
    "contextlib",
    "datetime",
    "decimal",
    "hypothesis.strategies",
    "pathlib",
    "threading",
    "typing",
)
_SECTION = re.compile(r"^## (?P<title>.+?)$(?P<body>.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?P<page>[^)#\s:]+)\.md\)")


def add_contents(_app: Sphinx, page: str, source: list[str]) -> None:
    """Give the index a table of contents: the pages that each of its sections links to."""
    if page != "docs/index":
        return
    text = source[0]
    seen: set[str] = set()
    for section in _SECTION.finditer(text):
        pages = [link["page"] for link in _LINK.finditer(section["body"])]
        new = [each for each in dict.fromkeys(pages) if each not in seen]
        seen.update(new)
        lines = ["```{toctree}", ":hidden:", f":caption: {section['title']}", "", *new, "```"]
        source[0] += "\n" + "\n".join(lines) + "\n"


def keep_colon(
    _app: Sphinx, what: str, _name: str, _value: object, _options: object, lines: list[str]
) -> None:
    """Keep napoleon from reading the text before a colon as the type of an attribute."""
    if what in {"attribute", "property"}:
        lines[:0] = ["..", ""]  # an empty comment


def resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, text: TextElement
) -> Element | None:
    """
    Resolve a name that no page describes under the name that is used.

    A public name leads to its description. A name of the standard library and a private name of
    the package stay plain text. Everything else is a warning, and thereby an error.
    """
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    first, _, member = target.rpartition(".")
    home = public_home(target) or public_home(first)
    if home is not None:
        name = target if public_home(target) else f"{home}.{first.rpartition('.')[2]}.{member}"
        return _public(app, env, node, text, home=home, name=name)
    listed = find_type(target) or find_type(first)
    if listed is not None:
        name = listed if find_type(target) else f"{listed}.{member}"
        found = env.domains["py"].resolve_xref(
            env, node["refdoc"], app.builder, "obj", name, node, text
        )
        return found if found is not None else text
    return text if _is_known(target) else None


def _public(
    app: Sphinx,
    env: BuildEnvironment,
    node: pending_xref,
    text: TextElement,
    *,
    home: str,
    name: str,
) -> Element:
    short = name.removeprefix(f"{home}.")
    bare = short if "." in short and short[0].isupper() else short.rpartition(".")[2]
    full = f"{home}.{bare}"
    found = env.domains["py"].resolve_xref(
        env, node["refdoc"], app.builder, "obj", full, node, text
    )
    # The text of a class describes its fields.
    return found if found is not None else text


def _is_known(target: str) -> bool:
    module, _, name = target.rpartition(".")
    if not module:
        return (
            hasattr(builtins, name)
            or name in list_defined_names()
            or any(hasattr(import_module(each), name) for each in _FOREIGN)
        )
    value: Any = None
    parts = target.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            value = import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            value = getattr(value, part, None)
        return value is not None or name in list_defined_names()
    return parts[0] in list_defined_names()
