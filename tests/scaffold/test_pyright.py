"""Pyright checks the hooks of a package, where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from erp_invoice_core.scaffold import write_project

SOURCE = Path(__file__).parents[2] / "src"
PYRIGHT = os.environ.get("ERP_TEST_PYRIGHT") or shutil.which("pyright")
WRONG = """
from erp_invoice_core import adapters as erp


class Wrong(erp.ErpAdapter[object]):
    def erp_declaration(self) -> str:
        return ""

    def erp_write(
        self, session: object, request: erp.ExportRequest, step: erp.Step, receipts: list[str]
    ) -> erp.Outcome:
        return erp.Unknown("")

    def erp_find(
        self, session: object, request: erp.ExportRequest, step: erp.Step, key: tuple[str, ...]
    ) -> erp.Sighting:
        return erp.CannotTell("")


class NoWrite(erp.ErpAdapter[object]):
    def erp_declaration(self) -> erp.Declaration:
        return erp.Declaration(key="x", name="X")


NoWrite()
"""

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        PYRIGHT is None, reason="Pyright is not installed (name it with ERP_TEST_PYRIGHT)."
    ),
]


def _run(folder: Path) -> str:
    """Return what Pyright says of the files of a folder."""
    command = [PYRIGHT or "", "--pythonpath", sys.executable, str(folder)]
    paths = os.pathsep.join(map(str, (SOURCE, folder)))
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("http", [True, False], ids=["http", "plain"])
def test_package_has_no_errors(http: bool, tmp_path: Path) -> None:
    """A new package is free of errors."""
    write_project("acme", tmp_path / "new", http=http)

    assert "0 errors, 0 warnings" in _run(tmp_path / "new" / "src")


def test_wrong_hooks_are_errors(tmp_path: Path) -> None:
    """The result, the argument and its name of a hook are checked, and required hooks."""
    (tmp_path / "wrong.py").write_text(WRONG, "utf-8")

    said = _run(tmp_path)

    assert [] == [
        text
        for text in (
            '"erp_declaration" overrides class "ErpAdapter"',
            '"erp_write" overrides class "ErpAdapter"',
            'base parameter is named "keys", override parameter is named "key"',
            '"ErpAdapter.erp_write" is not implemented',
        )
        if text not in said
    ]
