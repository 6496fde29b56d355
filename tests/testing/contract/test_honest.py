"""Honest adapters pass every check, also those of unusual ERPs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.testing.contract.checks import CHECKS
from erp_invoice_core.testing.contract.result import CheckResult
from erp_invoice_core.testing.contract.run import make_check, run_contract
from erp_invoice_core.testing.samples import sample_document

from .honest import Bill, ByNumber, Honest, build_target
from .odd import ODD, SaysLittle

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ODD, ids=[kind.__name__ for kind in ODD])
def test_honest_adapter_passes(kind: type[Honest], tmp_path: Path) -> None:
    """No check refutes it, against an ERP that keeps what the earlier checks sent."""

    def make_folder(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        return folder

    report = run_contract(build_target(kind()), make_folder)

    assert [] == [f"{each.check.name}: {each.why}" for each in report.list_refuted()]
    assert report.is_conformant
    counted = report.count_results()
    # An ERP that shows no documents, or little of them, proves what needs none.
    shows_most = erp.Adapter(kind()).has_read and kind is not SaysLittle
    least = counted[CheckResult.NOT_PROVED] if shows_most else 10
    assert counted[CheckResult.PROVED] > least


def test_checks_that_need_an_override_say_so(tmp_path: Path) -> None:
    """Without the overrides of the contract exactly the checks that need one are not proved."""
    helped = attrs.evolve(build_target(Honest()), refused_documents=lambda: [sample_document()])
    alone = attrs.evolve(
        build_target(Honest()),
        pay=lambda _receipt, _amount: False,
        reverse=lambda _receipt: False,
        edit=lambda _receipt: False,
        closed_days=tuple,
        other_vendor=None,
    )
    missed: list[dict[str, str]] = []
    for target in (helped, alone):
        report = run_contract(target, lambda _name: tmp_path)
        left = (each for each in report.findings if each.result is CheckResult.NOT_PROVED)
        missed.append({each.check.name: each.why for each in left})

    needed = {name: check.needs for name, check in CHECKS.items() if check.needs}
    lost = missed[1].keys() - missed[0].keys()
    # This honest adapter refuses nothing, so that the document above refutes it.
    assert needed.keys() == lost
    assert all(need in missed[1][name] for name in lost for need in needed[name])


class HasNoTotals(Honest):
    """Its ERP lists bills without their number, so that missing ones cannot be noticed."""

    def list_page(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> tuple[list[Bill], int]:
        """Return a page of the bills that a look-up finds."""
        found, _total = super().list_page(request, step, keys)
        return found, 0


@pytest.mark.parametrize(
    ("has_totals", "result"), [(True, CheckResult.REFUTED), (False, CheckResult.NOT_PROVED)]
)
def test_list_without_a_total_is_not_cut(
    result: CheckResult, tmp_path: Path, *, has_totals: bool
) -> None:
    """A list whose missing rows no client can notice is not proved, if the contract says so."""
    target = attrs.evolve(build_target(HasNoTotals()), lists_have_totals=has_totals)
    finding = make_check(CHECKS["fault.look_up"], target, tmp_path)

    assert result is finding.result, finding.why
    assert has_totals or "lists_have_totals" in finding.why


def test_no_key_is_advised_where_there_are_none(tmp_path: Path) -> None:
    """Posting a posted bill changes nothing, which is no promise about a key."""
    finding = make_check(CHECKS["write.not_repeated"], build_target(ByNumber()), tmp_path)

    assert CheckResult.PROVED is finding.result
    assert "enforces_key" not in finding.why
    assert not any(word.path.endswith("enforces_key") for word in finding.left)
