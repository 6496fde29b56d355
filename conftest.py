"""Every page of the docs is a test: its Python and console blocks run, in an empty directory."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from sybil import Sybil
from sybil.example import SybilFailure
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

from tests.docs.console import FLAGS, find_difference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest._code.code import TerminalRepr, TracebackStyle
    from sybil import Document, Example

ROOT = Path(__file__).parent
# The tests commit thousands of times, and a disk would make most of them wait.
_MEMORY = Path("/dev/shm")  # noqa: S108 - where it is there, it is the system's own
_ENOUGH = 4 * 1024**3
#: A test of their own runs these pages.
_ELSEWHERE = frozenset({ROOT / "docs" / "how-to" / "write-a-small-adapter.md"})


def _console(example: Example) -> str | None:
    return find_difference(example.parsed)


_SYBIL = Sybil(
    parsers=[
        PythonCodeBlockParser(future_imports=["annotations"], doctest_optionflags=FLAGS),
        CodeBlockParser("console", _console),
        SkipParser(),
    ],
    patterns=["*.md"],
)


def _install(tools: Path) -> None:
    tools.mkdir()
    arguments = {"erp-invoice": "-m erp_invoice_core.cli", "python": ""}
    for name, given in arguments.items():
        command = tools / name
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" {given} "$@"\n')
        command.chmod(0o755)


def _prepare(page: Path, stack: ExitStack, patch: pytest.MonkeyPatch) -> None:
    """Provide the environment that a page asks for: an empty database, or a fresh Django."""
    text = page.read_text(encoding="utf-8")
    for name in ("HOST_DATABASE", "HOST_FOLDER", "DATABASE_URL", "ERP_BEANCOUNT_PATH"):
        patch.delenv(name, raising=False)
    if "DATABASE_URL" in text:
        from tests.postgres import fresh_schema  # noqa: PLC0415 - starts a server

        patch.setenv("DATABASE_URL", stack.enter_context(fresh_schema()))
    if "import django" in text:
        from tests.examples.on_django import project  # noqa: PLC0415 - sets up Django

        folder = Path("build/django_host")
        stack.enter_context(project(str(folder / "app.db"), folder))
        # The page sets up Django by itself; other pages do not inherit this.
        patch.delenv("DJANGO_SETTINGS_MODULE")
        patch.delenv("HOST_FOLDER")


class PageItem(pytest.Item):
    """All blocks of a page, in their order: one test, for any distribution of the tests."""

    def __init__(self, *, document: Document, **more: object) -> None:
        """Keep the parsed page."""
        super().__init__(**more)  # type: ignore[arg-type]  # pytest's own parameters, passed on
        self.document = document

    def runtest(self) -> None:
        """Run the page's blocks in an empty directory, beside the bundled examples."""
        with (
            TemporaryDirectory() as name,
            pytest.MonkeyPatch.context() as patch,
            ExitStack() as stack,
        ):
            directory, tools = Path(name, "page"), Path(name, "tools")
            directory.mkdir()
            for linked in ("examples", "tests"):
                (directory / linked).symlink_to(ROOT / linked)
            _install(tools)
            patch.chdir(directory)
            patch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
            _prepare(self.path, stack, patch)
            self.document.namespace["__name__"] = self.path.stem
            for example in self.document.examples():
                example.evaluate()

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: TracebackStyle | None = None
    ) -> str | TerminalRepr:
        """Return page, line and difference, without our own frames."""
        if isinstance(excinfo.value, SybilFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the name of the page in a report."""
        return self.path, 0, str(self.path.relative_to(ROOT))


class Page(pytest.File):
    """A Markdown page."""

    def collect(self) -> Iterator[PageItem]:
        """Yield the one test of a page with blocks to run."""
        document = _SYBIL.parse(self.path)
        if any(True for _ in document.examples()):
            yield PageItem.from_parent(self, name="blocks", document=document)


def _is_fit_for_tests(folder: Path) -> bool:
    """Return whether files can be written there and run, with enough space for all tests."""
    if not os.access(folder, os.W_OK):
        return False
    found = os.statvfs(folder)
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize >= _ENOUGH


def pytest_configure() -> None:
    """Keep temporary files in memory if they fit, unless ``TMPDIR`` names a folder."""
    if "TMPDIR" not in os.environ and _is_fit_for_tests(_MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Page | None:
    """Collect the README and the pages of the docs."""
    is_ours = file_path == ROOT / "README.md" or file_path.is_relative_to(ROOT / "docs")
    if not is_ours or file_path.suffix != ".md" or file_path in _ELSEWHERE:
        return None
    page: Page = Page.from_parent(parent, path=file_path)
    return page
