"""A mutant changes one operator, constant, branch, argument or statement."""

from __future__ import annotations

import pytest

from .mutants import mutants


def _bodies(statement: str) -> list[str]:
    """Return what takes the place of a statement, with the change of an expression in brackets."""
    return [mutant.source.removesuffix("\n") for mutant in mutants(f"{statement}\n")]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("a < b", ["(a <= b)", "(a >= b)"]),
        ("a == b", ["(a != b)"]),
        ("a is b", ["(a is not b)"]),
        ("a not in b", ["(a in b)"]),
        ("a < b <= c", ["(a <= b <= c)", "(a >= b <= c)", "(a < b < c)", "(a < b > c)"]),
        ("a and b", ["(a or b)", "(b)", "(a)"]),
        ("a or b or c", ["(a and b and c)", "(b or c)", "(a or c)", "(a or b)"]),
        ("not a", ["(a)"]),
        ("-a", ["(a)"]),
        ("a + b", ["(a - b)"]),
        ("a * b", ["(a + b)"]),
        ("a | b", ["(a & b)"]),
        ("a if b else c", ["(a)", "(c)"]),
        ("[a for a in b if c]", ["[a for a in b if True]"]),
        ("x = 7", ["x = (8)", "x = (6)"]),
        ("x = True", ["x = (False)"]),
    ],
)
def test_operators_and_constants_are_changed(statement: str, expected: list[str]) -> None:
    """Each mutant has one change, and every change has its mutant."""
    assert expected == _bodies(statement)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("f(a, b=c, d=e)", ["pass", "f(a,  d=e)", "f(a, b=c, )"]),
        ("a.b = c", ["pass"]),
        ("a += b", ["pass"]),
        ("raise a", ["pass"]),
        ("if a: b = c", ["if True: b = c", "if False: b = c"]),
        ("while a: b = c", ["while False: b = c"]),
        ("def f(): return a", ["def f(): return None"]),
    ],
)
def test_statements_and_arguments_are_dropped(statement: str, expected: list[str]) -> None:
    """Omitted statements and arguments, and decided branches, are mutants as well."""
    assert expected == _bodies(statement)


@pytest.mark.parametrize(
    "statement",
    [
        '"""A docstring."""',
        "import a",
        "a: int = b",
        "A: TypeAlias = int | str",
        "if TYPE_CHECKING: a = 1",
        "@a(b=True)\nclass C: pass",
        "def f(a: b | c) -> d | e: return None",
        'x = f"{a + 1}"',
        "a = b",
    ],
)
def test_what_is_not_run_is_not_changed(statement: str) -> None:
    """Annotations, imports, decorators and texts have no mutants."""
    assert [] == _bodies(statement)


def test_mutant_shows_its_line_and_its_change() -> None:
    """Signs outside ASCII before the change move nothing."""
    (mutant,) = mutants("a = 'ä'\né = ö, not ü\n")

    assert (2, "-é = ö, not ü\n+é = ö, (ü)") == (mutant.line, mutant.diff)


def test_mutants_of_some_lines_are_made_alone() -> None:
    """They are those of the whole module that change one of these lines."""
    source = "a = b < c\nd = (\n    e < f\n)\n"

    known = list(mutants(source))

    assert [mutant for mutant in known if mutant.line == 3] == list(mutants(source, {3}))
    assert known == list(mutants(source, {1, 3}))
    assert [] == list(mutants(source, {2}))
