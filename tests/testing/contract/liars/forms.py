"""False adapters: look-ups that miss invoices of one form, and lists of several pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from erp_invoice_core import adapters as erp
from erp_invoice_core.documents import normalize_number

from ..honest import Bill, ByNumber, Honest
from ..odd import InPages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_LARGE = Decimal(100_000)


class _Misses(Honest):
    """Finds no bill of one form."""

    def search(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        """Leave the bills of the form out."""
        found = super().search(request, step, keys)
        return [bill for bill in found if not self.is_missed(bill, request)]

    def is_missed(self, bill: Bill, _request: erp.ExportRequest) -> bool:
        """Return whether the bill has the form."""
        return bill.currency != "USD"


class MissesOtherCurrency(_Misses):
    """Finds bills in US dollars only."""


class MissesZero(_Misses):
    """Finds no bill over nothing."""

    def is_missed(self, bill: Bill, _request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.due == 0


class MissesCredits(_Misses):
    """Finds no bill below zero."""

    def is_missed(self, bill: Bill, _request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.due < 0


class MissesReleases(_Misses):
    """Finds no bill that releases retainage."""

    def is_missed(self, bill: Bill, _request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.released != 0


class MissesRetainage(_Misses):
    """Finds no bill that holds retainage."""

    def is_missed(self, bill: Bill, _request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.retained != 0


class MissesOldBills(_Misses):
    """Finds no bill that is older than 90 days."""

    def is_missed(self, bill: Bill, _request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.date is not None and bill.date < _find_today() - timedelta(days=90)


class MissesBillsToCome(_Misses):
    """Finds no bill of a day to come."""

    def is_missed(self, bill: Bill, _request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.date is not None and bill.date > _find_today() + timedelta(days=14)


class ComparesLargeAmounts(_Misses):
    """Compares the amount, of large bills only."""

    def is_missed(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return abs(bill.due) >= _LARGE and bill.due != request.document.due


class ComparesAmountOfOtherCurrency(_Misses):
    """Compares the amount, of bills in another currency only."""

    def is_missed(self, bill: Bill, request: erp.ExportRequest) -> bool:  # noqa: D102 - its class says the lie
        return bill.currency != "USD" and bill.due != request.document.due


class FindsCreditEarly(Honest):
    """Finds the posting of a credit as soon as there is one."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        if step.kind == "post" and request.document.due < 0:
            keys = tuple(key.replace("/post", "/bill") for key in keys)
            return super().search(request, attrs.evolve(step, kind="bill"), keys)
        return super().search(request, step, keys)


class _Copies(Honest):
    """Shows values of the request in a look-up."""

    @erp.hookimpl
    def erp_find(
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> erp.Sighting:
        """Put the values of the request in place of those of the bill."""
        sighting = super().erp_find(request, step, keys)
        if not isinstance(sighting, erp.Found):
            return sighting
        return erp.Found(
            sighting.receipt, attrs.evolve(sighting.contents, **self.copy(request, step))
        )

    def copy(self, request: erp.ExportRequest, _step: erp.Step) -> dict[str, Any]:
        """Return the values that are copied."""
        return {"date": request.accounting_date}


class CopiesDate(_Copies):
    """Shows the accounting date of the request."""


class CopiesForLaterSteps(_Copies):
    """Shows the amount of the request, for the posting only."""

    def copy(self, request: erp.ExportRequest, step: erp.Step) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        return {"amount": request.document.due} if step.kind == "post" else {}


class CopiesOfCredits(_Copies):
    """Shows the gross amount of the request, for credits only."""

    def copy(self, request: erp.ExportRequest, _step: erp.Step) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        document = request.document
        return {"gross": document.gross} if document.due < 0 else {}


class CopiesRetainage(_Copies):
    """Shows the retainage of the request."""

    def copy(self, request: erp.ExportRequest, _step: erp.Step) -> dict[str, Any]:  # noqa: D102 - its class says the lie
        return {"retained": request.document.retained}


class TakesEqualAmount(ByNumber):
    """Takes the one bill of several that has our amount."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        found = super().search(request, step, keys)
        equal = [bill for bill in found if bill.due == request.document.due]
        return equal if len(equal) == 1 else found


class AbsentWithoutNumber(ByNumber):
    """Says of an invoice without a number that it is not there."""

    def search(  # noqa: D102 - its class says the lie
        self, request: erp.ExportRequest, step: erp.Step, keys: tuple[str, ...]
    ) -> list[Bill]:
        has_number = normalize_number(request.number or "")
        return super().search(request, step, keys) if has_number else []


class EndsAtFailedPage(InPages):
    """Takes a later page that fails for the end of the list."""

    def read_page(self, first: int) -> tuple[Sequence[Bill], int]:  # noqa: D102 - its class says the lie
        try:
            return super().read_page(first)
        except (OSError, RuntimeError):
            if first:
                return (), first
            raise


class EndsAtShortPage(InPages):
    """Takes a later page that is cut for the last one, whatever number the ERP names."""

    def is_whole(self, found: Sequence[Bill], total: int) -> bool:  # noqa: D102 - its class says the lie
        return super().is_whole(found, total) or len(found) > self.page


def _find_today() -> date:
    return datetime.now(UTC).date()


LIES = {
    MissesOtherCurrency: "look_up.every_form",
    MissesZero: "look_up.every_form",
    MissesCredits: "look_up.every_form",
    MissesReleases: "look_up.every_form",
    MissesRetainage: "look_up.every_form",
    MissesOldBills: "look_up.every_form",
    MissesBillsToCome: "look_up.every_form",
    ComparesLargeAmounts: "look_up.every_form",
    ComparesAmountOfOtherCurrency: "look_up.every_form",
    FindsCreditEarly: "look_up.every_form",
    CopiesDate: "look_up.every_form",
    CopiesForLaterSteps: "look_up.every_form",
    CopiesOfCredits: "look_up.every_form",
    CopiesRetainage: "look_up.every_form",
    TakesEqualAmount: "look_up.several",
    AbsentWithoutNumber: "look_up.blank_number",
    EndsAtFailedPage: "fault.later_page",
    EndsAtShortPage: "fault.later_page",
}
