"""The hooks with their arguments, answers and docstrings."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from erp_invoice_core.adapters import hookspecs

from .markdown import code, prose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["PARTS"]


def _hook(name: str, hook: Callable[..., object]) -> str:
    signature = inspect.signature(hook)
    needed = "Required. " if name in hookspecs.REQUIRED else ""
    rows = [f"## {name}({', '.join(signature.parameters)})", ""]
    rows += [f"{needed}Returns {code(str(signature.return_annotation))}.", ""]
    arguments = [
        f"* {code(f'{each.name}: {each.annotation}')}" for each in signature.parameters.values()
    ]
    rows += [*arguments, ""] if arguments else []
    return "\n".join([*rows, prose(inspect.getdoc(hook) or ""), ""])


def _hooks() -> str:
    found = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("erp_")}
    return "\n".join(_hook(name, hook) for name, hook in found.items())


PARTS: Mapping[str, Callable[[], str]] = {"hooks": _hooks}
