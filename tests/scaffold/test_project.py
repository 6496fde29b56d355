"""A new adapter package passes its own tests as it is."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from erp_invoice_core.scaffold import ProjectExists, write_project

SOURCE = Path(__file__).parents[2] / "src"


def _run(folder: Path, *command: str) -> str:
    """Run a module of Python in a package, with the sources on the path."""
    paths = (SOURCE, folder / "src", folder / "tests")
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(("name", "http"), [("acme", True), ("sage_50", False)])
def test_package_passes_its_contract(name: str, http: bool, tmp_path: Path) -> None:
    """Every check of the contract is made, none is refuted, and few cannot be tried."""
    write_project(name, tmp_path / "new", http=http)

    shown = _run(tmp_path / "new", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")

    passed, skipped = (
        int(shown.split(f" {word}")[0].split()[-1]) for word in ("passed", "skipped")
    )
    assert passed >= 100
    assert skipped <= 13


@pytest.mark.parametrize(("name", "http"), [("acme", True), ("sage_50", False)])
def test_package_is_typed(name: str, http: bool, tmp_path: Path) -> None:
    """Mypy finds nothing in the package, in its strict form."""
    write_project(name, tmp_path / "new", http=http)

    assert "Success" in _run(tmp_path / "new", "mypy", "src", "--cache-dir", str(tmp_path / "m"))


def test_package_has_the_name_everywhere(tmp_path: Path) -> None:
    """Names of classes, sentences, the distribution and the entry point follow from the key."""
    written = write_project("sage_50", tmp_path / "new", http=True)

    texts = {path.relative_to(tmp_path / "new"): path.read_text("utf-8") for path in written}
    assert [] == [path for path, text in texts.items() if "acme" in f"{path} {text}".lower()]
    project = tomllib.loads(texts[Path("pyproject.toml")])["project"]
    assert "erp-invoice-sage-50" == project["name"]
    assert {"sage_50": "erp_invoice_sage_50:ADAPTER"} == project["entry-points"][
        "erp_invoice_core.adapters"
    ]
    classes = [
        node.name
        for node in ast.walk(ast.parse(texts[Path("src/erp_invoice_sage_50/adapter.py")]))
        if isinstance(node, ast.ClassDef)
    ]
    assert ["Sage50Adapter"] == classes
    assert "# Sage 50 for erp_invoice_core" in texts[Path("README.md")]


@pytest.mark.parametrize("name", ["", "Acme", "5acme", "acme-2", "a" * 41, "acme\n", "../acme"])
def test_malformed_name_writes_nothing(name: str, tmp_path: Path) -> None:
    """The name of an adapter is its key, and part of a path and of names in code."""
    with pytest.raises(ValueError, match="lower-case letters, digits and underscores"):
        write_project(name, tmp_path / "new")

    assert [] == list(tmp_path.iterdir())


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder with files, or a file of that name, is left as it is."""
    (tmp_path / "notes.txt").write_text("Keep me.", "utf-8")

    for folder in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(ProjectExists, match="exists"):
            write_project("acme", folder)

    assert ["notes.txt"] == [path.name for path in tmp_path.iterdir()]
