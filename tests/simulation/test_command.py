"""The command tells how many histories, what went wrong, and ends as its answer is."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .command import main


def test_last_line_sums_up(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten histories: one line, and exit status 0."""
    assert 0 == main(["--runs", "10", "--seed", "1"])

    lines = capsys.readouterr().out.splitlines()
    assert 1 == len(lines)
    assert lines[0].startswith("10 runs, ")
    assert lines[0].endswith(", violations 0")


def test_broken_promise_is_told_and_retold(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake of ours is noticed: exit status 1, and the decisions break the promise again."""
    mistake = ["--mutant", "absence-too-early"]
    assert 1 == main([*mistake, "--runs", "300"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("found after ")
    decisions = next(line for line in lines if "--decisions" in line).split()[-1]

    assert 1 == main([*mistake, "--decisions", decisions])
    assert "violations 0" not in capsys.readouterr().out
    assert 0 == main(["--decisions", decisions])


def test_time_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """No second is left: no history is begun."""
    assert 0 == main(["--runs", "10", "--seconds", "0"])

    assert capsys.readouterr().out.startswith("0 runs, 0 faults ")


def test_several_processes_tell_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """A hundred and twenty histories, in one process or in two: the same figures."""
    assert 0 == main(["--runs", "120", "--jobs", "2", "--table"])
    in_two = capsys.readouterr().out
    assert 0 == main(["--runs", "120", "--table"])

    assert capsys.readouterr().out == in_two


def test_unknown_mutant_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """It says which there are."""
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
def test_bad_usage_is_told(
    words: list[str], options: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, and a sentence instead of a traceback."""
    with pytest.raises(SystemExit) as ended:
        main([*words, "--mutant", "nobody"])

    assert 2 == ended.value.code
    assert options in capsys.readouterr().err


def test_a_database_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, and the sentence of the store."""
    words = ["--store", "postgres", "--dsn", "nonsense"]
    assert 2 == main([*words, "--runs", "1"])

    assert "Name a PostgreSQL database" in capsys.readouterr().err


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
