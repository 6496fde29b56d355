"""The verb ``reconcile``: synced invoices against the ERP, for the tie-out at month end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from ...flow import describe_payment, format_exactly
from ...flow.tie_out import Totals
from ...queue.case import STRANGER_VERDICT
from ...rules import has_no_level
from ...values import Value
from ..context import open_context
from ..csv_table import write_csv
from ..json_shapes import denial_to_json, notice_to_json
from ..options import Options, Verb
from ..output import DONE, REFUSED, Answer, build_bad_input, build_json
from ..settings import IMPORTED
from ..text import Column, group_thousands, print_denial, print_notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from ...flow.amounts import Amounts
    from ...flow.reconcile import Reconciliation
    from ...flow.tie_out import TieOut
    from ...verdict import Denial, Notice
    from ..text import Screen


#: The amounts of a tie-out: the attribute, and the heading.
AMOUNTS: Final = (
    ("billed", "Billed"),
    ("retained", "Retained"),
    ("released", "Released"),
    ("due", "Due"),
    ("tax", "Tax"),
    ("paid", "Paid"),
    ("open_retainage", "Open retainage"),
)
#: The sides of a tie-out: the attribute, and the heading.
_SIDES: Final = (("ours", "Ours"), ("in_erp", "In the ERP"), ("difference", "Difference"))
_FORMATS: Final = ("table", "csv", "json")
_TABLES: Final = ("commitments", "invoices")
_COMMITMENT: Final = (
    "connection",
    "commitment_id",
    "commitment_number",
    "vendor_id",
    "vendor_name",
    "currency",
    "invoices",
    "differing",
    "unread",
)
_INVOICE: Final = (
    "connection",
    "id",
    "invoice_number",
    "erp_number",
    "commitment_id",
    "commitment_number",
    "vendor_id",
    "vendor_name",
    "currency",
    "erp_ids",
    "presence",
    "state",
    "paid",
)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class _Line(Value):
    """
    A line of the report: one invoice as a JSON object, with its denials and notices.

    Attributes:
        remarks: The notices, except those about payments.
        unread: Why a document in the ERP could not be read; ``None`` if all were read.
    """

    document: Mapping[str, Any]
    denials: tuple[Denial, ...]
    remarks: tuple[Notice, ...]
    differs: bool
    unread: str | None


@click.command("reconcile", cls=Verb)
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option("--connection", metavar="NAME", help="Only the invoices of this ERP connection.")
@click.option(
    "--format",
    "format_",
    metavar="FORMAT",
    type=click.Choice(_FORMATS),
    default=_FORMATS[0],
    help=f"The form of the report: {', '.join(_FORMATS)}. Default: {_FORMATS[0]}.",
)
@click.option(
    "--rows",
    metavar="ROWS",
    type=click.Choice(_TABLES),
    default=_TABLES[0],
    help=f"With --format csv, the rows: {', '.join(_TABLES)}. Default: {_TABLES[0]}.",
)
@click.pass_obj
def reconcile(
    options: Options, ids: Sequence[str], connection: str | None, *, format_: str, rows: str
) -> Answer:
    """
    Compare synced invoices with their documents and payments in the ERP.

    Reports totals per commitment and vendor, ours against those of the ERP. Differences and
    payments that were not known yet are recorded as events. Nothing in the ERP is changed.
    """
    if ids and connection is not None:
        sentence = "Name invoices or a connection, not both."
        raise build_bad_input("--connection", "usage.invalid", sentence)
    actor_id = options.actor_id
    totals, lines = Totals(), list[_Line]()
    with open_context(options) as context:
        actor = context.find_person(actor_id)
        context.require_loaded(ids)
        if connection not in {None, IMPORTED}:
            context.require_connection(connection, "--connection")
        refused: tuple[Denial, ...] = ()
        if not ids and has_no_level(actor, context.queue.policy):
            refused = STRANGER_VERDICT.denials
        for seen in context.queue.reconcile(ids or None, actor, connection=connection):
            totals.add(seen)
            lines.append(_build_line(seen))
    commitments = totals.build()
    is_whole = not refused and not any(
        line.denials or line.differs or line.unread is not None for line in lines
    )
    document: dict[str, Any] = {
        "ok": is_whole,
        "denials": [denial_to_json(reason) for reason in refused],
        "commitments": [_build_commitment(row) for row in commitments],
        "invoices": [line.document for line in lines],
    }

    def write(screen: Screen) -> None:
        if format_ == "json":
            screen.print_raw(build_json(document))
        elif format_ == "csv" and rows == "invoices":
            screen.print_raw(write_csv(_list_invoice_rows(document["invoices"])))
        elif format_ == "csv":
            screen.print_raw(write_csv(_list_commitment_rows(document["commitments"])))
        else:
            _print_report(screen, commitments, lines, refused)

    return Answer(status=DONE if is_whole else REFUSED, document=document, write=write)


def _format_amount(amount: Decimal | None, currency: str | None) -> str | None:
    return None if amount is None else format_exactly(amount, currency)


def _build_amounts(amounts: Amounts, currency: str | None) -> dict[str, str | None]:
    return {name: _format_amount(getattr(amounts, name), currency) for name, _ in AMOUNTS}


def _build_commitment(row: TieOut) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in _COMMITMENT},
        **{side: _build_amounts(getattr(row, side), row.currency) for side, _ in _SIDES},
    }


def _build_line(seen: Reconciliation) -> _Line:
    """Return the line of the report for one invoice that was compared with the ERP."""
    currency = seen.currency
    notices = seen.verdict.notices
    document = {
        "id": seen.id,
        "allowed": seen.verdict.allowed,
        "connection": seen.connection,
        "invoice_number": seen.invoice_number,
        "erp_number": seen.erp_number,
        "commitment_id": seen.commitment_id,
        "commitment_number": seen.commitment_number,
        "vendor_id": seen.vendor_id,
        "vendor_name": seen.vendor_name,
        "currency": currency,
        "erp_ids": list(seen.erp_ids),
        "presence": seen.presence.value if seen.verdict.allowed else None,
        "state": seen.state.value if seen.state else None,
        "paid": seen.paid.value if seen.paid else None,
        "unread": seen.unread,
        "payments": None
        if seen.payments is None
        else [describe_payment(payment, currency) for payment in seen.payments],
        "ours": _build_amounts(seen.ours, currency),
        "in_erp": _build_amounts(seen.in_erp, currency),
        "difference": _build_amounts(seen.in_erp.subtract(seen.ours), currency),
        "denials": [denial_to_json(reason) for reason in seen.verdict.denials],
        "notices": [notice_to_json(note) for note in notices],
    }
    return _Line(
        document=document,
        denials=seen.verdict.denials,
        remarks=tuple(note for note in notices if note.code != "erp.payment"),
        differs=seen.differs,
        unread=seen.unread,
    )


def _list_commitment_rows(rows: Iterable[Mapping[str, Any]]) -> Iterable[Sequence[object]]:
    yield (*_COMMITMENT, *_list_amount_headings())
    for row in rows:
        yield (*(row[name] for name in _COMMITMENT), *_list_amounts(row))


def _list_invoice_rows(rows: Iterable[Mapping[str, Any]]) -> Iterable[Sequence[object]]:
    yield (*_INVOICE, "payments", *_list_amount_headings(), "remarks")
    for row in rows:
        cells = {**row, "erp_ids": "; ".join(row["erp_ids"])}
        remarks = [reason["message"] for reason in row["denials"]]
        remarks += [note["message"] for note in row["notices"] if note["code"] != "erp.payment"]
        remarks += [f"Could not be read: {row['unread']}"] if row["unread"] is not None else []
        yield (
            *(cells[name] for name in _INVOICE),
            None if row["payments"] is None else "; ".join(row["payments"]),
            *_list_amounts(row),
            " ".join(remarks),
        )


def _list_amount_headings() -> list[str]:
    return [f"{name}_{side}" for name, _ in AMOUNTS for side, _ in _SIDES]


def _list_amounts(row: Mapping[str, Any]) -> list[object]:
    return [row[side][name] for name, _ in AMOUNTS for side, _ in _SIDES]


def _print_report(
    screen: Screen,
    commitments: Sequence[TieOut],
    lines: Sequence[_Line],
    refused: Sequence[Denial],
) -> None:
    for reason in refused:
        print_denial(screen, reason)
    for row in commitments:
        _print_commitment(screen, row)
    if lines:
        screen.print_title("Invoices")
        headings = ("Id", "Invoice", "Document", "In the ERP", "State", "Paid")
        screen.print_table(
            (*map(Column, headings), Column("Amount paid", figures=True)), map(_build_cells, lines)
        )
    for line in lines:
        _print_remarks(screen, line)
    unread = sum(line.unread is not None for line in lines)
    differing = sum(line.differs for line in lines)
    screen.print_line(f"{len(lines)} invoices, {differing} differ, {unread} could not be read")


def _print_commitment(screen: Screen, row: TieOut) -> None:
    name = f"Commitment {row.commitment_number or row.commitment_id or 'not known'}"
    vendor = row.vendor_name or row.vendor_id or "vendor not known"
    screen.print_title(f"{name}, {vendor} ({row.connection}, {row.currency or 'no currency'})")
    screen.print_table(
        (Column(""), *(Column(heading, figures=True) for _, heading in _SIDES)),
        [
            (
                heading,
                *(
                    _group(_format_amount(getattr(getattr(row, side), amount), row.currency))
                    for side, _ in _SIDES
                ),
            )
            for amount, heading in AMOUNTS
        ],
    )
    screen.print_line()


def _group(amount: str | None) -> str:
    return "-" if amount is None else group_thousands(amount)


def _build_cells(line: _Line) -> list[object]:
    row = line.document
    words = [str(row[name] or "-").replace("_", " ") for name in ("presence", "state", "paid")]
    return [
        row["id"],
        _build_number_cell(row),
        ", ".join(row["erp_ids"]) or "-",
        *words,
        _group(row["in_erp"]["paid"]),
    ]


def _build_number_cell(row: Mapping[str, Any]) -> str:
    """Return the invoice number, followed by ``(number)`` if the ERP has another number."""
    number = row["invoice_number"] or "-"
    return f"{number} ({row['erp_number']})" if row["erp_number"] else number


def _print_remarks(screen: Screen, line: _Line) -> None:
    if not (line.denials or line.remarks or line.unread is not None):
        return
    screen.print_line(f"{line.document['id']}:")
    for reason in line.denials:
        print_denial(screen, reason)
    for note in line.remarks:
        print_notice(screen, note)
    if line.unread is not None:
        screen.print_line(f"could not be read: {line.unread}", style="red", indent=2)
