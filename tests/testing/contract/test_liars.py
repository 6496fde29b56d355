"""Each false adapter is caught by the check that names its lie."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core.testing.contract.checks import CHECKS, threads
from erp_invoice_core.testing.contract.decisive_checks import list_decisive_checks
from erp_invoice_core.testing.contract.report import ConformanceReport
from erp_invoice_core.testing.contract.result import CheckResult
from erp_invoice_core.testing.contract.run import make_check, run_contract
from erp_invoice_core.testing.contract.words import list_words

from .honest import Bill, Honest, build_target
from .liars import (
    afterwards,
    amounts,
    combination,
    contents,
    faulty,
    forms,
    large,
    look_ups,
    periods,
    statuses,
    taxes,
    unshown_words,
    writes,
)

if TYPE_CHECKING:
    from pathlib import Path

    from erp_invoice_core import adapters as erp
from erp_invoice_core.queue.attachments import MAX_FILE_SIZE

LIES = {
    **writes.LIES,
    **look_ups.LIES,
    **forms.LIES,
    **afterwards.LIES,
    **amounts.LIES,
    **faulty.LIES,
    **periods.LIES,
    **statuses.LIES,
    **contents.LIES,
    **combination.LIES,
    **taxes.LIES,
    **unshown_words.LIES,
    **large.LIES,
}


#: The checks that no liar can fail, and why.
NO_LIAR = {
    **dict.fromkeys(
        (
            "declaration.refuses",
            "declaration.allows",
            "declaration.privileges",
            "declaration.settings",
            "doubt.repeats",
            "field.rules",
        ),
        "It asks the rules of this library about the declaration; an adapter has no part in it.",
    ),
    **dict.fromkeys(
        ("look_up.not_declared", "prerequisite.needed", "write.not_repeated"),
        "It refutes nothing: an ERP that does more than declared leaves the word not proved.",
    ),
    "write.own_refusals": "It needs invoices that the adapter refuses; test_run.py has its liars.",
}


#: A mistake in a liar's own code, which a check refutes although it would miss the lie.
_MISTAKE = re.compile(r"\b(NameError|AttributeError|TypeError|UnboundLocalError|ImportError)\b")


def test_every_check_has_a_liar_or_a_reason() -> None:
    """A check that nothing fails would prove nothing; those without a liar say why."""
    assert CHECKS.keys() - set(LIES.values()) == NO_LIAR.keys()


@pytest.mark.filterwarnings("ignore:The token")
@pytest.mark.parametrize(("liar", "name"), LIES.items(), ids=[liar.__name__ for liar in LIES])
def test_lie_is_caught_by_its_check(liar: type[Honest], name: str, tmp_path: Path) -> None:
    """The check that names the lie refutes the adapter."""
    finding = make_check(CHECKS[name], build_target(liar()), tmp_path)

    assert CheckResult.REFUTED is finding.result, finding.why
    assert "Look at " in finding.why
    assert not _MISTAKE.search(finding.why), finding.why


@pytest.mark.parametrize(
    ("liar", "words"),
    unshown_words.UNSHOWN_WORDS.items(),
    ids=[liar.__name__ for liar in unshown_words.UNSHOWN_WORDS],
)
def test_word_without_an_answer_is_not_proved(
    liar: type[Honest], words: tuple[str, ...], tmp_path: Path
) -> None:
    """Words whose values no answer shows are not proved, and the honest adapter proves them."""
    decisive = {
        name for word in list_words(liar().declare()) for name in list_decisive_checks(word)
    }
    checks = [check for name, check in CHECKS.items() if name in decisive]
    proved = []
    for kind in (Honest, liar):
        target = build_target(kind())
        findings = tuple(
            make_check(check, target, tmp_path)
            for check in checks
            if any(str(each) in words for each in check.list_proved(list_words(kind().declare())))
        )
        report = ConformanceReport(declaration=kind().declare(), findings=findings)
        assert report.is_conformant
        proved.append(
            {
                str(word)
                for word in list_words(report.declaration)
                if str(word) in words and report.judge(word) is CheckResult.PROVED
            }
        )

    assert [set(words), set()] == proved


class StopsAfterFifty(Honest):
    """Stops after fifty bills of a list, and takes the others for absent."""

    def search(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        """Return the bills that a look-up finds."""
        page = self.list_shown()[:50]
        return [bill for bill in super().search(request, step, keys) if bill in page]


class CutsLargeFiles(Honest):
    """Keeps the first two million bytes of a file."""

    def build_file(self, filename: str, content: bytes) -> erp.ContentsAttachment:
        """Return a file as the ERP keeps it."""
        return super().build_file(filename, content[:2_000_000])


class WaitsForever(Honest):
    """Waits for a lock that another thread holds for ever."""

    def build_bill(self, request: erp.ExportRequest, key: str) -> Bill:
        """Return the bill of a request."""
        lock: threading.Lock = self.notes.setdefault("lock", threading.Lock())
        is_first = lock.acquire(blocking=False)
        if not is_first and threading.current_thread() is not threading.main_thread():
            threading.Event().wait()
        return super().build_bill(request, key)


def test_thread_that_hangs_is_refuted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An adapter whose call never ends beside others does not stop the run of the checks."""
    monkeypatch.setattr(threads, "_LIMIT", timedelta(seconds=0.2))
    target = attrs.evolve(build_target(WaitsForever()), patience=timedelta(seconds=0.1))
    finding = make_check(CHECKS["combined.threads"], target, tmp_path)

    assert CheckResult.REFUTED is finding.result
    assert "a call does not end" in finding.why


@pytest.mark.parametrize(
    ("length", "result"), [(30, CheckResult.PROVED), (60, CheckResult.REFUTED)]
)
def test_limit_of_pages_needs_a_longer_list(
    length: int, result: CheckResult, tmp_path: Path
) -> None:
    """A list that is longer than the limit of an adapter shows that it stops there."""
    target = attrs.evolve(build_target(StopsAfterFifty()), list_length=length)

    assert result is make_check(CHECKS["look_up.among_others"], target, tmp_path).result


@pytest.mark.parametrize(
    ("adapter", "size", "result"),
    [
        (CutsLargeFiles, 1_000_000, CheckResult.PROVED),
        (CutsLargeFiles, 3_000_000, CheckResult.REFUTED),
        (Honest, MAX_FILE_SIZE, CheckResult.PROVED),
    ],
)
def test_limit_of_files_needs_a_larger_one(
    adapter: type[Honest], size: int, result: CheckResult, tmp_path: Path
) -> None:
    """A file above the limit of an adapter is seen to be cut; an honest one keeps the largest."""
    target = attrs.evolve(build_target(adapter()), largest_file=size)

    assert result is make_check(CHECKS["attachment.contents"], target, tmp_path).result


@pytest.mark.soak
@pytest.mark.filterwarnings("ignore:The token")
@pytest.mark.parametrize(("liar", "name"), LIES.items(), ids=[liar.__name__ for liar in LIES])
def test_lie_is_caught_among_all_checks(liar: type[Honest], name: str, tmp_path: Path) -> None:
    """The check that names the lie refutes it also beside all others, in one ERP."""

    def make_folder(check: str) -> Path:
        folder = tmp_path / check
        folder.mkdir()
        return folder

    report = run_contract(build_target(liar()), make_folder)

    assert name in {each.check.name for each in report.list_refuted()}
