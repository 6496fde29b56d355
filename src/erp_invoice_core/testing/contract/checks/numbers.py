"""Checks of invoice numbers, field rules and extra fields."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from zlib import crc32

import attrs

from ....adapters import Done
from ....declaration import NumberScope, Validator
from ....documents import normalize_number
from ....exchange import NOT_SAID
from ....rules import decide
from ....vocabulary import Action
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome
from .contents import require_as_sent, require_booked
from .declaration import build_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....declaration import ExportField
    from ....documents import ExportDocument
    from ..trial import Trial


#: Longer than the largest number of any ERP that declares a limit.
_LONG = 100


def _build_number(trial: Trial, length: int) -> str:
    """Return an invoice number of *length* characters, which no other invoice has."""
    own = trial.samples.build_plain().invoice_number or ""
    return own.rjust(length, "7")[-length:]


def check_number_limit(trial: Trial) -> None:
    """An invoice number is cut or refused only above the declared limit, else bills look alike."""
    limit = trial.samples.find_number_limit()
    if limit is None:
        msg = "The adapter declares no largest length of invoice numbers (field_rules)."
        raise NotProved(msg)
    whole = trial.samples.build_plain(invoice_number=_build_number(trial, limit))
    require_as_sent(trial.renew(whole, number=whole.invoice_number))
    longer = trial.samples.build_plain(invoice_number=f"{_build_number(trial, limit)}X")
    cut = trial.adapter.declaration.truncate_number(longer.invoice_number)
    if cut != longer.invoice_number:
        require_as_sent(trial.renew(longer, number=cut))
        _leave_longer(trial, limit)
        return
    codes = [each.code for each in decide(Action.SEND, build_case(trial, longer)).denials]
    require(
        "field.invoice_number.max_length" in codes,
        f"A number of {limit + 1} characters is refused.",
        codes or "it may be sent",
        "field_rules (invoice_number)",
    )
    _leave_longer(trial, limit)


def _leave_longer(trial: Trial, limit: int) -> None:
    """Record the declared limit as not proved if the ERP takes a longer number whole."""
    if trial.target.is_shared or not trial.adapter.has_read:
        return
    number = f"{_build_number(trial, limit)}X"
    each = trial.renew(trial.samples.build_plain(invoice_number=number), number=number)
    outcome, receipts = each.try_export()
    bill = next((receipt for receipt in receipts if receipt.role is not None), None)
    if not isinstance(outcome, Done) or bill is None:
        return
    is_cut = trial.adapter.declaration.truncate_number(number) != number
    if not is_cut or each.read_existing(bill).number == number:
        why = f"The ERP takes a number of {limit + 1} characters."
        trial.rows.leave("field_rules.invoice_number.max_length", why)


def check_long_number(trial: Trial) -> None:
    """Without a declared limit a number of 100 characters is kept: if cut, it finds other bills."""
    limit = trial.adapter.declaration.find_length("invoice_number")
    if trial.samples.find_number_limit() is not None or limit is not None:
        return
    number = _build_number(trial, _LONG)
    require_as_sent(trial.renew(trial.samples.build_plain(invoice_number=number), number=number))


def check_number_forms(trial: Trial) -> None:
    """A number keeps its zeros, small letters and signs: if changed, it finds other bills."""
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    refused = []
    for document in map(partial(_build_numbered, trial), _FORMS):
        number = document.invoice_number
        each = trial.renew(document, number=number)
        codes = [denial.code for denial in decide(Action.SEND, build_case(trial, document)).denials]
        if any(code.startswith("field.invoice_number.") for code in codes):
            continue
        outcome, receipts = each.try_export()
        if isinstance(outcome, Done):
            require_booked(each, receipts)
        else:
            refused.append(f"{number} ({describe_outcome(outcome)})")
    if refused:
        msg = f"The ERP does not take every number: {'; '.join(refused)}."
        raise NotProved(msg)


#: Parts of numbers; the last digits of each number are those of its invoice.
_FORMS = ("00", "0a", "Ab-", "a.b/", "#_&+", "(c) 1", "*,:'")


def _build_numbered(trial: Trial, form: str) -> ExportDocument:
    """Return an invoice whose number contains *form*, such as ``00``, within the limits."""
    own = trial.samples.build_plain()
    limits = [
        trial.samples.find_number_limit(),
        trial.adapter.declaration.find_length("invoice_number"),
    ]
    limit = min((each for each in limits if each), default=_LONG)
    # A number of digits alone loses its zeros where it is read as a figure.
    run = str(crc32(trial.samples.run.encode())) if form == "00" else trial.samples.run.lower()
    digits = f"{own.number:03d}"
    body = f"{form}{run}" if form.startswith("0") else f"{run}{form}"
    most = max(limit - len(digits), 0)
    kept = body[:most] if form.startswith("0") else body[len(body) - min(most, len(body)) :]
    return attrs.evolve(own, invoice_number=f"{kept}{digits}")


def check_number_as_written(trial: Trial) -> None:
    """A receipt has the number that was sent, by which a person finds the bill to be paid."""
    for receipt in trial.export():
        if receipt.role is None or receipt.number is None:
            continue
        sent = trial.adapter.declaration.truncate_number(trial.request.number)
        require(
            normalize_number(receipt.number) == normalize_number(sent or ""),
            f"The number that was sent is {sent}.",
            f"number {receipt.number} in the receipt",
            "erp_write",
        )


def check_number_scope(trial: Trial) -> None:
    """By number_scope two vendors, or two commitments, may use one number: both bills are paid."""
    number = trial.request.document.invoice_number
    changes: dict[str, Any] = {"invoice_number": number}
    declaration = trial.adapter.declaration
    if declaration.number_scope is NumberScope.COMMITMENT:
        changes |= {"commitment_id": "other", "commitment_origin_id": "C-OTHER"}
    else:
        other = trial.target.other_vendor
        if other is None:
            msg = "There is no second vendor (other_vendor)."
            raise NotProved(msg)
        changes |= {"vendor_id": other, "vendor_origin_id": other}
    another = trial.renew(trial.samples.build_plain(**changes))
    first = {receipt.erp_id for receipt in trial.export() if receipt.role is not None}
    outcome, receipts = another.try_export()
    require(
        isinstance(outcome, Done),
        f"Numbers are unique per {declaration.number_scope.value}.",
        f"number {number} is refused a second time: {describe_outcome(outcome)}",
        "number_scope and erp_check",
    )
    second = {receipt.erp_id for receipt in receipts if receipt.role is not None}
    require(
        not first & second,
        f"Numbers are unique per {declaration.number_scope.value}.",
        f"both invoices are document {', '.join(sorted(first & second))}",
        "number_scope and erp_write",
    )


def check_field_rules(trial: Trial) -> None:
    """A value that breaks a declared field rule is refused before a payment is accepted."""
    tried = 0
    for rule in trial.adapter.declaration.field_rules:
        text = _BREAKING[rule.validator](rule.limit or 0)
        if rule.truncates or rule.field not in {
            "invoice_number",
            "commitment_title",
            "vendor_name",
        }:
            continue
        tried += 1
        changes: dict[str, Any] = {rule.field: text}
        document = attrs.evolve(trial.samples.build_plain(), **changes)
        action = Action.ACCEPT if rule.at_export else Action.SEND
        codes = [denial.code for denial in decide(action, build_case(trial, document)).denials]
        code = f"field.{rule.field}.{rule.validator.value}"
        require(
            code in codes,
            f"{rule.field} has the rule {rule.validator.value}.",
            f"{text!r} gives {codes or 'no denial'}",
            "field_rules",
        )
    if not tried:
        msg = "The samples have no field that a rule refuses."
        raise NotProved(msg)


_BREAKING: dict[Validator, Callable[[int], str]] = {
    Validator.PRESENT: lambda _limit: "",
    Validator.NUMERIC: lambda _limit: "twelve",
    Validator.POSITIVE: lambda _limit: "-1",
    Validator.MAX_LENGTH: lambda limit: "x" * (limit + 1),
    Validator.MAX_LENGTH_UNITS: lambda limit: "1" * (limit + 1),
    Validator.MAX_LENGTH_DECIMAL: lambda limit: f"1.{'1' * (limit + 1)}",
    Validator.MAX_LINE_LENGTH: lambda limit: "x" * (limit + 1),
}


def check_accounting_date(trial: Trial) -> None:
    """The accounting date that the approver gave is the date of the bill: it decides the period."""
    keys = {field.key for field in trial.adapter.declaration.extra_fields}
    if "accounting_date" not in keys:
        msg = "The adapter declares no accounting date (extra_fields)."
        raise NotProved(msg)
    billed = trial.request.document.billing_date or date(2026, 10, 31)
    day = billed + timedelta(days=9)
    fields = {"accounting_date": day.isoformat()}
    each = trial.renew(trial.request.document, fields=fields, accounting_date=day)
    require_as_sent(each)
    trial.rows.note("extra_fields.accounting_date")


def check_due_date(trial: Trial) -> None:
    """The due date that the approver gave is that of the bill: it decides when the bill is paid."""
    keys = {field.key for field in trial.adapter.declaration.extra_fields}
    if "due_date" not in keys:
        msg = "The adapter declares no due date (extra_fields)."
        raise NotProved(msg)
    document = trial.request.document
    day = (document.billing_date or date(2026, 10, 31)) + timedelta(days=45)
    fields = {**trial.request.fields, "due_date": day.isoformat()}
    if all(
        each.due_date is NOT_SAID for each in require_as_sent(trial.renew(document, fields=fields))
    ):
        msg = "The adapter does not say the due date of a bill (due_date of erp_read)."
        raise NotProved(msg)
    trial.rows.note("extra_fields.due_date")


def check_required_fields(trial: Trial) -> None:
    """A field that the ERP needs is required at acceptance, else the ERP refuses the invoice."""
    fields = trial.adapter.declaration.extra_fields
    for field in (each for each in fields if each.required):
        case = build_case(trial, trial.samples.build_plain(), export_fields={})
        codes = [denial.code for denial in decide(Action.ACCEPT, case).denials]
        require(
            f"field.{field.key}.present" in codes,
            f"{field.key} is required.",
            codes or "the invoice may be accepted without it",
            "extra_fields",
        )
    for field in fields:
        _try_without(trial, field)


def _try_without(trial: Trial, field: ExportField) -> None:
    """
    Export an invoice without a field.

    End the check as refuted if the field is optional and the ERP refuses the invoice. Record the
    field as not proved if it is required and the ERP takes the invoice.
    """
    row, document = f"extra_fields.{field.key}", trial.samples.build_plain()
    given = trial.samples.build_request(document).fields
    left = {key: value for key, value in given.items() if key != field.key}
    if field.required and trial.target.is_shared:
        trial.rows.leave(row, "Other people see the ERP (is_shared).")
        return
    outcome = trial.renew(document, fields=left).find_refusal()
    if field.required and isinstance(outcome, Done):
        trial.rows.leave(row, f"The ERP takes an invoice without {field.key}.")
    require(
        field.required or isinstance(outcome, Done),
        f"{field.key} is optional.",
        describe_outcome(outcome),
        f"extra_fields ({field.key})",
    )
    trial.rows.note(row)


# fmt: off
CHECKS = (
    Check(
        name="number.limit", run=check_number_limit,
        words=("field_rules.invoice_number.max_length: *", "fidelity.invoice_number: truncated"),
        lie="Numbers are cut to another length than declared.",
    ),
    Check(
        name="number.long", run=check_long_number, words=("features.invoices: full",),
        lie="Long numbers are cut or refused, and no limit is declared.",
    ),
    Check(
        name="number.forms", run=check_number_forms, words=("features.invoices: full",),
        lie="Zeros in front of a number or signs in it are left out, or its letters changed.",
    ),
    Check(
        name="number.as_written", run=check_number_as_written, words=("features.invoices: full",),
        lie="The receipt has another number than the bill.",
    ),
    Check(
        name="number.scope", run=check_number_scope, words=("number_scope: *",),
        needs=("other_vendor",),
        lie="A number that another vendor or commitment has is refused, or its bill overwritten.",
    ),
    Check(
        name="field.rules", run=check_field_rules, words=("field_rules.*: *",),
        lie="A field rule is declared in a way that refuses nothing.",
    ),
    Check(
        name="field.accounting_date", run=check_accounting_date,
        words=("extra_fields.accounting_date: *",),
        lie="The accounting date that the approver gave is ignored.",
    ),
    Check(
        name="field.due_date", run=check_due_date, words=("extra_fields.due_date: *",),
        lie="The due date that the approver typed is not that of the bill.",
    ),
    Check(
        name="field.required", run=check_required_fields, words=("extra_fields.*: *",),
        lie="A field that the ERP needs is declared as optional, or may be left out at acceptance.",
    ),
)
# fmt: on
