"""The public modules: complete, sorted, and every name documented."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from erp_invoice_core import adapters
from erp_invoice_core.adapters import hookspecs

PARTS = {
    "erp_invoice_core": "host",
    "erp_invoice_core.adapters": "adapters",
    "erp_invoice_core.testing": "testing",
    "erp_invoice_core.testing.strategies": "strategies",
    "erp_invoice_core.contrib.profiles": "profiles",
}
MODULES = tuple(PARTS)
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"


def _place(name: str) -> tuple[int, str]:
    """Return the position: constants first, then classes, then functions, as the linter sorts."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("module", MODULES)
def test_module_is_sorted(module: str) -> None:
    """A public module lists each of its names once, in order."""
    names = list(import_module(module).__all__)

    assert sorted(set(names), key=_place) == names


@pytest.mark.parametrize("module", MODULES)
def test_every_name_is_there(module: str) -> None:
    """Every name that a public module lists is one of its attributes, and is listed by dir."""
    home = import_module(module)

    assert [] == [name for name in home.__all__ if not hasattr(home, name)]
    assert set() == set(home.__all__) - set(dir(home))


def test_all_names_can_be_imported_without_psycopg() -> None:
    """Only PostgresStore needs the extra, and is left out without it."""
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from erp_invoice_core import *\n"
        "print('SqliteStore' in dir(), 'PostgresStore' in dir())"
    )
    run = [sys.executable, "-c", program]

    assert "True False\n" == subprocess.run(run, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("module", MODULES)
def test_every_name_is_documented(module: str) -> None:
    """Every public class and function has a docstring of its own."""
    home = import_module(module)
    values = {name: getattr(home, name) for name in home.__all__}
    own = {
        name: vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
        for name, value in values.items()
        if inspect.isclass(value) or inspect.isfunction(value)
    }

    assert [] == [name for name, text in own.items() if not re.match(r"\s*\S.*", text or "")]


@pytest.mark.parametrize("module", MODULES)
def test_every_name_is_in_the_reference(module: str) -> None:
    """The reference lists every name with a sentence, and no other name."""
    text = REFERENCE.read_text("utf-8")
    part = text.partition(f"<!-- generated: {PARTS[module]}-names -->")[2].partition("<!-- end")[0]
    rows = re.findall(r"^\| `(\w+)` \| \S.* \|$", part, re.MULTILINE)

    left_out = set() if find_spec("psycopg") else {"PostgresStore"}

    assert import_module(module).__all__ == [name for name in rows if name not in left_out]


def test_vendors_find_every_type_of_the_hooks() -> None:
    """Every type that a hook takes or returns can be imported from the module for vendors."""
    text = inspect.getsource(sys.modules[hookspecs.__name__])
    guarded = text.partition("if TYPE_CHECKING:")[2].partition("\n\n")[0]
    imported = re.findall(r"from \.[\w.]* import (.+)", guarded)
    names = {name.strip() for line in imported for name in line.split(",")}

    assert set() == names - set(adapters.__all__)
