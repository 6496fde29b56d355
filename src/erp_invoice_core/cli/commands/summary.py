"""The verb ``summary``: the application for payment and its continuation sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from ...billing import (
    G702,
    G703Row,
    Period,
    build_g702,
    build_g703,
    compute_period,
    find_differences,
    list_notices,
)
from ...documents import Commitment, Invoice
from ...money import format_amount
from ...records.kinds import RecordKind
from ...rules.conditions.notices import SIMPLIFIED
from ...values import Value
from ...verdict import Notice
from ..context import open_context
from ..options import Options, Verb, id_argument
from ..output import DONE, Answer
from ..text import Column, group_thousands, print_notice
from .inspect import make_unreadable_error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from ..text import Screen


#: The lines of the G702: the heading, and the field.
LINES = (
    ("1", "Original contract sum", "original_contract_sum"),
    ("2", "Net change by change orders", "net_change_by_change_orders"),
    ("3", "Contract sum to date", "contract_sum_to_date"),
    ("4", "Total completed and stored to date", "total_completed_and_stored_to_date"),
    ("5a", "Retainage of completed work", "completed_work_retainage_amount"),
    ("5b", "Retainage of stored materials", "stored_materials_retainage_amount"),
    ("5", "Total retainage", "total_retainage"),
    ("6", "Total earned less retainage", "total_earned_less_retainage"),
    ("7", "Less previous certificates for payment", "less_previous_certificates_for_payment"),
    ("8", "Current payment due", "current_payment_due"),
    ("9", "Balance to finish, including retainage", "balance_to_finish_including_retainage"),
)
_PERIOD = ("gross", "retained", "released", "due")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class _Application(Value):
    """An application for payment: both sheets, the period and the remarks."""

    invoice: Invoice
    sheet: G702 | None
    rows: tuple[G703Row, ...]
    period: Period
    notes: tuple[Notice, ...]


@click.command("summary", cls=Verb)
@id_argument
@click.pass_obj
def summary(options: Options, id_: str) -> Answer:
    """Show the G702 and the G703 of an invoice, and the amount due for its period."""
    with open_context(options, read_only=True) as context:
        invoice = context.find_invoice(id_)
        if invoice is None:
            raise make_unreadable_error(id_)
        previous: Invoice | None = None
        if invoice.previous_id is not None:
            previous = context.records.get(RecordKind.REQUISITION, invoice.previous_id)
        commitment: Commitment | None = context.records.get(
            RecordKind.COMMITMENT, invoice.commitment_id
        )
    application = _Application(
        invoice=invoice,
        sheet=None if invoice.is_simplified else build_g702(invoice, previous),
        rows=build_g703(invoice),
        period=compute_period(invoice),
        notes=_list_notices(invoice, previous, commitment),
    )
    return Answer(
        status=DONE,
        document=_build_document(application),
        write=lambda screen: _print_application(screen, application),
    )


def _list_notices(
    invoice: Invoice, previous: Invoice | None, commitment: Commitment | None
) -> tuple[Notice, ...]:
    """Return the notices about unknown or contradictory figures, and about a simplified invoice."""
    found = [*list_notices(invoice, previous)]
    found += [
        each.notice(invoice.currency) for each in find_differences(invoice, previous, commitment)
    ]
    if invoice.is_simplified:
        found.append(SIMPLIFIED.note())
    return tuple(found)


def _format_amount(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else format_amount(amount, currency)


def _format_percentage(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _build_document(application: _Application) -> dict[str, Any]:
    currency = application.invoice.currency
    sheet, total = application.sheet, application.period.total
    return {
        **{field: _format_amount(getattr(sheet, field, None), currency) for _, _, field in LINES},
        "percent_complete": _format_percentage(sheet.percent_complete) if sheet else None,
        "items": [_build_item(row, currency) for row in application.rows],
        "period": {name: _format_amount(getattr(total, name), currency) for name in _PERIOD},
        "currency": currency,
        "less_previous_source": sheet.previous_from.value if sheet else None,
        "notices": [{"code": note.code, "message": note.message} for note in application.notes],
    }


def _build_item(row: G703Row, currency: str) -> dict[str, Any]:
    return {
        "id": row.item_id,
        "description_of_work": row.description,
        "scheduled_value": _format_amount(row.scheduled_value, currency),
        "work_completed_from_previous_application": _format_amount(row.work_previous, currency),
        "work_completed_this_period": _format_amount(row.work_this_period, currency),
        "materials_presently_stored": _format_amount(row.stored, currency),
        "total_completed_and_stored_to_date": _format_amount(row.total, currency),
        "percent_complete": _format_percentage(row.percent),
        "balance_to_finish": _format_amount(row.balance, currency),
        "retainage": _format_amount(row.retainage, currency),
    }


def _format_grouped(amount: Decimal | None, currency: str) -> str:
    return "-" if amount is None else group_thousands(format_amount(amount, currency))


def _print_application(screen: Screen, application: _Application) -> None:
    invoice, sheet, total = application.invoice, application.sheet, application.period.total
    currency = invoice.currency
    name = f"invoice {invoice.id} ({invoice.invoice_number or 'no number'})"
    if sheet is None:
        screen.print_title(f"No G702 of {name}")
        screen.print_line(SIMPLIFIED.text)
    else:
        screen.print_title(f"G702 of {name}")
        _print_sheet(screen, sheet, currency)
    screen.print_line()
    screen.print_title("G703")
    _print_columns(screen, application.rows, currency)
    screen.print_line()
    screen.print_title("Period")
    screen.print_table(
        tuple(Column(name.capitalize(), figures=True) for name in _PERIOD),
        [[_format_grouped(getattr(total, name), currency) for name in _PERIOD]],
    )
    for note in application.notes:
        print_notice(screen, note)


def _print_sheet(screen: Screen, sheet: G702, currency: str) -> None:
    columns = (Column("Line"), Column("What"), Column(currency, figures=True))
    lines = [
        (line, name, _format_grouped(getattr(sheet, field), currency))
        for line, name, field in LINES
    ]
    complete = (None, "Percent complete", _format_percentage(sheet.percent_complete) or "-")
    screen.print_table(columns, [*lines, complete])


def _print_columns(screen: Screen, rows: Sequence[G703Row], currency: str) -> None:
    """Write the G703 in two tables, because its ten columns do not fit in one line."""
    done = ("C Scheduled", "D Previous", "E This period", "F Stored")
    screen.print_table(
        (Column("Item"), Column("Description"), *(Column(name, figures=True) for name in done)),
        [
            (
                row.item_id,
                row.description,
                *(_format_grouped(value, currency) for value in row[2:6]),
            )
            for row in rows
        ],
    )
    screen.print_line()
    so_far = ("G To date", "G/C %", "H Balance", "I Retainage")
    screen.print_table(
        (Column("Item"), *(Column(name, figures=True) for name in so_far)),
        [
            (
                row.item_id,
                _format_grouped(row.total, currency),
                _format_percentage(row.percent) or "-",
                _format_grouped(row.balance, currency),
                _format_grouped(row.retainage, currency),
            )
            for row in rows
        ],
    )
