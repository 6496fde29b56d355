"""The report of the reliability runs, from their figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .markdown import table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PARTS"]

_FIGURES = Path(__file__).with_name("reliability.json")


def _read() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(_FIGURES.read_text(encoding="utf-8"))
    return figures


def _format_measurement() -> str:
    figures = _read()
    return (
        f"The figures are those of version {figures['version']} on a machine with"
        f" {figures['cores']} cores, in {figures['month']}.\n"
    )


def _simulation() -> str:
    run = _read()["simulation"]
    heads = ("Seed", "Runs", "Faults", "of which crashes", "Unknowns resolved", "Violations")
    counts = [f"{run[name]:,}" for name in ("runs", "faults", "crashes", "resolved", "violations")]
    least, most = run["milliseconds"]
    row = (str(run["seed"]), *counts)
    return f"{table(heads, [row])}\nA run takes {least} to {most} milliseconds of one core.\n"


def _second_documents() -> str:
    rows = [(case, f"{number:,}") for case, number in _read()["second_documents"].items()]
    return table(("A document was booked twice", "Number"), rows)


def _other_runs() -> str:
    return table(("Test", "Figures of one run"), _read()["others"].items())


PARTS: Mapping[str, Callable[[], str]] = {
    "measurement": _format_measurement,
    "simulation": _simulation,
    "second-documents": _second_documents,
    "other-runs": _other_runs,
}
