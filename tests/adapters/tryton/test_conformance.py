"""The report that is published with the adapter is about its declaration."""

from __future__ import annotations

from erp_invoice_core.adapters import Adapter
from erp_invoice_core.adapters.tryton import TRYTON
from erp_invoice_core.cli.published_report import read_published_report


def test_the_report_is_current() -> None:
    """It is conformant and current; else run ``python -m tools.tryton_conformance``."""
    report = read_published_report(Adapter(TRYTON))

    assert report is not None
    assert (True, True, 0) == (report["conformant"], report["is_current"], report["refuted"])
