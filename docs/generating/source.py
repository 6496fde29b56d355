"""Texts that only the source has: sentences after ``#:``, docstrings, reason codes."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import erp_invoice_core

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

__all__ = [
    "PACKAGE",
    "alias_text",
    "constant_text",
    "first_line",
    "list_defined_names",
    "list_messages",
    "list_nodes",
    "list_raised",
    "list_renamed_codes",
    "members",
    "sources",
]

PACKAGE = Path(erp_invoice_core.__path__[0])
_CODE = re.compile(r"[a-z_]+(\.[a-z_]+)+\Z")
_NOT_CODES = re.compile(r".*(\.(py|md|json|toml|pdf|db|beancount)|_code)\Z")


def sources() -> Iterator[Path]:
    """Yield every module of the package, in the order of their names."""
    return (path for path in sorted(PACKAGE.rglob("*.py")))


@cache
def list_nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a module's syntax tree, which several pages and tests read."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def first_line(path: Path) -> str:
    """Return the first line of a module's docstring: its responsibility."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.splitlines()[0] if docstring else ""


@cache
def list_defined_names() -> frozenset[str]:
    """Return the name of every class, function, constant and alias of the package."""
    found: set[str] = set()
    for path in sources():
        for node in list_nodes(path):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.AnnAssign | ast.Assign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found.update(each.id for each in targets if isinstance(each, ast.Name))
    return frozenset(found)


@cache
def constant_text(name: str) -> str:
    """Return the sentences after ``#:`` above a constant, or nothing if it has none."""
    pattern = re.compile(rf"((?:^#: .*\n)+){name}(?:: [^=\n]+)? = ", re.MULTILINE)
    for path in sources():
        found = pattern.search(path.read_text(encoding="utf-8"))
        if found:
            return " ".join(line.removeprefix("#: ").strip() for line in found[1].splitlines())
    return ""


def alias_text(module: str, name: str) -> str:
    """Return the sentences after ``#:`` above an alias of a module, and what it stands for."""
    text = Path(str(import_module(module).__file__)).read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value:
            meaning = ast.unparse(node.value).strip("'")
            lines = text.splitlines()[: node.lineno - 1]
            above: list[str] = []
            while lines and lines[-1].startswith("#: "):
                above.insert(0, lines.pop().removeprefix("#: ").strip())
            return " ".join([*above, f"It is ``{meaning}``."])
    return ""


def members(path: Path) -> dict[str, dict[str, str]]:
    """
    Return the sentence of each member of each enumeration in a module, by class and name.

    It is behind the ``#:`` in a line of the member, or in the line above it.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(text).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for part in node.body:
            if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name):
                own = "\n".join(lines[part.lineno - 1 : part.end_lineno])
                above = lines[part.lineno - 2].strip()
                said = own if "#:" in own or not above.startswith("#:") else above
                sentence = said.partition("#:")[2].partition("\n")[0].strip()
                found.setdefault(node.name, {})[part.targets[0].id] = sentence
    return found


def list_messages(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the messages of a module: the called function (or ``tuple``), code and sentence."""
    functions = [node for node in list_nodes(path) if isinstance(node, ast.FunctionDef)]
    for node in list_nodes(path):
        if isinstance(node, ast.Call):
            caller, parts = ast.unparse(node.func), node.args
        elif isinstance(node, ast.Tuple):
            caller, parts = "tuple", node.elts
        else:
            continue
        for code, after in pairwise(parts):
            if _is_code(code):
                yield caller, ast.literal_eval(code), _sentence(after, node.lineno, functions)


def list_renamed_codes(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the codes of a module that stand for other codes: the other one, and the code."""
    for node in list_nodes(path):
        if isinstance(node, ast.Dict):
            for old, new in zip(node.keys, node.values, strict=True):
                if _is_code(old) and _is_code(new):
                    yield ast.literal_eval(old or new), ast.literal_eval(new)


def list_raised(names: Collection[str], paths: Iterable[Path] | None = None) -> Iterator[str]:
    """Yield the sentences of exceptions of these names, in these modules or in all of them."""
    for path in sources() if paths is None else paths:
        functions = [node for node in list_nodes(path) if isinstance(node, ast.FunctionDef)]
        for node in list_nodes(path):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names and node.args:
                yield _sentence(node.args[0], node.lineno, functions)


def _is_code(node: ast.expr | None) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and bool(_CODE.match(text)) and not _NOT_CODES.match(text)


def _sentence(node: ast.expr, line: int, functions: list[ast.FunctionDef]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values
        )
    if isinstance(node, ast.Name):
        return _find_assigned(node.id, line, functions)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _find_returned(node.func.id, functions)
    return ""


def _find_returned(name: str, functions: list[ast.FunctionDef]) -> str:
    """Return the texts that a function of the module returns."""
    nodes = [node for each in functions if each.name == name for node in ast.walk(each)]
    values = [node.value for node in nodes if isinstance(node, ast.Return) and node.value]
    return " / ".join(filter(None, (_sentence(each, each.lineno, []) for each in values)))


def _find_assigned(name: str, line: int, functions: list[ast.FunctionDef]) -> str:
    """Return the last text of a name before the line, in the function around it."""
    around = [each for each in functions if each.lineno <= line <= (each.end_lineno or line)]
    text = ""
    for node in ast.walk(around[-1]) if around else ():
        if isinstance(node, ast.Assign) and node.lineno < line:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                text = _sentence(node.value, 0, functions)
    return text
