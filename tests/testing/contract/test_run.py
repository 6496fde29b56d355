"""A run of checks outside of a test framework, and its report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.contract.check import Check, CheckFinding
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.result import CheckResult, NotProved, refute
from erp_invoice_core.testing.contract.run import make_check, run_contract
from erp_invoice_core.testing.contract.trial import Target
from erp_invoice_core.testing.contract.words import Word
from erp_invoice_core.testing.faults.plan import FaultRequest

from .honest import Honest, build_target
from .liars.look_ups import NeverSure
from .liars.writes import PlansOneNameTwice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from erp_invoice_core.testing.contract.trial import Trial


def _prove(_trial: Trial) -> None:
    """It holds."""


def _refute(_trial: Trial) -> None:
    """It does not hold."""
    refute("It is zero.", "1 | 2", "zero")


def _give_up(_trial: Trial) -> None:
    """It cannot be tried."""
    msg = "There is no second vendor."
    raise NotProved(msg)


def _fail(_trial: Trial) -> None:
    """It fails."""
    raise ZeroDivisionError


def _build(name: str, run: object, *words: str) -> Check:
    return Check(name=name, run=run, lie="A lie.", words=words)  # type: ignore[arg-type]


PROVED = _build("contents.landing", _prove, "zero: exported", "landing: posted")
REFUTED = _build("a.refuted", _refute, "zero: exported")
GIVEN_UP = _build("a.given_up", _give_up, "negative: exported")
FAILED = _build("a.failed", _fail)
ELSEWHERE = _build("a.elsewhere", _prove, "zero: refused")


@pytest.mark.parametrize(
    ("check", "result", "why"),
    [
        (PROVED, CheckResult.PROVED, ""),
        (REFUTED, CheckResult.REFUTED, "It is zero. Seen: 1 | 2. Look at zero."),
        (GIVEN_UP, CheckResult.NOT_PROVED, "There is no second vendor."),
        (FAILED, CheckResult.REFUTED, "The check ended with ZeroDivisionError"),
        (
            ELSEWHERE,
            CheckResult.NOT_DECLARED,
            "The declaration has none of these words: zero: refused.",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Check) else "",
)
def test_check_ends_with_a_result(
    check: Check, result: CheckResult, why: str, tmp_path: Path
) -> None:
    """A check proves, refutes, cannot be tried, fails, or is about something else."""
    finding = make_check(check, build_target(Honest()), tmp_path)

    assert (result, why) == (finding.result, finding.why)


def test_adapter_that_cannot_connect_is_not_proved(tmp_path: Path) -> None:
    """An ERP that cannot be reached proves and refutes nothing."""

    class Unreachable(Honest):
        @erp.hookimpl
        def erp_connect(self, settings: object) -> object:
            return erp.Deferred(None, f"It is down; {settings!r:.0}try again.")

    finding = make_check(PROVED, Target(plugin=Unreachable()), tmp_path)

    assert CheckResult.NOT_PROVED is finding.result
    assert "The ERP cannot be reached: It is down; try again." == finding.why


def test_adapter_that_does_not_load_has_no_report(tmp_path: Path) -> None:
    """The reason is raised, once."""
    with pytest.raises(erp.InvalidAdapter, match="erp_declaration"):
        run_contract(Target(plugin=object()), lambda _name: tmp_path)


def test_report_says_what_is_proved(tmp_path: Path) -> None:
    """Each word is proved, refuted or not proved; one refuted check refutes a word."""
    noted: list[CheckFinding] = []
    told_apart = _build("contents.half_made", _prove, "landing: posted")
    checks = (PROVED, told_apart, REFUTED, GIVEN_UP, FAILED, ELSEWHERE)
    report = run_contract(build_target(Honest()), lambda _name: tmp_path, checks, note=noted.append)

    assert list(report.findings) == noted
    assert not report.is_conformant
    assert ["a.refuted", "a.failed"] == [each.check.name for each in report.list_refuted()]
    assert CheckResult.REFUTED is report.judge(Word("zero", "exported"))
    assert CheckResult.PROVED is report.judge(Word("landing", "posted"))
    assert CheckResult.NOT_PROVED is report.judge(Word("negative", "exported"))
    document = json.loads(json.dumps(report.build_document({"acme": "1.0"})))
    assert (1, "honest", 1, False) == (
        document["format"], document["adapter"], document["contract"], document["conformant"],
    )  # fmt: skip
    assert {
        "word": "zero",
        "value": "exported",
        "result": "refuted",
        "why": "a.refuted: It is zero. Seen: 1 | 2. Look at zero.",
    } in document["words"]
    assert {
        "name": "a.refuted",
        "result": "refuted",
        "sentence": "It does not hold.",
        "lie": "A lie.",
        "link": "reference/checks.md#arefuted",
        "why": "It is zero. Seen: 1 | 2. Look at zero.",
    } in document["checks"]


def test_word_is_not_proved_without_each_decisive_check(tmp_path: Path) -> None:
    """Another check that passes proves nothing of the word, and neither does a row that is left."""

    def leave(trial: Trial) -> None:
        """It is not about the state."""
        trial.rows.leave("landing", "It was not read.")

    for check, why in (
        (PROVED, ""),
        (_build("contents.half_made", _give_up, "landing: posted"), "There is no second vendor."),
        (_build("contents.half_made", leave, "landing: posted"), "It was not read."),
    ):
        report = run_contract(build_target(Honest()), lambda _name: tmp_path, (PROVED, check))

        word = Word("landing", "posted")

        assert why == report.findings[1].why
        assert CheckResult.NOT_PROVED is report.judge(word)
        assert f"contents.half_made: {why or 'The check was not made.'}" == report.explain(word)


def test_word_that_no_check_decides_says_so(tmp_path: Path) -> None:
    """A proved word needs no reason; the reader of another one learns whether to do something."""
    whole = _build("contents.half_made", _prove, "landing: posted")
    report = run_contract(build_target(Honest()), lambda _name: tmp_path, (PROVED, whole))

    assert "" == report.explain(Word("landing", "posted"))
    assert "No answer of an ERP shows it, so that no check can prove it." == report.explain(
        Word("commitment_statuses", "any")
    )


def test_check_proves_the_words_of_the_rows_that_it_tried(tmp_path: Path) -> None:
    """The words of another step are left, with the reason."""

    def run(trial: Trial) -> None:
        """It tries one step."""
        trial.rows.note("terms.bill")

    check = _build("look_up.found_after", run, "terms.*.visible_after: *")
    finding = make_check(check, build_target(Honest()), tmp_path)
    words = [Word(f"terms.{kind}.visible_after", "at_once") for kind in ("bill", "post")]

    assert [CheckResult.PROVED, CheckResult.NOT_PROVED] == [
        finding.find_result(word) for word in words
    ]
    assert ["", "Tried with terms.bill only."] == [finding.explain(word) for word in words]
    assert "Tried with terms.bill only." == finding.why


def test_report_is_a_page_of_markdown(tmp_path: Path) -> None:
    """Values of the adapter are escaped, so that no cell of a table is broken."""

    class Named(Honest):
        def declare(self) -> erp.Declaration:
            return attrs.evolve(super().declare(), name="A|B <Sons>")

    report = run_contract(build_target(Named()), lambda _name: tmp_path, (PROVED, REFUTED))
    page = report.write_markdown({"erp_invoice_core": "0.5.0"})
    document = report.build_document({})

    assert page.startswith("# Conformance report of A\\|B \\<Sons\\>\n")
    assert "The adapter `honest` (contract 1) is **not conformant**." in page
    assert "| `zero` | exported | **refuted** | a.refuted: It is zero. Seen: 1 \\| 2." in page
    assert (
        "| `a.refuted` | It does not hold. | **refuted** | It is zero. Seen: 1 \\| 2. Look at zero. |"
        in page
    )
    assert "Declare those that the ERP does not get as dropped: `stored_materials`" in page
    assert "`terms`" in page
    assert "terms" in document["assumed"]
    assert "| erp\\_invoice\\_core | 0.5.0 |" in page or "| erp_invoice_core | 0.5.0 |" in page


class Silent(Honest):
    """Reaches no ERP, which its session does not notice."""

    def ask(self, answer: object) -> NoReturn:  # noqa: D102 - its class says it
        del answer
        raise ConnectionRefusedError("There is no connection.")


def test_erp_that_is_down_is_asked_once(tmp_path: Path) -> None:
    """No check blames the adapter, and nothing counts as conformant."""
    names: list[str] = []

    def make_folder(name: str) -> Path:
        names.append(name)
        return tmp_path

    report = run_contract(build_target(Silent()), make_folder, (PROVED, REFUTED))

    assert ["connection"] == names
    assert not report.is_conformant
    assert {CheckResult.NOT_PROVED} == {each.result for each in report.findings}
    (why,) = {each.why for each in report.findings}
    assert why.startswith("The ERP does not answer: ")
    assert "See that it runs, and that its address and token are right." in why


@pytest.mark.parametrize(
    ("liar", "check"), [(NeverSure, "look_up.found_after"), (PlansOneNameTwice, "plan.repeats")]
)
def test_adapter_that_is_never_sure_is_no_erp_that_is_down(
    liar: type[Honest], check: str, tmp_path: Path
) -> None:
    """Its ERP takes a bill, or its plan is wrong, so that the checks are made."""
    report = run_contract(build_target(liar()), lambda _: tmp_path, [CHECKS[check]])

    assert [check] == [each.check.name for each in report.list_refuted()]


def test_check_of_an_erp_that_is_down_says_so_first(tmp_path: Path) -> None:
    """The act of the adapter comes after the cause."""
    finding = make_check(REFUTED, build_target(Silent()), tmp_path)

    assert CheckResult.REFUTED is finding.result
    assert finding.why.startswith("The ERP does not answer: ")
    assert finding.why.endswith("It is zero. Seen: 1 | 2. Look at zero.")


def test_check_is_made_again_after_a_limit_of_the_erp(tmp_path: Path) -> None:
    """A request into which a fault was injected met the limit, so that it proves nothing."""
    tries: list[object] = []

    def run(trial: Trial) -> None:
        """It is refuted once."""
        tries.append(trial)
        assert trial.transport is not None
        logged, _ = trial.transport.faults.meet(FaultRequest("GET", "/bills"))
        if len(tries) == 1:
            logged.erp_status = 429
            refute("It is zero.", 1, "zero")

    check = attrs.evolve(_build("a.limited", run, "zero: exported"), has_faults=True)

    assert CheckResult.PROVED is make_check(check, build_target(Honest()), tmp_path).result
    assert 2 == len(tries)


def test_limit_that_stays_refutes(tmp_path: Path) -> None:
    """Three tries are the most."""
    tries: list[object] = []

    def run(trial: Trial) -> None:
        """It is refuted each time."""
        tries.append(trial)
        assert trial.transport is not None
        logged, _ = trial.transport.faults.meet(FaultRequest("GET", "/bills"))
        logged.erp_status = 429
        refute("It is zero.", 1, "zero")

    check = attrs.evolve(_build("a.limited", run, "zero: exported"), has_faults=True)

    assert CheckResult.REFUTED is make_check(check, build_target(Honest()), tmp_path).result
    assert 3 == len(tries)


def test_shared_sandbox_gets_nothing_that_the_declaration_refuses(tmp_path: Path) -> None:
    """Other people see the sandbox: no bill that its ERP is declared to refuse is even tried."""

    class Sandbox(Honest):
        """Declares dollars, no credits, no tax and no retainage, and would take anything."""

        def declare(self) -> erp.Declaration:
            lacking = (
                erp.Feature.RETAINAGE,
                erp.Feature.RETAINAGE_RELEASE,
                erp.Feature.PURCHASE_ORDERS,
            )
            declared = super().declare()
            return attrs.evolve(
                declared,
                features={**declared.features, **dict.fromkeys(lacking, erp.Support.IMPOSSIBLE)},
                currencies=frozenset({"USD"}),
                negative=erp.Handling.REFUSED,
                zero=erp.Handling.REFUSED,
                retainage=erp.RetainageForm.NONE,
                release_only=erp.Handling.REFUSED,
            )

        def refuse(self, request: erp.ExportRequest) -> Iterator[erp.Denial]:
            del request
            return iter(())

        def hand_over(
            self, request: erp.ExportRequest, step: erp.Step, receipts: tuple[erp.Receipt, ...]
        ) -> erp.Outcome:
            sent.append(request.document)
            return super().hand_over(request, step, receipts)

    sent: list[erp.ExportDocument] = []
    target = attrs.evolve(build_target(Sandbox()), is_shared=True)
    parts = {"amount", "combined", "currency", "feature", "large", "number", "tax", "write"}
    checks = [check for name, check in CHECKS.items() if name.partition(".")[0] in parts]
    report = run_contract(target, lambda _name: tmp_path, checks)

    assert report.is_conformant
    assert len(sent) > 100
    assert {"USD"} == {each.currency for each in sent}
    assert {"subcontract"} == {each.commitment_kind for each in sent}
    assert all(each.due > 0 and not each.tax and not each.retained for each in sent)
