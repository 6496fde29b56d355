"""
Checks of large and old invoices: many lines, many files, an old date.

An ERP may have a limit that the declaration cannot state. Its adapter then refuses the invoice, and
nothing of it is in the ERP.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ....adapters import AttachmentForm, Done, Found, LookUp, Refused
from ..check import Check
from ..result import NotProved, require
from ..trial import describe_outcome
from .attachments import build_sample_file
from .contents import require_booked

if TYPE_CHECKING:
    from ....documents import Receipt, Step
    from ....exchange import Outcome
    from ..trial import Trial

#: More lines, and more files, than an adapter is likely to try by itself.
_LINES, _FILES = 250, 12
#: Ten billion and some cents, which a floating-point number of 64 bits still has exactly.
_AMOUNT = Decimal("10987654321.08")
#: How many years before the billing date of the base invoice the old invoices are.
_YEARS = (1, 9)


def check_many_lines(trial: Trial) -> None:
    """A bill of 250 lines has them all in the ERP, or is refused: job costs would be too low."""
    samples = trial.samples
    lines = [
        samples.build_plain_line(Decimal(4 * place), item_id=str(place))
        for place in range(1, _LINES + 1)
    ]
    require_whole(trial.renew(samples.build(lines)), f"bills of {_LINES} lines")


def check_many_files(trial: Trial) -> None:
    """Each of twelve files is in the ERP: one that is left out may be the lien waiver."""
    if trial.adapter.declaration.attachments is not AttachmentForm.FILES:
        return
    files = tuple(
        build_sample_file(f"photo {place}", f"Photo {place} of the site.".encode())
        for place in range(1, _FILES + 1)
    )
    each = trial.renew(trial.samples.build_plain(), attachments=files)
    require_whole(each, f"bills with {_FILES} files")


def check_large_amount(trial: Trial) -> None:
    """Ten billion is booked to the cent, or is refused: a rounded bill is paid wrongly."""
    amount = _AMOUNT.quantize(trial.samples.unit)
    require_whole(trial.renew(trial.samples.build_plain(amount)), f"bills over {amount:f}")


def check_old_dates(trial: Trial) -> None:
    """An old invoice keeps its date; if it is refused, no bill of it is in the ERP to be paid."""
    day = trial.samples.base.billing_date
    if day is None:
        msg = "The sample invoice has no date."
        raise NotProved(msg)
    refused = []
    for years in _YEARS:
        old = day.replace(year=day.year - years, day=min(day.day, 28))
        try:
            require_whole(
                trial.renew(trial.samples.build_plain(billing_date=old)), f"bills of {old}"
            )
        except NotProved as reason:
            refused.append(reason)
    if refused:
        raise refused[0]


def require_whole(trial: Trial, what: str) -> None:
    """
    End the check as refuted unless the invoice is booked as sent, or leaves nothing in the ERP.

    If the invoice is refused, or the ERP does not answer, the check ends as not proved. *what*
    describes such invoices in the reason, as in "bills of 250 lines".
    """
    verdict = trial.check()
    if verdict.denials:
        msg = f"The ERP takes no {what}: {verdict.denials[0].message}"
        raise NotProved(msg)
    outcome, receipts = trial.try_export()
    if isinstance(outcome, Refused):
        _require_nothing_left(trial, receipts, outcome)
        msg = f"The ERP takes no {what}: {describe_outcome(outcome)}"
        raise NotProved(msg)
    if not isinstance(outcome, Done):  # a slow ERP may need more than the time limit for so much
        msg = f"The ERP did not answer about {what}: {describe_outcome(outcome)}"
        raise NotProved(msg)
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    require_booked(trial, receipts)
    for step, receipt in zip(trial.steps, receipts, strict=True):
        _require_found(trial, step, receipt, what)


def _require_found(trial: Trial, step: Step, receipt: Receipt, what: str) -> None:
    """End the check as refuted unless a look-up of the step finds the document of the receipt."""
    if trial.find_terms(step).look_up is LookUp.NONE:
        return
    sighting = trial.find_after_writing(step)
    require(
        isinstance(sighting, Found) and sighting.receipt.erp_id == receipt.erp_id,
        f"Step {step.name} of {what} is found as document {receipt.erp_id}.",
        describe_outcome(sighting),
        "erp_find: leave no bill out, however large or old it is",
    )


def _require_nothing_left(trial: Trial, receipts: list[Receipt], outcome: Outcome) -> None:
    """End the check as refuted if the refused step is found in the ERP."""
    step: Step = trial.steps[len(receipts)]
    if trial.find_terms(step).look_up is LookUp.NONE:
        return
    sighting = trial.find_after_writing(step)
    require(
        not isinstance(sighting, Found),
        f"Step {step.name} was {describe_outcome(outcome)}, so nothing of it is in the ERP.",
        describe_outcome(sighting),
        "erp_write: refuse only what was not written, or remove it first",
    )


_INVOICES = ("features.invoices: full",)

# fmt: off
CHECKS = (
    Check(
        name="large.lines", run=check_many_lines, words=_INVOICES,
        lie="The lines after the first hundred or two are left out.",
    ),
    Check(
        name="large.files", run=check_many_files, words=("attachments: files",),
        lie="The files after the first few are left out.",
    ),
    Check(
        name="large.amount", run=check_large_amount, words=_INVOICES,
        lie="Amounts of billions are rounded.",
    ),
    Check(
        name="large.age", run=check_old_dates, words=_INVOICES,
        lie="An old invoice gets today's date, is not found, or is refused after it was written.",
    ),
)
# fmt: on
