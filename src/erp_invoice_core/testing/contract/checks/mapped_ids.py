"""The checks that an adapter sends the ids to which the host mapped codes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ....adapters import Done, Refused
from ....exchange import NotSaid
from ..check import Check
from ..combination import list_tax_codes
from ..result import NotProved, require
from ..trial import describe_outcome

if TYPE_CHECKING:
    from ....documents import ExportLine
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
    line = trial.samples.build_plain_line(_AMOUNT, cost_code=_OF_SOURCE)
    documents = _export(trial, line, "cost_code")
    lines = (line for document in documents for line in _list_lines(document))
    _require_mapped({line.cost_code for line in lines}, _OF_SOURCE, origin_id, "cost_code")


def check_mapped_tax_code(trial: Trial) -> None:
    """A line has the tax code it is mapped to: the source's code may be another tax in the ERP."""
    known = list_tax_codes(trial.samples)
    if not known:
        msg = "No line of the sample has a tax code of the ERP. Give one (tax_code_origin_id)."
        raise NotProved(msg)
    code = known[0]
    tax = (_AMOUNT * code.rate).quantize(trial.samples.unit)
    line = trial.samples.build_plain_line(
        _AMOUNT, tax_code=code.code, tax_code_origin_id=code.origin_id, tax=tax
    )
    shown: set[str | NotSaid | None] = set()
    for document in _export(trial, line, "tax_code"):
        shown |= {row.tax_code for row in _list_lines(document)}
        taxes = () if isinstance(document.taxes, NotSaid) else document.taxes
        shown |= {each.code for each in taxes}
    _require_mapped(shown, code.code, code.origin_id, "tax_code")


def _export(trial: Trial, line: ExportLine, field: str) -> list[Contents]:
    """
    Export an invoice of the line, and return its documents as the ERP has them.

    End the check as refuted if the line is refused: its *field* is mapped to an id of the ERP. End
    it as not proved if the ERP does not answer, or the adapter reads no documents.
    """
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    each = trial.renew(trial.samples.build([line]))
    outcome, receipts = each.try_export()
    declared = f"A line whose {field} of the source is mapped to an id of the ERP is taken."
    advice = f"erp_check and erp_write: use {field}_origin_id"
    require(not isinstance(outcome, Refused), declared, describe_outcome(outcome), advice)
    if not isinstance(outcome, Done):
        msg = f"The ERP did not answer: {describe_outcome(outcome)}"
        raise NotProved(msg)
    return [each.read_existing(receipt) for receipt in receipts if receipt.role is not None]


def _list_lines(document: Contents) -> tuple[ContentsLine, ...]:
    return () if isinstance(document.lines, NotSaid) else document.lines


def _require_mapped(
    shown: set[str | NotSaid | None], of_source: str, origin_id: str, field: str
) -> None:
    """End the check as refuted if a document shows the code of the source."""
    said = [code for code in shown if not isinstance(code, NotSaid)]
    if not said:
        msg = f"The adapter does not say the {field} of a line (lines of erp_read)."
        raise NotProved(msg)
    require(
        of_source not in said,
        f"The {field} {of_source} of the source is mapped to {origin_id} in the ERP.",
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
