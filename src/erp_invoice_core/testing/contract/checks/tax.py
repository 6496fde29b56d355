"""Check of tax: its code and its amount on each line, and in total."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ....declaration import TaxForm
from ....exchange import NOT_SAID
from ..check import Check
from ..result import NotProved
from .contents import require_as_sent

if TYPE_CHECKING:
    from ....documents import ExportLine
    from ..trial import Trial

#: The amount and the tax of the taxed line, if the vendor's line with the tax code has none.
_AMOUNT, _TAX = Decimal(1200), Decimal(60)


def check_tax(trial: Trial) -> None:
    """Each line arrives with its tax code and its tax, which no other amount includes."""
    if trial.adapter.declaration.tax is TaxForm.IMPOSSIBLE:
        msg = "The ERP takes no invoice with tax (tax)."
        raise NotProved(msg)
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    taxed = _build_taxed_line(trial)
    plain = trial.samples.build_plain_line(_AMOUNT, item_id="2")
    each = trial.renew(trial.samples.build([taxed, plain]))
    # Read once: reading exports the invoice, and an ERP without keys would have it twice.
    documents = require_as_sent(each)
    if all(contents.tax is NOT_SAID for contents in documents):
        msg = "The adapter does not say the tax of a bill (tax of erp_read)."
        raise NotProved(msg)


def _build_taxed_line(trial: Trial) -> ExportLine:
    """Return a line with the tax code of the vendor's invoice, and its tax if that is given."""
    lines = trial.samples.base.lines
    known = next((line for line in lines if line.tax_code_origin_id), None)
    if known is None:
        msg = "No line of the sample has a tax code of the ERP. Give one (tax_code_origin_id)."
        raise NotProved(msg)
    return trial.samples.build_plain_line(
        known.gross if known.tax else _AMOUNT,
        tax_code=known.tax_code or known.tax_code_origin_id,
        tax_code_origin_id=known.tax_code_origin_id,
        tax=known.tax or _TAX,
    )


# fmt: off
CHECKS = (
    Check(
        name="tax.by_code", run=check_tax,
        words=("tax: kept", "tax: derived", "fidelity.tax: *", "fidelity.line_tax*: *"),
        lie="Tax loses its code or a part of its amount, or is added to the amount due.",
    ),
)
# fmt: on
