"""The contract of adapters, made against a running Tryton."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from erp_invoice_core.adapters.tryton import TRYTON
from erp_invoice_core.testing.adapter_contract import AdapterContract
from examples.tryton.server import list_closed_days
from tools.tryton_bank import Bank
from tools.tryton_conformance import TAX_CODES, build_sample, list_refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from erp_invoice_core.adapters import ExportDocument, Receipt
    from examples.tryton.server import TrytonServer


class TestContract(AdapterContract):
    """Every word of the declaration, with faults in a proxy before the server."""

    plugin = TRYTON
    tax_codes = TAX_CODES
    server: ClassVar[TrytonServer]

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _start(cls, server: TrytonServer) -> None:
        cls.server = server

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Return the settings of a connection to the server."""
        del tmp_path
        return self.server.settings()

    def document(self) -> ExportDocument:
        """Return the sample, with a tax of the company on its first line."""
        return build_sample()

    def refused_documents(self) -> Sequence[ExportDocument]:
        """Return an invoice of a vendor that Tryton does not have, and one of another job."""
        return list_refused()

    def reverse(self, receipt: Receipt) -> bool:
        """Cancel the bill in Tryton, as an accountant does."""
        return Bank.of(self.server).cancel(receipt)

    def closed_days(self) -> Sequence[date]:
        """Return a day of each month that is closed in the company."""
        return list_closed_days()
