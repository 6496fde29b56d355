"""A run of checks against an adapter, outside of any test framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...adapters import Adapter
from ...adapters.containment import describe_exception
from ...exchange import CannotTell, Deferred, Unknown
from .check import CheckFinding
from .checks import CHECKS
from .report import ConformanceReport
from .result import CheckResult, NotProved, Refuted
from .trial import UNREACHED, open_trial
from .words import Word, list_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from .check import Check
    from .trial import Target, Trial

#: How often a check is made at most, if a limit of the ERP came between.
_TRIES = 3
_TOO_MANY = 429


def make_check(
    check: Check, target: Target, folder: Path, adapter: Adapter | None = None
) -> CheckFinding:
    """
    Make one check with a connection and an invoice of its own.

    Args:
        check: The check.
        target: The adapter, and how its ERP is reached.
        folder: A folder for the files of the connection.
        adapter: The loaded adapter; without it, the plugin of the target is loaded.

    Raises:
        InvalidAdapter: The adapter does not load.
    """
    adapter = adapter or Adapter(target.plugin)
    words = check.list_proved(list_words(adapter.declaration))
    if check.words and not words:
        why = f"The declaration has none of these words: {', '.join(check.words)}."
        return CheckFinding(check=check, result=CheckResult.NOT_DECLARED, why=why)
    for _ in range(_TRIES - 1):
        finding, is_limited = _make_once(check, words, target, adapter, folder)
        if finding.result is CheckResult.PROVED or not is_limited:
            return finding
    return _make_once(check, words, target, adapter, folder)[0]


def _make_once(
    check: Check, words: tuple[Word, ...], target: Target, adapter: Adapter, folder: Path
) -> tuple[CheckFinding, bool]:
    """Make a check once; return its result, and whether the limits of the ERP disturbed it."""
    result, why, trial = CheckResult.PROVED, "", None
    left: dict[Word, str] = {}
    try:
        with open_trial(target, adapter, folder, with_faults=check.has_faults) as trial:
            check.run(trial)
            left = trial.rows.list_left(words)
            why = " ".join(dict.fromkeys(left.values()))
            result = CheckResult.NOT_PROVED if words and len(left) == len(words) else result
    except NotProved as error:
        result, why = CheckResult.NOT_PROVED, str(error)
    except Refuted as error:
        result, why = CheckResult.REFUTED, str(error)
    except Exception as error:  # noqa: BLE001 - the adapter's own code may raise anything
        result, why = CheckResult.REFUTED, f"The check ended with {describe_exception(error)}"
    silence = ""
    if result is CheckResult.REFUTED and trial is not None:
        silence = _find_silence(target, adapter, folder)
    if trial is not None and trial.adapter.patience.repeated:
        why = f"{why} {_describe_repeated(trial.adapter.patience.repeated)}".strip()
    why = f"{_describe_silence(silence)} {why}" if silence else why
    finding = CheckFinding(check=check, result=result, why=why, words=words, left=left)
    return finding, trial is not None and _is_limited(trial)


def _is_limited(trial: Trial) -> bool:
    """
    Return whether limits of the ERP disturbed the check, so that it is made again.

    They did if the ERP answered a request with 429, or gave no answer to one that met a fault.
    """
    requests = trial.transport.faults.requests if trial.transport is not None else ()
    return any(
        each.erp_status == _TOO_MANY or (each.fault is not None and each.problem)
        for each in requests
    )


def _leave(check: Check, adapter: Adapter, silence: str) -> CheckFinding:
    """Return the result of a check that is not made, because the ERP does not answer."""
    words = check.list_proved(list_words(adapter.declaration))
    why = _describe_silence(silence)
    return CheckFinding(check=check, result=CheckResult.NOT_PROVED, why=why, words=words)


def _describe_silence(silence: str) -> str:
    return (
        f"The ERP does not answer: {silence} See that it runs, and that its address and token are"
        " right."
    )


def _describe_repeated(number: int) -> str:
    calls = "1 call was" if number == 1 else f"{number} calls were"
    return f"The ERP put calls off or gave no conclusive answer; {calls} made again."


def _find_silence(target: Target, adapter: Adapter, folder: Path) -> str:
    """
    Return why the ERP answers neither a look-up nor a write; empty if it answers one of them.

    It is empty, too, if ``erp_steps`` returns no valid plan, because the checks report that.
    """
    try:
        with open_trial(target, adapter, folder) as trial:
            if isinstance(trial.plan(), Deferred):
                return ""
            answers = [trial.find(step) for step in trial.list_looked_up()[:1]]
            whys = [each.why for each in answers if isinstance(each, CannotTell)]
            if not whys or not isinstance(trial.try_export()[0], Deferred | Unknown):
                return ""
    except NotProved as error:
        return str(error).removeprefix(UNREACHED)
    return f"{whys[0].removesuffix('.')}."


def run_contract(
    target: Target,
    new_folder: Callable[[str], Path],
    checks: Iterable[Check] = tuple(CHECKS.values()),
    *,
    note: Callable[[CheckFinding], object] = lambda _finding: None,
) -> ConformanceReport:
    """
    Make the checks one after the other, and return the report.

    If the ERP does not answer a first request, no check is made, and nothing is proved.

    Args:
        target: The adapter, and how its ERP is reached.
        new_folder: Returns a new folder for the check with the given name.
        checks: The checks to make.
        note: Called with the result of each check, to show the progress.

    Raises:
        InvalidAdapter: The adapter does not load.
    """
    adapter = Adapter(target.plugin)
    silence = _find_silence(target, adapter, new_folder("connection"))
    findings = []
    for check in checks:
        finding = (
            _leave(check, adapter, silence)
            if silence
            else make_check(check, target, new_folder(check.name), adapter)
        )
        note(finding)
        findings.append(finding)
    return ConformanceReport(declaration=adapter.declaration, findings=tuple(findings))
