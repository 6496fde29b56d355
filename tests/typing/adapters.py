"""The types of adapters, checked by mypy and never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erp_invoice_core.adapters import Declaration, ErpAdapter, Unknown

if TYPE_CHECKING:
    from erp_invoice_core.adapters import Contents, ExportRequest, Gone, Outcome, Receipt, Step


class Right(ErpAdapter[int]):
    """An adapter whose session is a number."""

    def erp_declaration(self) -> Declaration:
        """Declare nothing."""
        return Declaration(key="right", name="Right")

    def erp_write(
        self, session: int, request: ExportRequest, step: Step, receipts: tuple[Receipt, ...]
    ) -> Outcome:
        """Write nothing."""
        return Unknown(f"{session + 1} {request.connection} {step.name} {len(receipts)}")


class WrongResult(Right):
    """A hook with another result is an error."""

    def erp_read(self, session: int, receipt: Receipt) -> str:  # type: ignore[override] # this is what is promised
        """Return a text."""
        return f"{session} {receipt.erp_id}"


class WrongArgument(Right):
    """A hook with another argument is an error."""

    def erp_read(self, session: int, receipt: str) -> Contents | Gone:  # type: ignore[override] # and this
        """Read nothing."""
        raise NotImplementedError


class WrongSession(Right):
    """A hook with another session is an error."""

    def erp_withdraw(self, session: bytes, receipt: Receipt) -> Outcome:  # type: ignore[override] # and this
        """Remove nothing."""
        return Unknown(f"{session!r} {receipt.erp_id}")


class Coroutine(Right):
    """A hook written with ``async def`` is an error."""

    async def erp_withdraw(self, session: int, receipt: Receipt) -> Outcome:  # type: ignore[override] # and this
        """Remove nothing."""
        return Unknown(f"{session} {receipt.erp_id}")


class WrongPayments(Right):
    """A hook with amounts in place of payments is an error."""

    def erp_payments(self, session: int, receipt: Receipt) -> tuple[int, ...]:  # type: ignore[override] # and this
        """Return the amounts."""
        return (session, len(receipt.erp_id))


class WrongPeriods(Right):
    """A hook with names in place of periods is an error."""

    def erp_periods(self, session: int) -> tuple[str, ...]:  # type: ignore[override] # and this
        """Return the names."""
        return (str(session),)
