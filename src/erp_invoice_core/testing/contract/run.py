"""A run of checks against an adapter, outside of any test framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...adapters import Adapter, InvalidAdapter
from ...adapters.containment import describe_exception
from .check import Finding
from .checks import CHECKS
from .report import ConformanceReport
from .result import NotProved, Refuted, Result
from .trial import open_trial
from .words import Word, list_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from .check import Check
    from .trial import Target


def make_check(check: Check, target: Target, folder: Path) -> Finding:
    """
    Make one check with a connection and an invoice of its own.

    Args:
        check: The check.
        target: The adapter, and how its ERP is reached.
        folder: A folder for the files of the connection.

    Raises:
        InvalidAdapter: The adapter does not load.
    """
    adapter = Adapter(target.plugin)
    words = check.list_proved(list_words(adapter.declaration))
    if check.words and not words:
        why = f"The declaration has none of these words: {', '.join(check.words)}."
        return Finding(check=check, result=Result.NOT_DECLARED, why=why)
    result, why = Result.PROVED, ""
    left: dict[Word, str] = {}
    try:
        with open_trial(target, adapter, folder, with_faults=check.has_faults) as trial:
            check.run(trial)
            left = trial.rows.list_left(words)
            why = " ".join(dict.fromkeys(left.values()))
            result = Result.NOT_PROVED if words and len(left) == len(words) else result
    except NotProved as error:
        result, why = Result.NOT_PROVED, str(error)
    except Refuted as error:
        result, why = Result.REFUTED, str(error)
    except Exception as error:  # noqa: BLE001 - the adapter's own code may raise anything
        result, why = Result.REFUTED, f"The check ended with {describe_exception(error)}"
    return Finding(check=check, result=result, why=why, words=words, left=left)


def run_contract(
    target: Target,
    new_folder: Callable[[str], Path],
    checks: Iterable[Check] = tuple(CHECKS.values()),
    *,
    note: Callable[[Finding], object] = lambda _finding: None,
) -> ConformanceReport:
    """
    Make the checks one after the other, and return the report.

    Args:
        target: The adapter, and how its ERP is reached.
        new_folder: Makes a folder for the check of a name.
        checks: The checks to make.
        note: Is called with the end of each check, to show the progress.

    Raises:
        InvalidAdapter: The adapter does not load.
    """
    adapter = Adapter(target.plugin)
    findings = []
    for check in checks:
        finding = make_check(check, target, new_folder(check.name))
        note(finding)
        findings.append(finding)
    return ConformanceReport(declaration=adapter.declaration, findings=tuple(findings))


__all__ = ["InvalidAdapter", "make_check", "run_contract"]
