"""A call that the ERP puts off is made again, as often as is of use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.patient_adapter import Patience
from erp_invoice_core.testing.contract.result import CheckResult
from erp_invoice_core.testing.contract.run import make_check
from erp_invoice_core.testing.contract.trial import open_trial
from erp_invoice_core.testing.faults import Fault

from .honest import Honest, StatusError, build_target

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ABSENT = erp.Absent(datetime(2026, 11, 29, tzinfo=UTC))
CANNOT = erp.CannotTell("There are too many requests.")
NOW = timedelta(0)


def _build(*, limit: timedelta = timedelta(seconds=5), has_faults: bool = False) -> Patience:
    return Patience(pause=NOW, limit=limit, has_faults=lambda: has_faults)


@pytest.mark.parametrize(
    ("answers", "last", "repeated"),
    [
        ([ABSENT], ABSENT, 0),
        ([CANNOT, ABSENT], ABSENT, 1),
        ([CANNOT, CANNOT, CANNOT, ABSENT], CANNOT, 2),
        ([erp.Deferred(None, "Busy."), ABSENT], ABSENT, 1),
        ([erp.Deferred(datetime(2026, 1, 1, tzinfo=UTC), "Busy."), ABSENT], ABSENT, 1),
        ([erp.Unknown("It was lost."), ABSENT], erp.Unknown("It was lost."), 0),
    ],
)
def test_call_is_made_again_while_it_is_put_off(
    answers: list[object], last: object, repeated: int
) -> None:
    """Three tries are the most; a lost answer is an answer."""
    patience, left = _build(), iter(answers)

    assert str(last) == str(patience.repeat(lambda: next(left)))
    assert repeated == patience.repeated


@pytest.mark.parametrize(
    ("answer", "patience"),
    [
        (erp.Deferred(None, "The token is wrong.", needs_person=True), _build()),
        (erp.Deferred(datetime(9999, 1, 1, tzinfo=UTC), "Closed."), _build()),
        (CANNOT, _build(has_faults=True)),
    ],
    ids=["person", "long", "fault"],
)
def test_call_is_made_once_if_another_try_is_of_no_use(answer: object, patience: Patience) -> None:
    """A person is needed, the wait is too long, or the contract caused it."""
    left = iter([answer])

    assert answer is patience.repeat(lambda: next(left))
    assert 0 == patience.repeated


class LimitsLookUps(Honest):
    """Answers every second question with a rate limit."""

    counted = 0

    def ask(self, answer: Callable[[], object]) -> object:  # type: ignore[override] # any answer
        """Count the question."""
        self.counted += 1
        if self.counted % 2:
            raise StatusError(429)
        return super().ask(answer)


def test_check_says_that_calls_were_made_again(tmp_path: Path) -> None:
    """A rate limit of the sandbox is no fault of the adapter, and the report names it."""
    finding = make_check(CHECKS["look_up.found_after"], build_target(LimitsLookUps()), tmp_path)

    assert CheckResult.PROVED is finding.result, finding.why
    assert "The ERP put calls off or gave no conclusive answer;" in finding.why
    assert finding.why.endswith("made again.")


def test_step_is_not_made_again_after_its_deadline(tmp_path: Path) -> None:
    """It was put off as it is late, which no further try changes."""
    honest = Honest()
    with open_trial(build_target(honest), erp.Adapter(honest), tmp_path) as trial:
        late = attrs.evolve(trial.request, deadline=datetime(2026, 1, 1, tzinfo=UTC))

        assert isinstance(trial.write(trial.steps[0], request=late), erp.Deferred)
        assert 0 == trial.adapter.patience.repeated


def test_removals_and_questions_are_made_again(tmp_path: Path) -> None:
    """Each hook that asks the ERP meets its limit."""
    honest = LimitsLookUps()
    with open_trial(build_target(honest), erp.Adapter(honest), tmp_path) as trial:
        receipt = trial.export()[0]
        adapter, session = trial.adapter, trial.session

        assert isinstance(adapter.read(session, receipt), erp.Contents)
        assert () == adapter.payments(session, receipt)
        assert isinstance(adapter.periods(session), tuple)
        assert isinstance(adapter.withdraw(session, receipt), erp.Done)


def test_injected_fault_is_seen_as_it_is(tmp_path: Path) -> None:
    """The contract checks the answer to its own fault, and not the next one."""
    honest = Honest()
    target = build_target(honest)
    with open_trial(target, erp.Adapter(honest), tmp_path, with_faults=True) as trial:
        assert trial.transport is not None
        plan = trial.transport.faults
        plan.inject(Fault.TOO_MANY, times=1)

        assert isinstance(trial.write(trial.steps[0]), erp.Deferred)
        assert not plan.is_empty
        plan.clear()
        assert plan.is_empty
