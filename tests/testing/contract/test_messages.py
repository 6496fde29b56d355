"""The sentences by which a refuted check says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.result import Refuted
from erp_invoice_core.testing.contract.run import make_check

from .honest import Bill, Honest, build_target

if TYPE_CHECKING:
    from pathlib import Path

    from erp_invoice_core import adapters as erp


def test_sentence_of_an_adapter_ends_once() -> None:
    """The reason of an adapter, which is quoted, has its own full stop."""
    refuted = Refuted("It is sent.", "refused: Try again.", "erp_write")

    assert "It is sent. Seen: refused: Try again. Look at erp_write." == str(refuted)


class AttachesTwice(Honest):
    """Sends each file twice."""

    def attach(self, bill: Bill, request: erp.ExportRequest, step: erp.Step) -> None:
        """Attach the file, and once more under another id."""
        super().attach(bill, request, step)
        bill.files = {**bill.files, f"{step.attachment} again": bill.files[step.attachment or ""]}


def test_second_copy_of_a_file_is_one_too_many(tmp_path: Path) -> None:
    """Nothing is missing, so that the sentence names the copy and not what was sent."""
    finding = make_check(CHECKS["contents.fidelity"], build_target(AttachesTwice()), tmp_path)

    assert (
        "the ERP has what was sent, and each only once. Seen: one more than was sent:"
        in finding.why
    )
