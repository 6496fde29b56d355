"""The matrix of features by ERP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.contrib.profiles import PROFILES
from erp_invoice_core.vocabulary import Feature

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.command_run import Erp


def test_matrix_has_adapters_and_profiles(erp: Erp, two_step: Path) -> None:
    """The matrix has the installed adapters and every profile, each with every feature."""
    run = erp("adapters", "--matrix", "--json")
    rows = {each["key"]: each for each in run.document["matrix"]}
    assert (0, 3 + len(PROFILES), []) == (run.status, len(rows), run.document["problems"])
    assert {"beancount", "tryton", "two_step_fake", *PROFILES} == set(rows)
    assert {key for key, row in rows.items() if row["is_profile"]} == set(PROFILES)
    assert all({each.value for each in Feature} == set(row["features"]) for row in rows.values())
    # The form of its unlinking says that the ERP can do it.
    assert ("full", "missing", "undeclared") == (
        rows["profile_sage_300_cre"]["features"]["unlink"],
        rows["profile_yardi"]["features"]["purchase_orders"],
        rows["profile_vista"]["features"]["unit_based"],
    )
    assert ("line", "refused") == (
        rows["profile_netsuite"]["retainage"],
        rows["profile_xero"]["negative"],
    )


def test_matrix_that_a_person_reads(erp: Erp) -> None:
    """The tables have at most 80 columns and every feature in words."""
    out = erp("adapters", "--matrix").out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "Spectrum" in out
    assert "amount based" in out
    assert "full, dropped" in out


def test_matrix_reports_skipped_plugins(
    erp: Erp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that fails to load is reported below the tables."""
    package = tmp_path / "site" / "broken_erp-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: broken_erp\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(
        "[erp_invoice_core.adapters]\nbroken = no_such_module\n"
    )
    monkeypatch.syspath_prepend(package.parent)
    assert "broken was skipped" in erp("adapters", "--matrix").out
    problems = erp("adapters", "--matrix", "--json").document["problems"]
    assert ["adapter.skipped"] == [problem["code"] for problem in problems]
