"""The built-in ledger and the fake ERP keep the contract; false adapters are caught."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest

from erp_invoice_core import adapters as erp
from erp_invoice_core.adapters import beancount
from erp_invoice_core.testing import AdapterContract, TwoStepErp, sample_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEFAULT = Path(__file__).parents[2] / ".tools" / "beancount" / "bin"
BIN = Path(os.environ.get("ERP_TEST_BEANCOUNT", _DEFAULT))


class TestLedger(AdapterContract):
    """The embedded ledger."""

    plugin = beancount

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Use a ledger in the test's folder; each entry is checked if Beancount is installed."""
        checker = BIN / "bean-check"
        more = {"bean_check": str(checker)} if checker.exists() else {}
        return {"path": str(tmp_path / "books.beancount"), **more}

    def refused_documents(self) -> Sequence[erp.ExportDocument]:
        """Return a document that no ledger can hold."""
        document = sample_document()
        return (
            attrs.evolve(document, billing_date=None),
            attrs.evolve(document, billing_date=datetime(1969, 12, 31, tzinfo=UTC).date()),
            attrs.evolve(document, vendor_origin_id=None),
            attrs.evolve(document, invoice_number="\ud800"),
        )


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


@attrs.define(eq=False)
class Honest:
    """A complete adapter in memory; each false adapter below changes one thing."""

    bills: dict[str, tuple[erp.Receipt, erp.Contents]] = attrs.Factory(dict)

    @erp.hookimpl
    def erp_declaration(self) -> erp.Declaration:
        """Declare a look-up, a replay, a key that is kept, and that bills can be removed."""
        return self.declared()

    def declared(self) -> erp.Declaration:
        """Return the declaration."""
        terms = erp.StepTerms(
            look_up=erp.LookUp.KEY,
            settles_within=timedelta(0),
            replay=erp.Replay.EVERYTHING,
            compares_body=True,
            enforces_key=True,
        )
        return erp.Declaration(
            key="honest",
            name="Honest",
            features=dict.fromkeys(erp.Feature, erp.Support.FULL),
            terms={"bill": terms},
            retainage=erp.RetainageForm.NATIVE,
            withdraw=erp.WithdrawForm.FULL,
            unlink=erp.UnlinkForm.DELETE_FIRST,
            settings=(erp.Setting(name="token", kind=erp.SettingKind.SECRET, default="hush-hush"),),
        )

    @erp.hookimpl
    def erp_connect(self, settings: Mapping[str, object]) -> object:
        """Open the session."""
        return self.session(settings["token"])

    def session(self, token: object) -> object:
        """Return a session that has the token."""
        return (token,)

    def late(self, request: erp.ExportRequest) -> bool:
        """Return whether the deadline has passed."""
        return datetime.now(UTC) > request.deadline

    def contents(self, request: erp.ExportRequest, key: str) -> erp.Contents:
        """Return the stored contents of a request."""
        return erp.Contents(
            vendor=request.document.vendor_origin_id,
            number=request.number,
            amount=request.document.due,
            date=request.accounting_date,
            key=key,
            digest=request.digest,
        )

    def erp_id(self, key: str) -> str:
        """Return the id of the bill of a key."""
        return f"B-{key}"

    @erp.hookimpl
    def erp_write(self, request: erp.ExportRequest, step: erp.Step) -> erp.Outcome:
        """Make the bill, once per key."""
        key = request.key(step).text
        if self.late(request):
            return erp.Deferred(None, "Too late.")
        if key in self.bills:
            return self.again(request, key)
        receipt = erp.Receipt(
            step=step.name, erp_id=self.erp_id(key), role=step.role, digest=request.digest
        )
        self.bills[key] = (receipt, self.contents(request, key))
        return erp.Done(receipt)

    def again(self, request: erp.ExportRequest, key: str) -> erp.Outcome:
        """Answer a known key."""
        receipt, _ = self.bills[key]
        if receipt.digest != request.digest:
            denial = erp.Denial(self.code(), "Use another key.", erp.Source.ERP)
            return erp.Refused(erp.deny(denial))
        return erp.Done(receipt)

    def code(self) -> str:
        """Return the code of the refusal."""
        return "honest.key_reused"

    @erp.hookimpl
    def erp_find(self, keys: tuple[str, ...]) -> erp.Sighting:
        """Look the key up."""
        for key in keys:
            if key in self.bills:
                return erp.Found(*self.bills[key])
        return erp.Absent(datetime.now(UTC))

    @erp.hookimpl
    def erp_read(self, receipt: erp.Receipt) -> erp.Contents | erp.Gone:
        """Read the bill."""
        for known, contents in self.bills.values():
            if known.erp_id == receipt.erp_id:
                return contents
        return erp.Gone(datetime.now(UTC))

    @erp.hookimpl
    def erp_withdraw(self, receipt: erp.Receipt) -> erp.Outcome:
        """Remove the bill."""
        for key, (known, _) in list(self.bills.items()):
            if known.erp_id == receipt.erp_id:
                self.removed(key)
        return erp.Done(receipt)

    def removed(self, key: str) -> None:
        """Remove the bill."""
        del self.bills[key]


