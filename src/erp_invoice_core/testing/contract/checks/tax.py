"""Checks of tax: code and amount by line, by code and in total."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ....adapters import Done
from ....declaration import TaxForm
from ....exchange import NOT_SAID
from ....money import ZERO
from ....vocabulary import AccountingMethod, Feature
from ..check import Check
from ..combination import TaxCode, build_combination, list_tax_codes
from ..result import NotProved, refute
from ..trial import describe_outcome
from .amounts import require_refused
from .contents import leave_derived, require_as_sent, require_booked
from .large_invoices import require_whole

if TYPE_CHECKING:
    from ....documents import ExportLine
    from ..trial import Trial

#: The amount and the tax of the taxed line, if the vendor's line with the tax code has none.
_AMOUNT, _TAX = Decimal(1200), Decimal(60)
#: A tax that is this many of the smallest units too high is of no tax rate.
_ODD = 7
#: The number of tax codes of one invoice that are tried.
_CODES = 4


def check_tax(trial: Trial) -> None:
    """A line keeps its tax code and tax; the tax is in no other amount, else it is paid twice."""
    if trial.adapter.declaration.tax is TaxForm.IMPOSSIBLE:
        msg = "The ERP takes no invoice with tax (tax)."
        raise NotProved(msg)
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    taxed = build_taxed_line(trial)
    plain = trial.samples.build_plain_line(_AMOUNT, item_id="2")
    each = trial.renew(trial.samples.build([taxed, plain]))
    # Read once: reading exports the invoice, and an ERP without keys would have it twice.
    documents = require_as_sent(each)
    if all(contents.tax is NOT_SAID for contents in documents):
        msg = "The adapter does not say the tax of a bill (tax of erp_read)."
        raise NotProved(msg)
    leave_derived(each, documents)
    _leave_kept(trial, taxed)


def _leave_kept(trial: Trial, taxed: ExportLine) -> None:
    """Record tax as not proved if it is declared as computed, but the ERP keeps the tax sent."""
    if trial.adapter.declaration.tax is not TaxForm.DERIVED:
        return
    odd = attrs.evolve(taxed, tax=taxed.tax + _ODD * trial.samples.unit)
    each = trial.renew(trial.samples.build([odd]))
    outcome, receipts = each.try_export()
    if not isinstance(outcome, Done):
        return  # the ERP refuses a tax that it did not compute
    bills = [each.read_existing(receipt) for receipt in receipts if receipt.role is not None]
    if [bill.tax for bill in bills] == [odd.tax]:
        trial.rows.leave("tax", f"The ERP has the tax of {odd.tax:f} as sent; declare it as kept.")


def check_tax_refused(trial: Trial) -> None:
    """The adapter refuses tax that the ERP cannot keep: booked without it, too little is paid."""
    line = trial.samples.build_plain_line(_AMOUNT, tax_code="GST", tax=_TAX)
    require_refused(trial, trial.samples.build([line]), "tax is impossible.", "tax")


def build_taxed_line(trial: Trial) -> ExportLine:
    """
    Return a line with a tax code of the base invoice, and an amount of tax.

    End the check as not proved if no line of the base invoice has a tax code of the ERP.
    """
    lines = trial.samples.base.lines
    known = next((line for line in lines if line.tax_code_origin_id), None)
    if known is None:
        msg = "No line of the sample has a tax code of the ERP. Give one (tax_code_origin_id)."
        raise NotProved(msg)
    return trial.samples.build_plain_line(
        known.gross if known.tax else _AMOUNT,
        tax_code=f"Source {known.tax_code_origin_id}",  # no id of the ERP, as the codes of hosts
        tax_code_origin_id=known.tax_code_origin_id,
        tax=known.tax or _TAX,
    )


def check_codes(trial: Trial) -> None:
    """Each tax code of an invoice keeps its tax, even a tax of 0, else the tax return is wrong."""
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    known = list_tax_codes(trial.samples)
    if not known:
        msg = "No line of the sample has a tax code of the ERP. Give one (tax_code_origin_id)."
        raise NotProved(msg)
    codes = _add_codes(known)
    invented = codes[len(known) :]
    if invented and trial.target.is_shared:
        raise NotProved(_FEW_CODES)
    each = trial.renew(build_combination(trial.samples, 3 * _CODES, codes=codes))
    outcome, receipts = each.try_export()
    if isinstance(outcome, Done):
        require_booked(each, receipts)
        return
    seen = describe_outcome(outcome)
    if invented:
        msg = f"{_FEW_CODES} The ERP does not take codes that the contract made up: {seen}."
        raise NotProved(msg)
    refute("An invoice of several tax codes is taken (tax_codes).", seen, "erp_check and erp_write")


def check_tax_alone(trial: Trial) -> None:
    """A line without an amount keeps its tax, or is refused: else a correction is not paid."""
    if Feature.AMOUNT_BASED not in trial.adapter.declaration.supported:
        msg = "The ERP takes only lines by units, and such a line has an amount."
        raise NotProved(msg)
    taxed = attrs.evolve(build_taxed_line(trial), gross=ZERO, work=ZERO, quantity=None)
    alone = attrs.evolve(taxed, accounting_method=AccountingMethod.AMOUNT, unit_price=None)
    plain = trial.samples.build_plain_line(_AMOUNT, item_id="2")
    each = trial.renew(trial.samples.build([alone, plain]))
    require_whole(each, "bills with the tax of a line without an amount")


_FEW_CODES = f"Name {_CODES} tax codes of the ERP (tax_codes)."


def _add_codes(known: tuple[TaxCode, ...]) -> tuple[TaxCode, ...]:
    """Return the ERP's known tax codes, filled up to four with invented ones like the first."""
    first = known[0]
    made = (
        TaxCode(f"{first.origin_id}-{place}", first.rate) for place in range(len(known), _CODES)
    )
    return (*known, *made)


# fmt: off
CHECKS = (
    Check(
        name="tax.by_code", run=check_tax,
        words=("tax: kept", "tax: derived", "fidelity.tax: *", "fidelity.line_tax*: *"),
        lie="Tax loses its code or a part of its amount, or is added to the amount due.",
    ),
    Check(
        name="tax.refused", run=check_tax_refused, words=("tax: impossible",),
        lie="An invoice with tax is booked without it, although the declaration takes no tax.",
    ),
    Check(
        name="tax.codes", run=check_codes, words=("tax: kept",),
        lie="The taxes of two codes are merged, or a code whose tax is zero is dropped.",
    ),
    Check(
        name="tax.alone", run=check_tax_alone, words=("tax: kept",),
        lie="The tax of a line without an amount is dropped.",
    ),
)
# fmt: on
