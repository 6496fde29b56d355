"""The command prints its counts and violations, and its exit status says if there are any."""

from __future__ import annotations

import subprocess
import sys

import pytest

from . import runs
from .command import main


def test_last_line_sums_up(capsys: pytest.CaptureFixture[str]) -> None:
    """After ten runs there is one line, and exit status 0."""
    assert 0 == main(["--runs", "10", "--seed", "1"])

    lines = capsys.readouterr().out.splitlines()
    assert 1 == len(lines)
    assert lines[0].startswith("10 runs, ")
    assert lines[0].endswith(", violations 0")


def test_violation_is_shown_and_replayed(capsys: pytest.CaptureFixture[str]) -> None:
    """A known bug leads to exit status 1, and its decisions violate the invariant again."""
    mistake = ["--mutant", "absence-too-early"]
    assert 1 == main([*mistake, "--runs", "300"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("found after ")
    decisions = next(line for line in lines if "--decisions" in line).split()[-1]

    assert 1 == main([*mistake, "--decisions", decisions])
    assert "violations 0" not in capsys.readouterr().out
    assert 0 == main(["--decisions", decisions])


def test_time_limit_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """With a limit of zero seconds no run is started."""
    assert 0 == main(["--runs", "10", "--seconds", "0"])

    assert capsys.readouterr().out.startswith("0 runs, 0 faults ")


def test_several_processes_give_the_same_sums(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty-four runs have the same figures in one process and in two."""
    monkeypatch.setattr(runs, "_CHUNK", 10)
    assert 0 == main(["--runs", "24", "--jobs", "2", "--table"])
    in_two = capsys.readouterr().out
    assert 0 == main(["--runs", "24", "--table"])

    assert capsys.readouterr().out == in_two


def test_unknown_mutant_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """The message lists the mutants."""
    assert 2 == main(["--mutant", "nobody"])

    assert "absence-too-early" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--store", "postgres"], "name the database"),
        (["--store", "paper"], "invalid choice"),
        (["--decisions", "1,x"], "whole numbers with commas between them, not '1,x'"),
        (["--jobs", "0"], "a whole number, 1 or more, not '0'"),
        (["--runs", "many"], "a whole number, 0 or more, not 'many'"),
    ],
)
def test_bad_usage_is_reported(
    words: list[str], options: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with status 2 and prints a sentence instead of a traceback."""
    with pytest.raises(SystemExit) as ended:
        main([*words, "--mutant", "nobody"])

    assert 2 == ended.value.code
    assert options in capsys.readouterr().err


def test_wrong_name_of_a_database_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with status 2 and prints the sentence of the store."""
    words = ["--store", "postgres", "--dsn", "nonsense"]
    assert 2 == main([*words, "--runs", "1"])

    assert "not an address of a PostgreSQL database" in capsys.readouterr().err


def test_missing_greenlet_is_reported() -> None:
    """If greenlet is not installed the last line says what to install."""
    script = (
        "import runpy, sys; sys.modules['greenlet'] = None\n"
        "runpy.run_module('tests.simulation', run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert 1 == run.returncode
    assert run.stderr.splitlines()[-1] == (
        "ImportError: Install greenlet: the simulation needs it."
    )
