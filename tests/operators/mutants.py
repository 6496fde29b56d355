"""Makes mutants of a module: its source with one operator, constant or statement changed."""

from __future__ import annotations

import ast
import difflib
import re
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

__all__ = ["Mutant", "mutants"]

#: A node, and what takes its place in the source.
Change: TypeAlias = tuple[ast.AST, str]

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_REPLACED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
#: Annotations are never evaluated, and decorators say how a class is made, not what it does.
_SKIPPED = frozenset({"annotation", "returns", "decorator_list", "pattern"})


@attrs.frozen(kw_only=True)
class Mutant:
    """A module with one change; ``diff`` shows it."""

    line: int
    source: str
    diff: str


def _is_unread(node: ast.AST) -> bool:
    """True if a node is there for the type checker, or has no place of its own in Python 3.11."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.annotation) == "TypeAlias"
    return isinstance(node, ast.JoinedStr)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may be changed, in the order of the source."""
    if _is_unread(node):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in _SKIPPED:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _nodes(child)


def _mutate_comparison(node: ast.Compare) -> Iterator[str]:
    for place, operator in enumerate(node.ops):
        for other in _COMPARED[type(operator)]:
            operators = [*node.ops[:place], other(), *node.ops[place + 1 :]]
            yield ast.unparse(ast.Compare(node.left, operators, node.comparators))


def _mutate_junction(node: ast.BoolOp) -> Iterator[str]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield ast.unparse(ast.BoolOp(other, node.values))
    for place in range(len(node.values)):
        rest = [*node.values[:place], *node.values[place + 1 :]]
        yield ast.unparse(ast.BoolOp(node.op, rest) if rest[1:] else rest[0])


def _constant(value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield str(not value)
    elif isinstance(value, int | float):
        yield from (str(value + 1), str(value - 1))


def _expressions(node: ast.AST) -> Iterator[str]:
    """Yield what may take the place of an expression."""
    match node:
        case ast.Compare():
            yield from _mutate_comparison(node)
        case ast.BoolOp():
            yield from _mutate_junction(node)
        case ast.BinOp(left, operator, right) if type(operator) in _REPLACED:
            yield ast.unparse(ast.BinOp(left, _REPLACED[type(operator)](), right))
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield ast.unparse(operand)
        case ast.IfExp(_, body, otherwise):
            yield from (ast.unparse(body), ast.unparse(otherwise))
        case ast.Constant(value):
            yield from _constant(value)
        case _:
            pass


def _changes(node: ast.AST) -> Iterator[Change]:
    """Yield every change of one node."""
    for text in _expressions(node):
        yield node, f"({text})"
    match node:
        case ast.If(test):
            yield from ((test, "True"), (test, "False"))
        case ast.While(test):
            yield test, "False"
        case ast.comprehension(ifs=conditions):
            yield from ((condition, "True") for condition in conditions)
        case ast.Return(ast.expr() as value) if ast.unparse(value) != "None":
            yield value, "None"
        case ast.Call(keywords=keywords):
            yield from ((keyword, "") for keyword in keywords if keyword.arg)
        case ast.Expr(ast.Call() | ast.Yield() | ast.YieldFrom()):
            yield node, "pass"
        case ast.Raise() | ast.AugAssign() | ast.Continue() | ast.Break():
            yield node, "pass"
        case ast.Assign([ast.Attribute() | ast.Subscript()]):
            yield node, "pass"
        case _:
            pass


def _change_source(source: bytes, starts: list[int], change: Change) -> bytes:
    """Return the source with the change; without an argument goes the comma behind it."""
    node, text = change
    place = {name: getattr(node, name) for name in node._attributes}
    start = starts[place["lineno"] - 1] + place["col_offset"]
    end = starts[place["end_lineno"] - 1] + place["end_col_offset"]
    rest = source[end:]
    if isinstance(node, ast.keyword):
        rest = re.sub(rb"\A\s*,", b"", rest)
    return source[:start] + text.encode() + rest


def _diff(before: str, after: str) -> str:
    """Return the changed lines, found quickly: those before and after them are left out first."""
    old, new = before.splitlines(), after.splitlines()
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    first = next((n for n, both in enumerate(zip(old, new)) if both[0] != both[1]), 0)  # noqa: B905 - up to the end of one
    lines = difflib.unified_diff(old[first:], new[first:], n=0, lineterm="")
    return "\n".join(list(lines)[3:])


def _is_at(change: Change, lines: Container[int]) -> bool:
    place = change[0]
    first: int = place.lineno  # type: ignore[attr-defined]  # they all have places
    last: int = place.end_lineno  # type: ignore[attr-defined]  # the same
    return any(line in lines for line in range(first, last + 1))


def mutants(source: str, lines: Container[int] | None = None) -> Iterator[Mutant]:
    """
    Yield the mutants of a module that are Python and differ from it, in the order of lines.

    Args:
        source: The module.
        lines: Numbers of lines: only mutants that change a part with such a line are made.
    """
    tree = ast.parse(source)
    code, known = source.encode(), {ast.dump(tree)}
    starts = [0, *accumulate(len(line) for line in code.splitlines(keepends=True))]
    for node in _nodes(tree):
        for change in _changes(node):
            if lines is not None and not _is_at(change, lines):
                continue
            after = _change_source(code, starts, change).decode()
            try:
                read = ast.dump(ast.parse(after))
            except SyntaxError:
                continue
            if read not in known:
                known.add(read)
                line: int = change[0].lineno  # type: ignore[attr-defined]  # they all have places
                yield Mutant(line=line, source=after, diff=_diff(source, after))
