"""
The laws of a commitment's sequence of invoices.

Over any sequence (work, backcharges, materials stored and moved into work, retainage held and
released on both, change orders), the sum of the periods is the last invoice to date:

* the sum of the billed amounts is column G of the last invoice;
* the sum of the due amounts is line 6 of the last invoice;
* the previous amounts in the own columns of an invoice are those of the previous invoice.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import attrs
from hypothesis import given
from hypothesis import strategies as st

from erp_invoice_core.billing import (
    build_export_document,
    build_g702,
    build_g703,
    compute_period,
    list_notices,
)
from erp_invoice_core.documents import (
    ChangeOrderPackage,
    CommitmentLine,
    CostCode,
    Invoice,
    InvoiceItem,
    Project,
    StatedTax,
    Subcontract,
    Vendor,
)
from erp_invoice_core.vocabulary import InvoiceStatus, ItemType, SubcontractStatus

CENTS = st.integers(0, 100_000).map(lambda cents: Decimal(cents).scaleb(-2))
SIGNED = st.integers(-100_000, 100_000).map(lambda cents: Decimal(cents).scaleb(-2))
NOTHING = Decimal(0)


@attrs.frozen
class Line:
    """The totals of a line of the schedule of values, with which the next invoice begins."""

    kind: ItemType
    target: str
    scheduled: Decimal
    work: Decimal = NOTHING
    stored: Decimal = NOTHING
    held_on_work: Decimal = NOTHING
    held_on_stored: Decimal = NOTHING


@st.composite
def bill(draw: st.DrawFn, line: Line) -> tuple[Line, InvoiceItem]:
    """Return the line after another period, and the item that bills the period."""
    work, new = draw(SIGNED), draw(CENTS)
    moved = draw(CENTS.map(lambda amount: min(amount, line.stored)))
    moved_held = draw(CENTS.map(lambda amount: min(amount, line.held_on_stored)))
    if not line.stored:
        moved_held = NOTHING
    stored = line.stored - moved + new
    held_new = draw(CENTS) if new else NOTHING
    before_release = line.held_on_stored - moved_held + held_new
    released = draw(CENTS.map(lambda amount: min(amount, before_release)))
    if not stored:  # nothing is held on zero
        released = before_release
    held, freed = draw(SIGNED), draw(CENTS)
    item = InvoiceItem(
        id=line.target,
        item_type=line.kind,
        line_item_id=line.target,
        scheduled_value=line.scheduled,
        work_previous=line.work + moved,
        work_this_period=work,
        stored=stored,
        stored_previous=line.stored,
        materials_moved=moved,
        work_retainage_previous=line.held_on_work + moved_held,
        work_retainage_retained=held,
        work_retainage_released=freed,
        stored_retainage_held=before_release - released,
        stored_retainage_released=released,
        stored_retainage_moved=moved_held,
        stored_retainage_new=held_new if line.stored or draw(st.booleans()) else None,
        total_previous=line.work + line.stored if draw(st.booleans()) else None,
    )
    after = attrs.evolve(
        line,
        work=line.work + moved + work,
        stored=stored,
        held_on_work=line.held_on_work + moved_held + held - freed,
        held_on_stored=before_release - released,
    )
    return after, item


@st.composite
def sequences(draw: st.DrawFn) -> list[Invoice]:
    """Return the invoices of a commitment, from the first on."""
    kinds = [ItemType.CONTRACT_ITEM, ItemType.CHANGE_ORDER_ITEM, ItemType.WHOLE_CHANGE_ORDER_ITEM]
    targets = ["1", "9", "900"]
    lines = [Line(kind, to, draw(SIGNED)) for kind, to in zip(kinds, targets, strict=True)]
    invoices = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        pairs = [draw(bill(line)) for line in lines]
        lines = [after for after, _ in pairs]
        invoices.append(
            Invoice(
                id=f"r{number}",
                number=number,
                previous_id=f"r{number - 1}" if number > 1 else None,
                project_id="10",
                commitment_id="100",
                currency="USD",
                status=InvoiceStatus.APPROVED,
                items=tuple(item for _, item in pairs),
            )
        )
    return invoices


def commitment() -> Subcontract:
    """Return the commitment of the sequences: a line, and a package of three cost codes."""
    lines = tuple(
        CommitmentLine(id=name, amount=Decimal(amount), cost_code=CostCode(full_code=name))
        for name, amount in (("9", 100), ("8", -33), ("7", 7))
    )
    return Subcontract(
        id="100",
        project_id="10",
        vendor_id="7",
        number="SC-1",
        currency="USD",
        status=SubcontractStatus.APPROVED,
        lines=(CommitmentLine(id="1", amount=Decimal(1000)),),
        change_orders=(ChangeOrderPackage(id="900", number="1", status="approved", lines=lines),),
    )


@given(sequences())
def test_the_periods_add_up_to_the_last_invoice(invoices: list[Invoice]) -> None:
    """The sum of the billed amounts is column G of the last, that of the due amounts its line 6."""
    totals = [compute_period(invoice).total for invoice in invoices]
    last = build_g702(invoices[-1])
    assert last.total_completed_and_stored_to_date == sum(total.gross for total in totals)
    assert last.total_earned_less_retainage == sum(total.due or NOTHING for total in totals)
    assert last.total_completed_and_stored_to_date == sum(
        row.total for row in build_g703(invoices[-1])
    )
    assert last.total_retainage == sum(row.retainage for row in build_g703(invoices[-1]))


@given(sequences())
def test_an_invoice_agrees_with_the_previous_one(invoices: list[Invoice]) -> None:
    """Lines 7 and 8 are the same from the own columns and from the previous invoice."""
    for previous, invoice in pairwise(invoices):
        stated, derived = build_g702(invoice, previous), build_g702(invoice)
        assert stated == attrs.evolve(derived, previous_from=stated.previous_from)
        assert compute_period(invoice).total.due == stated.current_payment_due
        assert () == list_notices(invoice, previous)
        assert () == list_notices(invoice)


@given(sequences())
def test_an_export_has_the_amounts_of_the_period(invoices: list[Invoice]) -> None:
    """After every split over cost codes the sums are exact and in whole cents."""
    for invoice in invoices:
        document = build_export_document(
            invoice,
            commitment(),
            vendor=Vendor(id="7", name="Acme"),
            project=Project(id="10", name="Pier 9"),
            company_id="1",
        )
        total = compute_period(invoice).total
        assert (total.gross, total.retained, total.released, total.due) == (
            document.gross,
            document.retained,
            document.released,
            document.due,
        )
        for line in document.lines:
            assert line.gross == line.work + line.stored
            for amount in (line.work, line.stored, line.retained, line.released):
                assert amount == amount.quantize(Decimal("0.01"))


@given(
    st.lists(st.tuples(SIGNED, st.sampled_from(["5", "13", "0", "7.5"])), min_size=1, max_size=6),
    SIGNED,
)
def test_taxes_of_the_lines_add_up_to_the_stated_totals(
    rows: list[tuple[Decimal, str]], total: Decimal
) -> None:
    """For any amounts and rates, to the cent; without tax the document keeps its bytes."""
    items = tuple(
        InvoiceItem(
            id=str(place),
            item_type=ItemType.CONTRACT_ITEM,
            line_item_id="1",
            scheduled_value=Decimal(100),
            work_this_period=amount,
            tax_codes=(StatedTax(name=f"T{rate}", rate=Decimal(rate)),),
        )
        for place, (amount, rate) in enumerate(rows)
    )
    billed = {f"T{rate}" for amount, rate in rows if amount}
    taxed = Invoice(
        id="1",
        number=1,
        project_id="1",
        commitment_id="1",
        currency="CAD",
        status=InvoiceStatus.APPROVED,
        items=items,
        tax_summary=tuple(StatedTax(name=code, amount=total) for code in sorted(billed)),
        tax_applicable=Decimal(1),
    )
    bare = tuple(attrs.evolve(item, tax_codes=()) for item in items)
    untaxed = attrs.evolve(taxed, items=bare, tax_summary=(), tax_applicable=NOTHING)
    document, plain = (
        build_export_document(
            each,
            commitment(),
            vendor=Vendor(id="7", name="V"),
            project=Project(id="1", name="P"),
            company_id="1",
        )
        for each in (taxed, untaxed)
    )

    for code in billed:
        assert total == sum(line.tax for line in document.lines if line.tax_code == code)
    assert document.due == plain.due
    assert b"tax" not in plain.stored_json
