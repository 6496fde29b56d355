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

from .flips import HONEST, UNSEEN, Flipped, find_notice, list_flips
from .honest import build_target
from .odd import ODD
from .test_liars import LIES

if TYPE_CHECKING:
    from pathlib import Path

FLIPS = tuple(list_flips())
#: The flips that no answer of an ERP shows. The checks do not wait for minutes, files cannot be
#: looked up here, and the status of a commitment and privileges of approvers are facts of the host.
SHOWN_BY_NO_ANSWER = (
    "commitment_statuses: listed",
    "privileges.can_export",
    "privileges.can_push_to_accounting",
    "terms.bill.settles_within: None",
    "terms.attach.settles_within: None",
    "terms.post.settles_within: None",
    "terms.bill.replay_for: 1:00:00",
    "terms.post.replay_for: 1:00:00",
    "terms.attach.visible_after: 1:00:00",
)
_PARTS = sorted({flip.name.partition(":")[0].partition(".")[0] for flip in FLIPS})


@pytest.mark.parametrize("part", _PARTS)
def test_flip_is_noticed(part: str, tmp_path: Path) -> None:
    """A contradiction, a refuted check or a word that is not proved any more shows each flip."""
    flips = [flip for flip in FLIPS if flip.name.partition(":")[0].partition(".")[0] == part]

    notices = {flip.name: find_notice(flip, tmp_path) for flip in flips}
    assert [] == [name for name, notice in notices.items() if not notice]
    unseen = {name for name, notice in notices.items() if notice.startswith(UNSEEN)}
    assert {name for name in SHOWN_BY_NO_ANSWER if name in notices} == unseen


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
