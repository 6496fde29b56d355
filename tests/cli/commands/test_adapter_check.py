"""The verb ``adapters check`` makes the checks of the contract, and writes the report."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.adapters import Adapter
from erp_invoice_core.testing.contract.check import CheckFinding
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.report import ConformanceReport
from erp_invoice_core.testing.contract.result import CheckResult

if TYPE_CHECKING:
    from erp_invoice_core.testing.contract.trial import Target
    from tests.cli.command_run import Erp

COMMAND = "erp_invoice_core.cli.commands.adapter_check"

CHECK = ("adapters", "check", "two_step_fake", "--sandbox")


@pytest.mark.usefixtures("two_step")
def test_adapter_is_checked_and_reported(erp: Erp) -> None:
    """Every word is proved or named, for a person, as a page and as a document of JSON."""
    run = erp(*CHECK, "--report", "report")

    assert 0 == run.status
    assert "write.own_refusals" in run.out
    assert "0 refuted" in run.out
    assert "It is conformant." in run.out
    assert all(len(line) <= 80 for line in run.out.splitlines())
    report = json.loads(Path("report/conformance.json").read_text("utf-8"))
    assert (True, "two_step_fake") == (report["conformant"], report["adapter"])
    results = {word["word"]: word["result"] for word in report["words"]}
    assert "proved" == results["features.retainage"]
    page = Path("report/conformance.md").read_text("utf-8")
    assert "The adapter `two_step_fake` (contract 1) is conformant." in page


def test_report_names_the_package_and_the_run(erp: Erp) -> None:
    """It has the versions, the date, the connection, and the sandbox if the sample names it."""
    sample = '{"sandbox": "Books 2026 (test)", "tax_codes": "GST, PST,"}'
    Path("sample.json").write_text(sample, "utf-8")
    run = erp(
        "adapters", "check", "beancount", "--sandbox", "--sample", "sample.json",
        "--report", "report", "--json",
    )  # fmt: skip

    assert run.document == json.loads(Path("report/conformance.json").read_text("utf-8"))
    assert {"Python", "erp_invoice_core"} == run.document["versions"].keys()
    made = run.document["run"]
    assert ("beancount", "Books 2026 (test)") == (made["connection"], made["sandbox"])
    assert len("2026-11-29") == len(made["date"])
    page = Path("report/conformance.md").read_text("utf-8")
    assert "| sandbox | Books 2026 (test) |" in page


def test_refuted_word_ends_with_status_1(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """One refuted check among proved ones says why, and the adapter is not conformant."""
    why = "The bill has no vendor."

    def refute(target: Target, *_given: object, **_named: object) -> ConformanceReport:
        findings = [
            CheckFinding(check=each, result=CheckResult.REFUTED, why=why)
            if each.name == "write.own_refusals"
            else CheckFinding(check=each, result=CheckResult.PROVED)
            for each in CHECKS.values()
        ]
        declaration = Adapter(target.plugin).declaration
        return ConformanceReport(declaration=declaration, findings=tuple(findings))

    monkeypatch.setattr(f"{COMMAND}.run_contract", refute)
    run = erp("adapters", "check", "beancount", "--sandbox")

    assert 1 == run.status
    assert why in run.out
    assert "It is not conformant." in run.out


def test_sample_names_invoices_that_are_refused(erp: Erp) -> None:
    """A ledger takes no invoice of a vendor without an id, and says so under its own key."""
    Path("sample.json").write_text('{"refused_documents": [{"vendor_origin_id": ""}]}', "utf-8")
    run = erp("adapters", "check", "beancount", "--sandbox", "--sample", "sample.json", "--json")

    results = {check["name"]: check["result"] for check in run.document["checks"]}
    assert "not_proved" != results["write.own_refusals"]


def _keep_targets(monkeypatch: pytest.MonkeyPatch) -> list[Target]:
    """Make no checks; return the list to which the target of each run is added."""
    targets: list[Target] = []

    def keep(target: Target, *_given: object, **_named: object) -> ConformanceReport:
        targets.append(target)
        return ConformanceReport(declaration=Adapter(target.plugin).declaration, findings=())

    monkeypatch.setattr(f"{COMMAND}.run_contract", keep)
    return targets


def test_patience_is_that_of_the_checks(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks wait as long as the option says, 5 seconds by default, and the report names it."""
    targets = _keep_targets(monkeypatch)
    check = ("adapters", "check", "beancount", "--sandbox", "--json")

    runs = [erp(*check), erp(*check, "--patience", "300")]

    assert [5, 300] == [each.patience / timedelta(seconds=1) for each in targets]
    assert [None, "300 seconds"] == [each.document["run"].get("patience") for each in runs]


