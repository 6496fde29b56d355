"""The verb ``adapters`` shows what each adapter declares and promises."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from erp_invoice_core.cli.commands.adapters import describe_declaration, describe_promise
from erp_invoice_core.contrib.profiles import load_profile
from erp_invoice_core.declaration import Declaration, StepTerms
from erp_invoice_core.vocabulary import Feature

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.command_run import Erp

ENFORCED = StepTerms(enforces_key=True)
BOUNDED = StepTerms(settles_within=timedelta(0))


def test_the_ledger(erp: Erp) -> None:
    """The answer has the features, the promise and the connections of the built-in ledger."""
    run = erp("adapters", "--json")
    ledger = run.document["adapters"][0]
    assert (0, "beancount", "never twice", ["beancount"]) == (
        run.status,
        ledger["key"],
        ledger["promise"],
        ledger["connections"],
    )
    assert {feature.value for feature in Feature} == set(ledger["features"])
    assert ("full", "impossible") == (
        ledger["features"]["retainage"],
        ledger["features"]["withdraw"],
    )


def test_a_form_decides_the_support_as_in_the_matrix() -> None:
    """Sage 300 CRE declares how an export is unlinked, and not the feature."""
    shown = describe_declaration(load_profile("profile_sage_300_cre"))

    assert "full" == shown["features"]["unlink"]


def test_what_a_person_reads(erp: Erp) -> None:
    """The table has at most 80 columns and states the promise."""
    out = erp("adapters").out
    assert "Promise: never twice." in out
    assert all(len(line) <= 80 for line in out.splitlines())


def test_profile_promises_nothing(erp: Erp) -> None:
    """A profile is shown if it is named, with its loss and without a promise."""
    run = erp("adapters", "--to", "profile_vista", "--json")
    found = {each["key"]: each for each in run.document["adapters"]}
    assert ["beancount", "profile_vista", "tryton"] == sorted(found)
    assert (
        "none, as it is a profile, and nothing can be sent to it"
        == (found["profile_vista"]["promise"])
    )
    assert (True, False) == (found["profile_vista"]["is_profile"], found["beancount"]["is_profile"])


def test_an_installed_adapter_is_found(erp: Erp, two_step: Path) -> None:
    """An installed package's adapter is listed, with its connection."""
    found = {each["key"]: each for each in erp("adapters", "--json").document["adapters"]}
    assert ["two_step_fake"] == found["two_step_fake"]["connections"]
    assert found["two_step_fake"]["promise"].startswith("never twice as long as")


def test_an_adapter_that_does_not_load(
    erp: Erp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that fails to load is reported and skipped."""
    package = tmp_path / "site" / "broken_erp-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: broken_erp\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[erp_invoice_core.adapters]\nbroken = no_such_module\n"
    )
    monkeypatch.syspath_prepend(package.parent)
    run = erp("adapters", "--json")
    assert (0, [("broken", "adapter.skipped")]) == (
        run.status,
        [(problem["path"], problem["code"]) for problem in run.document["problems"]],
    )
    assert "broken was skipped" in erp("adapters").out


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([ENFORCED], "never twice"),
        ([BOUNDED], "never twice as long as"),
        ([ENFORCED, BOUNDED], "never twice as long as"),
        ([StepTerms()], "never twice by us"),
        ([ENFORCED, StepTerms()], "never twice by us"),
        ([], "never twice by us"),
    ],
)
def test_the_promise_is_that_of_the_weakest_step(terms: list[StepTerms], expected: str) -> None:
    """The promise of a plan of several steps is the promise of its weakest step."""
    declared = {f"step_{place}": each for place, each in enumerate(terms)}
    said = describe_promise(Declaration(key="erp", name="ERP", terms=declared))
    assert said.startswith(expected)
    assert ("never twice" == expected) == ("never twice" == said)
