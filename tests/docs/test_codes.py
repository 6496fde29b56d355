"""Every reason code is explained in the reference."""

from __future__ import annotations

import re
from pathlib import Path

from docs.generating.codes import problem_codes, reason_codes
from erp_invoice_core.rules import CONDITIONS, NOTICES

ROOT = Path(__file__).parents[2]
EXPLAINED = frozenset(
    re.findall(
        r"^\| `([a-z_.<>]+)` \|",
        (ROOT / "docs" / "reference" / "codes.md").read_text("utf-8"),
        re.MULTILINE,
    )
)


def test_codes_of_the_tables_are_explained() -> None:
    """Every code of a condition or notice has an entry."""
    codes = {row.code for row in (*CONDITIONS, *NOTICES)} - {"field.<name>.<validator>"}

    assert set() == codes - EXPLAINED


def test_listed_codes_are_explained() -> None:
    """Every code of the append-only list has an entry."""
    lines = (ROOT / "tests" / "spec" / "codes.txt").read_text("utf-8").splitlines()

    assert set() == {line for line in lines if not line.startswith("#")} - EXPLAINED


def test_codes_in_the_source_are_explained() -> None:
    """Every code of a transition, the queue or the worker has an entry."""
    assert set() == reason_codes() - EXPLAINED


def test_codes_of_bad_input_have_a_sentence() -> None:
    """Every code of bad input or of a finding is listed with the sentences it comes with."""
    assert [] == [name for name, sentences in problem_codes().items() if not any(sentences)]
