"""The report of the benchmarks, from the file that a run has written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .markdown import table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PARTS"]

_FIGURES = Path(__file__).with_name("benchmarks.json")
_HEADS = ("Line", "Work", "Peer", "Target", "Ratios: median (smallest to largest)", "Outcome")


def _describe_run(report: Mapping[str, Any]) -> str:
    machine = ", ".join(f"{name} {value}" for name, value in report["machine"].items())
    form = "short" if report["short"] else "long"
    failed = ", ".join(report["failed"])
    missing = f" These lines were not measured: {failed}." if failed else ""
    notes = "".join(f"\n{note}" for note in report.get("notes", ()))
    return f"The figures are those of a run in the {form} form ({machine}).{missing}{notes}\n"


def _format_ratio(name: str, found: Mapping[str, float]) -> str:
    least, middle, most = (found[f"ratio_{which}"] for which in ("min", "median", "max"))
    spread = "" if least == most else f" ({least:.2f} to {most:.2f})"
    return f"{name} {middle:.2f}{spread}"


def _build_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    ratios = [_format_ratio(name, found) for name, found in row["measures"].items()]
    target = "" if row["outcome"] == "shown" else f"`{row['target']}`"
    return (row["line"], row["work"], row["peer"], target, ", ".join(ratios), row["outcome"])


def _benchmarks() -> str:
    report = json.loads(_FIGURES.read_text(encoding="utf-8"))
    return f"{_describe_run(report)}\n{table(_HEADS, map(_build_row, report['rows']))}"


PARTS: Mapping[str, Callable[[], str]] = {"benchmarks": _benchmarks}
