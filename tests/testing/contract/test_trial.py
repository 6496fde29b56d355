"""A trial of an adapter: exports as a worker makes them, and what ends a check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.contract.result import NotProved, Refuted
from erp_invoice_core.testing.contract.trial import Target, describe_outcome, open_trial

from .honest import Honest, build_target

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
RECEIPT = erp.Receipt(step="bill", erp_id="B-1", role=erp.Role.BILL)


def test_export_carries_out_every_step(tmp_path: Path) -> None:
    """The receipts are those of the plan, and further invoices share the session."""
    with open_trial(build_target(Honest()), erp.Adapter(Honest()), tmp_path) as trial:
        receipts = trial.export()
        second = trial.renew_plain()

        assert ["bill", "post"] == [receipt.step for receipt in receipts]
        assert trial.session is second.session
        assert trial.request.document.invoice_id != second.request.document.invoice_id


class Busy(Honest):
    """Puts each step off until a moment."""

    until: datetime | None = None

    def find_busy(self, request: erp.ExportRequest, step: erp.Step) -> erp.Deferred | None:
        """Put it off."""
        return erp.Deferred(self.until, f"{request.connection} is busy with {step.name}.")


def test_step_that_is_put_off_for_ever_is_not_done(tmp_path: Path) -> None:
    """It is tried three times, and the export is refuted with the reason."""
    busy = Busy()
    with (
        open_trial(build_target(busy), erp.Adapter(busy), tmp_path) as trial,
        pytest.raises(Refuted, match="deferred: contract is busy with bill"),
    ):
        trial.export()


def test_long_wait_proves_nothing(tmp_path: Path) -> None:
    """A check waits for some seconds at most."""
    busy = Busy()
    busy.until = datetime.now(UTC) + timedelta(hours=1)
    with (
        open_trial(build_target(busy), erp.Adapter(busy), tmp_path) as trial,
        pytest.raises(NotProved, match="longer than the checks wait"),
    ):
        trial.export()


def test_late_index_proves_nothing(tmp_path: Path) -> None:
    """A document that is visible after an hour is not waited for."""

    class Late(Honest):
        def terms(self) -> erp.StepTerms:
            return attrs.evolve(super().terms(), visible_after=timedelta(hours=1))

    with (
        open_trial(build_target(Late()), erp.Adapter(Late()), tmp_path) as trial,
        pytest.raises(NotProved, match="visible after 1:00:00 only"),
    ):
        trial.find_after_writing(trial.steps[0])


def test_erp_that_cannot_be_reached_has_no_trial(tmp_path: Path) -> None:
    """The reason of the adapter is that of the check."""

    class Down(Honest):
        @erp.hookimpl
        def erp_connect(self) -> object:  # type: ignore[override] # pluggy gives what is named
            return erp.Deferred(None, "It is down; try again.")

    with (
        pytest.raises(NotProved, match="It is down; try again"),
        open_trial(Target(plugin=Down()), erp.Adapter(Down()), tmp_path),
    ):
        pytest.fail("There is no trial.")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (erp.Done(RECEIPT), "done, document B-1"),
        (
            erp.Found(RECEIPT, erp.Contents(vendor=None, number=None, amount=None, date=None)),
            "found document B-1",
        ),
        (erp.Absent(AT), "absent as of 2026-11-29T12:00:00+00:00"),
        (erp.Gone(AT), "gone as of 2026-11-29T12:00:00+00:00"),
        (erp.Unknown("It was lost."), "unknown: It was lost."),
        (erp.CannotTell("It is long."), "no conclusive answer: It is long."),
        (
            erp.Refused(erp.deny(erp.Denial("honest.x", "Try again.", erp.Source.ERP))),
            "refused: Try again.",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_answer_is_described_in_a_few_words(
    answer: erp.Outcome | erp.Sighting | erp.Gone, words: str
) -> None:
    """The sentences of failures quote the answers of hooks."""
    assert words == describe_outcome(answer)
