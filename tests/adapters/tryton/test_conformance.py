"""The report that is published with the adapter is about its declaration and today's checks."""

from __future__ import annotations

import json
from pathlib import Path

from erp_invoice_core.adapters import Adapter, tryton
from erp_invoice_core.adapters.tryton import TRYTON
from erp_invoice_core.cli.published_report import read_published_report
from erp_invoice_core.testing.contract.checks import CHECKS


def test_the_report_is_current() -> None:
    """It is conformant and current; else run ``python -m tools.tryton_conformance``."""
    report = read_published_report(Adapter(TRYTON))

    assert report is not None
    assert (True, True, 0) == (report["conformant"], report["is_current"], report["refuted"])


def test_the_report_has_every_check() -> None:
    """A check that was added later is in it; else run ``python -m tools.tryton_conformance``."""
    stored = Path(str(tryton.__file__)).with_name("conformance.json").read_text("utf-8")

    assert set(CHECKS) == {each["name"] for each in json.loads(stored)["checks"]}
