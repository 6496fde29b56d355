"""The verbs ``list``, ``show`` and ``history``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...billing import compute_period, split_taxes
from ...documents import QueueEntry
from ...flow import build_unreadable_wait
from ...money import format_amount
from ...records.kinds import RecordKind
from ...rules.proposed_fields import complete_fields
from ...stores.page_bounds import LARGEST
from ...vocabulary import ExportStatus
from ...wire.procore import dump_requisition
from ..context import CommandContext, open_context
from ..json_shapes import (
    attachments_to_json,
    denial_to_json,
    event_to_json,
    receipts_to_json,
    wait_to_json,
)
from ..options import Options, Verb, id_argument
from ..output import DONE, Answer, build_bad_input
from ..text import Column, group_thousands, print_denial, print_notice, print_wait
from ..waits import find_invoice_wait, find_next_actor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...documents import Commitment, Invoice, Vendor
    from ...events import AuditEvent
    from ...flow import Wait
    from ..output import BadInput
    from ..text import Screen


_HEADINGS = ("Id", "No.", "Invoice", "Vendor", "Status", "Queue", "Due", "Waits for")
_FIGURES = frozenset({"No.", "Due"})
#: The fields of ``show`` that have export fields by their names.
_FIELDS_OF_EXPORT = ("proposed", "accepted")
#: Facts of an event that are not shown to people.
_TECHNICAL = frozenset({"digest", "fencing", "holder"})


def _build_row(
    invoice: Invoice,
    commitments: Mapping[str, Commitment],
    vendors: Mapping[str, Vendor],
) -> dict[str, Any]:
    """Return the JSON object of an invoice in the list, without the fields of its entry."""
    due = compute_period(invoice).total.due
    return {
        "id": invoice.id,
        "number": invoice.number,
        "invoice_number": invoice.invoice_number,
        "project_id": invoice.project_id,
        "commitment_id": invoice.commitment_id,
        "vendor": _find_vendor_name(commitments.get(invoice.commitment_id), vendors),
        "invoice_status": invoice.status.value,
        "due": None if due is None else format_amount(due, invoice.currency),
        "currency": invoice.currency,
    }


def _find_vendor_name(commitment: Commitment | None, vendors: Mapping[str, Vendor]) -> str | None:
    vendor = vendors.get(commitment.vendor_id) if commitment else None
    return vendor.name if vendor else None


def _build_unreadable_rows(
    ids: Iterable[str], entries: Mapping[str, QueueEntry]
) -> tuple[list[dict[str, Any]], dict[str, Wait | None]]:
    """
    Return the rows of invoices whose loaded record cannot be read, and their waits by invoice id.

    A wait says that a person must load the record again. A field is ``None`` if the entry does not
    have its value.
    """
    rows: list[dict[str, Any]] = []
    waits: dict[str, Wait | None] = {}
    for id_ in sorted(ids, key=_order):
        entry = entries.get(id_) or QueueEntry(id=id_)
        wait = build_unreadable_wait(entry.id, is_record=True)
        known: dict[str, Any] = {
            "id": entry.id,
            "status": entry.status.value,
            "connection": entry.connection,
            "version": entry.version,
            "waits_for": "person",
            "waits": wait_to_json(wait),
        }
        rows.append({name: known.get(name) for name in _FIELDS})
        waits[entry.id] = wait
    return rows, waits


def _find_unreadable(
    context: CommandContext, invoices: Mapping[str, Invoice], entries: Mapping[str, QueueEntry]
) -> list[str]:
    """Return the ids of invoices, loaded or in the queue, without a readable loaded record."""
    loaded = context.records.read_digests(RecordKind.REQUISITION).keys()
    queued = [id_ for id_, entry in entries.items() if entry.seq]
    return [id_ for id_ in dict.fromkeys([*loaded, *queued]) if id_ not in invoices]


def _build_rows(
    context: CommandContext, invoices: Mapping[str, Invoice], entries: Mapping[str, QueueEntry]
) -> tuple[list[dict[str, Any]], dict[str, Wait | None]]:
    """
    Return the rows of the list, sorted by invoice id, and by id what each invoice waits for.

    Ids of digits are sorted as numbers. An invoice that waits for nothing has ``None``.
    """
    ids = sorted(invoices, key=_order)
    wanted = {invoice.commitment_id for invoice in invoices.values()}
    commitments = context.records.get_many(RecordKind.COMMITMENT, wanted)
    vendors = context.records.get_many(
        RecordKind.VENDOR, {commitment.vendor_id for commitment in commitments.values()}
    )
    rows, waits = [], {}
    for id_ in ids:
        entry, invoice = entries.get(id_) or QueueEntry(id=id_), invoices[id_]
        row = _build_row(invoice, commitments, vendors)
        waits[entry.id] = find_invoice_wait(entry, invoice.status, context.connections)
        queue = {
            "status": entry.status.value,
            "connection": entry.connection,
            "version": entry.version,
            "waits_for": find_next_actor(entry, invoice.status, context.connections),
            "waits": wait_to_json(waits[entry.id]),
        }
        rows.append({name: (row | queue)[name] for name in _FIELDS})
    return rows, waits


#: The columns of the list: the field of the JSON object, and the heading.
_FIELDS = (
    "id",
    "number",
    "invoice_number",
    "project_id",
    "commitment_id",
    "vendor",
    "invoice_status",
    "status",
    "connection",
    "version",
    "due",
    "currency",
    "waits_for",
    "waits",
)
#: The waits that ``list`` explains below its table: for a person, or for a deferred call.
_EXPLAINED = frozenset(
    {
        "wait.unreadable",
        "wait.adapter",
        "wait.repair",
        "wait.look_up",
        "wait.deferred",
        "wait.resolve",
    }
)


def _order(id_: str) -> tuple[int, str]:
    return (len(id_), id_) if id_.isascii() and id_.isdigit() else (1 << 20, id_)


@click.command("list", cls=Verb)
@click.pass_obj
def list_all(options: Options) -> Answer:
    """List all invoices with their status and the person or thing that each waits for."""
    with open_context(options, read_only=True) as context:
        invoices = context.records.get_all(RecordKind.REQUISITION)
        entries = {entry.id: entry for entry in context.store.entries()}
        rows, waits = _build_rows(context, invoices, entries)
        lost, lost_waits = _build_unreadable_rows(
            _find_unreadable(context, invoices, entries), entries
        )
    rows = sorted([*rows, *lost], key=lambda row: _order(row["id"]))
    waits |= lost_waits

    def write(screen: Screen) -> None:
        columns = [Column(name, figures=name in _FIGURES) for name in _HEADINGS]
        screen.print_table(columns, [_build_cells(row) for row in rows])
        screen.print_line(f"{len(rows)} {'invoice' if len(rows) == 1 else 'invoices'}")
        for id_, wait in waits.items():
            if wait is not None and wait.code in _EXPLAINED:
                print_wait(screen, wait, id_)

    return Answer(status=DONE, document={"entries": rows}, write=write)


def _build_cells(row: Mapping[str, Any]) -> list[object]:
    words = [str(row[name] or "-").replace("_", " ") for name in ("invoice_status", "status")]
    due = "-" if row["due"] is None else group_thousands(row["due"])
    names = ("id", "number", "invoice_number", "vendor")
    known = ("-" if row[name] is None and name == "vendor" else row[name] for name in names)
    return [*known, *words, due, row["waits_for"]]


@click.command("show", cls=Verb)
@id_argument
@click.pass_obj
def show(options: Options, id_: str) -> Answer:
    """Show one invoice: its status, its documents in the ERP, its attachments."""
    with open_context(options, read_only=True) as context:
        invoice = context.find_invoice(id_)
        if invoice is None:
            raise make_unreadable_error(id_)
        (entry,) = context.store.entries([id_])
        (row,), waits = _build_rows(context, {id_: invoice}, {id_: entry})
        proposed = _propose_fields(context, entry)
        accepted = dict(entry.acceptance.fields) if entry.acceptance else {}
        row |= _build_tax_fields(invoice)
        row |= {"erp_number": entry.other_number, "proposed": proposed, "accepted": accepted}
        attached = attachments_to_json(
            invoice, entry, context.files.has if context.files else lambda _digest: False
        )
    document = dump_requisition(invoice)
    whole = {
        **row,
        "document": document,
        "attachments": attached,
        "receipts": receipts_to_json(entry),
        "in_doubt": [call.key.step for call in entry.in_doubt],
        "refusal": [denial_to_json(reason) for reason in entry.refusal],
    }
    return Answer(
        status=DONE,
        document=whole,
        write=lambda screen: _print_one(
            screen, row, invoice, entry, wait=waits[id_], attached=attached
        ),
    )


def _build_tax_fields(invoice: Invoice) -> dict[str, str | None]:
    """
    Return the tax that an invoice states, as ``tax``, and the amount due, as ``due_with_tax``.

    Each is ``None`` if it is not known.
    """
    period = compute_period(invoice)
    taxes, due = split_taxes(invoice, period), period.total.due
    is_stated = all(each.stated is not None for each in taxes.differences)
    tax = taxes.stated if is_stated else None
    amounts = {"tax": tax, "due_with_tax": None if tax is None or due is None else due + tax}
    return {
        name: None if amount is None else format_amount(amount, invoice.currency)
        for name, amount in amounts.items()
    }


def _propose_fields(context: CommandContext, entry: QueueEntry) -> dict[str, str]:
    """
    Return the default export fields of an acceptance, which apply if the approver gives none.

    There are none unless the invoice is ready to be accepted. The ERP is not asked for its
    accounting periods, because that would delay the output of the command.
    """
    if entry.status is not ExportStatus.READY or entry.connection is None:
        return {}
    case = context.queue.facts([entry.id]).get(entry.id)
    if case is None:
        return {}
    erp = context.queue.connections.find_declaration(entry.connection)
    return dict(complete_fields(case, erp, {}))


def make_unreadable_error(id_: str) -> BadInput:
    """Return the error that names an invoice whose loaded record cannot be read."""
    sentence = f"The loaded record of invoice {id_} cannot be read. Load it again."
    return build_bad_input("id", "document.unreadable", sentence)


def _print_one(
    screen: Screen,
    row: Mapping[str, Any],
    invoice: Invoice,
    entry: QueueEntry,
    *,
    wait: Wait | None,
    attached: Sequence[Mapping[str, Any]],
) -> None:
    screen.print_title(f"Invoice {invoice.id}")
    dates = ("period_start", "period_end", "billing_date")
    facts = {**row, **{name: getattr(invoice, name) for name in dates}}
    known = [
        (name.replace("_", " "), value)
        for name, value in facts.items()
        if value is not None and name not in {"waits", *_FIELDS_OF_EXPORT}
    ]
    known += [
        (f"{kind} {name.replace('_', ' ')}", value)
        for kind in _FIELDS_OF_EXPORT
        for name, value in row[kind].items()
    ]
    screen.print_table((Column("What"), Column("Value")), known)
    if wait is not None:
        print_wait(screen, wait)
    if entry.holdings:
        screen.print_title("In the ERP")
        columns = tuple(Column(name) for name in ("Step", "Document", "ERP id", "State", "Gone"))
        screen.print_table(
            columns, [_build_holding_cells(held) for held in receipts_to_json(entry)]
        )
    for call in entry.in_doubt:
        screen.print_line(f"In doubt: {call.key.step} (key {call.key.text})", style="yellow")
    for reason in entry.refusal:
        print_denial(screen, reason)
    if attached:
        screen.print_title("Attachments")
        columns = tuple(map(Column, ("Id", "File", "SHA-256", "Content", "State")))
        screen.print_table(columns, [_build_attachment_cells(file) for file in attached])


def _build_attachment_cells(file: Mapping[str, Any]) -> list[object]:
    content = "kept" if file["has_content"] else "not here"
    return [file["id"], file["filename"], file["sha256"], content, file["state"].replace("_", " ")]


def _build_holding_cells(held: Mapping[str, Any]) -> list[object]:
    gone = "yes" if held["gone"] else "no"
    return [held["step"], held["role"], held["erp_id"], held["state"], gone]


def _print_event(screen: Screen, event: AuditEvent) -> None:
    moved = f"{event.before.value} -> {event.after.value}"
    if event.after is event.before:
        moved = f"{'refused, ' if event.denials else ''}stays {event.before.value}"
    moment = event.at.strftime("%Y-%m-%d %H:%M:%S")
    screen.print_line(f"{event.seq:>3}  {moment}  {event.actor}  {event.action.value}: {moved}")
    for name, value in event.facts.items():
        if name not in _TECHNICAL:
            screen.print_line(f"{name.replace('_', ' ')}: {value}", indent=4)
    for reason in event.denials:
        print_denial(screen, reason)
    for note in event.notices:
        print_notice(screen, note)


@click.command("history", cls=Verb)
@id_argument
@click.option(
    "--after",
    metavar="N",
    type=click.IntRange(0, LARGEST),
    default=0,
    help="Only the events after number N.",
)
@click.option(
    "--limit", metavar="N", type=click.IntRange(1, LARGEST), help="The largest number of events."
)
@click.pass_obj
def history(options: Options, id_: str, *, after: int, limit: int | None) -> Answer:
    """Show the events of one invoice, refused ones included, oldest first."""
    with open_context(options, read_only=True) as context:
        context.require_loaded([id_])
        events = context.queue.history(id_, after=after, limit=limit)
        (entry,) = context.store.entries([id_])
    is_whole = limit is None or len(events) < limit
    last = max([entry.seq if is_whole else after, *(each.seq for each in events)])
    lost = sorted({*range(after + 1, last + 1)} - {each.seq for each in events})

    def write(screen: Screen) -> None:
        screen.print_title(f"History of invoice {id_} (times in UTC)")
        for each in events:
            _print_event(screen, each)
        for seq in lost:
            screen.print_line(
                f"{seq:>3}  This event cannot be read. Run: erp-invoice verify", style="red"
            )
        if entry.seq > last:
            more = f"erp-invoice history {id_} --after {last} --limit {limit}"
            screen.print_line(f"The next page: {more}")

    document: dict[str, Any] = {"events": [event_to_json(each) for each in events]}
    if entry.seq > last:
        document["next_after"] = last
    if lost:
        document["unreadable"] = lost
    return Answer(status=DONE, document=document, write=write)
