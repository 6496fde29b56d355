"""The conformance report: each word of a declaration as proved, refuted or not proved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs

from .check import CheckFinding
from .decisive_checks import list_decisive_checks
from .result import CheckResult
from .words import Word, list_assumed, list_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ...declaration import Declaration


#: The format of the JSON report.
FORMAT = 1
#: Why a word without a decisive check is not proved.
_UNSEEN = "No answer of an ERP shows it, so that no check can prove it."
#: The results that a word can have.
_OF_WORDS = (CheckResult.PROVED, CheckResult.REFUTED, CheckResult.NOT_PROVED)


@attrs.frozen(kw_only=True)
class ConformanceReport:
    """
    The result of each check of an adapter, and of each word of its declaration.

    Attributes:
        declaration: The declaration that was tested.
        findings: The result of each check, also of one that was not made.
    """

    declaration: Declaration
    findings: tuple[CheckFinding, ...]

    @property
    def is_conformant(self) -> bool:
        """Return whether no check was refuted, and at least one was proved."""
        is_proved = any(each.result is CheckResult.PROVED for each in self.findings)
        return is_proved and not self.list_refuted()

    def list_refuted(self) -> tuple[CheckFinding, ...]:
        """Return the refuted checks."""
        return tuple(each for each in self.findings if each.result is CheckResult.REFUTED)

    def judge(self, word: Word) -> CheckResult:
        """
        Return the result of a word: proved, refuted or not proved.

        A word is refuted if one check about it is. It is proved if each of its decisive checks is.
        """
        results = {
            each.check.name: each.find_result(word) for each in self.findings if word in each.words
        }
        if CheckResult.REFUTED in results.values():
            return CheckResult.REFUTED
        decisive = list_decisive_checks(word)
        is_proved = all(results.get(name) is CheckResult.PROVED for name in decisive)
        return CheckResult.PROVED if decisive and is_proved else CheckResult.NOT_PROVED

    def explain(self, word: Word) -> str:
        """Return why a word is refuted or not proved, as its checks say; empty if it is proved."""
        result = self.judge(word)
        findings = {each.check.name: each for each in self.findings if word in each.words}
        if result is CheckResult.PROVED:
            return ""
        if result is CheckResult.REFUTED:
            names = [name for name, each in findings.items() if each.find_result(word) is result]
        else:
            names = [*list_decisive_checks(word)]
        if not names:
            return _UNSEEN
        reasons = {name: _explain(findings.get(name), word) for name in names}
        return " ".join(f"{name}: {why}" for name, why in reasons.items() if why)

    def count_results(self) -> dict[CheckResult, int]:
        """Return the number of words with each result."""
        results = [self.judge(word) for word in list_words(self.declaration)]
        return {each: results.count(each) for each in _OF_WORDS}

    def build_document(
        self, versions: dict[str, str], run: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """
        Return the report as one document of JSON.

        Args:
            versions: The versions of the packages and of the ERP, by name.
            run: The date of the run, its connection and its sandbox, by name.
        """
        return {
            "format": FORMAT,
            "adapter": self.declaration.key,
            "name": self.declaration.name,
            "contract": self.declaration.contract,
            "declaration": self.declaration.digest,
            "versions": dict(sorted(versions.items())),
            "run": dict(run or {}),
            "conformant": self.is_conformant,
            "words": [
                {
                    "word": word.path,
                    "value": word.value,
                    "result": self.judge(word).value,
                    "why": self.explain(word),
                }
                for word in list_words(self.declaration)
            ],
            "assumed": list(list_assumed(self.declaration)),
            "checks": [
                {
                    "name": each.check.name,
                    "result": each.result.value,
                    "sentence": each.check.sentence,
                    "lie": each.check.lie,
                    "link": each.check.link,
                    "why": each.why,
                }
                for each in self.findings
            ],
        }

    def publish(self, folder: Path, versions: dict[str, str], run: dict[str, str]) -> None:
        """
        Write the report into a folder, which is made: ``conformance.json`` and ``conformance.md``.

        Args:
            folder: The folder; that of an adapter's module, if the report is published with it.
            versions: The versions of the packages and of the ERP, by name.
            run: The date of the run, its connection and its sandbox, by name.
        """
        folder.mkdir(parents=True, exist_ok=True)
        document = json.dumps(self.build_document(versions, run), indent=2) + "\n"
        (folder / "conformance.json").write_text(document, encoding="utf-8")
        page = self.write_markdown(versions, run)
        (folder / "conformance.md").write_text(page, encoding="utf-8")

    def write_markdown(self, versions: dict[str, str], run: dict[str, str] | None = None) -> str:
        """
        Return the report as a page of Markdown.

        Args:
            versions: The versions of the packages and of the ERP, by name.
            run: The date of the run, its connection and its sandbox, by name.
        """
        counted = self.count_results()
        verdict = "conformant" if self.is_conformant else "**not conformant**"
        lines = [
            f"# Conformance report of {_escape(self.declaration.name)}",
            "",
            f"The adapter `{self.declaration.key}` (contract {self.declaration.contract}) is {verdict}.",
            (
                f"Of the {sum(counted.values())} words of its declaration,"
                f" {counted[CheckResult.PROVED]} are proved, {counted[CheckResult.REFUTED]} refuted and"
                f" {counted[CheckResult.NOT_PROVED]} not proved."
            ),
            "",
            *_build_table(("Version of", "Version"), sorted(versions.items())),
            *_build_run(run or {}),
            "",
            "## Words",
            "",
            *_build_table(
                ("Word", "Declared", "Result", "Why"),
                [
                    (
                        f"`{word.path}`",
                        _escape(word.value),
                        _show(self.judge(word)),
                        _escape(self.explain(word)),
                    )
                    for word in list_words(self.declaration)
                ],
            ),
            *_build_assumed(list_assumed(self.declaration)),
            "",
            "## Checks",
            "",
            *_build_table(
                ("Check", "Sentence", "Result", "Seen"),
                [
                    (
                        f"`{each.check.name}`",
                        _escape(each.check.sentence),
                        _show(each.result),
                        _escape(each.why),
                    )
                    for each in self.findings
                ],
            ),
            "",
            "The page reference/checks.md of the documentation has a section about each check.",
        ]
        return "\n".join(lines) + "\n"


def _explain(finding: CheckFinding | None, word: Word) -> str:
    """Return why a decisive check does not prove a word; without *finding* it was not made."""
    return "The check was not made." if finding is None else finding.explain(word)


def _build_run(run: dict[str, str]) -> list[str]:
    rows = [(_escape(name), _escape(value)) for name, value in run.items()]
    return ["", *_build_table(("Run", "Value"), rows)] if rows else []


def _build_assumed(names: Sequence[str]) -> list[str]:
    """Return the paragraph about the fields that count as kept without a check, if any."""
    if not names:
        return []
    return [
        "",
        (
            "These fields count as kept, as the declaration has no word about them (fidelity). No check"
            " can prove it. Declare those that the ERP does not get as dropped:"
            f" {', '.join(f'`{name}`' for name in names)}."
        ),
    ]


def _show(result: CheckResult) -> str:
    shown = result.value.replace("_", " ")
    return f"**{shown}**" if result is CheckResult.REFUTED else shown


def _escape(text: str) -> str:
    """Return a text in one line, with the marks of Markdown escaped, for a cell of a table."""
    flat = " ".join(text.split())
    return "".join(f"\\{each}" if each in _MARKS else each for each in flat)


_MARKS = frozenset("\\`*_{}[]<>#|~")


def _build_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    marks = "|".join(["---"] * len(titles))
    return [f"| {' | '.join(titles)} |", f"|{marks}|", *(f"| {' | '.join(row)} |" for row in rows)]