class TestHonest(AdapterContract):
    """The adapter from which each false adapter differs in one thing."""

    @property
    def plugin(self) -> object:  # type: ignore[override]  # a fake of its own for every test
        """Return an empty one."""
        return Honest()


class ForgetsFeature(Honest):
    """Declares nothing about retainage."""

    def declared(self) -> erp.Declaration:  # noqa: D102
        declaration = super().declared()
        features = dict(declaration.features)
        del features[erp.Feature.RETAINAGE]
        return attrs.evolve(declaration, features=features)


class HidesLookUp(Honest):
    """Has a look-up and declares none."""

    def declared(self) -> erp.Declaration:  # noqa: D102
        return attrs.evolve(super().declared(), terms={"bill": erp.StepTerms()})


class ShowsSecret(Honest):
    """Shows its token in its session."""

    def session(self, token: object) -> object:  # noqa: D102
        assert isinstance(token, erp.Secret)
        return (token.reveal(),)


class IgnoresDeadline(Honest):
    """Writes after the deadline."""

    def late(self, request: erp.ExportRequest) -> bool:  # noqa: D102
        return False


class MakesTwo(Honest):
    """Makes another bill if a key comes again."""

    def again(self, request: erp.ExportRequest, key: str) -> erp.Outcome:  # noqa: D102
        receipt, contents = self.bills.pop(key)
        self.bills[key] = (attrs.evolve(receipt, erp_id="B-2"), contents)
        return erp.Done(self.bills[key][0])


class TakesAnyBody(Honest):
    """Answers the first bill to a key with other content."""

    def again(self, request: erp.ExportRequest, key: str) -> erp.Outcome:  # noqa: D102
        return erp.Done(self.bills[key][0])


class SpeaksForOthers(Honest):
    """Refuses with a code of another adapter."""

    def code(self) -> str:  # noqa: D102
        return "ledgerly.key_reused"


class SharesId(Honest):
    """Gives every bill the same id."""

    def erp_id(self, key: str) -> str:  # noqa: D102
        return "B-1"


class RoundsAmount(Honest):
    """Keeps whole dollars and declares that it keeps the amount."""

    def contents(self, request: erp.ExportRequest, key: str) -> erp.Contents:  # noqa: D102
        contents = super().contents(request, key)
        assert contents.amount is not None
        return attrs.evolve(contents, amount=contents.amount.quantize(Decimal(1)))


class KeepsWithdrawn(Honest):
    """Answers that it removed a bill that still exists."""

    def removed(self, key: str) -> None:  # noqa: D102
        pass


LIARS = {
    ForgetsFeature: "test_every_feature_is_declared",
    HidesLookUp: "test_absent_hooks_are_declared_absent",
    ShowsSecret: "test_no_secret_is_shown",
    IgnoresDeadline: "test_too_late_writes_nothing",
    MakesTwo: "test_same_key_twice_is_one_document",
    TakesAnyBody: "test_same_key_with_other_content_is_refused",
    SpeaksForOthers: "test_same_key_with_other_content_is_refused",
    SharesId: "test_other_documents_have_other_ids",
    RoundsAmount: "test_document_reads_back_as_sent",
    KeepsWithdrawn: "test_withdrawn_document_is_gone",
}


@pytest.mark.parametrize("liar", LIARS, ids=lambda liar: liar.__name__)
def test_contract_catches_liar(liar: type[Honest], tmp_path: Path) -> None:
    """An adapter that breaks its declaration fails the test of that promise."""

    class Contract(AdapterContract):
        plugin = liar()

    test = getattr(Contract(), LIARS[liar])
    with pytest.raises(AssertionError):
        test(*([] if "declared" in LIARS[liar] else [tmp_path]))


class Misspelt(Honest):
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
    for test in (Contract().test_every_feature_is_declared, lambda: Contract().trial(tmp_path)):
        with pytest.raises(pytest.skip.Exception, match=reason):
            test()


def test_adapter_that_is_not_loaded_has_a_repr() -> None:
    """The traceback of a failed load shows the adapter."""
    assert "<Adapter not loaded>" == repr(erp.Adapter.__new__(erp.Adapter))


def test_failed_assertion_of_a_contract_shows_its_values() -> None:
    """The assertions of the contracts are rewritten as those of a test module are."""
    with pytest.raises(AssertionError, match="retainage"):
        _build_contract(ForgetsFeature()).test_every_feature_is_declared()


def _build_contract(adapter: Honest) -> AdapterContract:
    class Contract(AdapterContract):
        plugin = adapter

    return Contract()
