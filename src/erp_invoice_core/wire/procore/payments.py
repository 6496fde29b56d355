"""
Payments of invoices, from lists or from contracts.

They show that an invoice is already paid, so that it is not exported and booked a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...documents import Payment, normalize_number
from ...money import ZERO
from .fields import REQUIRED, Field, Report, Scope, dump_fields
from .outcome import build_record
from .values import (
    WrongValue,
    dump_value,
    find_id,
    read_day,
    read_figure,
    read_flag,
    read_id,
    read_label,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from ...documents import Invoice
    from .answers import Answers, Piece


_LISTED = "contract_payments"
_SHOWN = "payments_issued"


def add_payments(
    answers: Answers,
    read: Mapping[str, Invoice | None],
    known: Mapping[str, Invoice],
    report: Report,
) -> list[Invoice]:
    """
    Return the invoices of the files, and loaded ones that a payment names, with their payments.

    A payment names its invoice by ``requisition_id``, or within its contract by the invoice number
    or else by ``draw_request_number``. A listed payment without an invoice is a warning; such a
    payment in a contract is ignored.
    """
    found = {name: invoice for name, invoice in read.items() if invoice is not None}
    listed = list(_read_listed(answers, report))
    if report.problems:
        return []
    for scope, contract, payment in listed:
        invoice = _find_invoice(scope, contract, found, known)
        if invoice is None:
            scope.warn("requisition_id", "payment.of_no_invoice", payment=ascii(payment.id))
        else:
            found[invoice.id] = _add_payment(invoice, payment)
    for value, contract in _read_shown(answers):
        scope = Scope(value, "", Report())
        made = build_record(scope, Payment, scope.read_fields(PAYMENT), PAYMENT)
        invoice = _find_by_number(scope, contract, found.values())
        if made is not None and invoice is not None:
            found[invoice.id] = _add_payment(invoice, made)
    return list(found.values())


def _read_listed(answers: Answers, report: Report) -> Iterator[tuple[Scope, str | None, Payment]]:
    """Yield the listed payments that are not deleted, as (record, contract id, payment)."""
    for piece in answers.get_pieces(_LISTED):
        scope = Scope(piece.value, piece.path, report)
        contract = find_id(scope.look("contract_id") or scope.look("commitment_id"))
        payment = build_record(scope, Payment, scope.read_fields(PAYMENT), PAYMENT)
        if payment is not None and not scope.look("deleted_at"):
            yield scope, contract, payment


def _read_shown(answers: Answers) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the payments in contracts, as (plain object, contract id)."""
    piece: Piece
    for piece in answers.get_pieces("commitments"):
        contract, shown = find_id(piece.value.get("id")), piece.value.get(_SHOWN)
        for value in shown if isinstance(shown, list) else ():
            if contract is not None and isinstance(value, dict):
                yield value, contract


def _add_payment(invoice: Invoice, payment: Payment) -> Invoice:
    payments = {each.id: each for each in (*invoice.payments, payment)}
    return attrs.evolve(invoice, payments=tuple(payments.values()))


def _find_invoice(
    scope: Scope, contract: str | None, found: Mapping[str, Invoice], known: Mapping[str, Invoice]
) -> Invoice | None:
    name = find_id(scope.look("requisition_id"))
    if name is not None:
        return found.get(name) or known.get(name)
    here = _find_by_number(scope, contract, found.values())
    return here or _find_by_number(scope, contract, known.values())


def _find_by_number(
    scope: Scope, contract: str | None, invoices: Iterable[Invoice]
) -> Invoice | None:
    number = _to_text(scope.look("invoice_number"))
    draw = _to_text(scope.look("draw_request_number"))
    for invoice in invoices:
        if invoice.commitment_id != contract:
            continue
        own = _to_text(invoice.invoice_number)
        if number == own if number else draw == str(invoice.number):
            return invoice
    return None


def _to_text(value: object) -> str:
    try:
        return normalize_number(read_label(value))
    except WrongValue:
        return ""


# fmt: off
PAYMENT = (
    # name in the file              attribute       kind, required
    Field("id",                     "id",           read_id, REQUIRED),
    Field("amount",                 "amount",       read_figure, REQUIRED),
    Field("date",                   "paid_on",      read_day),
)
IN_FULL = Field("invoice_paid_in_full", "paid_in_full", read_flag)
AMOUNT = Field("amount",                "amount",       read_figure)
# fmt: on
#: The field of a stored requisition with its payments.
NAME = "contract_payments"
#: The names of the paid amount in integrations; the first present one is used.
TOTALS = tuple(
    Field(name, "paid", read_figure)
    for name in ("invoiced_amount_paid", "invoice_amount_paid", "amount_paid", "total_paid", "paid")
)


def parse_payment_summary(scope: Scope) -> dict[str, Any]:
    """
    Return the attributes of an invoice from the payment summary of a requisition.

    The summary says whether the invoice is paid in full, and states the total, or an amount for
    each way of payment.
    """
    summary = scope.read_child("payment_summary")
    if summary is None:
        return {}
    found = summary.read_fields([IN_FULL])
    totals = [summary.read_field(field) for field in TOTALS]
    ways = [
        way.read_field(AMOUNT)
        for name, value in summary.value.items()
        if isinstance(value, dict) and (way := summary.read_child(name))
    ]
    stated = [total for total in totals if total is not None]
    paid: Decimal = stated[0] if stated else sum((each for each in ways if each), ZERO)
    return {**found, "paid": paid}


def parse_payments(scope: Scope) -> tuple[Payment, ...]:
    """Read the payments of a stored requisition."""
    read = [
        build_record(child, Payment, child.read_fields(PAYMENT), PAYMENT)
        for child in scope.read_children(NAME)
    ]
    return tuple(each for each in read if each)


def dump_payments(invoice: Invoice) -> dict[str, Any]:
    """Return the plain fields of an invoice's payments; an empty dict without payments."""
    plain: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    if invoice.paid_in_full:
        summary[IN_FULL.name] = True
    if invoice.paid:
        summary[TOTALS[0].name] = dump_value(invoice.paid)
    if summary:
        plain["payment_summary"] = summary
    if invoice.payments:
        plain[NAME] = [dump_fields(each, PAYMENT) for each in invoice.payments]
    return plain
