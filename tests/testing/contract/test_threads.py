"""The check of threads lets them change often, and leaves the interpreter as it was."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import attrs

from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.result import CheckResult
from erp_invoice_core.testing.contract.run import make_check

from .honest import Bill, Honest, build_target

if TYPE_CHECKING:
    from pathlib import Path

    from erp_invoice_core import adapters as erp


@attrs.define(eq=False, slots=False)
class Measured(Honest):
    """Notes how often threads change while a bill is written."""

    seconds: set[float] = attrs.Factory(set)

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Note the interval."""
        self.seconds.add(sys.getswitchinterval())
        return super().build_bill(request, key)


def test_threads_change_often(tmp_path: Path) -> None:
    """The interval is short during the check, and the former one after it."""
    adapter, before = Measured(), sys.getswitchinterval()
    finding = make_check(CHECKS["combined.threads"], build_target(adapter), tmp_path)

    assert CheckResult.PROVED is finding.result, finding.why
    assert max(adapter.seconds) < before / 10
    assert before == sys.getswitchinterval()
