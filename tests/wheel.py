"""Install the built wheel in an environment of its own, and run some tests against it."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: The files of the repository that the tests need; ``src`` is not among them.
_TREE = (
    "conftest.py",
    "docs",
    "examples",
    "pyproject.toml",
    "tests",
    "CONTRIBUTING.md",
    "README.md",
)
#: The public API, the command from loading to the ledger, and pages that show both.
_TESTS = (
    "tests/docs/test_public_names.py",
    "tests/docs/test_exceptions.py",
    "tests/cli/commands/test_demo.py",
    "tests/rules",
    "tests/spec",
    "docs/tutorial",
    "docs/reference",
    "README.md",
)
#: It compares two files of the repository.
_NOT_THERE = "tests/cli/commands/test_demo.py::test_the_repository_shows_the_bundled_file"
#: The programs that run the tests; on the lowest versions pip chooses suitable ones.
_RUNNERS = frozenset({"pytest", "pytest-cov", "sybil"})
_EXTRAS = ("cli", "testing")
_LOWEST = re.compile(r"(?P<name>[\w.-]+)>=(?P<version>[\w.]+)")


def run(*command: str | Path, cwd: Path = ROOT, quiet: bool = False) -> None:
    """Run a program, and end with its status if it fails."""
    environ = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environ.pop("PYTHONPATH", None)
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=environ,
        check=False,
        stdout=subprocess.DEVNULL if quiet else None,
    )
    if done.returncode:
        sys.exit(done.returncode)


def find_python(version: str) -> Path | str | None:
    """Return an interpreter of that version which starts, on the path or in pyenv, if any."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    there: tuple[Path | str, ...] = (name, *sorted(pyenv.glob(f"versions/{version}.*/bin/{name}")))
    return next((each for each in there if shutil.which(each) and _starts(each)), None)


def _starts(program: Path | str) -> bool:
    """Return whether the program runs; pyenv puts names on the path that run nothing."""
    done = subprocess.run([program, "-c", ""], check=False, capture_output=True)
    return done.returncode == 0


def find_lowest() -> dict[str, str]:
    """Return the lowest version that the project allows of each dependency."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in _EXTRAS for text in extras[extra])]
    found = {each["name"]: each["version"] for each in map(_LOWEST.match, texts) if each}
    return {name: version for name, version in found.items() if name not in _RUNNERS}


def constraints(folder: Path, *, low: bool) -> Path:
    """Write the versions of the environment: the pinned ones, or the lowest that are allowed."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    if low:
        versions = find_lowest()
        free = {*versions, *_RUNNERS}
        lines = [line for line in lines if line.partition("==")[0] not in free]
        lines += [f"{name}=={version}" for name, version in versions.items()]
    path = folder / "constraints.txt"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def wheel_in(folder: Path) -> Path:
    """Build the wheel of this repository."""
    run(
        *(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"),
        *("-w", folder, ROOT),
    )
    return next(folder.glob("*.whl"))


def run_new_adapter(python: Path, folder: Path, pins: Path, key: str, *options: str) -> None:
    """Write the package of an adapter in an empty folder, install it, and run its tests."""
    folder.mkdir()
    run(python.with_name("erp-invoice"), "adapters", "new", key, *options, cwd=folder)
    package = folder / key
    run(python, "-m", "pip", "install", "-q", "-c", pins, "-e", ".[test]", cwd=package)
    run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=package)
    run(python, "-m", "mypy", "src", cwd=package)
    found = (
        f"from erp_invoice_core.adapters import Adapters; assert {key!r} in map(str, "
        "(each.key for each in Adapters.installed()))"
    )
    run(python, "-c", found, cwd=folder)


def run_released_adapter(python: Path, tree: Path, pins: Path) -> None:
    """Install the package that was built for contract version 1, and run its contract test."""
    package = tree / "tests" / "fixtures" / "adapters" / "northbook"
    run(python, "-m", "pip", "install", "-q", "-c", pins, package)
    # It has no configuration of its own: this repository's would turn every warning into an error.
    plain = ("-q", "-p", "no:cacheprovider", "-W", "default")
    run(python, "-m", "pytest", *plain, "tests", cwd=package)
    run(python, "-m", "mypy", "--strict", "src", cwd=package)


def main() -> None:
    """Build, install, copy, run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", metavar="3.12", help="use this version, if it is installed")
    parser.add_argument("--lowest", action="store_true", help="use the lowest versions allowed")
    parser.add_argument("--dist", type=Path, help="take the wheel from there, do not build it")
    given = parser.parse_args()
    interpreter = find_python(given.python) if given.python else sys.executable
    if interpreter is None:
        sys.stdout.write(f"Python {given.python} is not installed: skipped.\n")
        return
    folder = ROOT / "build" / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wheel = next(given.dist.absolute().glob("*.whl")) if given.dist else wheel_in(folder)
    run(interpreter, "-m", "venv", folder / "environment")
    python = folder / "environment" / "bin" / "python"
    pins = constraints(folder, low=given.lowest)
    target = f"{wheel}[{','.join(_EXTRAS)}]"
    run(python, "-m", "pip", "install", "-q", "-c", pins, target, *sorted(_RUNNERS))
    tree = folder / "tree"
    tree.mkdir()
    for name in _TREE:
        source = ROOT / name
        skipped = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=skipped)
        else:
            shutil.copy(source, tree / name)
    run(python.with_name("erp-invoice"), "--version", cwd=tree)
    run(python.with_name("erp-invoice"), "demo", "--dir", folder / "demo", cwd=tree, quiet=True)
    where = "import erp_invoice_core as it; assert 'site-packages' in it.__file__, it.__file__"
    run(python, "-c", where, cwd=tree)
    run_new_adapter(python, folder / "new", pins, "acme", "--http")
    run_new_adapter(python, folder / "plain", pins, "paper")
    run_released_adapter(python, tree, pins)
    options = ("-q", "-p", "no:cacheprovider", "--deselect", _NOT_THERE)
    run(python, "-m", "pytest", *options, *_TESTS, cwd=tree)


if __name__ == "__main__":
    main()
