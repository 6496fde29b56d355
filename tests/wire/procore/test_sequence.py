"""The sequence of a commitment's requisitions."""

from __future__ import annotations

from typing import Any

from erp_invoice_core.documents import Invoice
from erp_invoice_core.vocabulary import InvoiceStatus
from erp_invoice_core.wire.procore.fields import Report, Scope
from erp_invoice_core.wire.procore.sequence import check_sequence


class Counted(dict[str, tuple[Scope, Invoice]]):
    """Requisitions by id, with a count of the accesses."""

    taken = 0

    def __getitem__(self, key: str) -> tuple[Scope, Invoice]:
        """Return a requisition, and count the access."""
        self.taken += 1
        return super().__getitem__(key)


def test_a_long_sequence_is_followed_once() -> None:
    """Of a hundred requisitions each is read a few times, not a hundred times."""
    report = Report()
    read = Counted()
    for number in range(1, 101):
        invoice = Invoice(
            id=str(number),
            number=number,
            project_id="10",
            commitment_id="100",
            currency="USD",
            status=InvoiceStatus.APPROVED,
            previous_id=str(number - 1) if number > 1 else None,
        )
        read[invoice.id] = Scope({}, f"requisitions[{number}]", report), invoice

    check_sequence(read, {})

    assert [] == report.problems
    assert 4 * 100 >= read.taken


class ByText(dict[str, Invoice]):
    """Requisitions of a database: a key of another type is an error of the caller."""

    def get(self, key: str, default: object = None) -> Any:  # noqa: ANN401 - as a mapping
        """Look up a text only."""
        assert isinstance(key, str)
        return super().get(key, default)


def test_without_a_previous_requisition_none_is_looked_up() -> None:
    """A previous requisition outside of the files may be known."""
    report = Report()
    read = {}
    for number, previous in ((1, None), (2, "0")):
        invoice = Invoice(
            id=str(number),
            number=number,
            project_id="10",
            commitment_id="100",
            currency="USD",
            status=InvoiceStatus.APPROVED,
            previous_id=previous,
        )
        read[invoice.id] = Scope({}, "", report), invoice
    check_sequence(read, ByText())
    assert [] == report.problems
