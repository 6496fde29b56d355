"""The contract of an ERP adapter: a test suite to subclass."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import pytest

from ..adapters import Adapter, InvalidAdapter
from .contract.checks import CHECKS
from .contract.result import Refuted, Result
from .contract.run import make_check
from .contract.trial import Target, Trial, open_trial
from .samples import sample_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from decimal import Decimal
    from pathlib import Path

    from ..adapters import ExportDocument, Receipt
    from .contract.check import Check
    from .faults import FaultTransport

_RUN_LENGTH = 6


class AdapterContract:
    """
    The tests of an adapter; subclass it, name the ``plugin``, and give its settings.

    There is one test for each check. Each takes a connection of its own (``settings``) and invoices
    of its own, made from ``document``: a suite may run against an ERP that keeps what it was sent.
    """

    #: The module or instance whose hooks are tested.
    plugin: object
    #: Environment variables that give further settings, as ``ERP_LEDGERLY_TOKEN``.
    environ: ClassVar[Mapping[str, str]] = MappingProxyType({})
    #: True if other people see the ERP: what it is declared to refuse is not tried.
    is_shared: ClassVar[bool] = False
    #: The ERP id of a second vendor, or ``None``.
    other_vendor: ClassVar[str | None] = "V-OTHER"
    #: The ids of tax codes in the ERP, beside those of the lines of ``document``.
    tax_codes: ClassVar[Sequence[str]] = ()
    #: The longest time that a check waits for the ERP; a longer declared time is not proved.
    patience: ClassVar[timedelta] = timedelta(seconds=5)
    #: A text that no other run against the same ERP has; invoice numbers begin with it.
    run: ClassVar[str] = uuid.uuid4().hex[:_RUN_LENGTH].upper()
    _numbers: ClassVar[Iterator[int]] = count(1)

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Return the settings of a fresh connection."""
        del tmp_path
        return {}

    def document(self) -> ExportDocument:
        """Return an invoice whose vendor, job, commitment and cost codes exist in the ERP."""
        return sample_document()

    def refused_documents(self) -> Sequence[ExportDocument]:
        """Return invoices that the adapter refuses, in its check or as it writes."""
        return ()

    def pay(self, receipt: Receipt, amount: Decimal) -> bool:
        """
        Pay an amount of a document in the sandbox, beside the adapter; return whether it was done.

        An amount of the sign other than that of the document voids all its payments.
        """
        del receipt, amount
        return False

    def target(self) -> Target:
        """Return the adapter, and how its ERP is reached."""
        return Target(
            plugin=self.plugin,
            settings=self.settings,
            environ=self.environ,
            document=self.document,
            refused_documents=self.refused_documents,
            run=self.run,
            numbers=self._numbers,
            is_shared=self.is_shared,
            other_vendor=self.other_vendor,
            tax_codes=tuple(self.tax_codes),
            transport=self._choose_transport(),
            patience=self.patience,
            pay=self.pay,
        )

    def _choose_transport(self) -> Callable[[], FaultTransport] | None:
        transport = self.transport()
        return None if transport is None else lambda: transport

    def transport(self) -> FaultTransport | None:
        """
        Return the transport of the adapter's requests, for the checks with faults.

        An adapter with a setting ``base_url`` needs none: its requests pass a proxy.
        """
        return None

    @contextmanager
    def trial(self, tmp_path: Path) -> Iterator[Trial]:
        """Provide the adapter, loaded and connected, with a request, for further tests."""
        with open_trial(self.target(), self._load(), tmp_path) as trial:
            yield trial

    def _load(self) -> Adapter:
        """Return the adapter; a test of one that does not load is skipped with the reason."""
        try:
            return Adapter(self.plugin)
        except InvalidAdapter as invalid:
            reason = str(invalid)
        pytest.skip(f"The adapter does not load. {reason}")

    def test_adapter_loads(self) -> None:
        """The required hooks are there, none is misspelt, and the declaration is valid."""
        try:
            Adapter(self.plugin)
        except InvalidAdapter as invalid:
            reason = str(invalid)
        else:
            return
        pytest.fail(f"The adapter does not load. {reason}", pytrace=False)

    @pytest.mark.parametrize("check", CHECKS.values(), ids=list(CHECKS))
    def test_check(self, check: Check, tmp_path: Path) -> None:
        """The adapter does what its declaration says; a check of undeclared words passes."""
        self._load()
        finding = make_check(check, self.target(), tmp_path)
        if finding.result is Result.NOT_PROVED:
            pytest.skip(finding.why)
        if finding.result is Result.REFUTED:
            pytest.fail(f"{check.sentence}\n{finding.why}", pytrace=False)


__all__ = ["AdapterContract", "Refuted", "Trial"]
