"""The reference describes all that a public signature mentions: types, members, defaults."""

from __future__ import annotations

import ast
import enum
import inspect
import re
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs.generating.defaults import show_defaults, show_value
from docs.generating.source import members
from erp_invoice_core import Level, Limits, Policy, RetryPolicy, Worker
from tests.docs.test_links import ROOT
from tests.docs.test_public_names import MODULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = ROOT / "docs" / "reference" / "api" / "types.md"
PACKAGE = ROOT / "src" / "erp_invoice_core"
PUBLIC = {
    name: getattr(import_module(module), name)
    for module in MODULES
    for name in import_module(module).__all__
}


def _list_functions(value: type) -> Iterator[Callable[..., object]]:
    for name, member in vars(value).items():
        if name == "__init__" or not name.startswith("_"):
            yield getattr(member, "fget", None) or getattr(member, "__func__", member)


def _list_annotations(value: object) -> Iterator[str]:
    """Yield the annotations of a function, or of a class with its parents and their functions."""
    classes = [value, *value.__mro__] if inspect.isclass(value) else []
    functions = [each for parent in classes for each in _list_functions(parent)]
    for each in (value, *classes, *functions):
        if inspect.isclass(each) or inspect.isfunction(each):
            for name, text in inspect.get_annotations(each).items():
                if not name.startswith("_"):
                    yield str(text)


def test_every_class_in_a_signature_has_an_entry() -> None:
    """A class of the package in a public signature is public, or on the page of types."""
    trees = [ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    classes = {node.name for node in nodes if isinstance(node, ast.ClassDef)}
    texts = [text for value in PUBLIC.values() for text in _list_annotations(value)]
    mentioned = {word for text in texts for word in re.findall(r"[A-Z]\w+", text)} & classes
    described = set(re.findall(r"^\| `(\w+)` \| \S", PAGE.read_text("utf-8"), re.MULTILINE))

    assert {"Acceptance", "Call", "Stored"} <= mentioned
    assert set() == mentioned - set(PUBLIC) - described


def test_options_of_every_verb_have_an_entry() -> None:
    """The page of types describes the options of the queue's verbs, which its docstring names."""
    assert "autoclass:: erp_invoice_core.queue.batch.CommandOptions" in PAGE.read_text("utf-8")


ENUMS = {
    name: value
    for name, value in PUBLIC.items()
    if inspect.isclass(value) and issubclass(value, enum.Enum)
}


@pytest.mark.parametrize("name", ENUMS)
def test_every_member_has_a_sentence(name: str) -> None:
    """Every member of a public enumeration has a sentence in a form that the site shows."""
    path = Path(str(inspect.getsourcefile(ENUMS[name])))
    sentences = members(path)[name]

    assert [] == [each for each in ENUMS[name].__members__ if not sentences.get(each)]


def test_defaults_are_values() -> None:
    """The signature of an attrs class shows its defaults, and three dots for a factory."""
    given = "(*, deferrals: int = attr_dict['deferrals'].default, facts: X = NOTHING)"
    shown = show_defaults(None, "class", "", RetryPolicy, None, given, None)

    assert ("(*, deferrals: int = 20, facts: X = ...)", None) == shown


def test_private_constants_are_values() -> None:
    """A default that is a private constant is shown by its value."""
    shown = show_defaults(None, "class", "", Worker, None, "(*, lease: timedelta = _LEASE)", None)

    assert ("(*, lease: timedelta = timedelta(seconds=60))", None) == shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Level.ADMIN, "Level.ADMIN"),
        (frozenset({"b", "a"}), "frozenset({'a', 'b'})"),
        (frozenset(), "frozenset()"),
        ((1,), "(1,)"),
        ((1, None), "(1, None)"),
        (timedelta(minutes=5), "timedelta(seconds=300)"),
        (date(2000, 1, 31), "date(2000, 1, 31)"),
        (datetime(2000, 1, 31), "..."),  # noqa: DTZ001 - any object without a literal
        (Limits(), "Limits()"),
        (Policy(direct_export=True), "..."),
        (object(), "..."),
    ],
)
def test_value_as_code(value: object, text: str) -> None:
    """A default is shown as a literal if it has a short one."""
    assert text == show_value(value)
