"""The contract of adapters, made against a running Tryton."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import attrs
import pytest

from erp_invoice_core.adapters.tryton import TRYTON
from erp_invoice_core.testing import sample_document
from erp_invoice_core.testing.adapter_contract import AdapterContract

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from erp_invoice_core.adapters import ExportDocument
    from examples.tryton.server import TrytonServer


class TestContract(AdapterContract):
    """Every word of the declaration, with faults in a proxy before the server."""

    plugin = TRYTON
    tax_codes = ("HST 15%", "GST + PST", "Zero-rated")
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
        sample = sample_document()
        taxed = attrs.evolve(sample.lines[0], tax_code="HST", tax_code_origin_id="HST 13%")
        return attrs.evolve(sample, lines=(taxed, *sample.lines[1:]))

    def refused_documents(self) -> Sequence[ExportDocument]:
        """Return an invoice of a vendor that Tryton does not have, and one of another job."""
        sample = sample_document()
        return (
            attrs.evolve(sample, vendor_origin_id="V-NONE"),
            attrs.evolve(sample, job_origin_id="J-NONE"),
        )
