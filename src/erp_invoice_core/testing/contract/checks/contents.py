"""Checks of what a document in the ERP holds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ....declaration import LandingState
from ....flow.content_differences import find_content_differences
from ....vocabulary import Feature
from ..check import Check
from ..documents import LONG_TEXT, UNUSUAL_TEXT
from ..result import NotProved, refute, require

if TYPE_CHECKING:
    from ..trial import Trial


def require_as_sent(trial: Trial) -> None:
    """Export the invoice, and end the check as refuted unless it reads back as declared."""
    if not trial.adapter.has_read:
        trial.export()
        return
    documents = tuple(trial.read_all().values())
    declaration = trial.adapter.declaration
    for each in find_content_differences(documents, trial.request, declaration):
        sent = each.sent or "nothing"
        refute(
            f"{each.field} is {each.declared}: {sent} was sent, {each.expected or 'nothing'} expected.",
            f"{each.in_erp or 'nothing'} in the ERP",
            f"fidelity[{each.field!r}], erp_write and {each.name} of erp_read",
        )


def check_contents(trial: Trial) -> None:
    """The bill in the ERP has the vendor, number, amount and date that were sent."""
    if not trial.adapter.has_read:
        msg = "The adapter reads no documents (erp_read)."
        raise NotProved(msg)
    require_as_sent(trial)


def check_lines(trial: Trial) -> None:
    """Each line has its cost code, amount, quantity and description, which job costs come from."""
    samples, first = trial.samples, trial.samples.base.lines[0]
    codes = [line.cost_code_origin_id or line.cost_code for line in samples.base.lines]
    lines = [
        samples.build_plain_line(Decimal(amount), description=f"{first.description} {place}")
        for place, amount in enumerate(("1200", "840", "36"))
    ]
    lines[1] = attrs.evolve(lines[1], cost_code=codes[-1], cost_code_origin_id=codes[-1])
    if Feature.UNIT_BASED in trial.adapter.declaration.supported:
        lines.append(samples.build_unit_line(Decimal(600), description="Hours"))
    numbered = [attrs.evolve(line, item_id=str(place)) for place, line in enumerate(lines, 1)]
    require_as_sent(trial.renew(samples.build(numbered)))


def check_fidelity(trial: Trial) -> None:
    """Long texts and odd cents arrive as declared, as the approver accepted these losses."""
    amount = Decimal("1234.52") if trial.samples.unit < 1 else Decimal(1232)
    line = trial.samples.build_plain_line(amount, description=LONG_TEXT)
    changes = {"commitment_title": LONG_TEXT, "job_name": LONG_TEXT}
    require_as_sent(trial.renew(trial.samples.build([line], **changes)))


def check_unusual_text(trial: Trial) -> None:
    """Letters of any script and marks of file formats arrive, or break nothing."""
    document = trial.request.document
    line = trial.samples.build_plain_line(document.gross, description=UNUSUAL_TEXT)
    each = trial.samples.build([line], commitment_title=UNUSUAL_TEXT, job_name=UNUSUAL_TEXT)
    require_as_sent(trial.renew(each))


def check_landing(trial: Trial) -> None:
    """The bill lands as declared: a draft is never paid, a posted one at once."""
    receipts = trial.export()
    bill = next(receipt for receipt in receipts if receipt.role is not None)
    shown = trial.read_existing(bill) if trial.adapter.has_read else None
    said = getattr(shown, "state", None)
    states = [receipt.state for receipt in receipts if receipt.state]
    state = said.value if isinstance(said, LandingState) else (states[-1] if states else None)
    if state is None:
        msg = "Neither erp_read nor a receipt says the state of the bill."
        raise NotProved(msg)
    declared = trial.adapter.declaration.landing.value
    require(
        state == declared,
        f"A new bill is {declared} once the last step is done.",
        f"it is {state}",
        "landing, erp_steps and the state of receipts",
    )


# fmt: off
CHECKS = (
    Check(
        name="contents.as_sent", run=check_contents, words=("features.invoices: full",),
        lie="The bill has another vendor, number, amount or date than was sent.",
    ),
    Check(
        name="contents.lines", run=check_lines, words=("features.invoices: full",),
        lie="Lines are summed, or lose their cost code, quantity or description.",
    ),
    Check(
        name="contents.fidelity", run=check_fidelity,
        words=(
            "fidelity.*: kept", "fidelity.*: rounded", "fidelity.*: truncated", "fidelity.*: derived",
            "fidelity.*: dropped",
        ),
        lie="A value is cut, rounded or dropped otherwise than declared.",
    ),
    Check(
        name="contents.landing", run=check_landing, words=("landing: *",),
        lie="The bill is never posted, or posted though it should wait.",
    ),
    Check(
        name="contents.unusual_text", run=check_unusual_text, words=("features.invoices: full",),
        lie="A quotation mark or a letter of another script breaks the bill.",
    ),
)
# fmt: on