@pytest.mark.parametrize("given", ["0", "3601", "-5", "nan", "1.5"])
def test_patience_has_limits(erp: Erp, given: str) -> None:
    """Less than a second or more than an hour ends with status 2, and nothing is written."""
    run = erp("adapters", "check", "beancount", "--sandbox", f"--patience={given}")

    assert (2, True) == (run.status, "--patience" in run.err)
    assert not Path("erp.beancount").exists()


def test_refused_invoice_can_be_of_a_closed_month(
    erp: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day of a refused invoice is that of the file; other invoices keep theirs."""
    targets = _keep_targets(monkeypatch)
    Path("sample.json").write_text(
        '{"refused_documents": [{"billing_date": "2025-12-15"}]}', "utf-8"
    )
    erp("adapters", "check", "beancount", "--sandbox", "--sample", "sample.json")

    (refused,) = targets[0].refused_documents()
    assert date(2025, 12, 15) == refused.billing_date
    assert date(2025, 12, 15) != targets[0].document().billing_date


def test_erp_that_is_down_is_one_row(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason of every check is printed once."""

    def leave(target: Target, *_given: object, **_named: object) -> ConformanceReport:
        why = "The ERP does not answer."
        findings = [
            CheckFinding(check=each, result=CheckResult.NOT_PROVED, why=why)
            for each in CHECKS.values()
        ]
        declaration = Adapter(target.plugin).declaration
        return ConformanceReport(declaration=declaration, findings=tuple(findings))

    monkeypatch.setattr(f"{COMMAND}.run_contract", leave)
    run = erp("adapters", "check", "beancount", "--sandbox")

    assert 1 == run.status
    assert 1 == run.out.count("The ERP does not answer.")
    assert f"{len(CHECKS)} checks" in run.out
    assert "It is not conformant." in run.out


def test_nothing_is_written_without_a_word_about_the_sandbox(erp: Erp) -> None:
    """The books of a company get no test invoices by mistake."""
    run = erp("adapters", "check", "beancount")

    assert 2 == run.status
    assert "Add --sandbox if it is a sandbox." in run.err
    assert not Path("erp.beancount").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("adapters", "check", "nowhere", "--sandbox"), "There is no connection nowhere."),
        (("adapters", "check"), "Write adapters, adapters new NAME, or adapters check NAME."),
        (("adapters", "prove", "beancount"), "Write adapters, adapters new NAME, or"),
        (
            ("adapters", "check", "beancount", "--sandbox", "--sample", "gone.json"),
            "gone.json is not a JSON object of texts of at most 64 KiB.",
        ),
        (
            ("adapters", "check", "beancount", "--sandbox", "--sample", "other.json"),
            "other.json has a field gross.",
        ),
        (
            ("adapters", "check", "beancount", "--sandbox", "--sample", "wrong.json"),
            "wrong.json is not a JSON object of texts of at most 64 KiB.",
        ),
        (
            ("adapters", "check", "beancount", "--sandbox", "--sample", "refused.json"),
            "refused.json has a field other_vendor.",
        ),
        (
            ("adapters", "check", "beancount", "--sandbox", "--sample", "no_list.json"),
            "no_list.json is not a JSON object of texts of at most 64 KiB.",
        ),
        (
            ("adapters", "check", "beancount", "--sandbox", "--sample", "no_day.json"),
            "Write one field a line, a day as 2026-10-31, and a number as 200.",
        ),
        (
            ("adapters", "check", "beancount", "--sandbox", "--sample", "no_number.json"),
            "a day as 2026-10-31, and a number as 200.",
        ),
        (
            ("adapters", "check", "beancount", "--sandbox", "--sample", "perhaps.json"),
            "perhaps.json is not a JSON object of texts of at most 64 KiB.",
        ),
        (
            ("adapters", "check", "beancount", "--sandbox", "--sample", "too_large.json"),
            "a day as 2026-10-31, and a number as 200.",
        ),
    ],
)
def test_bad_usage_has_a_sentence(erp: Erp, arguments: tuple[str, ...], sentence: str) -> None:
    """An unknown connection, act or field ends with status 2, and nothing is done."""
    Path("other.json").write_text('{"gross": "1"}', "utf-8")
    Path("perhaps.json").write_text('{"lists_have_totals": "perhaps"}', "utf-8")
    Path("no_number.json").write_text('{"list_length": "a few"}', "utf-8")
    Path("too_large.json").write_text('{"largest_file": "104857601"}', "utf-8")
    Path("wrong.json").write_text('{"currency": 1}', "utf-8")
    Path("refused.json").write_text('{"refused_documents": [{"other_vendor": "V"}]}', "utf-8")
    Path("no_day.json").write_text('{"refused_documents": [{"billing_date": "May"}]}', "utf-8")
    Path("no_list.json").write_text('{"refused_documents": "all"}', "utf-8")

    run = erp(*arguments)

    assert (2, True) == (run.status, sentence in run.err)
    assert not Path("erp.beancount").exists()
