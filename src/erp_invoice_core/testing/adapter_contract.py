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
from .contract.result import CheckResult
from .contract.run import make_check
from .contract.trial import Target, Trial, open_trial
from .samples import sample_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal
    from pathlib import Path

    from ..adapters import ExportDocument, Receipt
    from .contract.check import Check
    from .faults import FaultTransport

_RUN_LENGTH = 6


class AdapterContract:
    """
    A test suite for an adapter: subclass it, and set ``plugin`` and ``settings``.

    It tests that the adapter does what it declares, with one test for each check of the contract.
    Each of them opens a connection of its own with ``settings``, and exports copies of ``document``
    with new ids and numbers. The suite can therefore run again on an ERP that keeps the bills of
    earlier runs.
    """

    #: The module or instance whose hooks are tested.
    plugin: object
    #: Environment variables that give further settings, as ``ERP_LEDGERLY_TOKEN``.
    environ: ClassVar[Mapping[str, str]] = MappingProxyType({})
    #: True if other people see the ERP: what it is declared to refuse is not tried.
    is_shared: ClassVar[bool] = False
    #: The ERP id of a second vendor, or ``None``.
    other_vendor: ClassVar[str | None] = "V-OTHER"
    #: How many bills of one vendor the checks of long lists make; raise it above your page limits.
    list_length: ClassVar[int] = 30
    #: False if the lists of the ERP have no total by which the adapter notices missing rows.
    lists_have_totals: ClassVar[bool] = True
    #: The bytes of the largest attachment that the checks send; a host sends at most 104,857,600.
    largest_file: ClassVar[int] = 1_000_000
    #: The ids of tax codes in the ERP, beside those of the lines of ``document``.
    tax_codes: ClassVar[Sequence[str]] = ()
    #: The longest time that a check waits for the ERP; a longer declared time is not proved.
    patience: ClassVar[timedelta] = timedelta(seconds=5)
    #: A text that no other run against the same ERP has; invoice numbers begin with it.
    run: ClassVar[str] = uuid.uuid4().hex[:_RUN_LENGTH].upper()
    _numbers: ClassVar[Iterator[int]] = count(1)

    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        """Return the settings of a new connection; *tmp_path* is a folder of this test alone."""
        del tmp_path
        return {}

    def document(self) -> ExportDocument:
        """Return an invoice whose vendor, job, commitment and cost codes exist in the ERP."""
        return sample_document()

    def refused_documents(self) -> Sequence[ExportDocument]:
        """Return invoices that the adapter must refuse, in ``erp_check`` or in ``erp_write``."""
        return ()

    def closed_days(self) -> Sequence[date]:
        """
        Return days in closed accounting periods of the sandbox, best the first and last day of one.

        By default there is no such day, and the check ``periods.known`` is not proved.
        """
        return ()

    def pay(self, receipt: Receipt, amount: Decimal) -> bool | date:
        """
        Pay an amount of a document in the sandbox, without the adapter.

        Return the day of the payment in the ERP, which a check compares with the payment that the
        adapter reads. Return true if you do not know the day, and false if nothing was paid.

        An amount whose sign is opposite to that of the document voids all payments of it. By
        default nothing is paid, and the check ``payments.paid`` is not proved.
        """
        del receipt, amount
        return False

    def reverse(self, receipt: Receipt) -> bool:
        """
        Reverse, void or delete a document in the sandbox, without the adapter.

        Return false if nothing was reversed. By default nothing is, and the check
        ``removal.reversed`` is not proved.
        """
        del receipt
        return False

    def edit(self, receipt: Receipt) -> bool:
        """
        Give a document another invoice number in the sandbox, without the adapter.

        Return false if nothing was changed. By default nothing is, and the check ``read.edited`` is
        not proved.
        """
        del receipt
        return False

    def target(self) -> Target:
        """Return the adapter under test, with its settings, its invoices and its transport."""
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
            list_length=self.list_length,
            lists_have_totals=self.lists_have_totals,
            largest_file=self.largest_file,
            tax_codes=tuple(self.tax_codes),
            closed_days=self.closed_days,
            transport=self._choose_transport(),
            patience=self.patience,
            pay=self.pay,
            reverse=self.reverse,
            edit=self.edit,
        )

    def _choose_transport(self) -> Callable[[], FaultTransport] | None:
        transport = self.transport()
        return None if transport is None else lambda: transport

    def transport(self) -> FaultTransport | None:
        """
        Return the transport into which checks inject faults, such as a ``FaultPoint``; or ``None``.

        An adapter with a setting ``base_url`` needs none: its requests pass a proxy.
        """
        return None

    @contextmanager
    def trial(self, tmp_path: Path) -> Iterator[Trial]:
        """Connect the adapter, and yield a trial with a sample invoice, for tests of your own."""
        with open_trial(self.target(), self._load(), tmp_path) as trial:
            yield trial

    def _load(self) -> Adapter:
        """Return the loaded adapter; if it does not load, skip the test with the reason."""
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
        """
        The adapter passes the check, or declares nothing that the check is about.

        The test is skipped, with the reason, if the check could not be tried.
        """
        self._load()
        finding = make_check(check, self.target(), tmp_path)
        if finding.result is CheckResult.NOT_PROVED:
            pytest.skip(finding.why)
        if finding.result is CheckResult.REFUTED:
            more = f"Refutes: {check.lie} More: {check.link} of the documentation."
            pytest.fail(f"{check.sentence}\n{finding.why}\n{more}", pytrace=False)
