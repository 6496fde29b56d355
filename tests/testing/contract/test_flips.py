"""Each word of an honest declaration that is changed to a false one is noticed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.decisive_checks import list_decisive_checks
from erp_invoice_core.testing.contract.result import CheckResult
from erp_invoice_core.testing.contract.run import make_check
from erp_invoice_core.testing.contract.words import list_patterns, list_words

from .flips import HONEST, Flipped, find_notice, list_flips
from .honest import build_target
from .odd import ODD
from .test_liars import LIES

if TYPE_CHECKING:
    from pathlib import Path

FLIPS = tuple(list_flips())
_PARTS = sorted({flip.name.partition(":")[0].partition(".")[0] for flip in FLIPS})


@pytest.mark.parametrize("part", _PARTS)
def test_flip_is_noticed(part: str, tmp_path: Path) -> None:
    """A contradiction, a refuted check or a word that is not proved any more shows each flip."""
    flips = [flip for flip in FLIPS if flip.name.partition(":")[0].partition(".")[0] == part]

    assert [] == [flip.name for flip in flips if not find_notice(flip, tmp_path)]


@pytest.mark.soak
def test_flip_is_noticed_among_all_checks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every flip is tried with every check; the figures are printed."""
    noticed = Counter(
        find_notice(flip, tmp_path, every_check=True).partition(":")[0] for flip in FLIPS
    )
    with capsys.disabled():
        print(  # noqa: T201 - the figures of the long run
            f"\nwords: {len(list_patterns())}, checks: {len(CHECKS)}, flips: {len(FLIPS)},"
            f" noticed: {dict(noticed)}, liars caught by name: {len(LIES)},"
            f" honest ones passed: {len(ODD)}"
        )

    assert 0 == noticed[""]


def test_honest_adapter_is_not_noticed(tmp_path: Path) -> None:
    """Without a flip no check is refuted, and each word is proved that an answer can show."""
    honest = Flipped()
    target = build_target(honest)
    findings = [make_check(check, target, tmp_path) for check in CHECKS.values()]

    assert [] == [each.check.name for each in findings if each.result is CheckResult.REFUTED]
    assert honest.declared == erp.Adapter(honest).declaration == HONEST
    shown = {word.path for word in list_words(HONEST) if list_decisive_checks(word)}
    left = {word.path for each in findings for word in each.left} & shown
    # The checks do not wait for minutes, and only the first step has a body to compare.
    assert {"terms", "fidelity", "prerequisites"} >= {path.partition(".")[0] for path in left}
