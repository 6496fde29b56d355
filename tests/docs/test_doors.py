"""The three doors: complete, sorted, and every name behind them documented."""

from __future__ import annotations

import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

from erp_invoice_core import adapters
from erp_invoice_core.adapters import hookspecs

DOORS = ("erp_invoice_core", "erp_invoice_core.adapters", "erp_invoice_core.testing")
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


def _place(name: str) -> tuple[int, str]:
    """Constants first, then classes, then functions, as the linter sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("door", DOORS)
def test_door_is_sorted(door: str) -> None:
    """A door lists each of its names once, in order."""
    names = list(import_module(door).__all__)

    assert sorted(set(names), key=_place) == names


@pytest.mark.parametrize("door", DOORS)
def test_every_name_is_there(door: str) -> None:
    """Every name that a door lists can be had through it, and is listed by dir."""
    home = import_module(door)

    assert [] == [name for name in home.__all__ if not hasattr(home, name)]
    assert set() == set(home.__all__) - set(dir(home))


@pytest.mark.parametrize("door", DOORS)
def test_every_name_is_documented(door: str) -> None:
    """Every class and function behind a door has a docstring of its own, a whole sentence."""
    home = import_module(door)
    values = {name: getattr(home, name) for name in home.__all__}
    own = {
        name: vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
        for name, value in values.items()
        if inspect.isclass(value) or inspect.isfunction(value)
    }

    assert [] == [name for name, text in own.items() if not re.match(r"\s*\S.*", text or "")]


@pytest.mark.parametrize("door", DOORS)
def test_every_name_is_in_the_reference(door: str) -> None:
    """The reference has a heading for every name."""
    headings = set(re.findall(r"^### `(\w+)`$", REFERENCE.read_text("utf-8"), re.MULTILINE))

    assert set() == set(import_module(door).__all__) - headings


def test_vendors_find_every_type_of_the_hooks() -> None:
    """Whatever a hook takes or answers can be imported from the vendors' door."""
    text = inspect.getsource(sys.modules[hookspecs.__name__])
    guarded = text.partition("if TYPE_CHECKING:")[2].partition("\n\n")[0]
    imported = re.findall(r"from \.[\w.]* import (.+)", guarded)
    names = {name.strip() for line in imported for name in line.split(",")}

    assert set() == names - set(adapters.__all__)
