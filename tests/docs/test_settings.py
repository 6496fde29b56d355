"""The table of settings in the reference of the command is that of the policy."""

from __future__ import annotations

import json
import re
from datetime import date
from enum import Enum
from pathlib import Path

import attrs

from erp_invoice_core.rules import Policy

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command.md"
#: Rows of a host, which a file cannot state.
_NOT_IN_A_FILE = {"grants"}


def _read_page() -> list[tuple[str, str]]:
    """Return each setting in the table of the page, with the text of its default."""
    section = PAGE.read_text("utf-8").partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [(name, row[-1].strip()) for row in rows for name in re.findall(r"`(\w+)`", row[0])]


def _format(default: object) -> str:
    """Return a value as the settings file has it."""
    if isinstance(default, date):
        return f"`{default}`"
    if isinstance(default, Enum):
        return f"`{json.dumps(default.value)}`"
    return f"`{json.dumps(sorted(default) if isinstance(default, frozenset) else default)}`"


def test_page_lists_every_setting_with_its_default() -> None:
    """Each setting of a policy that a file can state is there once, with its default."""
    policy = Policy()
    expected = {
        field.name: _format(getattr(policy, field.name))
        for field in attrs.fields(Policy)
        if field.init and field.name not in _NOT_IN_A_FILE
    }

    assert sorted(expected.items()) == sorted(_read_page())
