"""The built-in ledger and the fake ERP keep the contract; false adapters are caught."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.testing import AdapterContract, TwoStepErp, sample_document
from erp_invoice_core.testing.contract.checks import CHECKS

from ..testing.contract.liars.amounts import BooksAnotherVendor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEFAULT = Path(__file__).parents[2] / ".tools" / "beancount" / "bin"
CHECKER = Path(os.environ.get("ERP_TEST_BEANCOUNT", _DEFAULT)) / "bean-check"


class TestLedger(AdapterContract):
    """The embedded ledger."""

    plugin = beancount

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Use a ledger in the test's folder."""
        return {"path": str(tmp_path / "books.beancount")}

    def refused_documents(self) -> Sequence[erp.ExportDocument]:
        """Return a document that no ledger can hold."""
        document = sample_document()
        return (
            attrs.evolve(document, billing_date=None),
            attrs.evolve(document, billing_date=datetime(1969, 12, 31, tzinfo=UTC).date()),
            attrs.evolve(document, vendor_origin_id=None),
            attrs.evolve(document, invoice_number="\ud800"),
        )


@pytest.mark.soak
@pytest.mark.skipif(not CHECKER.exists(), reason=f"Beancount is not installed in {CHECKER.parent}.")
class TestCheckedLedger(TestLedger):
    """The embedded ledger, each entry of which Beancount's own program checks."""

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Check the ledger with each entry before it is written."""
        return {**super().settings(tmp_path), "bean_check": str(CHECKER)}


class TestTwoSteps(AdapterContract):
    """The fake ERP of two steps, without promises about keys."""

    @property
    def plugin(self) -> object:  # type: ignore[override]  # a fake of its own for every test
        """Return an empty fake ERP."""
        return TwoStepErp()


class TestTwoStepsThatKeepKeys(AdapterContract):
    """The fake ERP of two steps with every promise about keys; its ledger is a file."""

    plugin = TwoStepErp(enforces_key=True, compares_body=True, replay=erp.Replay.EVERYTHING)

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Use a ledger in the test's folder."""
        return {"path": str(tmp_path / "fake.json")}


class Misspelt:
    """Has a hook with a misspelt name."""

    @erp.hookimpl
    def erp_fnd(self) -> None:
        """Do nothing."""


def test_adapter_that_does_not_load_fails_once(tmp_path: Path) -> None:
    """One test fails with the reason, and the others are skipped with it."""

    class Contract(AdapterContract):
        plugin = Misspelt()

    reason = r"The adapter does not load\. It has an unknown hook erp_fnd\. Did you mean erp_find\?"
    with pytest.raises(pytest.fail.Exception, match=reason):
        Contract().test_adapter_loads()
    check = next(iter(CHECKS.values()))
    for test in (
        lambda: Contract().test_check(check, tmp_path),
        lambda: Contract().trial(tmp_path).__enter__(),
    ):
        with pytest.raises(pytest.skip.Exception, match=reason):
            test()


def test_adapter_that_is_not_loaded_has_a_repr() -> None:
    """The traceback of a failed load shows the adapter."""
    assert "<Adapter not loaded>" == repr(erp.Adapter.__new__(erp.Adapter))


def test_refuted_check_fails_with_its_sentence(tmp_path: Path) -> None:
    """The failure says what is checked, what was declared and seen, where to look, and more."""

    class Contract(AdapterContract):
        plugin = BooksAnotherVendor()

    with pytest.raises(pytest.fail.Exception) as failed:
        Contract().test_check(CHECKS["contents.as_sent"], tmp_path)

    sentence, seen, more = str(failed.value).splitlines()
    assert (
        "The bill in the ERP has the vendor, number, amount and date sent: it is paid by these."
        == sentence
    )
    assert "vendor_origin_id is kept" in seen
    assert "Look at " in seen
    assert (
        "Refutes: The bill has another vendor, number, amount or date than was sent. More:"
        " reference/checks.md#contentsas_sent of the documentation."
    ) == more
