"""The sequence of a commitment's requisitions."""

from __future__ import annotations

from erp_invoice_core.documents import Invoice
from erp_invoice_core.vocabulary import InvoiceStatus
from erp_invoice_core.wire.procore.fields import Report, Scope
from erp_invoice_core.wire.procore.sequence import check_sequence


class Counted(dict[str, tuple[Scope, Invoice]]):
    """Requisitions by id, which count how often one is taken."""

    taken = 0

    def __getitem__(self, key: str) -> tuple[Scope, Invoice]:
        """Take a requisition."""
        self.taken += 1
        return super().__getitem__(key)


def test_a_long_sequence_is_followed_once() -> None:
    """Of a hundred requisitions each is taken a few times, not a hundred times."""
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
