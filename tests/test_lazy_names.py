"""Names of a package that are imported at their first use."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from importlib.util import resolve_name
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import documents
from erp_invoice_core.lazy_names import import_later

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = (
    "erp_invoice_core",
    "erp_invoice_core.declaration",
    "erp_invoice_core.documents",
    "erp_invoice_core.stores",
    "erp_invoice_core.testing",
)


def _list_guarded_names(package: str) -> Iterator[tuple[str, str]]:
    """Yield each name that the package imports for type checkers, with its module."""
    for part in ast.parse(inspect.getsource(import_module(package))).body:
        if isinstance(part, ast.If) and ast.unparse(part.test) == "TYPE_CHECKING":
            for each in part.body:
                assert isinstance(each, ast.ImportFrom)
                place = resolve_name("." * each.level + (each.module or ""), package)
                yield from ((name.name, place) for name in each.names)


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_and_programs_find_the_same(package: str) -> None:
    """Each name that a type checker reads is that of the same module at its first use."""
    load = vars(import_module(package))["__getattr__"]
    names = dict(_list_guarded_names(package))

    assert names
    assert [] == [
        name
        for name, module in names.items()
        if load(name) is not getattr(import_module(module), name)
    ]


def test_a_name_is_imported_once() -> None:
    """After its first use a name is an attribute of the package as any other."""
    assert documents.Actor is vars(documents)["Actor"]


def test_a_misspelt_name_is_not_there() -> None:
    """The message of the exception is that of any module."""
    load = import_later("erp_invoice_core.documents", {"actor": ("Actor",)})

    with pytest.raises(
        AttributeError, match=r"'erp_invoice_core\.documents' has no attribute 'Act'"
    ):
        load("Act")


def test_a_first_decision_makes_no_class_of_documents_that_it_does_not_need() -> None:
    """A program that only decides imports neither invoices nor entries, flow or billing."""
    program = (
        "import sys, erp_invoice_core as e; e.decide(e.Action.SEND, e.Case())\n"
        "print(*sorted(name for name in sys.modules if name.startswith('erp_invoice_core.')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    found = {name.removeprefix("erp_invoice_core.") for name in run.stdout.split()}
    unneeded = {"billing", "declaration.terms", "documents.entry", "documents.invoice", "flow"}

    assert set() == found & unneeded
    assert "rules.decide" in found
