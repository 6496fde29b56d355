"""The adapter of the how-to is built, installed as a wheel, found by entry point, and tested."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "write-a-small-adapter.md"
EXAMPLE = ROOT / "docs" / "examples" / "ledgerly"
FILES = ("pyproject.toml", "src/erp_invoice_ledgerly.py", "tests/test_ledgerly.py")
_FILE = re.compile(r"^`([^`\n]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MOST_LINES = 64


def files_of_the_page() -> dict[str, str]:
    """Return the files that the page shows, by their paths."""
    return dict(_FILE.findall(PAGE.read_text("utf-8")))


def wheel(source: Path, target: Path) -> Path:
    """Return the wheel of a package, built with the installed tools or with those of the index."""
    here = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        *here,
        "-w",
        str(target),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = target.glob("*.whl")
    return built


def run(folder: Path, site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the installed packages before all others, away from this repository."""
    environ = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the package's folder, and the folder with both installed wheels."""
    folder = tmp_path_factory.mktemp("vendor")
    for name, text in files_of_the_page().items():
        path = folder / "ledgerly" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    core = folder / "core"
    core.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, core / name)
    shutil.copytree(ROOT / "src", core / "src", ignore=shutil.ignore_patterns("__pycache__"))
    wheels = [
        wheel(core, folder / "core-wheel"),
        wheel(folder / "ledgerly", folder / "ledgerly-wheel"),
    ]
    site = folder / "site"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site)]
    subprocess.run([*command, *map(str, wheels)], check=True, capture_output=True)
    return folder / "ledgerly", site


def test_page_shows_the_example() -> None:
    """The files on the page are exactly those of the example, and the adapter is short."""
    shown = files_of_the_page()
    assert {name: (EXAMPLE / name).read_text("utf-8") for name in FILES} == shown
    assert len(shown["src/erp_invoice_ledgerly.py"].splitlines()) <= _MOST_LINES


def test_adapter_is_found_by_its_entry_point(installed: tuple[Path, Path]) -> None:
    """The library finds the adapter of an installed wheel without any configuration."""
    folder, site = installed
    code = (
        "from erp_invoice_core.adapters import Adapters\n"
        "adapters = Adapters.installed()\n"
        "print(adapters.problems, adapters['ledgerly'].name, adapters['beancount'].name)\n"
        "import erp_invoice_core\n"
        "print(erp_invoice_core.__file__)\n"
    )
    result = run(folder, site, "-c", code)
    assert "" == result.stderr
    printed, where = result.stdout.splitlines()
    assert "() Ledgerly Beancount ledger" == printed
    assert where.startswith(str(site))


def test_adapter_keeps_its_contract(installed: tuple[Path, Path]) -> None:
    """The test suite of the page passes in the package's own folder."""
    folder, site = installed
    result = run(folder, site, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert 0 == result.returncode, result.stdout
    assert re.search(r"[1-9][0-9]* passed", result.stdout)
    assert "failed" not in result.stdout
