"""A run over a small project lists the mutants that no test notices."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.long_runs import keep_rows

from .equivalents import find_gone, read_equivalents
from .runs import PACKAGE, Copy

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
TABLE = Path("tests", "operators", "equivalents.toml")
MODULE = """def is_small(amount: int) -> bool:
    return amount < 10
"""
TEST = """from erp_invoice_core.flow.size import is_small

def test_size():
    assert is_small(9) and not is_small(11)
"""
FILES = {
    "pyproject.toml": '[tool.pytest]\naddopts = ["--import-mode=importlib"]\n',
    "src/erp_invoice_core/__init__.py": "",
    "src/erp_invoice_core/flow/__init__.py": "",
    "src/erp_invoice_core/flow/size.py": MODULE,
    "tests/flow/test_size.py": TEST,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project of one function, with a test that does not try the bound."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "tests" / "operators").mkdir()
    for name in ("__main__.py", "equivalents.py", "mutants.py", "runs.py"):
        shutil.copy(HERE / name, tmp_path / "tests" / "operators")
    (tmp_path / TABLE).write_text("", "utf-8")
    return tmp_path


def _run(project: Path, *words: str, exit_code: int = 1) -> Sequence[str]:
    command = [sys.executable, "-B", "-m", "tests.operators", *words]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert (exit_code, "") == (done.returncode, done.stderr)
    return done.stdout.splitlines()


@pytest.mark.parametrize("jobs", keep_rows(["1", "2"], ["2"]))
def test_what_no_test_notices_is_listed(project: Path, jobs: str) -> None:
    """Of five mutants the two that no test notices are listed; the project is unchanged."""
    before = sorted(project.rglob("*"))

    assert [
        "flow/size.py:2",
        "-    return amount < 10",
        "+    return (amount <= 10)",
        "",
        "flow/size.py:2",
        "-    return amount < 10",
        "+    return amount < (11)",
        "",
        "5 of 5 mutants tried, 2 not noticed, 0 equivalent",
    ] == _run(project, "--paths", "flow", "--jobs", jobs)
    assert before == sorted(project.rglob("*"))
    assert FILES == {name: (project / name).read_text("utf-8") for name in FILES}


def test_some_mutants_are_tried_by_seed(project: Path) -> None:
    """A limit chooses that number of mutants, the same ones for the same seed."""
    words = ("--paths", "flow/size.py", "--seed", "3", "--limit", "2")

    first, again = _run(project, *words), _run(project, *words)

    assert first[-1].startswith("2 of 5 mutants tried")
    assert first == again


def _list_equivalent(project: Path, line: str, mutant: str, path: str = "flow/size.py") -> None:
    row = {"path": path, "line": line, "mutant": mutant, "reason": "Ten is never given."}
    body = "".join(f"{key} = '{value}'\n" for key, value in row.items())
    with (project / TABLE).open("a", encoding="utf-8") as table:
        table.write(f"[[equivalent]]\n{body}")


def test_listed_survivor_is_equivalent_and_does_not_count(project: Path) -> None:
    """A row excuses one mutant of a line, and no other mutant of the same line."""
    _list_equivalent(project, "return amount < 10", "return (amount <= 10)")

    assert [
        "flow/size.py:2",
        "-    return amount < 10",
        "+    return (amount <= 10)",
        "equivalent: Ten is never given.",
        "",
        "flow/size.py:2",
        "-    return amount < 10",
        "+    return amount < (11)",
        "",
        "5 of 5 mutants tried, 1 not noticed, 1 equivalent",
    ] == _run(project, "--paths", "flow")


def test_run_succeeds_if_each_survivor_is_listed(project: Path) -> None:
    """The exit code is 0 only when nothing is left to test."""
    _list_equivalent(project, "return amount < 10", "return (amount <= 10)")
    _list_equivalent(project, "return amount < 10", "return amount < (11)")

    shown = _run(project, "--paths", "flow", exit_code=0)

    assert "5 of 5 mutants tried, 0 not noticed, 2 equivalent" == shown[-1]


@pytest.mark.parametrize(
    ("line", "path"),
    [("return amount < 12", "flow/size.py"), ("return amount < 10", "flow/other.py")],
)
def test_listed_mutant_that_is_gone_is_reported(project: Path, line: str, path: str) -> None:
    """A line that was rewritten and a module that was moved are shown first, and excuse nothing."""
    _list_equivalent(project, line, "return (amount <= 10)", path)

    shown = _run(project, "--paths", "flow")

    assert [
        path,
        f"-{line}",
        "+return (amount <= 10)",
        "listed as equivalent, but not in the code; remove it from the list",
    ] == list(shown[:4])
    assert "5 of 5 mutants tried, 2 not noticed, 0 equivalent" == shown[-1]


def test_tests_that_fail_without_a_mutant_end_the_run(project: Path) -> None:
    """A test that fails without a mutant stops the run."""
    (project / "tests" / "flow" / "test_size.py").write_text("assert False", "utf-8")
    command = [sys.executable, "-B", "-m", "tests.operators", "--paths", "flow"]

    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)

    assert 1 == done.returncode
    assert "tests/flow/test_size.py fail without a mutant" in done.stderr


def test_the_tests_of_a_module_come_first(tmp_path: Path) -> None:
    """Then those of its folder, which are faster than those of the folders above."""
    for name in ("test_items.py", "test_values.py"):
        path = tmp_path / "tests" / "wire" / "procore" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "tests" / "test_money.py").touch()
    copy = Copy(tmp_path)

    folders = [("tests/wire/procore",), ("tests/wire",)]
    own = ("tests/wire/procore/test_items.py",)
    assert [own, *folders] == copy.stages("wire/procore/items.py")
    assert folders == copy.stages("wire/procore/fields.py")
    assert [("tests/test_money.py",)] == copy.stages("money.py")


def test_each_listed_mutant_is_one_of_the_code() -> None:
    """A line that was renamed or moved takes its row of the table with it."""
    project = Path(__file__).parents[2]
    rows = read_equivalents(Path(__file__).with_name("equivalents.toml"))

    assert [] == [str(row) for row in find_gone(rows, project / PACKAGE)]
