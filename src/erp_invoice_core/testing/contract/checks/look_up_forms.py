"""Checks that look-ups find the bills of every form of invoice."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import attrs

from ....adapters import Absent, Deferred, Done, Found, LookUp
from ....declaration import AttachmentForm, Handling
from ....documents import normalize_number
from ....vocabulary import Feature
from ...samples import sample_attachments
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from ....documents import ExportDocument, Receipt, Step
    from ....exchange import ExportRequest
    from ..trial import Trial

_FOUND = ("terms.*.look_up: key", "terms.*.look_up: number")
_AMOUNT, _LARGE, _OTHER = Decimal(1200), Decimal(1_234_567), Decimal(400)
#: Currencies that are tried where any is accepted, and the most that are tried.
_CURRENCIES, _MOST = ("USD", "EUR", "JPY"), 3
#: Days before and after today; of each row the first one is tried that the ERP takes.
_DAYS = ((-400, -200, -100), (60, 30))
#: The time to another accounting date.
_MONTH = timedelta(days=31)
#: The values that a look-up may copy from the request, with those of the request.
_COPIED = {"amount": "due", "gross": "gross", "retained": "retained", "released": "released"}


@attrs.frozen
class _Form:
    """
    A form of an invoice, such as *below zero*, and functions that make trials of it.

    They are called in order, until the ERP takes the invoice of a trial.
    """

    name: str
    trials: tuple[Callable[[], Trial], ...]


def check_every_form(trial: Trial) -> None:
    """Credits, zero, large and old bills are found too: one not found is made and paid twice."""
    written = []
    for form in _list_forms(trial):
        exports = (_export(renew(), form.name) for renew in form.trials)
        taken = next((export for export in exports if export is not None), None)
        if taken is not None:
            written.append((form.name, *taken))
    _wait_until_visible(trial, [each for _, each, _ in written])
    for name, each, receipts in written:
        for receipt in receipts:
            _require_found(each, name, receipt)
    if not trial.rows.tried:
        msg = "No step of an invoice can be looked up."
        raise NotProved(msg)


def _list_forms(trial: Trial) -> Iterator[_Form]:
    samples, declared = trial.samples, trial.adapter.declaration

    def name_form(name: str, build: Callable[[], ExportDocument]) -> _Form:
        return _Form(name, (lambda: trial.renew(build()),))

    for currency in sorted(declared.currencies or _CURRENCIES)[:_MOST]:
        build = partial(samples.build_plain, _AMOUNT, currency=currency)
        yield name_form(f"in {currency}", build)
    if declared.negative is Handling.EXPORTED:
        yield name_form("below zero", lambda: samples.build_plain(-_AMOUNT))
    if declared.zero is Handling.EXPORTED:
        yield name_form("of zero", lambda: samples.build_plain(_AMOUNT * 0))
    if declared.release_only is Handling.EXPORTED:
        line = samples.build_line(released=_AMOUNT / 10)
        yield name_form("that only releases retainage", lambda: samples.build([line]))
    if Feature.RETAINAGE in declared.supported:
        yield name_form("that holds retainage", lambda: samples.build_using(Feature.RETAINAGE))
    if declared.attachments is AttachmentForm.FILES:
        plain = samples.build_plain
        yield _Form(
            "with a file", (lambda: trial.renew(plain(), attachments=sample_attachments()),)
        )
    yield name_form("of a large amount", lambda: samples.build_plain(_LARGE))
    if not trial.target.is_shared:
        today = datetime.now(UTC).date()
        for days in _DAYS:
            dates = [today + timedelta(days=each) for each in days]
            renewals = tuple(partial(_renew_dated, trial, day) for day in dates)
            yield _Form("of a day long ago" if days[0] < 0 else "of a day to come", renewals)


def _renew_dated(trial: Trial, day: date) -> Trial:
    """Return a trial of a new invoice with *day* as its billing date and accounting date."""
    each = trial.renew(trial.samples.build_plain(billing_date=day))
    return attrs.evolve(each, request=_change_date(each, day))


def _change_date(trial: Trial, day: date) -> ExportRequest:
    """Return the request of a trial with another accounting date."""
    fields = dict(trial.request.fields)
    if "accounting_date" in {field.key for field in trial.adapter.declaration.extra_fields}:
        fields["accounting_date"] = day.isoformat()
    return attrs.evolve(trial.request, accounting_date=day, fields=fields)


def _export(trial: Trial, name: str) -> tuple[Trial, list[Receipt]] | None:
    """
    Export an invoice; return its trial and receipts, or ``None`` if the ERP does not take it.

    End the check as refuted if a later step is found before it is carried out. Other checks decide
    which invoices the ERP must take.
    """
    plan = trial.plan()
    if isinstance(plan, Deferred) or trial.check().denials:
        return None
    receipts: list[Receipt] = []
    for step in plan:
        if receipts and trial.find_terms(step).look_up is not LookUp.NONE:
            sighting = trial.find(step)
            require(
                not isinstance(sighting, Found),
                f"Step {step.name} of an invoice {name} is not carried out yet.",
                describe_outcome(sighting),
                f"erp_find: say of step {step.name} what only this step changes",
            )
        outcome = trial.carry_out(step, receipts)
        if not isinstance(outcome, Done):
            return None
        receipts.append(outcome.receipt)
    return trial, receipts


def _wait_until_visible(trial: Trial, trials: list[Trial]) -> None:
    """Wait for the longest ``visible_after`` that is declared for a step of the trials."""
    times = [each.find_terms(step).visible_after for each in trials for step in each.steps]
    wait = max(times, default=timedelta(0))
    if wait > trial.target.patience:
        msg = f"A document is visible after {wait} only, longer than the checks wait."
        raise NotProved(msg)
    time.sleep(wait.total_seconds())


def _require_found(trial: Trial, name: str, receipt: Receipt) -> None:
    """
    End the check as refuted unless a look-up of the step finds the document of the receipt.

    If the request asks for another amount and date, the look-up must at least not return
    ``Absent``, nor show the values of that request.
    """
    step = next(each for each in trial.steps if each.name == receipt.step)
    if trial.find_terms(step).look_up is LookUp.NONE:
        return
    changed = _change(trial)
    seen = changed.find(step)
    if isinstance(seen, Found) and seen.receipt.erp_id == receipt.erp_id:
        _require_not_copied(trial, changed, step, seen)
    else:
        sighting = trial.find(step)
        require(
            isinstance(sighting, Found) and sighting.receipt.erp_id == receipt.erp_id,
            f"Step {step.name} of an invoice {name} is found as document {receipt.erp_id}.",
            describe_outcome(sighting),
            f"terms[{step.kind!r}].look_up and erp_find",
        )
        require(
            not isinstance(seen, Absent),
            f"Step {step.name} of an invoice {name} was carried out, with another amount and date.",
            describe_outcome(seen),
            "erp_find: compare the key, or vendor and number, and nothing else",
        )
    trial.rows.note(f"terms.{step.kind}")


def _change(trial: Trial) -> Trial:
    """Return a trial that looks the same invoice up with other amounts and another date."""
    document = trial.request.document
    sign = -1 if document.due < 0 else 1
    line = attrs.evolve(
        trial.samples.build_plain_line(document.gross + sign * _OTHER),
        retained=document.retained + sign * _OTHER / 20,
        released=document.released + sign * _OTHER / 40,
    )
    other = attrs.evolve(document, lines=(line,))
    changed = attrs.evolve(
        trial, request=attrs.evolve(trial.request, document=other, digest=other.digest)
    )
    day = (trial.request.accounting_date or datetime.now(UTC).date()) + _MONTH
    return attrs.evolve(changed, request=_change_date(changed, day))


def _require_not_copied(trial: Trial, changed: Trial, step: Step, seen: Found) -> None:
    document, other = trial.request.document, changed.request.document
    taken = [
        name
        for name, field in _COPIED.items()
        if getattr(seen.contents, name) == getattr(other, field) != getattr(document, field)
    ]
    if seen.contents.date == changed.request.accounting_date != trial.request.accounting_date:
        taken.append("date")
    require(
        not taken,
        f"Step {step.name} was carried out over {document.due} on {trial.request.accounting_date}.",
        f"{', '.join(taken)} of the request, which asks for another amount and date",
        "erp_find: read Contents from the answer of the ERP, never from the request",
    )


def check_blank_number(trial: Trial) -> None:
    """A bill without a number is never reported as absent, else it is made and paid twice."""
    if trial.target.is_shared:
        msg = "Other people see the ERP, so that no bill without a number is made (is_shared)."
        raise NotProved(msg)
    steps = [s for s in trial.steps if trial.find_terms(s).look_up is LookUp.NUMBER]
    if not steps:
        msg = "No step of a plain invoice is looked up by its number."
        raise NotProved(msg)
    each = trial.renew(trial.samples.build_plain(invoice_number=" "), number=" ")
    outcome, receipts = each.try_export()
    written = [step for step in steps if step.name in {receipt.step for receipt in receipts}]
    if not written or normalize_number(receipts[0].number or ""):
        msg = f"The ERP takes no bill without a number: {describe_outcome(outcome)}"
        raise NotProved(msg)
    for step in written:
        sighting = each.find_after_writing(step)
        require(
            not isinstance(sighting, Absent),
            f"Step {step.name} of an invoice without a number was carried out.",
            describe_outcome(sighting),
            "erp_find: return CannotTell if the number is blank",
        )
        trial.rows.note(f"terms.{step.kind}")


# fmt: off
CHECKS = (
    Check(
        name="look_up.every_form", run=check_every_form, words=_FOUND,
        lie="Invoices of one form, such as credits, are not found, or shown as the request is.",
    ),
    Check(
        name="look_up.blank_number", run=check_blank_number, words=("terms.*.look_up: number",),
        lie="A bill without a number counts as absent, and is made again.",
    ),
)
# fmt: on
