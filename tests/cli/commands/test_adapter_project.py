"""The verb ``adapters new`` writes the package of a new adapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.command_run import Erp


def test_package_is_written(erp: Erp) -> None:
    """The answer says what to type next, and the files are there."""
    run = erp("adapters", "new", "acme")

    assert 0 == run.status
    assert ["cd acme", "pip install -e '.[test]'", "pytest"] == [
        line.strip() for line in run.out.splitlines() if line.startswith("  ")
    ]
    assert Path("acme/src/erp_invoice_acme/adapter.py").exists()


def test_package_has_a_folder_of_choice(erp: Erp) -> None:
    """The document of JSON names the folder and its files."""
    run = erp("adapters", "new", "acme", "--http", "--dir", "elsewhere", "--json")

    assert ("acme", "elsewhere") == (run.document["adapter"], run.document["folder"])
    assert all(Path(name).exists() for name in run.document["files"])
    assert "httpx2" in Path("elsewhere/pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("Acme-2", "'Acme-2' is not"), ("there", "there exists. Name another folder, or empty it.")],
)
def test_nothing_is_overwritten(erp: Erp, name: str, sentence: str) -> None:
    """A malformed name, or a folder with files, ends with status 2."""
    Path("there").mkdir()
    Path("there/notes.txt").write_text("Keep me.", "utf-8")

    run = erp("adapters", "new", name)

    assert (2, True) == (run.status, sentence in run.err)
    assert ["there"] == [path.name for path in Path().iterdir() if path.is_dir()]
