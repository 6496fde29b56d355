"""The checks that an adapter sends the ids to which the host mapped codes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ....adapters import Done, Refused
from ....declaration import Handling
from ....exchange import NotSaid
from ..check import Check
from ..combination import build_combination, list_tax_codes
from ..result import NotProved, require
from ..trial import describe_outcome
from .tax import build_taxed_line

if TYPE_CHECKING:
    from ....documents import ExportDocument
    from ....exchange import Contents, ContentsLine
    from ..trial import Trial

_AMOUNT = Decimal(1200)
#: A cost code of the source that is in no ERP.
_OF_SOURCE = "SOURCE-0199"


def check_mapped_cost_code(trial: Trial) -> None:
    """A line goes to the cost code it is mapped to: the source's code may be another one there."""
    origin_id = trial.samples.base.lines[0].cost_code_origin_id
    if not origin_id:
        msg = "The first line of the sample has no id of a cost code (cost_code_origin_id)."
        raise NotProved(msg)
    samples = trial.samples
    line = samples.build_plain_line(_AMOUNT, cost_code=_OF_SOURCE)
    shown = _list_cost_codes(trial, samples.build([line]), is_strict=True)
    others = [each.cost_code_origin_id for each in samples.base.lines]
    other = next((each for each in others if each and each != origin_id), None)
    if other is not None:  # an adapter may send the code of the source if the ERP has it
        _require_mapped(shown, _OF_SOURCE, "cost_code")
        line = samples.build_plain_line(_AMOUNT, cost_code=other)
        shown = _list_cost_codes(trial, samples.build([line]), is_strict=True)
        _require_mapped(shown, other, "cost_code")
    is_exported = trial.adapter.declaration.negative is Handling.EXPORTED
    for is_credit in (False, True) if is_exported else (False,):
        whole = build_combination(samples, is_credit=is_credit)
        lines = tuple(
            attrs.evolve(each, cost_code=_OF_SOURCE) if each.cost_code_origin_id else each
            for each in whole.lines
        )
        shown |= _list_cost_codes(trial, attrs.evolve(whole, lines=lines), is_strict=False)
    _require_mapped(shown, _OF_SOURCE, "cost_code")
    if not shown:
        msg = "The adapter does not say the cost codes of a bill (lines of erp_read)."
        raise NotProved(msg)


def _list_cost_codes(
    trial: Trial, document: ExportDocument, *, is_strict: bool
) -> set[str | NotSaid | None]:
    """Return the cost codes that the exported invoice shows, without those that are not said."""
    documents = _export(trial, document, "cost_code", is_strict=is_strict)
    lines = (line for each in documents for line in _list_lines(each))
    return {line.cost_code for line in lines if not isinstance(line.cost_code, NotSaid)}


def check_mapped_tax_code(trial: Trial) -> None:
    """A line has the tax code it is mapped to: the source's code may be another tax in the ERP."""
    samples = trial.samples
    first = build_taxed_line(trial)
    has_rate = any(line.tax_code_origin_id and line.tax for line in samples.base.lines)
    shown = _list_tax_codes(trial, samples.build([first]), is_strict=has_rate)
    codes = list_tax_codes(samples)
    is_exported = trial.adapter.declaration.negative is Handling.EXPORTED
    for is_credit in (False, True) if is_exported else (False,):
        whole = build_combination(samples, is_credit=is_credit, codes=codes)
        shown |= _list_tax_codes(trial, whole, is_strict=False)
    for code in codes:
        _require_mapped(shown, code.code, "tax_code")
    if not shown:
        msg = "The adapter does not say the tax codes of a bill (lines and taxes of erp_read)."
        raise NotProved(msg)


def _list_tax_codes(
    trial: Trial, document: ExportDocument, *, is_strict: bool
) -> set[str | NotSaid | None]:
    """Return the tax codes that the exported invoice shows, without those that are not said."""
    shown: set[str | NotSaid | None] = set()
    for each in _export(trial, document, "tax_code", is_strict=is_strict):
        taxes = () if isinstance(each.taxes, NotSaid) else each.taxes
        shown |= {tax.code for tax in taxes}
        shown |= {line.tax_code for line in _list_lines(each)}
    return {code for code in shown if not isinstance(code, NotSaid)}


def _export(
    trial: Trial, document: ExportDocument, field: str, *, is_strict: bool
) -> list[Contents]:
    """
    Export an invoice, and return its documents as the ERP has them.

    With *is_strict*, end the check as refuted if the invoice is refused, because its *field* is
    mapped to an id of the ERP; without it, return no documents.
    """
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    each = trial.renew(document)
    outcome, receipts = each.try_export()
    if isinstance(outcome, Done):
        bills = [receipt for receipt in receipts if receipt.role is not None]
        return [each.read_existing(bill) for bill in bills]
    if not is_strict:
        return []
    declared = f"A line whose {field} of the source is mapped to an id of the ERP is taken."
    advice = f"erp_check and erp_write: use {field}_origin_id"
    require(not isinstance(outcome, Refused), declared, describe_outcome(outcome), advice)
    msg = f"The ERP did not answer: {describe_outcome(outcome)}"
    raise NotProved(msg)


def _list_lines(document: Contents) -> tuple[ContentsLine, ...]:
    return () if isinstance(document.lines, NotSaid) else document.lines


def _require_mapped(shown: set[str | NotSaid | None], of_source: str, field: str) -> None:
    """End the check as refuted if a document shows the code of the source."""
    require(
        of_source not in shown,
        f"The {field} {of_source} of the source is mapped to another id in the ERP.",
        f"a line with the {field} {of_source}",
        f"erp_write: send {field}_origin_id; erp_read: show the code that the ERP has",
    )


# fmt: off
CHECKS = (
    Check(
        name="mapped.cost_code", run=check_mapped_cost_code, words=("features.invoices: full",),
        lie="A line is sent with the cost code of the source, and not with its id in the ERP.",
    ),
    Check(
        name="mapped.tax_code", run=check_mapped_tax_code, words=("tax: kept", "tax: derived"),
        lie="A line is sent with the tax code of the source, and not with its id in the ERP.",
    ),
)
# fmt: on
