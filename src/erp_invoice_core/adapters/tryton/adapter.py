"""The hooks of the Tryton adapter: create a draft, attach its files, post it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from ...documents import Step
from ...exchange import Deferred
from ...vocabulary import Role
from ..erp_adapter import ErpAdapter
from .declaration import ATTACH, BILL, POST, SETTLES_WITHIN, TIME_LIMIT, build_declaration
from .look_up import LINK, find_step, read_document
from .payments import read_payments
from .periods import read_periods
from .writes import check_request, withdraw_bill, write_step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...declaration import Declaration
    from ...documents import AccountingPeriod, Receipt
    from ...exchange import (
        CannotTell,
        Contents,
        ErpPayment,
        ExportRequest,
        Gone,
        Outcome,
        Sighting,
    )
    from ...verdict import Verdict
    from ..settings import SettingValue
    from .session import TrytonSession

#: The part of the time limit that the requests of a call may take.
_PART: Final = 0.9
_NO_CLIENT: Final = (
    "Tryton is reached by the package httpx2, which is not installed. Install"
    " erp_invoice_core[http]."
)


@attrs.frozen(kw_only=True)
class TrytonAdapter(ErpAdapter["TrytonSession"]):
    """
    The adapter plugin of Tryton.

    Attributes:
        settles_within: How long after it was sent a request may still be executed.
        time_limit: The time limit of each call of a hook.
    """

    settles_within: timedelta = SETTLES_WITHIN
    time_limit: timedelta = TIME_LIMIT

    def erp_declaration(self) -> Declaration:
        """Return the declaration."""
        return build_declaration(settles_within=self.settles_within, time_limit=self.time_limit)

    def erp_steps(self, request: ExportRequest) -> tuple[Step, ...]:
        """Plan the draft bill, a step for each file and each link, and the posting of the bill."""
        role = Role.CREDIT if request.document.due < 0 else Role.BILL
        files = (Step(f"attach {each.id}", ATTACH, None, each.id) for each in request.files)
        links = (Step(f"{LINK}{each.id}", ATTACH) for each in request.links)
        return (Step("bill", BILL, role), *files, *links, Step("post", POST))

    def erp_connect(self, settings: Mapping[str, SettingValue]) -> TrytonSession | Deferred:
        """Return a session, or a deferral if ``httpx2`` is not installed. Nothing is sent yet."""
        try:
            from .session import TrytonSession  # noqa: PLC0415 - the extra http is optional
        except ModuleNotFoundError as missing:
            if missing.name != "httpx2":
                raise
            return Deferred(None, _NO_CLIENT, needs_person=True)
        return TrytonSession(settings, self.time_limit.total_seconds() * _PART)

    def erp_check(self, session: TrytonSession, request: ExportRequest) -> Verdict | Deferred:
        """Return why Tryton would refuse the bill: a missing record, a closed period, and so on."""
        session.client.begin_call()
        return check_request(session, request)

    def erp_write(
        self,
        session: TrytonSession,
        request: ExportRequest,
        step: Step,
        receipts: tuple[Receipt, ...],
    ) -> Outcome:
        """Create the draft bill, attach a file or a link to it, or post it."""
        session.client.begin_call()
        return write_step(session, request, step, receipts)

    def erp_find(
        self, session: TrytonSession, request: ExportRequest, step: Step, keys: tuple[str, ...]
    ) -> Sighting:
        """Look up the step's bill by vendor and invoice number, as Tryton keeps no keys."""
        del keys
        session.client.begin_call()
        return find_step(session, request, step)

    def erp_read(self, session: TrytonSession, receipt: Receipt) -> Contents | Gone | CannotTell:
        """Read a bill by its id; one that was deleted or cancelled is gone."""
        session.client.begin_call()
        return read_document(session, receipt)

    def erp_withdraw(self, session: TrytonSession, receipt: Receipt) -> Outcome:
        """Delete a draft; refuse a bill in the books, which a person must cancel in Tryton."""
        session.client.begin_call()
        return withdraw_bill(session, receipt)

    def erp_payments(
        self, session: TrytonSession, receipt: Receipt
    ) -> tuple[ErpPayment, ...] | CannotTell:
        """Read the payments that are reconciled with a bill."""
        session.client.begin_call()
        return read_payments(session, receipt)

    def erp_periods(self, session: TrytonSession) -> tuple[AccountingPeriod, ...] | CannotTell:
        """Read the periods of the company's fiscal years."""
        session.client.begin_call()
        return read_periods(session)
