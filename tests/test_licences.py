"""The licences of the installed dependencies, by the extra that needs them."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SOURCE = Path(__file__).parents[1] / "src" / "erp_invoice_core"
OURS = "erp_invoice_core"
#: The extras that users install; the others are for this repository, as programs.
TOOLS = frozenset({"bench", "dev", "docs", "examples"})
_PERMISSIVE = re.compile(r"MIT|BSD|Apache|ISC|PSF|Python")
_LESSER = re.compile(r"LGPL|Lesser")
_STRONG = re.compile(r"\b(A?GPL|MPL)|GNU (Affero )?General Public|Mozilla")
#: Hypothesis is under the MPL: it is used unchanged, by the test suites of hosts and vendors.
FOR_TESTS = {"hypothesis": "testing"}


def licence(name: str) -> str:
    """Return the licence of a distribution, from all the fields that can have it."""
    metadata = Distribution.from_name(name).metadata
    classifiers = [each for each in metadata.get_all("Classifier", []) if "License ::" in each]
    # The older field may have a whole licence text; its first line names the licence.
    former = [each.partition("\n")[0] for each in metadata.get_all("License", [])]
    return "; ".join([*metadata.get_all("License-Expression", []), *former, *classifiers])


@cache
def find_needed(name: str, extra: str = "") -> frozenset[str]:
    """Return the distributions that one needs for itself or for an extra, and theirs."""
    found: set[str] = set()
    for text in Distribution.from_name(name).requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is not None and not marker.evaluate({"extra": extra}):
            continue
        if extra and (marker is None or "extra" not in str(marker)):
            continue
        other = canonicalize_name(requirement.name)
        found |= {other, *find_needed(other)}
        for each in requirement.extras:
            found |= find_needed(other, each)
    return frozenset(found)


def extras() -> list[str]:
    """Return the extras that users install."""
    every = Distribution.from_name(OURS).metadata.get_all("Provides-Extra", [])
    return sorted(set(every) - TOOLS)


def find_imported() -> dict[str, set[str]]:
    """Return the files of the package that import each distribution, by its name."""
    modules: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (
                [each.name for each in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom) and not node.level
                else []
            )
            for name in names:
                top = name.partition(".")[0]
                modules.setdefault(top, set()).add(path.relative_to(SOURCE).as_posix())
    owners = packages_distributions()
    found: dict[str, set[str]] = {}
    for module, paths in modules.items():
        for owner in () if module in sys.stdlib_module_names else owners.get(module, ()):
            found.setdefault(canonicalize_name(owner), set()).update(paths)
    return {name: paths for name, paths in found.items() if name != canonicalize_name(OURS)}


def test_the_library_itself_needs_permissive_licences() -> None:
    """Every dependency without an extra has a permissive licence."""
    licences = {name: licence(name) for name in sorted(find_needed(OURS))}

    assert {"attrs", "cattrs", "pluggy"} <= set(licences)
    assert {} == {name: text for name, text in licences.items() if not _PERMISSIVE.search(text)}
    assert {} == {name: text for name, text in licences.items() if _STRONG.search(text)}
    assert {} == {name: text for name, text in licences.items() if _LESSER.search(text)}


@pytest.mark.parametrize("extra", extras())
def test_an_extra_needs_permissive_or_lesser_licences(extra: str) -> None:
    """Every dependency of an extra is permissive or LGPL; Hypothesis is for tests."""
    try:
        names = find_needed(OURS, extra)
        licences = {name: licence(name) for name in sorted(names)}
    except PackageNotFoundError as problem:
        pytest.skip(f"{problem} is not installed")
    known = {name: text for name, text in licences.items() if FOR_TESTS.get(name) != extra}

    assert names
    assert {} == {
        name: text
        for name, text in known.items()
        if not (_PERMISSIVE.search(text) or _LESSER.search(text))
    }
    assert {} == {name: text for name, text in known.items() if _STRONG.search(text)}


def test_nothing_under_a_strong_licence_is_imported() -> None:
    """The package imports nothing under the GPL or MPL, apart from Hypothesis in ``testing``."""
    strong = {
        name: paths for name, paths in find_imported().items() if _STRONG.search(licence(name))
    }
    inside = {path.partition("/")[0] for path in strong.pop("hypothesis", set())}

    assert {} == strong
    assert {"testing"} >= inside


def test_only_what_connects_to_postgresql_imports_a_lesser_licence() -> None:
    """Psycopg, under the LGPL, is behind an extra; stores, records and the command import it."""
    lesser = {
        name: paths for name, paths in find_imported().items() if _LESSER.search(licence(name))
    }

    assert {"psycopg"} == set(lesser)
    assert {"cli", "records", "stores"} >= {path.partition("/")[0] for path in lesser["psycopg"]}
    assert "psycopg" not in find_needed(OURS)
