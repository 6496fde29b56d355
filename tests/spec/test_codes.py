"""Reason codes are public: the tables say no other than the listed ones."""

from __future__ import annotations

import re
from pathlib import Path

from erp_invoice_core.declaration import Validator
from erp_invoice_core.flow.wait import WAITS
from erp_invoice_core.rules import CONDITIONS, NEEDS, NOTICES, TRANSITIONS, decide
from erp_invoice_core.vocabulary import Action, Support

from .scenarios import bend_cases

LINES = Path(__file__).with_name("codes.txt").read_text(encoding="utf-8").splitlines()
CODE = re.compile(r"[a-z_]+(\.[a-z_]+)+\Z")
LISTED = [line for line in LINES if not line.startswith("#")]
SHAPES = [re.compile(re.sub("<[a-z]+>", "[a-z_]+", code) + r"\Z") for code in LISTED]


def _is_listed(code: str) -> bool:
    return any(shape.match(code) for shape in SHAPES)


def _collect_reasons() -> set[tuple[str, str]]:
    """Code and message of every reason that the bent cases call forth."""
    said: set[tuple[str, str]] = set()
    for _, action, case, _ in (*bend_cases("Bent cases"), *bend_cases("Notices")):
        verdict = decide(action, case)
        said |= {(denial.code, denial.message) for denial in verdict.denials}
        said |= {(notice.code, notice.message) for notice in verdict.notices}
    return said


def test_codes_are_well_formed() -> None:
    """Every listed code is lower-case words joined by dots."""
    assert [] == [code for code in LISTED if not CODE.match(re.sub("[<>]", "", code))]


def test_no_code_is_listed_twice() -> None:
    """A code belongs to one reason."""
    assert sorted(set(LISTED)) == sorted(LISTED)


def test_tables_say_listed_codes_only() -> None:
    """Every code that a row can say is in the list."""
    rows = {row.code for row in (*CONDITIONS, *NOTICES)} - {"field.<name>.<validator>"}
    rows |= {row.code for row in WAITS}
    rows |= {f"field.<name>.{validator.value}" for validator in Validator}
    rows |= {f"status.{row.action.value}" for row in TRANSITIONS}
    rows |= {f"permission.{action.value}" for action in Action}
    rows |= {
        f"feature.{need.feature.value}.{support.value}"
        for need in NEEDS
        for support in Support
        if support is not Support.FULL
    }

    assert set() == rows - set(LISTED)


def test_cases_call_forth_listed_codes_only() -> None:
    """Every code of every changed case is in the list."""
    assert [] == sorted({code for code, _ in _collect_reasons() if not _is_listed(code)})


def test_sentences_end_and_hold_no_gaps() -> None:
    """Every message is a whole sentence: a capital letter first, a full stop last, no braces."""
    assert [] == [text for _, text in _collect_reasons() if not re.match(r"[A-Z][^{}]*\.\Z", text)]
