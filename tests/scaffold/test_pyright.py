"""Pyright checks the hooks of a package."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from erp_invoice_core.scaffold import write_project

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
PINS = ROOT / "tests" / "requirements-pyright.txt"
FOLDER = ROOT / ".tools" / "pyright"
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

pytestmark = pytest.mark.soak


def _install() -> None:
    stamp, pins = FOLDER / "pins.txt", PINS.read_text("utf-8")
    if stamp.is_file() and pins == stamp.read_text("utf-8"):
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    _call(sys.executable, "-m", "venv", str(FOLDER))
    pip = (str(FOLDER / "bin" / "python"), "-m", "pip", "--disable-pip-version-check")
    _call(*pip, "install", "-qq", "-r", str(PINS))
    stamp.write_text(pins, "utf-8")


@pytest.fixture(scope="module")
def program() -> Path:
    """Return Pyright, which is installed beside ours if it is not there, with its own Node.js."""
    FOLDER.parent.mkdir(exist_ok=True)
    with FOLDER.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers of the tests may install it, too
        _install()
    program = FOLDER / "bin" / "pyright"
    assert _call(str(program), "--version").startswith("pyright ")
    return program


def _call(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _run(program: Path, folder: Path) -> str:
    """Return what Pyright says of the files of a folder."""
    command = [str(program), "--pythonpath", sys.executable, str(folder)]
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
def test_package_has_no_errors(http: bool, program: Path, tmp_path: Path) -> None:
    """A new package is free of errors."""
    write_project("acme", tmp_path / "new", http=http)

    assert "0 errors, 0 warnings" in _run(program, tmp_path / "new" / "src")


def test_wrong_hooks_are_errors(program: Path, tmp_path: Path) -> None:
    """The result, the argument and its name of a hook are checked, and required hooks."""
    (tmp_path / "wrong.py").write_text(WRONG, "utf-8")

    said = _run(program, tmp_path)

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
