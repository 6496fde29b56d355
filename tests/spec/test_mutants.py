"""The scenarios notice every table cell that is weakened."""

from __future__ import annotations

import sys

import pytest

from .mutants import mutants
from .scenarios import differences


@pytest.mark.soak
def test_scenarios_notice_every_weakened_cell(capsys: pytest.CaptureFixture[str]) -> None:
    """No mutant of the tables agrees with the scenarios."""
    tried = list(mutants())

    unnoticed = [
        mutant.name
        for mutant in tried
        if next(differences(mutant.rulebook, mutant.transitions), None) is None
    ]

    with capsys.disabled():
        noticed = len(tried) - len(unnoticed)
        sys.stdout.write(f"\n{len(tried)} mutants of the rules, {noticed} noticed\n")
    assert [] == unnoticed
