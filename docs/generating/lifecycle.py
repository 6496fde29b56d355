"""The diagram of the queue's statuses, drawn from the state table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.rules import TRANSITIONS
from erp_invoice_core.vocabulary import Action, ExportStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PARTS"]


def _diagram() -> str:
    arrows: dict[tuple[ExportStatus, ExportStatus], list[Action]] = {}
    for row in TRANSITIONS:
        for source in ExportStatus:
            for target in row.targets if source in row.sources else ():
                # Late evidence makes every status unknown: arrows from each would add nothing.
                if row.action is not Action.SIGHT and source is not target:
                    arrows.setdefault((source, target), []).append(row.action)
    lines = ["stateDiagram-v2", f"    [*] --> {ExportStatus.NOT_SENT.value}"]
    for (source, target), actions in arrows.items():
        label = ", ".join(action.value for action in actions)
        lines.append(f"    {source.value} --> {target.value}: {label}")
    lines.append(f"    {ExportStatus.SYNCED.value} --> [*]")
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


PARTS: Mapping[str, Callable[[], str]] = {"lifecycle": _diagram}
