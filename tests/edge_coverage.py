"""
Coverage of the edge beside that of the core, in one measurement.

A test of the core counts for the core alone, and every other test for the edge: the core has to be
covered by its own tests, and the configuration reports these only. The edge has no threshold; its
packages are printed with their percentages. Tests that mostly run the core, or run in processes of
their own, are not measured: they would take twice as long.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import pytest
    from _pytest.terminal import TerminalReporter
    from coverage import Coverage

CORE, EDGE = "core", "edge"
#: Below the package: the folders whose coverage is printed.
PACKAGES = ("adapters", "cli", "contrib", "queue", "records", "stores", "testing", "wire", "worker")


def coverage_of(config: pytest.Config) -> Coverage | None:
    """Return the running measurement, if the test run has one."""
    plugin = config.pluginmanager.getplugin("_cov")
    controller = plugin and plugin.cov_controller
    measurement: Coverage | None = controller and controller.cov
    return measurement


@attrs.define
class Contexts:
    """Switches the measurement when a test of the other part begins."""

    current: str = ""

    def switch(self, item: pytest.Item, context: str) -> None:
        """Count from now on for that part."""
        if context == self.current:
            return
        measurement = coverage_of(item.config)
        if measurement is not None:
            measurement.switch_context(context)
        self.current = context


def write_summary(reporter: TerminalReporter) -> None:
    """Print the percentage of each package of the edge, in one line."""
    plugin = reporter.config.pluginmanager.getplugin("_cov")
    measurement = coverage_of(reporter.config)
    if measurement is None or plugin.cov_total is None:
        return
    covered, all_of = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "edge.json")
        files = [f"src/erp_invoice_core/{name}/*" for name in PACKAGES]
        measurement.json_report(outfile=str(report), include=files, contexts=[], ignore_errors=True)
        for path, file in json.loads(report.read_text("utf-8"))["files"].items():
            name = Path(path).relative_to("src/erp_invoice_core").parts[0]
            counts = file["summary"]
            covered[name] += counts["covered_lines"] + counts["covered_branches"]
            all_of[name] += counts["num_statements"] + counts["num_branches"]
    shares = ", ".join(f"{name} {covered[name] / all_of[name]:.0%}" for name in sorted(all_of))
    reporter.write_line(f"Coverage of the edge, by tests in the same process: {shares}")
