"""A package that was built for contract version 1 loads, passes its contract and exports."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from erp_invoice_core.adapters import CONTRACT
from erp_invoice_core.adapters.hookspecs import PROJECT

ROOT = Path(__file__).parents[2]
PACKAGE = Path("tests", "fixtures", "adapters", "northbook")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of the package, and return the folder into which it is unpacked."""
    folder = tmp_path_factory.mktemp("northbook")
    _run(
        *("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"),
        *("-w", str(folder / "wheels"), str(ROOT / PACKAGE)),
    )
    (wheel,) = (folder / "wheels").glob("erp_invoice_northbook-1.0.0-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def _run(*words: str, path: Path | None = None, cwd: Path = ROOT) -> str:
    paths = (ROOT / "src", *(() if path is None else (path,)), cwd)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        [sys.executable, *words], env=environ, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_package_is_found_by_its_entry_point(installed: Path, tmp_path: Path) -> None:
    """The command lists the adapter of an installed wheel with its name."""
    shown = _run("-m", f"{PROJECT}.cli", "adapters", path=installed, cwd=tmp_path)

    assert "northbook" in shown


def test_the_package_passes_its_own_contract_test(installed: Path, tmp_path: Path) -> None:
    """Each check of the contract passes or says why it cannot run."""
    own = tmp_path / "test_contract.py"
    own.write_text((ROOT / PACKAGE / "tests" / "test_contract.py").read_text("utf-8"), "utf-8")

    words = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", own.name)
    shown = _run(*words, path=installed, cwd=tmp_path)

    assert " passed" in shown
    assert "failed" not in shown


#: Version 2 of the contract, as a plug-in of pytest: the newer library, with a word of its own.
AT_TWO = """
from erp_invoice_core.adapters import declaration_check, hookspecs
from erp_invoice_core.declaration import versions

declaration_check.CONTRACT = hookspecs.CONTRACT = 2
versions.SINCE = (("features.stored_materials: *", 2), ("prerequisites.job: *", 2))
"""


def test_the_package_works_at_version_2(installed: Path, tmp_path: Path) -> None:
    """A library of contract 2 loads the package, and checks it by the words of version 1."""
    (tmp_path / "at_two.py").write_text(AT_TWO, "utf-8")
    source = (ROOT / PACKAGE / "tests" / "test_contract.py").read_text("utf-8")
    (tmp_path / "test_contract.py").write_text(source, "utf-8")

    words = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "at_two")
    shown = _run(*words, "test_contract.py", path=installed, cwd=tmp_path)

    assert " passed" in shown
    assert "failed" not in shown


def test_the_package_says_the_version_for_which_it_was_built() -> None:
    """The fixture declares version 1; the day the library is at 2, it is the proof that 1 works."""
    source = (ROOT / PACKAGE / "src" / "erp_invoice_northbook" / "__init__.py").read_text("utf-8")

    assert "contract=1," in source
    assert CONTRACT == 1, "keep this package as it is, and add one of the new version beside it"
