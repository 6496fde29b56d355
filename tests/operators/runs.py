"""Runs the tests of a module against its mutants, in a copy of the project."""

from __future__ import annotations

import compileall
import importlib
import importlib.util
import multiprocessing
import os
import shutil
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import attrs
import pytest

from .mutants import mutants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .mutants import Mutant

__all__ = ["PACKAGE", "Copy", "Place", "places", "try_places"]

PACKAGE = Path("src", "erp_invoice_core")
_COPIED = ("conftest.py", "docs", "examples", "pyproject.toml", "README.md", "src", "tests")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.db", "*.sock", "build")
#: Modules that are imported once, before any mutant; none of ours.
_WARM = ("attrs", "cattrs", "hypothesis", "pluggy", "sqlite3")
_OURS = frozenset({"conftest", "erp_invoice_core", "tests"})
#: Besides the tests of the module's own folder, other fast tests that would notice.
_WIDER = {
    "billing": ("tests/documents", "tests/wire"),
    "flow": ("tests/queue", "tests/rules"),
    "queue": ("tests/worker",),
}
_PASSED = frozenset({pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED})
_SECONDS = 60.0


@attrs.frozen
class Place:
    """A mutant, and the path of its module from the package on."""

    path: str
    mutant: Mutant

    def __str__(self) -> str:
        """Show where the mutant is, and how it differs."""
        return f"{self.path}:{self.mutant.line}\n{self.mutant.diff}"


def places(package: Path, paths: Iterable[str]) -> Iterator[Place]:
    """Yield the mutants of modules and of whole folders of modules."""
    for named in paths:
        whole = package / named
        for module in sorted(whole.rglob("*.py")) if whole.is_dir() else [whole]:
            path = module.relative_to(package).as_posix()
            yield from (Place(path, each) for each in mutants(module.read_text("utf-8")))


def _child(root: Path, tests: Sequence[str], output: str) -> None:
    """Run tests of the copy in a process of its own; the exit code says how it went."""
    os.setsid()
    for number in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]
    here = Path.cwd()
    sys.path[:] = [
        str(root / "src"),
        *(path for path in sys.path if path and Path(path) not in {here, here / "src"}),
    ]
    os.environ["PYTHONPATH"] = str(root / "src")
    sys.dont_write_bytecode = bool(output == os.devnull)
    os.chdir(root)
    plain = ["-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
    plain += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what is warm
    os._exit(int(pytest.main([*plain, *tests])))


@attrs.frozen
class Copy:
    """
    A copy of the project in an empty folder, and nothing is written anywhere else.

    A mutant's tests get ten times as long as they take without it, and at least a minute; one that
    takes longer is noticed.
    """

    root: Path
    _took: dict[tuple[str, ...], float] = attrs.field(factory=dict)

    @classmethod
    def of(cls, project: Path, root: Path) -> Copy:
        """Copy the project, compile it, and import what its tests share with all tests."""
        for name in _COPIED:
            if (project / name).is_dir():
                shutil.copytree(project / name, root / name, ignore=_LEFT_OUT)
            elif (project / name).exists():
                shutil.copy2(project / name, root / name)
        compileall.compile_dir(root / "src", quiet=2)
        for name in _WARM:
            importlib.import_module(name)
        return cls(root)

    def stages(self, path: str) -> list[tuple[str, ...]]:
        """Return which tests are run for a module: its own, those of its folders, wider ones."""
        folder = Path("tests", path).parent
        own = folder / f"test_{Path(path).stem}.py"
        folders = [each for each in (folder, *folder.parents) if each.parts[1:]]
        stages: list[tuple[str, ...]] = [(each.as_posix(),) for each in (own, *folders)]
        stages.append(_WIDER.get(Path(path).parts[0], ()))
        there = (tuple(name for name in names if (self.root / name).exists()) for names in stages)
        return [names for names in there if names]

    def _passes(self, tests: tuple[str, ...], seconds: float | None, output: str) -> bool:
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_child, args=(self.root, tests, output))
        process.start()
        process.join(seconds)
        if process.is_alive():
            os.killpg(process.pid or 0, signal.SIGKILL)
            process.join()
        return process.exitcode in _PASSED

    def try_unchanged(self, tests: tuple[str, ...]) -> None:
        """Run tests on the module as it is, once; what fails without a mutant shows nothing."""
        if tests in self._took:
            return
        output, began = self.root / "output.txt", time.monotonic()
        if not self._passes(tests, None, str(output)):
            named, printed = " ".join(tests), output.read_text("utf-8")
            raise AssertionError(f"{named} fail without a mutant:\n{printed}")
        self._took[tests] = time.monotonic() - began

    def survives(self, place: Place) -> bool:
        """Return whether all tests pass with that mutant in the module's place."""
        module = self.root / PACKAGE / place.path
        source = module.read_text("utf-8")
        stages = self.stages(place.path)
        for tests in stages:
            self.try_unchanged(tests)
        Path(importlib.util.cache_from_source(str(module))).unlink(missing_ok=True)
        module.write_text(place.mutant.source, "utf-8")
        try:
            return all(
                self._passes(tests, max(_SECONDS, 10 * self._took[tests]), os.devnull)
                for tests in stages
            )
        finally:
            module.write_text(source, "utf-8")


@cache
def _copy_of_this_process(project: Path, folder: Path) -> Copy:
    root = folder / str(os.getpid())
    root.mkdir()
    return Copy.of(project, root)


def _survives(project: Path, folder: Path, place: Place) -> bool:
    return _copy_of_this_process(project, folder).survives(place)


def try_places(
    project: Path, tried: Sequence[Place], *, jobs: int = 1
) -> Iterator[tuple[Place, bool]]:
    """Yield each mutant and whether it survives, in order; each process has a copy of its own."""
    fork = multiprocessing.get_context("fork")
    with (
        TemporaryDirectory(prefix="mutants-") as folder,
        ProcessPoolExecutor(jobs, mp_context=fork) as processes,
    ):
        survive = partial(_survives, project, Path(folder))
        yield from zip(tried, processes.map(survive, tried), strict=True)
