"""Payments of invoices, listed apart or shown in a contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...documents import Payment, canonical_number
from ...money import ZERO
from .fields import REQUIRED, Field, Report, Scope, dump_fields
from .outcome import whole
from .values import WrongValue, day, dumped, figure, flag, identity, identity_of, label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from ...documents import Invoice
    from .answers import Answers, Piece


_LISTED = "contract_payments"
_SHOWN = "payments_issued"


def with_payments(
    answers: Answers,
    read: Mapping[str, Invoice | None],
    known: Mapping[str, Invoice],
    report: Report,
) -> list[Invoice]:
    """
    Return the invoices that were read, and those loaded before that a payment names.

    A payment names its invoice by ``requisition_id``, or within its contract by the invoice number,
    or, where it has no invoice number, by ``draw_request_number``. A listed payment that names no
    invoice is a warning; one that a contract shows beside its invoices is passed over.
    """
    found = {name: invoice for name, invoice in read.items() if invoice is not None}
    listed = list(_listed(answers, report))
    if report.problems:
        return []
    for scope, contract, payment in listed:
        invoice = _named(scope, contract, found, known)
        if invoice is None:
            sentence = f"Payment {payment.id!a} names no invoice that is here or was loaded."
            scope.warn("requisition_id", "payment.of_no_invoice", sentence)
        else:
            found[invoice.id] = _paid(invoice, payment)
    for value, contract in _shown(answers):
        scope = Scope(value, "", Report())
        made = whole(scope, Payment, scope.all(PAYMENT), PAYMENT)
        invoice = _by_number(scope, contract, found.values())
        if made is not None and invoice is not None:
            found[invoice.id] = _paid(invoice, made)
    return list(found.values())


def _listed(answers: Answers, report: Report) -> Iterator[tuple[Scope, str | None, Payment]]:
    """Yield the payments that are listed, deleted ones excepted, with the id of the contract."""
    for piece in answers.of(_LISTED):
        scope = Scope(piece.value, piece.path, report)
        contract = identity_of(scope.look("contract_id") or scope.look("commitment_id"))
        payment = whole(scope, Payment, scope.all(PAYMENT), PAYMENT)
        if payment is not None and not scope.look("deleted_at"):
            yield scope, contract, payment


def _shown(answers: Answers) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the payments that contracts show, with the id of the contract."""
    piece: Piece
    for piece in answers.of("commitments"):
        contract, shown = identity_of(piece.value.get("id")), piece.value.get(_SHOWN)
        for value in shown if isinstance(shown, list) else ():
            if contract is not None and isinstance(value, dict):
                yield value, contract


def _paid(invoice: Invoice, payment: Payment) -> Invoice:
    payments = {each.id: each for each in (*invoice.payments, payment)}
    return attrs.evolve(invoice, payments=tuple(payments.values()))


def _named(
    scope: Scope, contract: str | None, found: Mapping[str, Invoice], known: Mapping[str, Invoice]
) -> Invoice | None:
    name = identity_of(scope.look("requisition_id"))
    if name is not None:
        return found.get(name) or known.get(name)
    here = _by_number(scope, contract, found.values())
    return here or _by_number(scope, contract, known.values())


def _by_number(scope: Scope, contract: str | None, invoices: Iterable[Invoice]) -> Invoice | None:
    number = _text(scope.look("invoice_number"))
    draw = _text(scope.look("draw_request_number"))
    for invoice in invoices:
        if invoice.commitment_id != contract:
            continue
        own = _text(invoice.invoice_number)
        if number == own if number else draw == str(invoice.number):
            return invoice
    return None


def _text(value: object) -> str:
    try:
        return canonical_number(label(value))
    except WrongValue:
        return ""


# fmt: off
PAYMENT = (
    # name in the file              attribute       kind, required
    Field("id",                     "id",           identity, REQUIRED),
    Field("amount",                 "amount",       figure, REQUIRED),
    Field("date",                   "paid_on",      day),
)
IN_FULL = Field("invoice_paid_in_full", "paid_in_full", flag)
AMOUNT = Field("amount",                "amount",       figure)
# fmt: on
#: The field under which payments are kept with their requisition.
NAME = "contract_payments"
#: The amount paid under the names that integrators give it, the first that is there counts.
TOTALS = tuple(
    Field(name, "paid", figure)
    for name in ("invoiced_amount_paid", "invoice_amount_paid", "amount_paid", "total_paid", "paid")
)


def payment_summary(scope: Scope) -> dict[str, Any]:
    """Read what a requisition says was paid: in full, in total, or by ways of payment."""
    summary = scope.child("payment_summary")
    if summary is None:
        return {}
    found = summary.all([IN_FULL])
    totals = [summary.one(field) for field in TOTALS]
    ways = [
        way.one(AMOUNT)
        for name, value in summary.value.items()
        if isinstance(value, dict) and (way := summary.child(name))
    ]
    stated = [total for total in totals if total is not None]
    paid: Decimal = stated[0] if stated else sum((each for each in ways if each), ZERO)
    return {**found, "paid": paid}


def payments(scope: Scope) -> tuple[Payment, ...]:
    """Read the payments that were kept with a requisition."""
    read = [whole(child, Payment, child.all(PAYMENT), PAYMENT) for child in scope.children(NAME)]
    return tuple(each for each in read if each)


def dump_payments(invoice: Invoice) -> dict[str, Any]:
    """Return the plain fields of what was paid, nothing where that is nothing."""
    plain: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    if invoice.paid_in_full:
        summary[IN_FULL.name] = True
    if invoice.paid:
        summary[TOTALS[0].name] = dumped(invoice.paid)
    if summary:
        plain["payment_summary"] = summary
    if invoice.payments:
        plain[NAME] = [dump_fields(each, PAYMENT) for each in invoice.payments]
    return plain
