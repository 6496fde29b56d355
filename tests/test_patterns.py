"""The regular expressions of the package mean the same in every supported version of Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import erp_invoice_core

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(erp_invoice_core.__file__).parent
#: A possessive quantifier, or an atomic group.
NEW = re.compile(r"(?<!\\)[*+?}]\+|\(\?>")


def _list_patterns(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def test_no_pattern_needs_a_later_python() -> None:
    """Possessive quantifiers match too much in Python 3.11.2: a damaged ledger was read."""
    patterns = [
        (module.relative_to(PACKAGE).as_posix(), pattern)
        for module in sorted(PACKAGE.rglob("*.py"))
        for pattern in _list_patterns(module)
    ]

    assert len(patterns) > 40
    assert [] == [each for each in patterns if NEW.search(each[1])]
    assert all(NEW.search(each) for each in (r"[^a]++", r"(?:a|b)*+", r"a{2}+", r"(?>a)"))
