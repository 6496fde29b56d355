"""The hooks are documented with their signatures."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from erp_invoice_core.adapters import hookspecs

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "hooks.md"


def test_headings_are_the_signatures() -> None:
    """The reference has a heading per hook, in order, with the exact arguments."""
    hooks = [hook for name, hook in vars(hookspecs).items() if name.startswith("erp_")]
    signatures = [
        f"{hook.__name__}({', '.join(inspect.signature(hook).parameters)})" for hook in hooks
    ]
    assert signatures == re.findall(r"^## (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_hooks_are_those_of_version_1() -> None:
    """The ten hooks of the contract, and no other."""
    assert [
        "erp_declaration",
        "erp_steps",
        "erp_connect",
        "erp_check",
        "erp_write",
        "erp_find",
        "erp_read",
        "erp_withdraw",
        "erp_payments",
        "erp_periods",
    ] == [name for name in vars(hookspecs) if name.startswith("erp_")]
