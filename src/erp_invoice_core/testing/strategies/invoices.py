"""Strategies for invoices: single items, invoices of a commitment, whole sequences of them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from ...documents import Invoice, InvoiceItem, StatedTax
from ...money import ZERO, round_to
from ...vocabulary import AccountingMethod, InvoiceStatus, ItemType
from .documents import attachments, commitments, holds
from .words import amounts, days, ids, names, percents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from ...documents import Commitment, CommitmentLine

_HUNDRED = Decimal(100)


def _taxes(currency: str) -> SearchStrategy[StatedTax]:
    """Return taxes of an item: a code with its rate, and sometimes an amount."""
    return st.builds(
        StatedTax,
        code_id=ids(),
        name=st.none() | names(),
        rate=st.sampled_from([Decimal(5), Decimal("7.5"), Decimal(13)]),
        amount=st.none() | amounts(currency),
    )


@st.composite
def items(draw: DrawFn, currency: str = "USD") -> InvoiceItem:
    """Items of every kind with any amounts, also with amounts that contradict each other."""
    amount = amounts(currency)
    method = draw(st.sampled_from(AccountingMethod))
    unit = method is AccountingMethod.UNIT
    columns: dict[str, Any] = {
        name: draw(amount)
        for name in (
            "scheduled_value",
            "work_previous",
            "work_this_period",
            "stored",
            "stored_previous",
            "materials_moved",
            "work_retainage_previous",
            "work_retainage_retained",
            "work_retainage_released",
            "stored_retainage_held",
            "stored_retainage_released",
            "stored_retainage_moved",
            "taxes",
        )
    }
    codes = tuple(draw(st.lists(_taxes(currency), max_size=2)))
    if codes:
        columns["taxes"] = sum((each.amount for each in codes if each.amount), ZERO)
    return InvoiceItem(
        id=draw(ids()),
        tax_codes=codes,
        tax_rates=tuple(each.rate for each in codes if each.rate),
        item_type=draw(st.sampled_from(ItemType)),
        line_item_id=draw(ids()),
        accounting_method=method,
        description=draw(names()),
        stored_retainage_new=draw(st.none() | amount),
        total_previous=draw(st.none() | amount),
        scheduled_quantity=draw(percents()) if unit else None,
        scheduled_unit_price=draw(percents()) if unit else None,
        quantity_this_period=draw(percents()) if unit else None,
        uom="h" if unit else None,
        **columns,
    )


def _draw_share(draw: DrawFn, whole: Decimal, currency: str) -> Decimal:
    """Draw a part of an amount, all and nothing included."""
    percent = draw(st.sampled_from([0, 25, 50, 100]) | st.integers(0, 100))
    return round_to(whole * percent / _HUNDRED, currency)


def _draw_next_item(
    draw: DrawFn, line: CommitmentLine, percent: Decimal, currency: str, before: InvoiceItem | None
) -> InvoiceItem:
    """
    Return the item of the next invoice that bills a line of a commitment.

    It continues *before*, the line's item of the invoice before; ``None``: there was no invoice.
    *percent* is the retainage of the commitment.
    """
    worked = before.work_previous + before.work_this_period if before else ZERO
    stored = before.stored if before else ZERO
    on_work = _compute_held_on_work(before) if before else ZERO
    on_stored = before.stored_retainage_held if before else ZERO
    moved = _draw_share(draw, stored, currency)
    moved_held = round_to(on_stored * moved / stored, currency) if stored else ZERO
    left = max(line.amount - worked - stored, ZERO)
    period = _draw_share(draw, left, currency)
    new = _draw_share(draw, left - period, currency)
    retained = round_to(period * percent / _HUNDRED, currency)
    new_held = round_to(new * percent / _HUNDRED, currency)
    return InvoiceItem(
        id=f"item-{line.id}",
        item_type=ItemType.CONTRACT_ITEM,
        line_item_id=line.id,
        scheduled_value=line.amount,
        description=line.description,
        work_previous=worked + moved,
        work_this_period=period,
        stored=stored - moved + new,
        stored_previous=stored,
        materials_moved=moved,
        work_retainage_previous=on_work + moved_held,
        work_retainage_retained=retained,
        work_retainage_released=_draw_share(draw, on_work + moved_held, currency),
        stored_retainage_held=on_stored - moved_held + new_held,
        stored_retainage_moved=moved_held,
        stored_retainage_new=new_held,
        total_previous=worked + stored,
    )


def _compute_held_on_work(item: InvoiceItem) -> Decimal:
    return (
        item.work_retainage_previous + item.work_retainage_retained - item.work_retainage_released
    )


def _index_types(commitment: Commitment) -> dict[str, ItemType]:
    return {
        line.id: ItemType.CHANGE_ORDER_ITEM
        for package in commitment.change_orders
        for line in package.lines
    }


@st.composite
def invoice_sequences(
    draw: DrawFn,
    commitment: Commitment | None = None,
    *,
    least: int = 1,
    most: int = 3,
    status: SearchStrategy[InvoiceStatus] | None = None,
) -> Sequence[Invoice]:
    """
    The first invoices of one commitment, *least* to *most* of them; none over-bills.

    Stored materials move into the work, retainage is held by the commitment's percentage and
    released again, and each invoice's previous columns are the totals of the one before.
    """
    commitment = commitment or draw(commitments())
    statuses = st.sampled_from(InvoiceStatus) if status is None else status
    kinds = _index_types(commitment)
    found: list[Invoice] = []
    for number in range(1, draw(st.integers(least, most)) + 1):
        before = {item.line_item_id: item for item in found[-1].items} if found else {}
        rows = [
            _draw_next_item(
                draw,
                line,
                commitment.retainage_percent,
                commitment.currency,
                before.get(line.id),
            )
            for line in commitment.all_lines
        ]
        found.append(
            Invoice(
                id=f"{commitment.id}-{number}",
                number=number,
                project_id=commitment.project_id,
                commitment_id=commitment.id,
                currency=commitment.currency,
                status=draw(statuses),
                items=tuple(
                    attrs.evolve(row, item_type=kinds.get(row.line_item_id, row.item_type))
                    for row in rows
                ),
                previous_id=found[-1].id if found else None,
                invoice_number=f"INV-{number}",
                period_id=f"P{number}",
                billing_date=draw(days()),
            )
        )
    return tuple(found)


@st.composite
def invoices(draw: DrawFn, /, **facts: Any) -> Invoice:  # noqa: ANN401 - the invoice's own fields
    """Single invoices with any items; *facts* replace the drawn fields."""
    currency = str(facts.pop("currency", "USD"))
    rows = draw(st.lists(items(currency), max_size=3))
    days_of = sorted((draw(days()), draw(days())))
    totals = draw(st.dictionaries(ids(), amounts(currency).filter(bool), max_size=2))
    drawn: dict[str, Any] = {
        "id": draw(ids()),
        "tax_summary": tuple(StatedTax(code_id=id_, amount=total) for id_, total in totals.items()),
        "taxes_applied": tuple(totals.values()),
        "number": draw(st.integers(1, 99)),
        "project_id": draw(ids()),
        "commitment_id": draw(ids()),
        "status": draw(st.sampled_from(InvoiceStatus)),
        "items": tuple(attrs.evolve(row, id=f"i{place}") for place, row in enumerate(rows)),
        "invoice_number": draw(st.none() | names()),
        "period_id": draw(st.none() | ids()),
        "period_start": days_of[0],
        "period_end": days_of[1],
        "billing_date": draw(st.none() | days()),
        "final": draw(st.booleans()),
        "due_date": draw(st.none() | days()),
        "tax_applicable": draw(amounts(currency)),
        "attachments": tuple(draw(st.lists(attachments(), max_size=2))),
        "holds": tuple(draw(st.lists(holds(), max_size=1))),
    }
    return Invoice(currency=currency, **{**drawn, **facts})
