"""Ledgerly's adapter keeps what it declares."""

from pathlib import Path

import attrs
import erp_invoice_ledgerly

from erp_invoice_core.adapters import ExportDocument
from erp_invoice_core.testing import AdapterContract, sample_document


class TestLedgerly(AdapterContract):
    """The contract, against Ledgerly."""

    plugin = erp_invoice_ledgerly

    def settings(self, tmp_path: Path) -> dict[str, object]:
        """Give a token; each test begins with an empty Ledgerly."""
        del tmp_path  # for an adapter that keeps files
        erp_invoice_ledgerly.BILLS.clear()
        return {"token": "s3cret-token"}

    def refused_documents(self) -> list[ExportDocument]:
        """Euros are refused."""
        return [attrs.evolve(sample_document(), currency="EUR")]
