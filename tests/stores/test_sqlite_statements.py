"""The SQL of the SQLite store is that of every supported version of Python."""

from __future__ import annotations

import re
from pathlib import Path

from erp_invoice_core.stores import sqlite


def test_placeholders_have_no_numbers() -> None:
    """Python 3.12 warns of a numbered placeholder beside a sequence, and 3.14 refuses it."""
    modules = sorted(Path(sqlite.__file__).parent.glob("*.py"))
    numbered = [path.name for path in modules if re.search(r"\?[0-9]", path.read_text("utf-8"))]

    assert "transaction.py" in {path.name for path in modules}
    assert [] == numbered
